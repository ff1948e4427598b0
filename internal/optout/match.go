package optout

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// index finds every phrase of every language in one pass over a message.
type index struct {
	whole  map[string][]entry    // by the first word
	pairs  map[[2]string][]entry // by the first two words
	stems  map[string][]entry    // by the beginning of the first word
	stem   int                   // runes of the longest one
	groups int
	known  map[string]int // groups by their phrases: many patterns, in many languages, have the same
}

// entry is a phrase after its first word, and the groups it belongs to.
type entry struct {
	rest   []word
	groups []int
}

// word is a word, or the beginning of one.
type word struct {
	text string
	stem bool
}

func (w word) matches(token string) bool {
	return w.stem && strings.HasPrefix(token, w.text) || w.text == token
}

func newIndex() index {
	return index{whole: map[string][]entry{}, pairs: map[[2]string][]entry{}, stems: map[string][]entry{}, known: map[string]int{}}
}

// group makes room for a new group of phrases.
func (x *index) group() int {
	x.groups++
	return x.groups - 1
}

func (x *index) add(phrase []word, group int) {
	switch first := phrase[0]; {
	case first.stem:
		x.stem = max(x.stem, utf8.RuneCountInString(first.text))
		join(x.stems, first.text, entry{phrase[1:], []int{group}})
	case len(phrase) > 1 && !phrase[1].stem:
		join(x.pairs, [2]string{first.text, phrase[1].text}, entry{phrase[1:], []int{group}})
	default:
		join(x.whole, first.text, entry{phrase[1:], []int{group}})
	}
}

// join adds a phrase to those that begin alike, or its group to the phrase if it is there already.
func join[K comparable](all map[K][]entry, key K, e entry) {
	for i, known := range all[key] {
		if slices.Equal(known.rest, e.rest) {
			all[key][i].groups = append(known.groups, e.groups...)
			return
		}
	}
	all[key] = append(all[key], e)
}

// find lists where the phrases of each group stand. The work is that of the message's length times the phrases that
// begin with one word, which the files bound.
func (x *index) find(t *text) places {
	c := collector{text: t, hits: make([]hit, 0, 4*len(t.tokens))}
	for i, token := range t.tokens {
		c.add(i, x.whole[token])
		if i+1 < len(t.tokens) {
			c.add(i, x.pairs[[2]string{token, t.tokens[i+1]}])
		}
		n := 0
		for end := range token {
			if n++; n > x.stem+1 {
				break
			}
			if end > 0 {
				c.add(i, x.stems[token[:end]])
			}
		}
		if n <= x.stem {
			c.add(i, x.stems[token])
		}
	}
	return placesOf(c.hits, x.groups)
}

// hit is a phrase of a group found in a message.
type hit struct {
	span
	group int
}

// collector gathers hits in the order of the message.
type collector struct {
	*text
	hits []hit
}

func (c *collector) add(at int, entries []entry) {
	for _, e := range entries {
		if !c.has(at, e.rest) {
			continue
		}
		for _, g := range e.groups {
			c.hits = append(c.hits, hit{span{at, at + 1 + len(e.rest)}, g})
		}
	}
}

// places are the hits of all groups, one group after the other, and where each group ends.
type places struct {
	spans []span
	ends  []int32
}

// placesOf sorts hits by their groups and leaves each group's in order.
func placesOf(hits []hit, groups int) places {
	p := places{spans: make([]span, len(hits)), ends: make([]int32, groups+1)}
	for _, h := range hits {
		p.ends[h.group+1]++
	}
	for g := range groups {
		p.ends[g+1] += p.ends[g]
	}
	for _, h := range hits { // each end serves as the place of the next one, until it is the end of the group before
		p.spans[p.ends[h.group]] = h.span
		p.ends[h.group]++
	}
	return p
}

// of returns where the phrases of a group stand, in order.
func (p places) of(group int) []span {
	if group == 0 {
		return p.spans[:p.ends[0]]
	}
	return p.spans[p.ends[group-1]:p.ends[group]]
}

