package understand

import (
	"embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"landfall/internal/phrase"
)

//go:embed words/*.yaml items.yaml
var shipped embed.FS

// file is what is written about one language.
type file struct {
	Negation  string              `yaml:"negation"` // where the word that negates a verb stands: before, after or both
	Date      string              `yaml:"date"`     // the order of numeric dates: mdy, dmy or ymd
	Marks     bool                `yaml:"marks"`    // the marks of its letters tell words apart, where somebody writes them
	Function  []string            `yaml:"function"` // frequent short words that tell the language
	Concepts  concepts            `yaml:"concepts"`
	Colours   map[string][]string `yaml:"colours"`
	Items     map[string][]string `yaml:"items"`
	Time      times               `yaml:"time"`
	Numbers   [][]string          `yaml:"numbers"` // one to twelve
	Few       []string            `yaml:"few"`
	Half      []string            `yaml:"half"`
	Weekdays  [][]string          `yaml:"weekdays"` // from Monday
	Months    [][]string          `yaml:"months"`
	InMonth   []string            `yaml:"in_month"` // what may stand before a month
	Festivals map[string][]string `yaml:"festivals"`
}

type concepts struct {
	Ordinals [][]string          `yaml:"ordinals"` // first to ninth
	Lists    map[string][]string `yaml:",inline"`
}

type times struct {
	Phrases map[string][]string `yaml:"phrases"`
	Lists   map[string][]string `yaml:",inline"`
}

// names are the concepts each language has words for.
var names = strings.Fields(`where when how_long status track yet goods arrive ship customs missing late stuck claimed
cancel annulled return refund exchange change address wrong broken lacking angry complain human talk bot stop messages adverts start
help hello thanks bye okay chitchat product price payment account shop world attack
buy not want yes no all none other lastone moved due since promised`)

// timeNames are the words of time each language has.
var timeNames = strings.Fields(`day week month year weekend ago last before_last this next early mid late about recent long_ago
today yesterday before_yesterday tomorrow spring summer autumn winter`)

// language finds the concepts of one language.
type language struct {
	tag           string
	before, after bool // where a negation stands
	date          string
	latin         bool // it is written in Latin letters
	function      map[string]bool
	alphabet      []rune          // its letters, folded
	within        map[string]bool // every word of its phrases
	characters    map[rune]bool   // all that its forms are written in, where they are not Latin
	index         *phrase.Index
	marked        *phrase.Index  // for messages written with marks; nil where they tell nothing apart
	groups        map[string]int // by key: a concept, or a kind and a name such as item:coat
	hiding        map[string]int // phrases of a key that hide what else they seem to say
	items         []string       // keys
	colours       []string
	phrases       []string
	festivals     []string
}

// readFile reads what is written about a language.
func readFile(tag string) (f file, err error) {
	source, err := shipped.ReadFile("words/" + tag + ".yaml")
	if err != nil {
		return f, err
	}
	return f, yaml.Load(source, &f, yaml.WithKnownFields())
}

// compile makes a language of what is written about it.
func compile(tag string, f file) (*language, error) {
	l := &language{
		tag: tag, before: f.Negation != "after", after: f.Negation != "before", date: f.Date,
		function: map[string]bool{}, characters: map[rune]bool{}, within: map[string]bool{}, index: phrase.NewIndex(), groups: map[string]int{}, hiding: map[string]int{},
	}
	if f.Marks {
		l.marked = phrase.NewMarkedIndex()
	}
	err := l.learn(f)
	l.index.Close()
	if l.marked != nil {
		l.marked.Close()
	}
	letters := map[rune]bool{}
	for w := range l.within {
		for _, c := range w {
			if unicode.IsLetter(c) && !phrase.Unspaced(c) {
				letters[c] = true
			}
		}
	}
	l.alphabet = slices.Sorted(maps.Keys(letters))
	return l, err
}

// learn adds every list of a file.
func (l *language) learn(f file) error {
	for _, w := range f.Function {
		for _, token := range phrase.Split(w).Tokens {
			l.function[token] = true
			l.latin = l.latin || token[0] < utf8.RuneSelf
		}
	}
	return errors.Join(
		l.required("concepts", names, f.Concepts.Lists), l.required("time", timeNames, f.Time.Lists),
		l.numbered("ordinal", 9, f.Concepts.Ordinals), l.numbered("number", 12, f.Numbers), l.numbered("weekday", 7, f.Weekdays), l.numbered("month", 12, f.Months),
		l.named("item", f.Items, &l.items), l.named("colour", f.Colours, &l.colours), l.named("phrase", f.Time.Phrases, &l.phrases), l.named("festival", f.Festivals, &l.festivals),
		l.add("few", f.Few), l.add("half", f.Half), l.add("in_month", f.InMonth),
	)
}

// required adds lists by names that must all be there, and no others. Those of time get the kind before their name.
func (l *language) required(kind string, want []string, lists map[string][]string) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		if !slices.Contains(want, name) {
			errs = append(errs, fmt.Errorf("there is no %s under %s", name, kind))
		}
	}
	for _, name := range want {
		list, ok := lists[name]
		if !ok {
			errs = append(errs, fmt.Errorf("%s lacks %s", kind, name))
		}
		key := name
		if kind == "time" {
			key = "time:" + name
		}
		errs = append(errs, l.add(key, list))
	}
	return errors.Join(errs...)
}

// numbered adds lists that stand in order, from one.
func (l *language) numbered(kind string, n int, lists [][]string) error {
	if len(lists) != n {
		return fmt.Errorf("there are %d lists of %s, want %d", len(lists), kind, n)
	}
	var errs []error
	for i, list := range lists {
		errs = append(errs, l.add(fmt.Sprintf("%s:%d", kind, i+1), list))
	}
	return errors.Join(errs...)
}

// named adds lists by their names.
func (l *language) named(kind string, lists map[string][]string, keys *[]string) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		*keys = append(*keys, kind+":"+name)
		errs = append(errs, l.add(kind+":"+name, lists[name]))
	}
	return errors.Join(errs...)
}

// add makes the group of a key. Forms that begin with an exclamation mark hide what else they seem to say.
func (l *language) add(key string, forms []string) error {
	var all, hide []string
	for _, f := range forms {
		bare, hides := strings.CutPrefix(f, "!")
		all = append(all, bare)
		for _, w := range phrase.Split(bare).Tokens {
			if !unspaced(w) {
				l.within[w] = true
			}
		}
		for _, c := range bare {
			if c >= utf8.RuneSelf {
				l.characters[c] = true
			}
		}
		if hides {
			hide = append(hide, bare)
		}
	}
	if err := l.group(l.groups, key, all); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return l.group(l.hiding, key, hide)
}

// group makes a group in both indexes, which number their groups alike: what is one list without marks is one with them.
func (l *language) group(of map[string]int, key string, forms []string) (err error) {
	if len(forms) == 0 {
		return nil
	}
	if of[key], err = l.index.Group(forms); err == nil && l.marked != nil {
		_, err = l.marked.Group(forms)
	}
	return err
}
