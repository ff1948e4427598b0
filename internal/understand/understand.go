// Package understand reads what customers write about their orders, in their own words and languages: what they want, which of
// their orders they mean, and when they say they bought it. It uses no model: concepts are found by the surface forms in one file
// per language under words, and rules over concepts, the same for all languages, say what is meant.
//
// Understanding is a pure function of a message and what is known of its sender; it records nothing and reads no clock. Only the
// first thousand characters of a message are read.
package understand

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"landfall/internal/optout"
	"landfall/internal/phrase"
)

// Intent is what somebody wants.
type Intent string

// The intents.
const (
	OrderStatus   Intent = "order_status"
	DeliveryETA   Intent = "delivery_eta"
	ContactHuman  Intent = "contact_human"
	Complaint     Intent = "complaint"
	CancelOrder   Intent = "cancel_order"
	ChangeAddress Intent = "change_address"
	ReturnRefund  Intent = "return_refund"
	OptOut        Intent = "opt_out"
	OptIn         Intent = "opt_in"
	Help          Intent = "help"
	SmallTalk     Intent = "small_talk"
	OutOfScope    Intent = "out_of_scope"
)

// OfOrder reports whether an intent is about an order.
func (i Intent) OfOrder() bool {
	switch i {
	case OrderStatus, DeliveryETA, Complaint, CancelOrder, ChangeAddress, ReturnRefund:
		return true
	}
	return false
}

// Order is one of the sender's orders.
type Order struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	OrderedAt Date   `json:"ordered_at"`
	State     string `json:"state,omitempty"` // a stage of its parcel, "" for unknown
}

// open reports whether somebody still waits for it.
func (o Order) open() bool {
	return !slices.Contains([]string{"delivered", "returned", "cancelled", "canceled", "refunded", "lost", "destroyed", "closed", "completed"}, strings.ToLower(o.State))
}

// Expecting is what was asked of the sender last.
type Expecting struct {
	Kind    string  `json:"kind"` // Choose or Confirm
	Options []Order `json:"options,omitempty"`
}

// Choose asks for one of several options, Confirm for a yes or no.
const (
	Choose  = "choose"
	Confirm = "confirm"
)

// Message is what somebody wrote, and what is known of them.
type Message struct {
	Text      string
	Locale    string // of the account: a hint, never more
	Now       time.Time
	Orders    []Order // the sender's own
	Expecting *Expecting
	// Hint is what somebody else takes it to mean. It counts where nothing known says anything, and not for what ends or begins something.
	Hint Intent
}

// Which says whether one order is meant.
type Which string

// One order is clearly meant, several might be, or none of them is.
const (
	One  Which = "order"
	Ask  Which = "ask"
	None Which = "none"
)

// Reading is what a message means.
type Reading struct {
	Intent     Intent   `json:"intent"`
	Confidence float64  `json:"confidence"` // from 0 to 1
	Lang       string   `json:"lang"`
	Bought     *Period  `json:"-"` // when the sender says they bought it
	Which      Which    `json:"expect,omitempty"`
	Orders     []string `json:"orders,omitempty"`
	Answer     string   `json:"answer,omitempty"` // to what was asked: "1" to "9", "all", "none", "yes" or "no"
	Trace      []string `json:"trace"`            // what was recognised, and the rule that decided
	Attack     bool     `json:"-"`                // it tries to give the program orders
	Other      bool     `json:"-"`                // it is a short one that means another than was spoken of: "no, the other one"
	Parting    bool     `json:"-"`                // it thanks, agrees or takes leave, beside whatever else it says
}

// Sure is the confidence from which an intent may be acted on without asking.
const Sure = 0.6

// Reader understands messages. It never changes once made and is safe for concurrent use.
type Reader struct {
	optout    *optout.Reader
	languages []*language
	goods     goods

	sharing                 map[string]int // how many languages use a short word
	simplified, traditional map[rune]bool  // characters that only one kind of Chinese uses
}

// New returns a reader of the languages there are files for. An error names the file.
func New(o *optout.Reader) (*Reader, error) {
	words, err := original()
	if err != nil {
		return nil, err
	}
	r := *words
	r.optout = o
	return &r, nil
}

// original reads the word files, once: they are part of the program, and nobody changes what it returns.
var original = sync.OnceValues(load)