// without lists the tokens outside of the phrases of a group.
func (t *text) without(group int) []string {
	skip := make([]bool, len(t.tokens))
	for _, s := range t.found.of(group) {
		for i := s.from; i < s.to; i++ {
			skip[i] = true
		}
	}
	var rest []string
	for i, token := range t.tokens {
		if !skip[i] {
			rest = append(rest, token)
		}
	}
	return rest
}

// has reports whether the words stand right after a token, in its sentence.
func (t *text) has(at int, rest []word) bool {
	end := at + len(rest)
	if end >= len(t.tokens) || t.sentence[end] != t.sentence[at] {
		return false
	}
	for i, w := range rest {
		if !w.matches(t.tokens[at+1+i]) {
			return false
		}
	}
	return true
}

// pattern is a sequence of groups of phrases.
type pattern struct {
	parts  []part
	advert bool // its object is advertising
}

type part struct {
	group int
	gap   bool // words may stand between this part and the one before
	noun  bool // what is not to be sent any more
}

// step is one part of a pattern found in a message, and the step before it.
type step struct {
	span
	before int
	start  int // of the first part
}

// match is a pattern found in a message.
type match struct {
	span
	noun  span // where the message says what is to end; empty when the pattern does not
	parts []span
}

// walk finds a pattern. Of the ways to reach a token only the nearest is followed, so that the work is the number of places
// where the parts stand, times the gap.
func (t *text) walk(p pattern, gap int) []match {
	for _, part := range p.parts {
		if len(t.found.of(part.group)) == 0 {
			return nil
		}
	}
	var steps []step
	reached := t.nowhere()
	for _, s := range t.found.of(p.parts[0].group) {
		steps = append(steps, step{s, -1, s.from})
		reached[s.to] = len(steps) - 1
	}
	for _, part := range p.parts[1:] {
		next := t.nowhere()
		for _, s := range t.found.of(part.group) {
			if from := t.before(s.from, part.gap, gap, reached); from >= 0 {
				steps = append(steps, step{s, from, steps[from].start})
				next[s.to] = len(steps) - 1
			}
		}
		reached = next
	}
	return p.matches(steps, reached)
}

// nowhere is a table of the step that ends at each token, with none yet.
func (t *text) nowhere() []int {
	table := make([]int, len(t.tokens)+1)
	for i := range table {
		table[i] = -1
	}
	return table
}

// before is the nearest step that ends where a part beginning at a token may follow it, -1 for none. Words between
// them may not cross the end of a clause.
func (t *text) before(at int, mayGap bool, gap int, reached []int) int {
	if !mayGap {
		gap = 0
	}
	for end := at; end > 0 && end >= at-gap; end-- {
		if t.sentence[end-1] != t.sentence[at] || end < at && t.clause[end] != t.clause[at] {
			return -1
		}
		if reached[end] >= 0 && (end == at || t.clause[end-1] == t.clause[at]) {
			return reached[end]
		}
	}
	return -1
}

func (p pattern) matches(steps []step, reached []int) []match {
	var found []match
	for _, last := range reached {
		if last < 0 {
			continue
		}
		m := match{span: span{steps[last].start, steps[last].to}, parts: make([]span, len(p.parts))}
		for i, at := len(p.parts)-1, last; i >= 0; i, at = i-1, steps[at].before {
			m.parts[i] = steps[at].span
			if p.parts[i].noun {
				m.noun = steps[at].span
			}
		}
		found = append(found, m)
	}
	return found
}

// words writes down what matched, without what stood between.
func (t *text) words(m match) string {
	var b strings.Builder
	for i, p := range m.parts {
		if i > 0 && p.from > m.parts[i-1].to {
			b.WriteString(" … ")
		} else if i > 0 {
			b.WriteString(t.joint(p.from))
		}
		b.WriteString(t.quote(p.from, p.to))
	}
	return b.String()
}

// joint is what stands before a token when it is quoted after another.
func (t *text) joint(at int) string {
	if first, _ := utf8.DecodeRuneInString(t.tokens[at]); unspaced(first) {
		return ""
	}
	return " "
}
