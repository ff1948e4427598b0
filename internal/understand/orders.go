package understand

import (
	"slices"
	"strings"
	"unicode/utf8"

	"landfall/internal/phrase"
)

// description is what a message says about the order it means.
type description struct {
	items   []string
	not     []string // items it does not mean
	colours []string
	words   []string // others, such as a brand
	bought  *Period
}

func (d description) empty() bool {
	return len(d.items)+len(d.colours)+len(d.words) == 0 && d.bought == nil
}

// points are what speaks for an order, in the order's favour or against it.
const (
	forSame     = 3.0
	forAlike    = 2.0
	forWord     = 2.0
	forWordLike = 1.5
	forColour   = 1.5
	forTime     = 2.0
	forNearTime = 0.5
	forOpen     = 0.5
	against     = -4.0
	ahead       = 1.0 // how far ahead one order must be
	enough      = 1.4 // what an order needs to be meant at all
	slackDays   = 10  // how far a memory of a date may be off and still count a little
)

// candidate is an order and what speaks for it.
type candidate struct {
	Order
	points   float64
	supports bool // something the message says fits it
}

// find says which of the sender's orders is meant. A wrong order is worse than a question.
func (r *Reader) find(m Message, h *heard, out Reading) (Which, []string) {
	for _, o := range m.Orders {
		if h.names(o.ID) {
			return One, []string{o.ID}
		}
	}
	d := h.describe(m, out.Bought)
	if d.empty() {
		return unnamed(m.Orders, out.Intent)
	}
	fit := r.fitting(m, h, d, out.Intent)
	if len(fit) == 0 && len(d.items) == 0 && d.bought == nil && len(d.colours) == 0 { // the other words may not be about the goods at all
		return unnamed(m.Orders, out.Intent)
	}
	return lead(fit)
}

// fitting are the orders a description fits.
func (r *Reader) fitting(m Message, h *heard, d description, i Intent) []candidate {
	var fit []candidate
	for _, o := range m.Orders {
		if c := r.weigh(o, d, h, i); c.supports && c.points >= enough {
			fit = append(fit, c)
		}
	}
	return fit
}

