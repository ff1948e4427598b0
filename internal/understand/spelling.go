package understand

import (
	"slices"
	"unicode/utf8"

	"landfall/internal/phrase"
)

const (
	longEnough = 6 // letters of a word whose spelling is looked at; shorter ones are like too many others
	tooLong    = 16
	mendedMost = 3 // words of a message
)

// mend returns a message with words of the language in place of those that differ from one by a single letter left out, added,
// changed or swapped with the next. Words that are known, or that stand in keep, stay.
func (l *language) mend(t *phrase.Text, keep map[string]bool) *phrase.Text {
	mended := 0
	out := t
	for i, token := range t.Tokens {
		n := utf8.RuneCountInString(token)
		if mended == mendedMost || n < longEnough || n > tooLong || keep[token] || l.function[token] || unspaced(token) || l.index.Knows(token) || l.within[token] {
			continue
		}
		mended++
		if word, ok := l.nearest([]rune(token)); ok {
			if out == t {
				out = &phrase.Text{Tokens: slices.Clone(t.Tokens), Clause: t.Clause, Sentence: t.Sentence}
			}
			out.Tokens[i] = word
		}
	}
	return out
}

// nearest is a word of the language one letter from another; the first letter is hardly ever the wrong one.
func (l *language) nearest(word []rune) (string, bool) {
	try := func(w []rune) bool { return l.index.Spells(string(w)) }
	for i := 1; i < len(word); i++ {
		if i+1 < len(word) { // swapped
			w := slices.Clone(word)
			w[i], w[i+1] = w[i+1], w[i]
			if try(w) {
				return string(w), true
			}
		}
		if w := slices.Delete(slices.Clone(word), i, i+1); len(w) >= longEnough-1 && try(w) {
			return string(w), true
		}
	}
	for i := 1; i <= len(word); i++ {
		for _, c := range l.alphabet {
			if w := slices.Insert(slices.Clone(word), i, c); try(w) {
				return string(w), true
			}
			if i == len(word) {
				continue
			}
			w := slices.Clone(word)
			w[i] = c
			if try(w) {
				return string(w), true
			}
		}
	}
	return "", false
}
