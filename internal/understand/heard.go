package understand

import (
	"slices"
	"unicode/utf8"

	"landfall/internal/phrase"
)

// heard is a message as one language hears it.
type heard struct {
	*language
	text    *phrase.Text
	found   phrase.Places
	hidden  []hidden
	denials []phrase.Span   // words of negation that are no part of a longer expression
	others  []*heard        // the same message in the other languages it is mixed with
	spare   []*heard        // and in those it may be mixed with
	known   map[string]bool // which concepts hold, as far as somebody has asked
}

// hidden is a stretch that means one thing only.
type hidden struct {
	phrase.Span
	key string
}

// mixed is how many languages a message is heard in.
const mixed = 3

// listen hears a message in its language and, where that explains little, in those it may be mixed with.
func (r *Reader) listen(m Message, t *phrase.Text) *heard {
	all := r.languagesOf(m, t)
	keep := map[string]bool{} // names that stand in the titles are spelt as they are
	for _, o := range m.Orders {
		for _, w := range phrase.Split(o.Title).Tokens {
			keep[w] = true
		}
	}
	first := all[0].hear(all[0].mend(t, keep), m.Text)
	for _, l := range all[1:min(len(all), mixed)] {
		if l.latin && first.latin {
			if other := l.hear(t, m.Text); other.shares(t) {
				first.spare = append(first.spare, other)
			}
			continue
		}
		first.join(l.hear(t, m.Text))
	}
	return first
}

// join hears a message in another language too. A negation in one reaches what is said in the other.
func (h *heard) join(other *heard) {
	h.others = append(h.others, other)
	if !h.cutLike(other) {
		return
	}
	all := slices.Concat(h.denials, other.denials)
	for _, in := range append([]*heard{h}, h.others...) {
		if h.cutLike(in) {
			in.denials = all
		}
	}
}

// cutLike reports whether two hear the message in the same pieces. Those who mind marks may see one where others see nothing.
func (h *heard) cutLike(other *heard) bool { return len(h.text.Tokens) == len(other.text.Tokens) }

// mix hears a message that its own language does not explain in those it has words of.
func (h *heard) mix() {
	for _, other := range h.spare {
		h.join(other)
	}
	h.spare, h.known = nil, nil
}

// shares reports whether a message has a short word that only this language uses.
func (h *heard) shares(t *phrase.Text) bool {
	return slices.ContainsFunc(t.Tokens, func(w string) bool { return h.function[w] })
}

// hear finds what a message says; raw is the message as it was written.
func (l *language) hear(t *phrase.Text, raw string) *heard {
	h := &heard{language: l, text: t}
	if marked := phrase.SplitMarked(raw); l.marked != nil && !slices.Equal(marked.Tokens, phrase.Split(raw).Tokens) {
		h.text, h.found = marked, l.marked.Find(marked)
	} else {
		h.found = l.index.Find(t)
	}
	for key, g := range l.hiding {
		for _, s := range h.found.Of(g) {
			h.hidden = append(h.hidden, hidden{s, key})
		}
	}
	h.denials = h.negations()
	return h
}

// at lists where a key is said, denied or not.
func (h *heard) at(key string) []phrase.Span {
	spans := h.of(h.found, key)
	if len(h.hidden) == 0 || len(spans) == 0 {
		return spans
	}
	return slices.DeleteFunc(slices.Clone(spans), func(s phrase.Span) bool {
		return slices.ContainsFunc(h.hidden, func(o hidden) bool { return o.key != key && o.Len() > s.Len() && o.From <= s.From && s.To <= o.To })
	})
}

// idioms are concepts whose expressions hold a negation that denies nothing else: "have not received", "don't want it any more".
var idioms = []string{"missing", "stuck", "late", "cancel", "wrong", "broken", "lacking", "angry", "other", "okay", "stop", "annulled", "product", "complain", "bot", "world", "promised", "payment", "account"}

func (h *heard) negations() []phrase.Span {
	all := h.at("not")
	if len(all) == 0 {
		return nil
	}
	var inside []phrase.Span
	for _, key := range idioms {
		inside = append(inside, h.at(key)...)
	}
	return slices.DeleteFunc(slices.Clone(all), func(n phrase.Span) bool {
		return slices.ContainsFunc(inside, func(s phrase.Span) bool { return s.Len() > n.Len() && s.From <= n.From && n.To <= s.To })
	})
}

// reach is how far a negation reaches, in words, and in characters of a script without spaces.
const (
	reach           = 4
	characterReach  = 9
	nearby          = 3
	characterNearby = 6
)

// denied reports whether a negation reaches a place.
func (h *heard) denied(s phrase.Span) bool {
	far := h.measure(s.From, reach, characterReach)
	return slices.ContainsFunc(h.denials, func(n phrase.Span) bool {
		if h.text.Clause[n.From] != h.text.Clause[s.From] {
			return false
		}
		return h.before && n.To <= s.From && s.From-n.To <= far || h.after && n.From >= s.To && n.From-s.To <= far
	})
}

// measure is one distance in words and another in characters, by the script a token is written in.
func (h *heard) measure(at, words, characters int) int {
	if first, _ := utf8.DecodeRuneInString(h.text.Tokens[at]); phrase.Unspaced(first) {
		return characters
	}
	return words
}

// said lists where a key is said and not denied, in any of the languages heard.
func (h *heard) said(key string) (*heard, []phrase.Span) {
	for _, in := range append([]*heard{h}, h.others...) {
		spans := slices.DeleteFunc(slices.Clone(in.at(key)), in.denied)
		if len(spans) > 0 {
			return in, spans
		}
	}
	return h, nil
}

// refused reports whether a key is said with a negation, and nowhere without.
func (h *heard) refused(key string) bool {
	_, spans := h.said(key)
	return len(spans) == 0 && len(h.at(key)) > 0
}

// parts reports whether somebody thanks, agrees or takes leave.
func (h *heard) parts() bool { return slices.ContainsFunc([]string{"thanks", "bye", "okay"}, h.any) }

// any reports whether a key is said at all, denied or not.
func (h *heard) any(key string) bool {
	return slices.ContainsFunc(append([]*heard{h}, h.others...), func(in *heard) bool { return len(in.at(key)) > 0 })
}