// lead is the one candidate clearly ahead, or those close to each other.
func lead(fit []candidate) (Which, []string) {
	if len(fit) == 0 {
		return None, nil
	}
	slices.SortStableFunc(fit, func(a, b candidate) int {
		switch {
		case a.points > b.points:
			return -1
		case a.points < b.points:
			return 1
		}
		return 0
	})
	var ids []string
	for _, c := range fit {
		if fit[0].points-c.points < ahead {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 1 {
		return One, ids
	}
	return Ask, ids
}

// unnamed chooses when the message describes no order: the only one, or the only one that still matters for what is wanted.
func unnamed(orders []Order, i Intent) (Which, []string) {
	if len(orders) == 0 {
		return None, nil
	}
	var matter []Order
	for _, o := range orders {
		if matters(o, i) {
			matter = append(matter, o)
		}
	}
	if len(matter) == 0 {
		matter = orders
	}
	var ids []string
	for _, o := range matter {
		ids = append(ids, o.ID)
	}
	if len(ids) == 1 {
		return One, ids
	}
	return Ask, ids
}

// matters reports whether an order is one that is asked about with an intent: what has come is sent back, what has not is waited for.
func matters(o Order, i Intent) bool {
	switch i {
	case OrderStatus, DeliveryETA, CancelOrder, ChangeAddress:
		return o.open()
	case ReturnRefund, Complaint:
		return !o.open()
	}
	return true
}

// weigh says what speaks for an order.
func (r *Reader) weigh(o Order, d description, h *heard, i Intent) candidate {
	c := candidate{Order: o}
	title := phrase.Split(o.Title)
	r.weighItems(&c, d, r.things(o.Title, title, h))
	c.weighWords(d.words, title, o.Title)
	if d.bought != nil {
		c.weighTime(*d.bought)
	}
	if matters(o, i) {
		c.points += forOpen
	}
	return c
}

func (c *candidate) add(points float64) {
	c.points += points
	c.supports = c.supports || points > 0
}

// things are the goods and colours a title names.
type things struct{ items, colours []string }

func (r *Reader) things(raw string, title *phrase.Text, h *heard) things {
	langs := r.languagesOf(Message{Text: raw, Locale: h.tag}, title)
	langs = langs[:min(len(langs), mixed)]
	if english := r.speaking("en"); english != nil && !slices.Contains(langs, english) {
		langs = append(langs, english)
	}
	if !slices.Contains(langs, h.language) {
		langs = append(langs, h.language)
	}
	var items, colours []place
	for _, l := range langs {
		in := l.hear(title, raw)
		items = append(items, in.places(l.items)...)
		colours = append(colours, in.places(l.colours)...)
	}
	return things{distinct(items), distinct(colours)}
}

// place is where a name stands.
type place struct {
	name string
	phrase.Span
}

// places lists where keys are said, by their names without the kind.
func (h *heard) places(keys []string) []place {
	var all []place
	for _, key := range keys {
		_, name, _ := strings.Cut(key, ":")
		for _, s := range h.at(key) {
			all = append(all, place{name, s})
		}
	}
	return all
}

// distinct lists names once, without those that stand within a longer one: of "running shoes" not the shoes.
func distinct(all []place) []string {
	var out []string
	for _, p := range all {
		if !slices.Contains(out, p.name) && !p.within(all) {
			out = append(out, p.name)
		}
	}
	return out
}

func (p place) within(all []place) bool {
	return slices.ContainsFunc(all, func(o place) bool { return o.Len() > p.Len() && o.From <= p.From && p.To <= o.To })
}

// goods lists the goods a message names; those it says it does not mean go to not.
func (h *heard) goods(not *[]string) []string {
	all := h.places(h.items)
	said := slices.DeleteFunc(slices.Clone(all), func(p place) bool {
		if p.within(all) || !h.excluded(p.Span) {
			return false
		}
		*not = append(*not, p.name)
		return true
	})
	return distinct(said)
}

// excluded reports whether a thing is named as what is not meant: "not the coat".
func (h *heard) excluded(s phrase.Span) bool {
	for _, n := range h.denials {
		gap := h.measure(s.From, 1, 2)
		if h.text.Clause[n.From] == h.text.Clause[s.From] && (h.before && n.To <= s.From && s.From-n.To <= gap || h.after && n.From >= s.To && n.From-s.To <= gap) {
			return true
		}
	}
	return false
}

func (r *Reader) weighItems(c *candidate, d description, title things) {
	if len(d.not) > 0 && r.goods.between(d.not, title.items) == same {
		c.points += against
	}
	if len(d.items) > 0 {
		switch r.goods.between(d.items, title.items) {
		case same:
			c.add(forSame)
		case alike:
			c.add(forAlike)
		case foreign:
			if len(title.items) > 0 {
				c.points += against
			}
		}
	}
	if len(d.colours) == 0 || len(title.colours) == 0 {
		return
	}
	if slices.ContainsFunc(d.colours, func(x string) bool { return slices.Contains(title.colours, x) }) {
		c.add(forColour)
	} else {
		c.points -= forColour
	}
}

// weighWords looks for words of the message in the title, such as a brand, written a little wrong perhaps.
func (c *candidate) weighWords(words []string, title *phrase.Text, raw string) {
	folded := phrase.Fold(raw)
	points := 0.0
	for _, w := range words {
		switch {
		case slices.Contains(title.Tokens, w), unspaced(w) && strings.Contains(folded, w):
			points += forWord
		case slices.ContainsFunc(title.Tokens, func(token string) bool { return misspelt(w, token) }):
			points += forWordLike
		}
	}
	if points > 0 {
		c.add(min(points, 2*forWord))
	}
}

func unspaced(w string) bool {
	first, _ := utf8.DecodeRuneInString(w)
	return phrase.Unspaced(first)
}

func (c *candidate) weighTime(p Period) {
	switch far := p.distance(c.OrderedAt); {
	case far == 0:
		c.add(forTime)
	case far <= slackDays:
		c.add(forNearTime)
	default:
		c.points += against
	}
}

// misspelt reports whether two words of some length differ by one letter left out, added, changed or swapped.
func misspelt(a, b string) bool {
	if len(a) < 5 || len(b) < 5 || len(a)-len(b) > 1 || len(b)-len(a) > 1 || a[0] != b[0] {
		return false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	x, y := a[i:], b[i:]
	switch {
	case len(x) > len(y):
		return x[1:] == y
	case len(y) > len(x):
		return y[1:] == x
	case len(x) < 2:
		return true
	}
	return x[1:] == y[1:] || x[0] == y[1] && x[1] == y[0] && x[2:] == y[2:]
}

// names reports whether a message names an order by its number: as a word, or as its figures when there are at least four.
func (h *heard) names(id string) bool {
	want := strings.Join(phrase.Split(id).Tokens, "")
	if len(want) < 3 {
		return false
	}
	figures := strings.TrimLeft(want, "abcdefghijklmnopqrstuvwxyz")
	for i := range h.text.Tokens {
		joined := ""
		for j := i; j < len(h.text.Tokens) && j < i+4; j++ {
			joined += h.text.Tokens[j]
			if joined == want || len(figures) >= 4 && joined == figures {
				return true
			}
		}
	}
	return false
}

// describe gathers what a message says about the goods.
func (h *heard) describe(m Message, bought *Period) description {
	d := description{bought: bought}
	known := make([]bool, len(h.text.Tokens))
	for _, in := range append([]*heard{h}, h.others...) {
		d.items = append(d.items, in.goods(&d.not)...)
		d.colours = append(d.colours, distinct(in.places(in.colours))...)
		if h.cutLike(in) {
			in.mark(known)
		}
	}
	d.words = h.rest(known)
	return d
}

// mark notes the words that belong to a concept or say nothing.
func (h *heard) mark(known []bool) {
	for key := range h.groups {
		for _, s := range h.of(h.found, key) {
			for i := s.From; i < s.To; i++ {
				known[i] = true
			}
		}
	}
	for i, token := range h.text.Tokens {
		known[i] = known[i] || h.function[token]
	}
}

// rest are the words nothing is known of: single ones, and runs of characters.
func (h *heard) rest(known []bool) []string {
	var out []string
	run := ""
	flush := func() {
		if utf8.RuneCountInString(run) > 1 {
			out = append(out, run)
		}
		run = ""
	}
	for i, token := range h.text.Tokens {
		switch {
		case known[i]:
			flush()
		case unspaced(token):
			run += token
		default:
			flush()
			if len(token) > 2 {
				out = append(out, token)
			}
		}
	}
	flush()
	return out
}
