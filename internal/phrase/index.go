package phrase

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Index finds the phrases of all its groups in one pass over a message. It is filled once and then only read.
type Index struct {
	whole  map[string][]entry    // by the first word
	pairs  map[[2]string][]entry // by the first two words
	stems  map[string][]entry    // by the beginning of the first word
	stem   int                   // runes of the longest one
	groups int
	known  map[string]int // groups by their phrases: many patterns, in many languages, have the same
	split  func(string) *Text
}

// entry is a phrase after its first word, and the groups it belongs to.
type entry struct {
	rest   []word
	groups []int
}

// word is a word, or the beginning of one; others may stand before it, up to the gap.
type word struct {
	text string
	stem bool
	gap  bool
}

// leastStem is how many Latin letters stand before a star. A letter held down counts once.
const leastStem = 2

func (w word) vague() bool { return w.stem && w.text[0] < utf8.RuneSelf && len(w.text) < leastStem }

func (w word) matches(token string) bool {
	return w.stem && strings.HasPrefix(token, w.text) || w.text == token
}

// NewIndex returns an index without any phrase, for messages cut by Split.
func NewIndex() *Index { return newIndex(Split) }

// NewMarkedIndex returns an index without any phrase, for messages cut by SplitMarked.
func NewMarkedIndex() *Index { return newIndex(SplitMarked) }

func newIndex(split func(string) *Text) *Index {
	return &Index{split: split, whole: map[string][]entry{}, pairs: map[[2]string][]entry{}, stems: map[string][]entry{}, known: map[string]int{}}
}

// Longest is how many words, or characters of a script without spaces, a phrase has at most.
const Longest = 24

// wordGap and characterGap are what two dots within a phrase stand for at most.
const (
	wordGap      = 4
	characterGap = 10
)

// Group makes a group of phrases, and returns its number. A phrase is words with spaces between them; a star at the end of a word
// stands for any ending, and two dots between words for a few others of the same clause. Phrases known already are the same group.
func (x *Index) Group(phrases []string) (int, error) {
	key := strings.Join(phrases, "\n")
	if g, ok := x.known[key]; ok {
		return g, nil
	}
	g := x.groups
	x.groups++
	x.known[key] = g
	for _, p := range phrases {
		phrase := x.parse(p)
		if slices.ContainsFunc(phrase, word.vague) {
			return g, fmt.Errorf("%q begins too many words; write at least %d letters before a star", p, leastStem)
		}
		if len(phrase) == 0 || len(phrase) > Longest {
			return g, fmt.Errorf("%q is no phrase of 1 to %d words or characters", p, Longest)
		}
		x.add(phrase, g)
	}
	return g, nil
}

// Close forgets what only Group needs. No group is added afterwards.
func (x *Index) Close() { x.known = nil }

// parse cuts a phrase of a file the way messages are cut.
func (x *Index) parse(s string) []word {
	var phrase []word
	gap := false
	for field := range strings.FieldsSeq(s) {
		if field == ".." {
			gap = true
			continue
		}
		bare, stem := strings.CutSuffix(field, "*")
		tokens := x.split(bare).Tokens
		for i, token := range tokens {
			phrase = append(phrase, word{token, stem && i == len(tokens)-1, gap && i == 0 && len(phrase) > 0})
		}
		gap = false
	}
	return phrase
}

func (x *Index) add(phrase []word, group int) {
	switch first := phrase[0]; {
	case first.stem:
		x.stem = max(x.stem, utf8.RuneCountInString(first.text))
		join(x.stems, first.text, entry{phrase[1:], []int{group}})
	case len(phrase) > 1 && !phrase[1].stem && !phrase[1].gap:
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

// Find lists where the phrases of each group stand. The work is that of the message's length times the phrases that
// begin with one word, which the files bound.
func (x *Index) Find(t *Text) Places {
	c := collector{Text: t, hits: make([]hit, 0, 4*len(t.Tokens))}
	for i, token := range t.Tokens {
		c.add(i, x.whole[token])
		if i+1 < len(t.Tokens) {
			c.add(i, x.pairs[[2]string{token, t.Tokens[i+1]}])
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
	Span
	group int
}

// collector gathers hits in the order of the message.
type collector struct {
	*Text
	hits []hit
}

func (c *collector) add(at int, entries []entry) {
	for _, e := range entries {
		end := c.end(at, e.rest)
		if end < 0 {
			continue
		}
		for _, g := range e.groups {
			c.hits = append(c.hits, hit{Span{at, end}, g})
		}
	}
}

// end is where words end that begin right after a token, in its sentence; -1 when they do not stand there. Of the places of a word
// after a gap the nearest counts.
func (t *Text) end(at int, rest []word) int {
	for _, w := range rest {
		next := at + 1
		if w.gap {
			next = t.after(at, w)
		}
		if next < 0 || next >= len(t.Tokens) || t.Sentence[next] != t.Sentence[at] || !w.matches(t.Tokens[next]) {
			return -1
		}
		at = next
	}
	return at + 1
}

// after is the nearest place of a word within the gap after a token and in its clause; -1 for none.
func (t *Text) after(at int, w word) int {
	gap := wordGap
	if first, _ := utf8.DecodeRuneInString(w.text); Unspaced(first) {
		gap = characterGap
	}
	for next := at + 1; next < len(t.Tokens) && next <= at+1+gap && t.Clause[next] == t.Clause[at]; next++ {
		if w.matches(t.Tokens[next]) {
			return next
		}
	}
	return -1
}

// Places are the hits of all groups, one group after the other, and where each group ends.
type Places struct {
	spans []Span
	ends  []int32
}

// placesOf sorts hits by their groups and leaves each group's in order.
func placesOf(hits []hit, groups int) Places {
	p := Places{spans: make([]Span, len(hits)), ends: make([]int32, groups+1)}
	for _, h := range hits {
		p.ends[h.group+1]++
	}
	for g := range groups {
		p.ends[g+1] += p.ends[g]
	}
	for _, h := range hits { // each end serves as the place of the next one, until it is the end of the group before
		p.spans[p.ends[h.group]] = h.Span
		p.ends[h.group]++
	}
	return p
}

// Of returns where the phrases of a group stand, in order.
func (p Places) Of(group int) []Span {
	if group == 0 {
		return p.spans[:p.ends[0]]
	}
	return p.spans[p.ends[group-1]:p.ends[group]]
}

// Knows reports whether a phrase is the word alone, or begins with it.
func (x *Index) Knows(word string) bool {
	if len(x.whole[word]) > 0 {
		return true
	}
	n := 0
	for end := range word {
		if n++; n > x.stem+1 {
			return false
		}
		if n > shortest && len(x.stems[word[:end]]) > 0 {
			return true
		}
	}
	return n > shortest && len(x.stems[word]) > 0
}

// shortest is how many letters of the beginning of a word say that it is known.
const shortest = 3

// Spells reports whether a word is spelt as a phrase is: the whole of it, but for an ending of a few letters.
func (x *Index) Spells(word string) bool {
	if len(x.whole[word]) > 0 {
		return true
	}
	left := utf8.RuneCountInString(word)
	for end := range word {
		if end > 0 && left <= ending && len(x.stems[word[:end]]) > 0 {
			return true
		}
		left--
	}
	return len(x.stems[word]) > 0
}

// ending is how many letters may follow a stem in a word that is spelt wrong; with more, nearly any word is one letter from another.
const ending = 1
