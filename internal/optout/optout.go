// Package optout reads what people write back to a shop, and says whether they want to be written to no more: by a keyword
// such as STOP, or in words of their own, in each language Landfall's customers write in. What counts is kept in one file per
// language under words; the code only knows how to look.
//
// It records nothing, knows no channel and no person, and reads no clock. A message may be as long as it likes: only its
// first thousand characters are read, each once.
package optout

import (
	"fmt"
	"strings"
	"sync"

	"landfall/internal/phrase"
)

// Act is what a message asks for.
type Act int

// None is every message that is about something else, Stop asks for an end of messages, Start takes that back.
const (
	None Act = iota
	Stop
	Start
)

// Reading is what a message says about being written to.
type Reading struct {
	Act Act
	// Keyword is set when the whole message is one of the words that carriers and laws name, such as STOP; otherwise the act
	// was found in free text.
	Keyword bool
	// Marketing limits the act to advertising: "no more offers, please".
	Marketing bool
	// All extends it to every channel: "delete me from all your lists".
	All bool
	// Matched holds the words that were recognised, folded, with "…" for what stood between them. It is kept as evidence
	// and never holds anything of the message besides.
	Matched string
}

// Reader reads messages. It never changes once made and is safe for concurrent use.
type Reader struct{ words func() *lexicon }

// New returns a reader of every language there is a file for. The files are read with the first message.
func New() *Reader { return &Reader{original} }

// Read says what a message asks for. In doubt between an end of messages and something about a parcel it is None.
func (r *Reader) Read(message string) Reading { return r.words().read(message) }

// lexicon is what the word files say.
type lexicon struct {
	keywords  map[string]keyword
	languages []language
	index     *phrase.Index
}

// keyword is a word that is an act when it is the whole message.
type keyword struct {
	act  Act
	bare bool // only when nothing stands beside it: CANCEL, where "cancel please" may mean an order
	all  bool
}

// original reads the word files, once: they are part of the program, and nobody changes what it returns.
var original = sync.OnceValue(func() *lexicon {
	l := &lexicon{keywords: map[string]keyword{}, index: phrase.NewIndex()}
	if err := l.load(); err != nil {
		panic(fmt.Sprintf("read opt-out words: %v", err)) // whoever wrote them hears of it from the tests
	}
	return l
})

func (l *lexicon) read(message string) Reading {
	t := &text{Text: phrase.Split(message)}
	if len(t.Tokens) == 0 {
		return Reading{}
	}
	if k, ok := l.keywords[strings.Join(t.Tokens, " ")]; ok {
		return Reading{Act: k.act, Keyword: true, All: k.all, Matched: t.Quote(0, len(t.Tokens))}
	}
	t.found = l.index.Find(t.Text)
	if reading, ok := l.polished(t); ok {
		return reading
	}
	return l.intent(t)
}

// politeLimit is up to how many words a message may be a keyword with courtesies around it.
const politeLimit = 16

// polished reads a keyword that is repeated or has courtesies of one language around it: "STOP STOP", "stop it now, thank
// you".
func (l *lexicon) polished(t *text) (Reading, bool) {
	if len(t.Tokens) > politeLimit {
		return Reading{}, false
	}
	for i := range l.languages {
		rest := once(t.without(l.languages[i].polite))
		if k, ok := l.keywords[strings.Join(rest, " ")]; ok && k.act == Stop && !k.bare {
			return Reading{Act: Stop, All: k.all, Matched: strings.Join(rest, " ")}, true
		}
	}
	return Reading{}, false
}

// once drops repetitions: the whole of "stop all stop all", and each word said twice in a row.
func once(words []string) []string {
	for n := 1; n <= len(words)/2; n++ {
		if len(words)%n == 0 && repeats(words, n) {
			return words[:n]
		}
	}
	return words
}

// repeats reports whether words are their first n, over and over.
func repeats(words []string, n int) bool {
	for i := n; i < len(words); i++ {
		if words[i] != words[i-n] {
			return false
		}
	}
	return true
}

// intent looks for a wish in any language. A language that knows the advertising a wish is about has understood more
// than one that only knows the wish.
func (l *lexicon) intent(t *text) Reading {
	var best Reading
	for i := range l.languages {
		got := l.languages[i].read(t)
		if got.Act == None {
			continue
		}
		if best.Act == None || got.Marketing && !best.Marketing {
			got.All = got.All || best.All
			best = got
		}
		best.All = best.All || got.All
	}
	return best
}