func load() (*Reader, error) {
	r := &Reader{}
	if err := r.goods.load(); err != nil {
		return nil, fmt.Errorf("read items.yaml: %w", err)
	}
	for _, tag := range tags() {
		f, err := readFile(tag)
		if err != nil {
			return nil, fmt.Errorf("read %s.yaml: %w", tag, err)
		}
		l, err := compile(tag, f)
		if err != nil {
			return nil, fmt.Errorf("read %s.yaml: %w", tag, err)
		}
		r.languages = append(r.languages, l)
	}
	r.countShared()
	r.tellChineseApart()
	return r, r.goods.complete(r.languages)
}

// countShared counts how many languages use a short word. One that is only alike once its marks are gone tells nothing: "thế" is no "the".
func (r *Reader) countShared() {
	r.sharing = map[string]int{}
	for _, l := range r.languages {
		for w := range l.function {
			r.sharing[w]++
		}
	}
	for _, l := range r.languages {
		for w := range l.function {
			if l.marked != nil && r.sharing[w] > 1 {
				delete(l.function, w)
				r.sharing[w]--
			}
		}
	}
}

// Languages lists the languages that are understood.
func (r *Reader) Languages() []string {
	var all []string
	for _, l := range r.languages {
		all = append(all, l.tag)
	}
	return all
}

// Read says what a message means. It never fails: what is not understood is OutOfScope, without confidence.
func (r *Reader) Read(m Message) Reading {
	t := phrase.Split(m.Text)
	wish := r.optout.Read(m.Text)
	if reading, ok := r.keyword(m, t, wish); ok {
		return reading
	}
	said := r.listen(m, t)
	v := said.verdict(wish)
	if v.weight < Sure {
		said.mix()
		v = said.verdict(wish)
	}
	out := Reading{Intent: v.intent, Confidence: v.weight, Lang: said.tag, Trace: said.trace(v), Attack: v.attack, Other: said.any("other") && said.length() <= brief, Parting: said.parts()}
	if m.Expecting != nil {
		if answer, ok := r.answer(m, said, v); ok {
			out.Answer, out.Intent, out.Confidence = answer, OrderStatus, 1
			return out
		}
	}
	if p, ok := said.bought(m); ok && (out.Intent != DeliveryETA || said.any("buy")) { // "this week?" is when it should come
		out.Bought = &p
		out.Trace = append(out.Trace, "bought:"+p.String())
	}
	if m.Orders == nil {
		return out
	}
	if v == unknown { // a name that is in a title says more than the rules know
		if which, _ := lead(r.fitting(m, said, said.describe(m, out.Bought), OrderStatus)); which == One {
			out.Intent, out.Confidence = OrderStatus, Sure
		}
	}
	if out.Confidence < Sure && hinted(m.Hint) {
		out.Intent, out.Confidence, out.Trace = m.Hint, Sure, append(out.Trace, "hint:"+string(m.Hint))
	}
	if out.Intent.OfOrder() {
		out.Which, out.Orders = r.find(m, said, out)
	}
	return out
}

// Unsure reports whether a message is one that nothing is known to say: of several words, no keyword, and no attempt to give orders.
func (r *Reader) Unsure(m Message) bool {
	m.Orders, m.Expecting, m.Hint = nil, nil, ""
	out := r.Read(m)
	return out.Confidence < Sure && !out.Attack && words(m.Text) >= fewestWords
}

// fewestWords is how many words a message has at least that somebody else is asked about: shorter ones are answers, or nothing.
const fewestWords = 3

// words counts the words of a message; where a script has no spaces, two characters are taken for one.
func words(text string) int {
	t := phrase.Split(text)
	n, single := 0, 0
	for _, token := range t.Tokens {
		if r := []rune(token); len(r) == 1 && r[0] > 0x2000 {
			single++
		} else {
			n++
		}
	}
	return n + single/2
}

// keyword reads a message that is a word with a meaning fixed by carriers and laws. It goes before everything else, except that the
// word may be the answer to a question.
func (r *Reader) keyword(m Message, t *phrase.Text, said optout.Reading) (Reading, bool) {
	whole := strings.Join(t.Tokens, " ")
	if whole == "help" || whole == "info" {
		return Reading{Intent: Help, Confidence: 1, Lang: r.tag(m, t), Trace: []string{"keyword"}}, true
	}
	if said.Act == optout.None || !said.Keyword || said.Act == optout.Start && m.Expecting != nil {
		return Reading{}, false
	}
	intent := OptOut
	if said.Act == optout.Start {
		intent = OptIn
	}
	return Reading{Intent: intent, Confidence: 1, Lang: r.tag(m, t), Trace: []string{"keyword:" + said.Matched}}, true
}

// tag is the language of a message.
func (r *Reader) tag(m Message, t *phrase.Text) string { return r.languagesOf(m, t)[0].tag }
