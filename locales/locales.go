// Package locales knows languages: the catalogs of words, which language stands in for which, plural forms, and how
// a language writes dates, times, money and lists. templates, the chat and the pages take their words from here.
//
// It does not know parcels, people or channels, does not choose anybody's language, and reads no clock: times are
// given in the reader's zone. Words come out as plain text; whoever puts them into HTML escapes them.
package locales

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed catalogs/*.yaml catalogs/informal/*.yaml
var shipped embed.FS

// Informal returns words for readers who are addressed informally, as du, tu or ty: an override for New, of the messages that
// differ, in the languages where shops do so. In others nothing changes.
func Informal() fs.FS {
	layer, err := fs.Sub(shipped, "catalogs/informal")
	if err != nil {
		panic(err) // the name is no path, which the compiler has seen otherwise
	}
	return layer
}

// ErrNoText is returned by Text for a key that neither the locale nor any of its fallbacks has.
var ErrNoText = errors.New("no such text")

// Catalog holds the words of every locale. It never changes once made and is safe for concurrent use.
type Catalog struct {
	locales  map[string]*words
	own      []string // the locales that overrides have words for
	original *words   // the shipped words of Root, whatever was laid over them
}

// words are the messages of one locale. Most programs write in few of the languages there are, so both are read when first asked for.
type words struct {
	messages func() map[string]entry
	plural   func() counter
}

// New returns the catalogs Landfall ships, with those of the overrides laid over them key by key, the later ones
// on top. An override holds files such as de.yaml in its root; a locale nobody has shipped may be added that way.
// The error names file, line and column of every mistake that keeps a file from being read; Named says under which
// name.
func New(overrides ...fs.FS) (*Catalog, error) {
	laid := map[string]map[string]entry{}
	for _, layer := range overrides {
		if err := merge(laid, layer); err != nil {
			return nil, err
		}
	}
	own := original()
	c := &Catalog{locales: map[string]*words{}, own: slices.Sorted(maps.Keys(laid)), original: own[Root]}
	for locale, w := range own {
		c.locales[locale] = c.over(locale, w.messages, laid[locale])
	}
	for locale, messages := range laid {
		if c.locales[locale] == nil {
			c.locales[locale] = c.over(locale, func() map[string]entry { return nil }, messages)
		}
	}
	return c, nil
}

// original are the shipped catalogs: they are part of the program, and nobody changes them.
var original = sync.OnceValue(func() map[string]*words {
	own := map[string]*words{}
	for _, locale := range Shipped() {
		own[locale] = &words{messages: sync.OnceValue(func() map[string]entry {
			messages := map[string]entry{}
			if err := mergeFile(messages, shipped, "catalogs/"+locale+".yaml"); err != nil {
				panic(err) // the program was built with a mistake in it; a test reads all of them
			}
			return messages
		})}
	}
	return own
})

// Shipped lists the locales that Landfall ships words for, sorted.
func Shipped() []string {
	files, err := fs.Glob(shipped, "catalogs/*.yaml")
	if err != nil {
		panic(err) // the pattern is one
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// over is a locale of the catalog: shipped words, others laid over them, and what it inherits.
func (c *Catalog) over(locale string, own func() map[string]entry, laid map[string]entry) *words {
	return &words{plural: sync.OnceValue(func() counter { return newCounter(locale) }), messages: sync.OnceValue(func() map[string]entry {
		messages := map[string]entry{}
		maps.Copy(messages, own())
		maps.Copy(messages, laid)
		c.inherit(locale, messages)
		return messages
	})}
}

// inherit completes a catalog that only says where a region differs, such as es-419, by the words of its language. Words
// that would be a fallback for the reader are left to the chain.
func (c *Catalog) inherit(locale string, messages map[string]entry) {
	for _, l := range chain(locale)[1:] {
		above := c.locales[l]
		if above == nil || Foreign(locale, l) {
			continue
		}
		for key, m := range above.messages() {
			if _, ok := messages[key]; !ok {
				messages[key] = m
			}
		}
	}
}

// Written lists the locales whose words are not all shipped ones, and Root, sorted.
func (c *Catalog) Written() []string {
	return slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(c.own), Root))))
}

// Locales lists the locales there are words for, sorted.
func (c *Catalog) Locales() []string { return slices.Sorted(maps.Keys(c.locales)) }

// Has reports whether the locale itself, not one of its fallbacks, has the key.
func (c *Catalog) Has(locale, key string) bool {
	w := c.locales[locale]
	return w != nil && w.has(key)
}

func (w *words) has(key string) bool {
	_, ok := w.messages()[key]
	return ok
}

// Keys lists the keys of the locale itself, sorted; nil for a locale there are no words for.
func (c *Catalog) Keys(locale string) []string {
	w := c.locales[locale]
	if w == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(w.messages()))
}

// Forms returns the message of a key of the locale itself as it is written, one text for each plural form, in CLDR's order;
// nil when it has none.
func (c *Catalog) Forms(locale, key string) []string {
	w := c.locales[locale]
	if w == nil {
		return nil
	}
	var forms []string
	for _, category := range categories {
		if f, ok := w.messages()[key].forms[category]; ok {
			forms = append(forms, f.source)
		}
	}
	return forms
}

// Text returns the message of a key with the data filled in, from the first locale of the chain that has it.
// data["Count"], an int, chooses the plural form. The error is ErrNoText when nobody has the key, and a VariableError
// when the message asks for a variable that data does not hold.
func (c *Catalog) Text(locale, key string, data map[string]any) (string, error) {
	if c.Has(locale, key) {
		return c.locales[locale].text(key, data)
	}
	for _, l := range c.Chain(locale) {
		if c.Has(l, key) {
			return c.locales[l].text(key, data)
		}
	}
	return "", fmt.Errorf("find %q in %s: %w", key, locale, ErrNoText)
}

func (w *words) text(key string, data map[string]any) (string, error) {
	m := w.messages()[key]
	category := "other"
	if n, ok := data["Count"].(int); ok && len(m.forms) > 1 {
		category = w.plural().category(n)
	}
	// Check tells the author of a plural form the catalog lacks; the reader gets the words of "other".
	f, ok := m.forms[category]
	if !ok {
		f = m.forms["other"]
	}
	text, err := f.fill(data)
	if err != nil {
		return "", m.fault(key, data, err)
	}
	return text, nil
}

// fault says what is wrong with a message that could not be filled: nearly always a variable nobody gives it.
func (m entry) fault(key string, data map[string]any, err error) error {
	for _, v := range m.variables() {
		if _, ok := data[v]; !ok {
			return &VariableError{Place: m.place, Key: key, Variable: v, Known: slices.Sorted(maps.Keys(data))}
		}
	}
	return m.at("%q cannot be filled: %w", key, err)
}
