package cli

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/locales"
	"landfall/rules"
)

// ownWords tells a merchant's words from the shipped ones. A merchant who adds a notice writes it in the languages of its
// customers, not in all those Landfall knows; and a key that nothing asks for is a misspelt one.
type ownWords struct {
	folder       string // of the words, below the merchant's
	shipped, all *locales.Catalog
	said         map[string]bool // what the merchant's rules say
	needed       map[string]bool // the locales a new notice must be written in
}

func newOwnWords(m *config.Merchant, market string) (ownWords, error) {
	shipped, err := locales.New()
	if err != nil {
		return ownWords{}, err
	}
	all, err := app.Catalog(m, market)
	if err != nil {
		return ownWords{}, err
	}
	o := ownWords{folder: path.Join("locales", market), shipped: shipped, all: all, said: map[string]bool{}, needed: map[string]bool{locales.Root: true}}
	for code, market := range m.Markets {
		if ownMarket(market) || code == m.DefaultMarket {
			locale, _ := all.Resolve(market.Locale)
			o.needed[locale] = true
		}
		for _, r := range market.Rules {
			o.said[string(r.Say)] = true
		}
	}
	return o, nil
}

// ownMarket reports whether a merchant has written something about a market.
func ownMarket(m *rules.Market) bool {
	return slices.ContainsFunc(m.Files, func(file string) bool { return !strings.HasPrefix(file, "pack/") })
}

// stranger reports whether a key of a locale is neither shipped nor part of a notice that a rule says.
func (o ownWords) stranger(locale, key string) bool {
	if o.shipped.Has(locales.Root, key) || o.shipped.Has(locale, key) {
		return false
	}
	return !o.said[notice(key)]
}

// inherited reports whether a region's catalog has a key from that of its language, where it was written.
func (o ownWords) inherited(locale, key string) bool {
	return slices.ContainsFunc(o.all.Chain(locale)[1:], func(l string) bool { return !locales.Foreign(locale, l) && o.all.Has(l, key) })
}

// notice is the notice a key is part of; empty when it is part of none.
func notice(key string) string {
	rest, ok := strings.CutPrefix(key, "notice.")
	name, _, _ := strings.Cut(rest, ".")
	if !ok {
		return ""
	}
	return name
}

// untold lists the locales in which a new notice is not written and need not be, each with how many of its keys it lacks.
func (o ownWords) untold() map[string][]string {
	out := map[string][]string{}
	for _, locale := range o.all.Locales() {
		for _, key := range o.all.Keys(locales.Root) {
			if !o.needed[locale] && !o.all.Has(locale, key) && !o.shipped.Has(locales.Root, key) && o.said[notice(key)] {
				out[locale] = append(out[locale], key)
			}
		}
	}
	return out
}

// own notes what is wrong with a merchant's words: what the templates found, without what a merchant may leave out, and
// keys that nothing asks for.
func (f *findings) own(o ownWords, found []error) {
	excused := map[string]bool{}
	lacking := map[string][]string{} // notice -> locales
	for locale, keys := range o.untold() {
		for _, key := range keys {
			excused[fmt.Sprintf("%s.yaml: %q is missing", locale, key)] = true
			if n := notice(key); !slices.Contains(lacking[n], locale) {
				lacking[n] = append(lacking[n], locale)
			}
		}
	}
	misspelt := f.strangers(o)
	f.once(slices.DeleteFunc(found, func(err error) bool {
		return excused[err.Error()] || slices.ContainsFunc(misspelt, func(key string) bool { return about(err, key) })
	}))
	for _, n := range slices.Sorted(maps.Keys(lacking)) {
		slices.Sort(lacking[n])
		f.remark(fmt.Sprintf("%s%s: %q is not written in %s; customers who read those get another language", f.at, o.folder, n, strings.Join(lacking[n], ", ")))
	}
}

// about reports whether an error is about a key, or another part of its notice.
func about(err error, key string) bool {
	if n := notice(key); n != "" {
		return strings.Contains(err.Error(), `"notice.`+n+`.`) || strings.HasPrefix(err.Error(), n+" for ")
	}
	return strings.Contains(err.Error(), fmt.Sprintf("%q", key))
}

// strangers notes each key that nothing asks for, and returns them.
func (f *findings) strangers(o ownWords) (keys []string) {
	for _, locale := range o.all.Locales() {
		for _, key := range o.all.Keys(locale) {
			if !o.stranger(locale, key) || o.inherited(locale, key) {
				continue
			}
			keys = append(keys, key)
			f.problem(fmt.Errorf("%s%s/%s.yaml: %s", f.at, o.folder, locale, o.instead(key)))
		}
	}
	return keys
}

// instead is a sentence about a stranger: the word that was meant, or what else to do. Of a notice it is the same for each
// of its keys.
func (o ownWords) instead(key string) string {
	if n := notice(key); n != "" {
		return fmt.Sprintf("no rule says %q and no shipped catalog has it; %s", n, meant(n, o.notices(), "write a rule that says it, or remove it"))
	}
	group, _, _ := strings.Cut(key, ".")
	return fmt.Sprintf("%q is in no shipped catalog; %s", key, meant(key, o.group(group), "remove it"))
}

// meant is the one of known that word comes close to, as a question, or else otherwise.
func meant(word string, known []string, otherwise string) string {
	if s := config.Instead(word, known); strings.HasPrefix(s, "did you mean") {
		return s
	}
	return otherwise
}

// group lists the shipped keys that begin alike.
func (o ownWords) group(name string) (keys []string) {
	for _, k := range o.shipped.Keys(locales.Root) {
		if strings.HasPrefix(k, name+".") {
			keys = append(keys, k)
		}
	}
	return keys
}

// notices lists what may stand after "notice.": the shipped ones and those that rules say.
func (o ownWords) notices() []string {
	names := slices.Collect(maps.Keys(o.said))
	for _, k := range o.group("notice") {
		names = append(names, notice(k))
	}
	slices.Sort(names)
	return slices.Compact(names)
}
