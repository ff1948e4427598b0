package optout

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v4"

	"landfall/internal/phrase"
)

//go:embed words/*.yaml
var shipped embed.FS

// file is what is written about one language. A pattern is a line of parts: a word, words of which one must stand there
// (a/b), or a group (<name>); a star at the end of a word stands for any ending, and two dots for a few words more.
type file struct {
	// Gap is how many words two dots may stand for; of characters where words have no spaces between them.
	Gap int `yaml:"gap"`
	// ObjectFirst is set where a sentence names its object before its verb: advertising is then looked for there too.
	ObjectFirst bool `yaml:"object_first"`

	Stop    []string `yaml:"stop"`     // whole messages that mean stop, courtesies around them allowed
	StopAll []string `yaml:"stop_all"` // the same, for every channel
	Bare    []string `yaml:"bare"`     // whole messages that mean stop only when nothing stands beside them
	Start   []string `yaml:"start"`    // whole messages that take a stop back; a grant, so none that may answer a question
	Polite  []string `yaml:"polite"`   // what may stand beside a word of Stop

	// Needs lists letters without which a message is not of this language, where another shares the rest.
	Needs []string `yaml:"needs"`

	Groups map[string][]string `yaml:"groups"`
	// Message and Advert are groups of every language: what is sent, and advertising. A pattern with <message> in it is
	// tried with <advert> too, and then speaks of advertising only.
	Message []string `yaml:"message"`
	Advert  []string `yaml:"advert"`
	And     []string `yaml:"and"`   // "messages and offers" are more than advertising
	Goods   []string `yaml:"goods"` // what a parcel, its way or an order is called

	Wishes     []string `yaml:"wishes"`     // patterns that clearly ask for an end of messages
	Weak       []string `yaml:"weak"`       // patterns that do unless the message has a word of Goods
	Not        []string `yaml:"not"`        // patterns that take back the wishes of their sentence
	Keep       []string `yaml:"keep"`       // patterns that take back those of the whole message
	Everything []string `yaml:"everything"` // patterns that extend a wish to every channel
}

// defaultGap is the gap of a language whose file names none.
const defaultGap = 4

func (l *lexicon) load() error {
	files, err := fs.Glob(shipped, "words/*.yaml")
	if err != nil {
		return err
	}
	for _, name := range files {
		f, err := open(name)
		if err == nil {
			err = l.learn(f)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path.Base(name), err)
		}
	}
	return nil
}

func open(name string) (file, error) {
	f := file{Gap: defaultGap}
	source, err := shipped.ReadFile(name)
	if err != nil {
		return f, err
	}
	return f, yaml.Load(source, &f, yaml.WithKnownFields())
}

// learn adds a language.
func (l *lexicon) learn(f file) error {
	l.learnKeywords(f)
	c := compiler{index: l.index, groups: map[string]int{}}
	c.name("message", f.Message)
	c.name("advert", f.Advert)
	for name, phrases := range f.Groups {
		c.name(name, phrases)
	}
	one := language{gap: f.Gap, polite: c.list(f.Polite), objectFirst: f.ObjectFirst, needs: len(f.Needs) > 0, own: c.list(f.Needs), advert: c.groups["advert"], goods: c.list(f.Goods), and: c.list(f.And),
		wishes: c.patterns(f.Wishes), weak: c.patterns(f.Weak), not: c.patterns(f.Not), keeping: c.patterns(f.Keep),
		everything: c.patterns(f.Everything)}
	l.languages = append(l.languages, one)
	return errors.Join(c.errs...)
}

// learnKeywords adds whole messages. Where languages disagree about one, stop goes before start.
func (l *lexicon) learnKeywords(f file) {
	for _, kind := range []struct {
		words []string
		means keyword
	}{{f.Stop, keyword{act: Stop}}, {f.StopAll, keyword{act: Stop, all: true}}, {f.Bare, keyword{act: Stop, bare: true}}, {f.Start, keyword{act: Start}}} {
		for _, w := range kind.words {
			key := strings.Join(phrase.Split(w).Tokens, " ")
			if known, ok := l.keywords[key]; !ok || known.act == Start || known.bare && !kind.means.bare {
				l.keywords[key] = kind.means
			}
		}
	}
}

// compiler turns the lines of a file into patterns.
type compiler struct {
	index  *phrase.Index
	groups map[string]int
	errs   []error
}

func (c *compiler) name(name string, phrases []string) { c.groups[name] = c.list(phrases) }

// list makes a group of phrases.
func (c *compiler) list(phrases []string) int {
	g, err := c.index.Group(phrases)
	if err != nil {
		c.errs = append(c.errs, err)
	}
	return g
}

func (c *compiler) patterns(lines []string) []pattern {
	var all []pattern
	for _, line := range lines {
		all = append(all, c.pattern(line))
		if strings.Contains(line, "<message>") {
			twin := c.pattern(strings.ReplaceAll(line, "<message>", "<advert>"))
			twin.advert = true
			all = append(all, twin)
		}
	}
	return all
}

func (c *compiler) pattern(line string) pattern {
	var p pattern
	gap := false
	for field := range strings.FieldsSeq(line) {
		if field == ".." {
			gap = true
			continue
		}
		p.parts = append(p.parts, part{group: c.part(field), gap: gap, noun: field == "<message>" || field == "<advert>"})
		gap = false
	}
	if len(p.parts) == 0 || gap {
		c.errs = append(c.errs, fmt.Errorf("pattern %q must begin and end with words", line))
	}
	return p
}

// part is a group by its name, or a group of the words given.
func (c *compiler) part(field string) int {
	name, ok := strings.CutPrefix(field, "<")
	if !ok {
		return c.list(strings.Split(field, "/"))
	}
	g, ok := c.groups[strings.TrimSuffix(name, ">")]
	if !ok {
		c.errs = append(c.errs, fmt.Errorf("there is no group %s", field))
	}
	return g
}
