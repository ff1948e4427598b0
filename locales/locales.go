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
	"slices"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

//go:embed catalogs/*.yaml
var shipped embed.FS

// ErrNoText is returned by Text for a key that neither the locale nor any of its fallbacks has.
var ErrNoText = errors.New("no such text")

// Catalog holds the words of every locale. It never changes once made and is safe for concurrent use.
type Catalog struct {
	locales  map[string]*words
	original map[string]phrase // the shipped messages of Root, whatever was laid over them
}

// words are the messages of one locale. A bundle of its own for each locale keeps go-i18n's matcher from choosing
// another language silently: the fallback chain is ours alone.
type words struct {
	messages  map[string]phrase
	localizer *i18n.Localizer
}

// parser makes a variable that is not given an error, where text/template would print "<no value>".
var parser = &template.TextParser{Option: "missingkey=error"}

// New returns the catalogs Landfall ships, with those of the overrides laid over them key by key, the later ones
// on top. An override holds files such as de.yaml in its root; a locale nobody has shipped may be added that way.
// The error names file, line and column of every mistake that keeps a file from being read; Named says under which
// name.
func New(overrides ...fs.FS) (*Catalog, error) {
	base, err := fs.Sub(shipped, "catalogs")
	if err != nil {
		return nil, fmt.Errorf("open shipped catalogs: %w", err)
	}
	c := &Catalog{locales: map[string]*words{}}
	if err := c.merge(base); err != nil {
		return nil, err
	}
	c.original = maps.Clone(c.locales[Root].messages)
	for _, layer := range overrides {
		if err := c.merge(layer); err != nil {
			return nil, err
		}
	}
	for _, locale := range c.Locales() {
		c.inherit(locale)
	}
	for locale, w := range c.locales {
		if w.localizer, err = newLocalizer(locale, w.messages); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// inherit completes a catalog that only says where a region differs, such as es-419, by the words of its language. Words
// that would be a fallback for the reader are left to the chain.
func (c *Catalog) inherit(locale string) {
	w := c.locales[locale]
	for _, l := range chain(locale)[1:] {
		above := c.locales[l]
		if above == nil || Foreign(locale, l) {
			continue
		}
		for key, m := range above.messages {
			if !w.has(key) {
				w.messages[key] = m
			}
		}
	}
}

// Locales lists the locales there are words for, sorted.
func (c *Catalog) Locales() []string { return slices.Sorted(maps.Keys(c.locales)) }

// Has reports whether the locale itself, not one of its fallbacks, has the key.
func (c *Catalog) Has(locale, key string) bool {
	w := c.locales[locale]
	return w != nil && w.has(key)
}

func (w *words) has(key string) bool {
	_, ok := w.messages[key]
	return ok
}

// Keys lists the keys of the locale itself, sorted; nil for a locale there are no words for.
func (c *Catalog) Keys(locale string) []string {
	w := c.locales[locale]
	if w == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(w.messages))
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
		if text, ok := w.messages[key].forms[category]; ok {
			forms = append(forms, text)
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
	config := i18n.LocalizeConfig{MessageID: key, TemplateData: data, TemplateParser: parser}
	if n, ok := data["Count"]; ok {
		config.PluralCount = n
	}
	text, err := w.localizer.Localize(&config)
	// A plural form the catalog lacks comes with an error and the words of "other". Check tells the author;
	// the reader gets the words.
	if err != nil && text == "" {
		return "", w.messages[key].fault(key, data, err)
	}
	return text, nil
}

// fault says what is wrong with a message that could not be filled: nearly always a variable nobody gives it.
func (m phrase) fault(key string, data map[string]any, err error) error {
	for _, v := range m.variables() {
		if _, ok := data[v]; !ok {
			return &VariableError{Place: m.place, Key: key, Variable: v, Known: slices.Sorted(maps.Keys(data))}
		}
	}
	return m.at("%q cannot be filled: %w", key, err)
}
