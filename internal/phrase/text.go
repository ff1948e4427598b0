// Package phrase finds what is written in files of words in what people write: it cuts a message into folded words, or characters
// where a script has no spaces, and finds all phrases of all groups in one pass. It knows nothing of what they mean.
package phrase

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	runeLimit  = 1000 // of a message; nobody needs more to say stop
	tokenLimit = 1000 // after folding: some characters fold into many
)

// Text is a message cut into tokens: words where the script has spaces, characters where it has none. Punctuation is not
// kept; it ends clauses and sentences.
type Text struct {
	Tokens   []string
	Clause   []int // the number of the clause each token stands in
	Sentence []int // likewise
}

// Span is a range of tokens.
type Span struct{ From, To int }

// Len is how many tokens it holds.
func (s Span) Len() int { return s.To - s.From }

// Split folds and cuts the first thousand characters of a message.
func Split(message string) *Text { return cut(Fold(head(message, runeLimit))) }

// SplitMarked is Split that leaves the marks of letters, which tell words apart in some languages. It cuts at the same places.
func SplitMarked(message string) *Text { return cut(plain(head(message, runeLimit))) }

func cut(folded string) *Text {
	c := newCutter(folded)
	for i, r := range c.folded {
		if len(c.Text.Tokens) >= tokenLimit {
			break
		}
		c.take(i, r)
	}
	c.end()
	return c.Text
}

// head is the beginning of a text, without copying the rest.
func head(s string, runes int) string {
	for i := range s {
		if runes == 0 {
			return s[:i]
		}
		runes--
	}
	return s
}

// letters are what the decomposition of Unicode leaves apart and people type either way. Signs on the end stay in place.
var letters = strings.NewReplacer("ß", "ss", "ø", "o", "æ", "ae", "œ", "oe", "đ", "d", "ł", "l", "ı", "i",
	"ى", "ي", "ة", "ه", "ک", "ك", "ی", "ي", "ـ", "", "ँ", "ं", "ς", "σ")

// Fold brings a text into the one form words are compared in: compatibility forms such as full width letters become plain
// ones, and case goes, together with accents, vowel points and invisible characters. Accents are optional in what
// people type on a telephone, and the word files may write them.
func Fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 0x80 && optional(r) {
			return -1
		}
		return r
	}, norm.NFD.String(plain(s)))
	return letters.Replace(norm.NFC.String(s))
}

// plain folds what no language tells words apart by.
func plain(s string) string {
	s = strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(s, " ")))
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r < 0x80:
			return r
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
			return -1
		}
		return figure(r)
	}, s))
}

// zeros are the zeros of other scripts whose figures people type; the other nine follow each.
var zeros = [...]rune{'٠', '۰', '०', '๐'}

// figure is the common form of a figure, and anything else as it is.
func figure(r rune) rune {
	for _, zero := range zeros {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero
		}
	}
	return r
}

// Figures writes the figures of a text in their common form.
func Figures(s string) string { return strings.Map(figure, s) }

// optional reports marks that writers leave out: Latin, Greek and Cyrillic accents, Hebrew and Arabic points, the Hindi
// dot. The vowels of Thai and Hindi are no such marks.
func optional(r rune) bool {
	return r >= 0x0300 && r <= 0x036F || r >= 0x0591 && r <= 0x05C7 && r != 0x05BE || r >= 0x064B && r <= 0x065F || r == 0x0670 || r == 0x093C
}

// Unspaced reports characters of scripts without reliable spaces between words. Korean has spaces, and hardly anybody
// keeps to them in a text message.
func Unspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai) || r == 'ー'
}

// cutter gathers tokens from folded text.
type cutter struct {
	*Text
	folded           []rune
	word             []rune
	clauses, stopped int
}

func newCutter(folded string) *cutter {
	runes := []rune(folded)
	n := len(runes)/3 + 1
	t := &Text{Tokens: make([]string, 0, n), Clause: make([]int, 0, n), Sentence: make([]int, 0, n)}
	return &cutter{Text: t, folded: runes, word: make([]rune, 0, 16)}
}

func (c *cutter) take(i int, r rune) {
	switch {
	case Unspaced(r) && (unicode.IsLetter(r) || unicode.IsMark(r)):
		c.end()
		c.add(string(r))
	case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
		c.word = append(c.word, r)
	case apostrophe(r) && c.contraction(i):
		// "don't" is one word, "m'écrivez" two
	case strings.ContainsRune(".!?;\n。…।؟؛", r):
		c.end()
		c.stopped, c.clauses = c.stopped+1, c.clauses+1
	case strings.ContainsRune(",:，،()", r):
		c.end()
		c.clauses++
	case r == ' ' && i > 0 && i+1 < len(c.folded) && eastern(c.folded[i-1]) && eastern(c.folded[i+1]):
		c.clauses++ // where words stand without spaces, one is a comma
	default:
		c.end()
	}
}

// eastern reports characters of Chinese and Japanese.
func eastern(r rune) bool {
	return r >= 0x3000 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r == 'ー'
}

// end closes the word under way. A letter held down is typed once: "stoppp" is "stop".
func (c *cutter) end() {
	if len(c.word) > 0 {
		c.add(string(unheld(c.word)))
		c.word = c.word[:0]
	}
}

// unheld shortens runs of three and more of a letter to one, in place.
func unheld(word []rune) []rune {
	kept := word[:0]
	for i := 0; i < len(word); {
		j := i + 1
		for j < len(word) && word[j] == word[i] {
			j++
		}
		n := j - i
		if n > 2 && unicode.IsLetter(word[i]) {
			n = 1
		}
		for range n {
			kept = append(kept, word[i])
		}
		i = j
	}
	return kept
}

func apostrophe(r rune) bool { return r == '\'' || r == '’' || r == '‘' || r == '`' || r == '´' }

// contraction reports whether an apostrophe is followed by a single letter that ends the word.
func (c *cutter) contraction(i int) bool {
	next := func(n int) bool { return i+n < len(c.folded) && unicode.IsLetter(c.folded[i+n]) }
	return len(c.word) > 0 && next(1) && !next(2)
}

func (c *cutter) add(token string) {
	c.Tokens = append(c.Tokens, token)
	c.Clause = append(c.Clause, c.clauses)
	c.Sentence = append(c.Sentence, c.stopped)
}

// Quote writes tokens down for the record: characters of unspaced scripts without spaces.
func (t *Text) Quote(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		first, _ := utf8.DecodeRuneInString(t.Tokens[i])
		if i > from && !Unspaced(first) {
			b.WriteByte(' ')
		}
		b.WriteString(t.Tokens[i])
	}
	return b.String()
}
