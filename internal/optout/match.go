package optout

import (
	"strings"
	"unicode/utf8"

	"landfall/internal/phrase"
)

// text is a message, and where the phrases of each group stand in it.
type text struct {
	*phrase.Text
	found phrase.Places
}

// without lists the tokens outside of the phrases of a group.
func (t *text) without(group int) []string {
	skip := make([]bool, len(t.Tokens))
	for _, s := range t.found.Of(group) {
		for i := s.From; i < s.To; i++ {
			skip[i] = true
		}
	}
	var rest []string
	for i, token := range t.Tokens {
		if !skip[i] {
			rest = append(rest, token)
		}
	}
	return rest
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
	phrase.Span
	before int
	start  int // of the first part
}

// match is a pattern found in a message.
type match struct {
	phrase.Span
	noun  phrase.Span // where the message says what is to end; empty when the pattern does not
	parts []phrase.Span
}

// walk finds a pattern. Of the ways to reach a token only the nearest is followed, so that the work is the number of places
// where the parts stand, times the gap.
func (t *text) walk(p pattern, gap int) []match {
	for _, part := range p.parts {
		if len(t.found.Of(part.group)) == 0 {
			return nil
		}
	}
	var steps []step
	reached := t.nowhere()
	for _, s := range t.found.Of(p.parts[0].group) {
		steps = append(steps, step{s, -1, s.From})
		reached[s.To] = len(steps) - 1
	}
	for _, part := range p.parts[1:] {
		next := t.nowhere()
		for _, s := range t.found.Of(part.group) {
			if from := t.before(s.From, part.gap, gap, reached); from >= 0 {
				steps = append(steps, step{s, from, steps[from].start})
				next[s.To] = len(steps) - 1
			}
		}
		reached = next
	}
	return p.matches(steps, reached)
}

// nowhere is a table of the step that ends at each token, with none yet.
func (t *text) nowhere() []int {
	table := make([]int, len(t.Tokens)+1)
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
		if t.Sentence[end-1] != t.Sentence[at] || end < at && t.Clause[end] != t.Clause[at] {
			return -1
		}
		if reached[end] >= 0 && (end == at || t.Clause[end-1] == t.Clause[at]) {
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
		m := match{Span: phrase.Span{From: steps[last].start, To: steps[last].To}, parts: make([]phrase.Span, len(p.parts))}
		for i, at := len(p.parts)-1, last; i >= 0; i, at = i-1, steps[at].before {
			m.parts[i] = steps[at].Span
			if p.parts[i].noun {
				m.noun = steps[at].Span
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
		if i > 0 && p.From > m.parts[i-1].To {
			b.WriteString(" … ")
		} else if i > 0 {
			b.WriteString(t.joint(p.From))
		}
		b.WriteString(t.Quote(p.From, p.To))
	}
	return b.String()
}

// joint is what stands before a token when it is quoted after another.
func (t *text) joint(at int) string {
	if first, _ := utf8.DecodeRuneInString(t.Tokens[at]); phrase.Unspaced(first) {
		return ""
	}
	return " "
}
