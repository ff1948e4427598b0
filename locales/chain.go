package locales

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Root is the language at the end of every chain.
const Root = "en"

// parents says which locale stands in for another where dropping the last part of the name would be wrong or go
// nowhere. What is not listed loses its last part, "de-AT" to "de", and ends at Root. The language matcher of
// x/text is not asked: it hands Ukrainians Russian, Malays Indonesian and Taiwan simplified characters.
var parents = map[string]string{
	"zh":      "zh-Hans",
	"zh-CN":   "zh-Hans",
	"zh-SG":   "zh-Hans",
	"zh-MY":   "zh-Hans",
	"zh-TW":   "zh-Hant",
	"zh-HK":   "zh-Hant-HK",
	"zh-MO":   "zh-Hant-HK",
	"zh-Hans": Root, // simplified and traditional never stand in for one another
	"zh-Hant": Root,

	"pt":    "pt-BR",
	"pt-BR": Root,
	"pt-AO": "pt-PT",
	"pt-CH": "pt-PT",
	"pt-MO": "pt-PT",
	"pt-MZ": "pt-PT",

	"es-AR": "es-419",
	"es-CL": "es-419",
	"es-CO": "es-419",
	"es-MX": "es-419",
	"es-PE": "es-419",
	"es-VE": "es-419",
	"es-UY": "es-419",
	"es-US": "es-419",
	"es-SV": "es-419",
	"es-PY": "es-419",
	"es-PR": "es-419",
	"es-PA": "es-419",
	"es-NI": "es-419",
	"es-HN": "es-419",
	"es-GT": "es-419",
	"es-EC": "es-419",
	"es-DO": "es-419",
	"es-CU": "es-419",
	"es-CR": "es-419",
	"es-BO": "es-419",
	"no":    "nb",
	"nn":    "nb",
	"nb":    Root,

	"sr":      "sr-Latn", // Serbs read both alphabets; the words we have are in this one
	"sr-ME":   "sr-Latn",
	"sr-Latn": Root, // never Cyrillic
	"uk":      Root, // never ru
	"ms":      Root, // never id
	"ca":      Root, // never es
}

// Chain lists the locales whose words may be used for one asked for, best first, whether or not there are words
// for them. It begins with the locale itself in its canonical form and ends with Root.
func (c *Catalog) Chain(locale string) []string {
	if c.locales[locale] == nil { // the name of a catalog is canonical
		locale = canonical(locale)
	}
	return chain(locale)
}

func chain(locale string) []string {
	links := []string{locale}
	for locale != Root {
		locale = parent(locale)
		links = append(links, locale)
	}
	return links
}

func parent(locale string) string {
	if p, ok := parents[locale]; ok {
		return p
	}
	if i := strings.LastIndexByte(locale, '-'); i > 0 {
		return locale[:i]
	}
	return Root
}

// canonical returns the BCP 47 form of a name without extensions, "zh_cn" as "zh-CN" and the old "in" as "id"; a name that
// is none becomes Root.
func canonical(locale string) string {
	locale, _, _ = strings.Cut(locale, "-u-")
	tag, err := language.Parse(locale)
	if err != nil || tag == language.Und {
		return Root
	}
	return tag.String()
}

// Resolve returns the locale whose words are used for one asked for. fallback is set when those are not words of
// the reader's own written language: German for Austria is none, English for the Dutch and Brazilian Portuguese
// for Portugal are.
func (c *Catalog) Resolve(locale string) (resolved string, fallback bool) {
	links := c.Chain(locale)
	i := slices.IndexFunc(links, func(l string) bool { return c.locales[l] != nil })
	return links[i], Foreign(locale, links[i])
}

// Foreign reports whether words of one locale are a fallback for a reader of another: another language, another
// script, or the standard of another region.
func Foreign(asked, words string) bool {
	if asked == words {
		return false
	}
	a, err := language.Parse(asked)
	if err != nil {
		return true
	}
	w := language.Make(words)
	aBase, _ := a.Base()
	wBase, _ := w.Base()
	aScript, _ := a.Script()
	wScript, _ := w.Script()
	if aBase != wBase || aScript != wScript {
		return true
	}
	aRegion, _ := a.Region()
	wRegion, certain := w.Region()
	return certain == language.Exact && aRegion != wRegion && !wRegion.Contains(aRegion) && parents[asked] != words
}
