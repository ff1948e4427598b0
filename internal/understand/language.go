package understand

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"landfall/internal/phrase"
)

// languagesOf lists the languages a message may be in, the likeliest first: by its script, else by its short frequent words, else
// by the account's locale. What follows the first one is for messages that mix two.
func (r *Reader) languagesOf(m Message, t *phrase.Text) []*language {
	hint := r.speaking(m.Locale)
	script := scriptOf(m.Text)
	if script == "latin" {
		return r.latin(t, hint)
	}
	first := r.byScript(script, m.Text, hint)
	out := append([]*language{}, first...)
	if latin := r.latin(t, hint); hasLatin(t) {
		out = append(out, latin[0])
	}
	return out
}

// speaking is the language of a locale, nil when it is not understood.
func (r *Reader) speaking(locale string) *language {
	for _, tag := range []string{locale, alias(locale)} {
		if i := slices.IndexFunc(r.languages, func(l *language) bool { return strings.EqualFold(l.tag, tag) }); i >= 0 {
			return r.languages[i]
		}
	}
	return nil
}

// alias leads from a locale to the language that understands it.
func alias(locale string) string {
	parts := strings.Split(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	switch {
	case parts[0] == "pt":
		return "pt-BR"
	case parts[0] == "zh" && slices.ContainsFunc(parts[1:], func(p string) bool { return p == "hant" || p == "tw" || p == "hk" || p == "mo" }), parts[0] == "yue":
		return "zh-Hant"
	case parts[0] == "zh":
		return "zh-Hans"
	}
	return parts[0]
}

var scripts = []struct {
	name  string
	table *unicode.RangeTable
}{
	{"kana", unicode.Hiragana}, {"kana", unicode.Katakana}, {"han", unicode.Han}, {"hangul", unicode.Hangul}, {"thai", unicode.Thai},
	{"arabic", unicode.Arabic}, {"cyrillic", unicode.Cyrillic}, {"latin", unicode.Latin},
}

// dense is how many Latin letters say about as much as one character of a script that needs fewer.
const dense = 4

// scriptOf is the script most of a message is written in. A little kana makes Han characters Japanese.
func scriptOf(text string) string {
	count := map[string]int{}
	for _, c := range text {
		for _, s := range scripts {
			if unicode.Is(s.table, c) {
				count[s.name]++
				break
			}
		}
	}
	if count["kana"] > 0 && count["kana"]*6 >= count["han"] {
		count["kana"], count["han"] = count["kana"]+count["han"], 0
	}
	count["latin"] /= dense
	if count["arabic"]+count["cyrillic"] > 0 {
		count["arabic"], count["cyrillic"] = (count["arabic"]+1)/2, (count["cyrillic"]+1)/2
	}
	best := "latin"
	for _, s := range scripts {
		if count[s.name] > count[best] {
			best = s.name
		}
	}
	return best
}

// byScript lists the languages of a script.
func (r *Reader) byScript(script, text string, hint *language) []*language {
	tags := map[string][]string{"kana": {"ja"}, "hangul": {"ko"}, "thai": {"th"}, "arabic": {"ar"}, "cyrillic": {"ru"}}[script]
	if script == "han" {
		tags = r.chinese(text, hint)
	}
	var out []*language
	for _, tag := range tags {
		if l := r.speaking(tag); l != nil {
			out = append(out, l)
		}
	}
	return orAny(out, r.languages)
}

// orAny never leaves a message without a language.
func orAny(some, all []*language) []*language {
	if len(some) == 0 {
		return all[:1]
	}
	return some
}

// chinese tells simplified from traditional characters by those only one of the two uses.
func (r *Reader) chinese(text string, hint *language) []string {
	if hint != nil && hint.tag == "ja" && !strings.ContainsFunc(text, func(c rune) bool { return r.simplified[c] }) {
		return []string{"ja", "zh-Hant", "zh-Hans"}
	}
	balance := 0
	for _, c := range text {
		switch {
		case r.simplified[c]:
			balance++
		case r.traditional[c]:
			balance--
		}
	}
	if balance < 0 || balance == 0 && hint != nil && hint.tag == "zh-Hant" {
		return []string{"zh-Hant", "zh-Hans"}
	}
	return []string{"zh-Hans", "zh-Hant"}
}

// tellChineseApart learns from the word files which characters only one kind of Chinese uses.
func (r *Reader) tellChineseApart() {
	hans, hant := r.speaking("zh-Hans"), r.speaking("zh-Hant")
	r.simplified, r.traditional = map[rune]bool{}, map[rune]bool{}
	if hans == nil || hant == nil {
		return
	}
	for c := range hans.characters {
		r.simplified[c] = !hant.characters[c]
	}
	for c := range hant.characters {
		r.traditional[c] = !hans.characters[c]
	}
}

func hasLatin(t *phrase.Text) bool {
	return slices.ContainsFunc(t.Tokens, func(w string) bool { return w[0] >= 'a' && w[0] <= 'z' && len(w) > 1 })
}

// ranked is a language and how much of a message is its own.
type ranked struct {
	*language
	score float64
}

// contenders is how many languages are looked at closely.
const contenders = 3

// latin orders the languages in Latin letters by how much of a message is theirs: by the short words that tell them apart, and among
// the first of them by the words of their concepts.
func (r *Reader) latin(t *phrase.Text, hint *language) []*language {
	var all []ranked
	for _, l := range r.languages {
		if !l.latin {
			continue
		}
		score := 0.0
		if l == hint {
			score = 0.6
		}
		for _, token := range t.Tokens {
			if l.function[token] {
				score += 1 / float64(r.sharing[token])
			}
		}
		all = append(all, ranked{l, score})
	}
	slices.SortStableFunc(all, heavier)
	for i := range min(contenders, len(all)) {
		all[i].score += 0.3 * float64(all[i].known(t))
	}
	slices.SortStableFunc(all, heavier)
	var out []*language
	for _, l := range all {
		out = append(out, l.language)
	}
	return orAny(out, r.languages)
}

// heavier sorts by score, and puts English first among equals.
func heavier(a, b ranked) int {
	if c := cmp.Compare(b.score, a.score); c != 0 || a.tag == b.tag {
		return c
	}
	switch "en" {
	case a.tag:
		return -1
	case b.tag:
		return 1
	}
	return 0
}

// known is how many words of a message belong to a concept of the language.
func (l *language) known(t *phrase.Text) int {
	found := l.index.Find(t)
	covered := make([]bool, len(t.Tokens))
	for _, name := range names {
		for _, s := range l.of(found, name) {
			for i := s.From; i < s.To; i++ {
				covered[i] = true
			}
		}
	}
	n := 0
	for _, c := range covered {
		if c {
			n++
		}
	}
	return n
}

// of lists where the forms of a key stand.
func (l *language) of(found phrase.Places, key string) []phrase.Span {
	g, ok := l.groups[key]
	if !ok {
		return nil
	}
	return found.Of(g)
}
