package optout

import (
	"slices"

	"landfall/internal/phrase"
)

// language is how people of one language say that they want no more messages. Fields without a type of their own are groups.
type language struct {
	gap                int
	objectFirst        bool
	needs              bool
	own, polite        int
	advert, goods, and int

	wishes, weak, not, keeping, everything []pattern
}

// read looks for a wish. It is limited to advertising when all that is wished is.
func (l *language) read(t *text) Reading {
	if l.needs && len(t.found.Of(l.own)) == 0 || l.any(t, l.keeping) {
		return Reading{}
	}
	w := &wish{language: l, text: t}
	w.look(l.wishes)
	if len(t.found.Of(l.goods)) == 0 {
		w.look(l.weak)
	}
	if w.matched == "" {
		return Reading{}
	}
	return Reading{Act: Stop, Marketing: !w.more, All: l.any(t, l.everything), Matched: w.matched}
}

func (l *language) any(t *text, patterns []pattern) bool {
	for _, p := range patterns {
		if len(t.walk(p, l.gap)) > 0 {
			return true
		}
	}
	return false
}

// wish gathers what is found of one language.
type wish struct {
	*language
	*text
	denied  map[int]bool // sentences whose wishes are taken back; nil until somebody asks
	matched string
	named   bool // the words that matched name advertising
	more    bool // than advertising is wished to end
}

func (w *wish) look(patterns []pattern) {
	for _, p := range patterns {
		for _, m := range w.walk(p, w.gap) {
			if w.takenBack(m) {
				continue
			}
			limited := p.advert || w.advertising(m)
			w.keep(w.words(m), limited, p.advert)
		}
	}
}

// keep chooses the words that are evidence: those that ask for more than an end of advertising, else those that name it.
func (w *wish) keep(words string, limited, named bool) {
	if w.matched == "" || !w.more && (!limited || named && !w.named) {
		w.matched, w.named = words, named
	}
	w.more = w.more || !limited
}

// takenBack reports whether a wish's sentence says the opposite: "do not stop texting me".
func (w *wish) takenBack(m match) bool {
	if w.denied == nil {
		w.denied = map[int]bool{}
		for _, p := range w.not {
			for _, n := range w.walk(p, w.gap) {
				w.denied[w.Sentence[n.From]] = true
			}
		}
	}
	return w.denied[w.Sentence[m.From]] || w.denied[w.Sentence[m.To-1]]
}

// advertising reports whether a wish that would hold for all messages speaks of advertising: beside the word for
// messages when it has one ("no more messages about offers"), else within it or after it ("stop texting me your offers").
func (w *wish) advertising(m match) bool {
	if m.noun.Len() > 0 {
		return w.near(m.noun, -1) || w.near(m.noun, 1)
	}
	return w.within(m.Span) || w.near(m.Span, 1) || w.objectFirst && w.near(m.Span, -1)
}

func (w *wish) within(s phrase.Span) bool {
	for _, a := range w.begin(w.advert, s.From, s.To) {
		if a.To <= s.To {
			return true
		}
	}
	return false
}

// near reports whether a word of advertising stands within the gap of a place, on one side of it, in the same clause, and
// is not merely added to it by an "and".
func (w *wish) near(s phrase.Span, side int) bool {
	from, to := s.To, s.To+w.gap
	if side < 0 {
		from, to = s.From-w.gap-phrase.Longest, s.From
	}
	for _, a := range w.begin(w.advert, from, to) {
		between := phrase.Span{From: s.To, To: a.From}
		if side < 0 {
			between = phrase.Span{From: a.To, To: s.From}
		}
		if n := between.Len(); n >= 0 && n <= w.gap && w.Clause[a.From] == w.Clause[s.From] && !w.added(between) {
			return true
		}
	}
	return false
}

// added reports whether an "and" stands within a place.
func (w *wish) added(place phrase.Span) bool {
	for _, a := range w.begin(w.and, place.From, place.To) {
		if a.To <= place.To {
			return true
		}
	}
	return false
}

// begin returns the phrases of a group that begin between two tokens, without looking at the others.
func (w *wish) begin(group, from, to int) []phrase.Span {
	all := w.found.Of(group)
	first, _ := slices.BinarySearchFunc(all, from, func(s phrase.Span, at int) int { return s.From - at })
	last := first
	for last < len(all) && all[last].From <= to {
		last++
	}
	return all[first:last]
}
