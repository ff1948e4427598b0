package templates

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"landfall/internal/notify"
	"landfall/locales"
)

//go:embed promo/*.yaml
var promoFiles embed.FS

// Phrases are the words of one language that make a message promotional: what asks for a review, offers a coupon, or points
// at something else to buy. A message that says such a thing may not travel as news of an order.
type Phrases struct {
	phrases map[string][][]promoWord // by the first word, where it is given whole
	open    [][]promoWord            // the others of languages with spaces between words
	within  []string                 // of those without: found anywhere
	percent [][]promoWord            // beside a percentage
}

// promoWord is a word, or the beginning or end of one.
type promoWord struct {
	text       string
	head, tail bool // the word may go on before or after
}

// PhrasesOf returns the phrases of a locale's language. A language nobody has listed is read as English, from which
// advertising borrows. The error is a mistake in the file.
func PhrasesOf(locale string) (*Phrases, error) {
	source, err := promoFiles.ReadFile("promo/" + promoLanguage(locale) + ".yaml")
	if errors.Is(err, fs.ErrNotExist) {
		source, err = promoFiles.ReadFile("promo/" + locales.Root + ".yaml")
	}
	if err != nil {
		return nil, fmt.Errorf("read promotional phrases: %w", err)
	}
	var f struct {
		Phrases []string `yaml:"phrases"` // a star stands for any beginning or ending of a word
		Percent []string `yaml:"percent"` // what makes a percentage beside it a discount
	}
	if err := yaml.Load(source, &f, yaml.WithKnownFields()); err != nil {
		return nil, fmt.Errorf("read promotional phrases of %s: %w", locale, err)
	}
	p := &Phrases{phrases: map[string][][]promoWord{}}
	if err := p.learn(f.Phrases, f.Percent); err != nil {
		return nil, fmt.Errorf("read promotional phrases of %s: %w", locale, err)
	}
	return p, nil
}

// promoLanguage is the file of a locale: its language, for Chinese with the script.
func promoLanguage(locale string) string {
	tag := language.Make(locale)
	base, _ := tag.Base()
	switch base.String() {
	case "zh":
		script, _ := tag.Script()
		return "zh-" + script.String()
	case "no", "nn":
		return "nb"
	case "tl":
		return "fil"
	}
	return base.String()
}

func (p *Phrases) learn(phrases, percent []string) error {
	for _, phrase := range phrases {
		folded := fold(phrase)
		words := promoWords(folded)
		switch {
		case len(words) == 0:
			return fmt.Errorf("%q has no letters", phrase)
		case strings.ContainsFunc(folded, unspaced):
			p.within = append(p.within, folded)
		case words[0].head || words[0].tail:
			p.open = append(p.open, words)
		default:
			p.phrases[words[0].text] = append(p.phrases[words[0].text], words)
		}
	}
	for _, phrase := range percent {
		p.percent = append(p.percent, promoWords(fold(phrase)))
	}
	return nil
}

func promoWords(folded string) []promoWord {
	var words []promoWord
	for _, field := range promoSplit(folded) {
		text, head := strings.CutPrefix(field, "*")
		text, tail := strings.CutSuffix(text, "*")
		words = append(words, promoWord{text, head, tail})
	}
	return words
}

func (w promoWord) matches(s string) bool {
	switch {
	case w.head && w.tail:
		return strings.Contains(s, w.text)
	case w.head:
		return strings.HasSuffix(s, w.text)
	case w.tail:
		return strings.HasPrefix(s, w.text)
	}
	return s == w.text
}

// fold is the form in which phrases and texts are compared. Accents stay: catalogs are written with care. The dot that the
// Turkish capital İ leaves behind goes.
func fold(s string) string { return lower(norm.NFKC.String(s)) }

func lower(s string) string { return strings.ReplaceAll(strings.ToLower(s), "\u0307", "") }

func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

var (
	placeholder = regexp.MustCompile(`\{\{.*?\}\}`)
	// priceCut is a price cut by its sign alone: "-20 %", and not the end of "10-20 %".
	priceCut = regexp.MustCompile(`(?:^|[^\pL\d])([-−–]\s?\d{1,2}\s?%)`)
)

// Find returns the first promotional phrase of a text as it stands there, "" when there is none. What a template fills in
// is not looked at.
func (p *Phrases) Find(text string) string {
	text = placeholder.ReplaceAllString(norm.NFKC.String(text), " ")
	if strings.Contains(text, "%") {
		if m := priceCut.FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	folded := lower(text)
	words := promoSplit(folded)
	for i := range words {
		if n := p.phraseAt(words, i); n > 0 {
			return strings.Join(promoSplit(text)[i:i+n], " ")
		}
		if p.discounted(words, i) {
			return words[i] + " %"
		}
	}
	return p.contained(folded)
}

// phraseAt returns how many words the phrase has that begins at a word, 0 for none.
func (p *Phrases) phraseAt(words []string, at int) int {
	for _, some := range [][][]promoWord{p.phrases[words[at]], p.open} {
		for _, phrase := range some {
			if startsWith(words[at:], phrase) {
				return len(phrase)
			}
		}
	}
	return 0
}

func (p *Phrases) contained(folded string) string {
	first, at := "", len(folded)
	for _, phrase := range p.within {
		if i := strings.Index(folded, phrase); i >= 0 && i < at {
			first, at = phrase, i
		}
	}
	return first
}

// promoSplit cuts a text into words; a percent sign is a word of its own, and a star stays with its word.
func promoSplit(text string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(text, "%", " % "), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '%' && r != '*'
	})
}

func startsWith(words []string, phrase []promoWord) bool {
	if len(words) < len(phrase) {
		return false
	}
	for i, w := range phrase {
		if !w.matches(words[i]) {
			return false
		}
	}
	return true
}

// beside is how many words around a percentage are looked at.
const beside = 3

// discounted reports whether a percentage begins at a word, with a word of a discount beside it.
func (p *Phrases) discounted(words []string, at int) bool {
	if at+1 >= len(words) || words[at+1] != "%" {
		return false
	}
	for i := max(0, at-beside); i < min(len(words), at+2+beside); i++ {
		for _, phrase := range p.percent {
			if startsWith(words[i:], phrase) {
				return true
			}
		}
	}
	return false
}

// Class reports whether a notice is promotional, whatever its rule calls it, because of what its words say in one of the
// languages it is written in; where names the first such locale and phrase, as in `de: "Gutschein"`.
func (s *Set) Class(say notify.TemplateKey) (promotional bool, where string) {
	where, promotional = s.promo[say]
	return promotional, where
}

// readClasses looks at every customer's notice in every locale that a merchant has words for: the shipped ones are of one class in all
// languages.
func (s *Set) readClasses() error { return s.readClassesIn(s.catalog.Written()) }

func (s *Set) readClassesIn(locales []string) error {
	s.promo = map[notify.TemplateKey]string{}
	for _, locale := range locales {
		phrases, err := PhrasesOf(locale)
		if err != nil {
			return err
		}
		for _, key := range s.catalog.Keys(locale) {
			s.classify(phrases, locale, key)
		}
	}
	return nil
}

func (s *Set) classify(phrases *Phrases, locale, key string) {
	name, ok := strings.CutPrefix(key, noticePrefix)
	if !ok {
		return
	}
	say, _, _ := strings.Cut(name, ".")
	if s.promo[notify.TemplateKey(say)] != "" {
		return
	}
	for _, form := range s.catalog.Forms(locale, key) {
		if found := phrases.Find(form); found != "" {
			s.promo[notify.TemplateKey(say)] = locale + ": " + strconv.Quote(found)
			return
		}
	}
}
