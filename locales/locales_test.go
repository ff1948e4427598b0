package locales_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"landfall/locales"
)

func catalog(t *testing.T, overrides ...fstest.MapFS) *locales.Catalog {
	t.Helper()
	c, err := locales.New(layers(overrides)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLocales(t *testing.T) {
	t.Parallel()
	want := []string{"ar", "cs", "da", "de", "el", "en", "en-US", "es", "es-419", "fi", "fil", "fr", "he", "hi", "id", "it", "ja", "ko", "ms", "nb",
		"nl", "pl", "pt-BR", "pt-PT", "ro", "ru", "sr-Latn", "sv", "th", "tr", "uk", "vi", "zh-Hans", "zh-Hant", "zh-Hant-HK"}
	if diff := cmp.Diff(want, catalog(t).Locales()); diff != "" {
		t.Error(diff)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	tests := []struct {
		asked, want string
		fallback    bool
	}{
		{"de", "de", false},
		{"de-AT", "de", false},
		{"de_CH", "de", false},
		{"en-GB", "en", false},
		{"en-US", "en-US", false},
		{"en-AU", "en", false},
		{"en-IN", "en", false},
		{"fr-CA", "fr", false},
		{"pt", "pt-BR", false},
		{"pt-PT", "pt-PT", false},
		{"pt-AO", "pt-PT", false},
		{"es-MX", "es-419", false},
		{"es-ES", "es", false},
		{"nn-NO", "nb", true},
		{"iw", "he", false},
		{"tl", "fil", false},
		{"sr-ME", "sr-Latn", false},
		{"sr", "sr-Latn", true},
		{"zh", "zh-Hans", false},
		{"zh-CN", "zh-Hans", false},
		{"zh-SG", "zh-Hans", false},
		{"zh-TW", "zh-Hant", false},
		{"zh-HK", "zh-Hant-HK", false},
		{"zh-MO", "zh-Hant-HK", false},
		{"uk", "uk", false},
		{"ms", "ms", false},
		{"ca", "en", true},
		{"sr-Latn", "sr-Latn", false},
		{"in", "id", false},
		{"eo", "en", true},
		{"", "en", true},
		{"no locale at all", "en", true},
	}
	for _, tt := range tests {
		got, fallback := c.Resolve(tt.asked)
		if got != tt.want || fallback != tt.fallback {
			t.Errorf("Resolve(%q) = %q, %v, want %q, %v", tt.asked, got, fallback, tt.want, tt.fallback)
		}
	}
}

// A near language never stands in for another, neither shipped nor added by a merchant.
func TestChain_DeniedPairs(t *testing.T) {
	t.Parallel()
	c := catalog(t, fstest.MapFS{"sr.yaml": {Data: []byte("greeting: x\n")}, "ca.yaml": {Data: []byte("greeting: x\n")}})
	for asked, denied := range map[string][]string{
		"uk": {"ru"}, "uk-UA": {"ru"}, "ms-MY": {"id"}, "id": {"ms"}, "ca-ES": {"es"},
		"sr-Latn-RS": {"sr", "sr-Cyrl"}, "zh-HK": {"zh", "zh-CN", "zh-Hans"}, "zh-TW": {"zh", "zh-CN", "zh-Hans"}, "zh-CN": {"zh-Hant", "zh-TW"},
	} {
		chain := c.Chain(asked)
		for _, l := range denied {
			if slices.Contains(chain, l) {
				t.Errorf("%s may be written to in %s: %v", asked, l, chain)
			}
		}
		if chain[len(chain)-1] != locales.Root {
			t.Errorf("%s ends at %v", asked, chain)
		}
	}
	if got, _ := c.Resolve("sr-RS"); got != "sr" {
		t.Errorf("a merchant's Cyrillic words are not used for sr-RS, but %s", got)
	}
}

// A region's catalog holds what differs there; the rest is its language's, and a merchant's change to that reaches it too.
func TestCatalog_RegionsInherit(t *testing.T) {
	t.Parallel()
	c := catalog(t, fstest.MapFS{"es.yaml": {Data: []byte("label: {track: Ver paquete}\n")}, "de-AT.yaml": {Data: []byte("label: {order: Bestellnummer}\n")}})
	for _, tt := range []struct{ locale, key, want string }{
		{"es-419", "label.track", "Ver paquete"},
		{"es-419", "stage.pickup", "Listo para retirar"},
		{"es", "stage.pickup", "Listo para recoger"},
		{"de-AT", "label.order", "Bestellnummer"},
		{"de-AT", "label.track", "Sendung verfolgen"},
		{"zh-Hant-HK", "kind.lost", "遺失"},
	} {
		if got, err := c.Text(tt.locale, tt.key, nil); err != nil || got != tt.want || !c.Has(tt.locale, tt.key) {
			t.Errorf("%s %s: %q %v, want %q", tt.locale, tt.key, got, err, tt.want)
		}
	}
	if c.Has("pt-PT", "label.nothing") || len(c.Keys("pt-PT")) != len(c.Keys("pt-BR")) {
		t.Error("Portuguese of Portugal is not whole")
	}
}

func TestText_Plurals(t *testing.T) {
	t.Parallel()
	c := catalog(t, fstest.MapFS{"pl.yaml": {Data: []byte(
		"n: {one: '{{.Count}} rzecz', few: '{{.Count}} rzeczy', many: '{{.Count}} sztuk', other: '{{.Count}} rzeczy.'}\n")}})
	tests := []struct {
		locale, key string
		count       int
		want        string
	}{
		{"en", "phrase.items", 1, "Coat and 1 more item"},
		{"en", "phrase.items", 2, "Coat and 2 more items"},
		{"de", "phrase.items", 1, "Coat und 1 weiterer Artikel"},
		{"de", "phrase.items", 5, "Coat und 5 weitere Artikel"},
		{"fr", "phrase.items", 1, "Coat et 1 autre article"},
		{"fr", "phrase.items", 1_000_000, "Coat et 1000000 autres articles"},
		{"pt-BR", "phrase.items", 3, "Coat e mais 3 itens"},
		{"ja", "phrase.items", 1, "Coat 他1点"},
		{"th", "phrase.items", 2, "Coat และอีก 2 รายการ"},
		{"pl", "n", 1, "1 rzecz"}, {"pl", "n", 2, "2 rzeczy"}, {"pl", "n", 5, "5 sztuk"},
		{"pl", "n", 12, "12 sztuk"}, {"pl", "n", 22, "22 rzeczy"},
	}
	for _, tt := range tests {
		got, err := c.Text(tt.locale, tt.key, map[string]any{"First": "Coat", "Count": tt.count})
		if err != nil || got != tt.want {
			t.Errorf("Text(%s, %s, %d) = %q, %v, want %q", tt.locale, tt.key, tt.count, got, err, tt.want)
		}
	}
}

// The plural categories of CLDR 48 for whole numbers, in every language there are words in.
func TestPlurals(t *testing.T) {
	t.Parallel()
	const all = "n: {zero: zero, one: one, two: two, few: few, many: many, other: other}\n"
	tests := map[string]map[int]string{
		"ja ko th vi id ms zh-Hans zh-Hant": {0: "other", 1: "other", 5: "other"},
		"en de nl sv da nb fi el tr":        {0: "other", 1: "one", 2: "other", 1_000_000: "other"},
		"hi":                                {0: "one", 1: "one", 2: "other"},
		"fr pt-BR":                          {0: "one", 1: "one", 2: "other", 1_000_000: "many"},
		"it es es-419 pt-PT":                {0: "other", 1: "one", 2: "other", 1_000_000: "many"},
		"ro":                                {0: "few", 1: "one", 2: "few", 19: "few", 20: "other"},
		"sr-Latn":                           {1: "one", 2: "few", 5: "other", 21: "one", 22: "few"},
		"pl":                                {1: "one", 2: "few", 5: "many", 12: "many", 21: "many", 22: "few"},
		"ru uk":                             {1: "one", 11: "many", 21: "one", 22: "few", 25: "many"},
		"cs":                                {1: "one", 2: "few", 5: "other"},
		"he":                                {0: "other", 1: "one", 2: "two", 3: "other", 20: "other"},
		"ar":                                {0: "zero", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 99: "many", 100: "other", 102: "other", 103: "few"},
	}
	for names, want := range tests {
		for _, locale := range strings.Fields(names) {
			c := catalog(t, fstest.MapFS{locale + ".yaml": {Data: []byte(all)}})
			for n, category := range want {
				if got, err := c.Text(locale, "n", map[string]any{"Count": n}); err != nil || got != category {
					t.Errorf("%s %d: %q, %v, want %s", locale, n, got, err, category)
				}
			}
		}
	}
}

func TestText_Errors(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	if _, err := c.Text("de", "nothing.here", nil); !errors.Is(err, locales.ErrNoText) {
		t.Errorf("missing key: %v, want ErrNoText", err)
	}
	c = catalog(t, fstest.MapFS{"de.yaml": {Data: []byte("phrase:\n  order: '{{.Bestellung}}'\n  number: '{{len 5}}'\n")}})
	_, err := c.Text("de", "phrase.order", map[string]any{"Order": "A1", "Brand": "Acme"})
	want := &locales.VariableError{Place: "de.yaml:2:3", Key: "phrase.order", Variable: "Bestellung", Known: []string{"Brand", "Order"}}
	if got, _ := errors.AsType[*locales.VariableError](err); cmp.Diff(want, got) != "" {
		t.Errorf("missing variable: %v, want %v", err, want)
	}
	if _, err := c.Text("de", "phrase.number", nil); err == nil || !strings.HasPrefix(err.Error(), `de.yaml:3:3: "phrase.number" cannot be filled: `) {
		t.Errorf("broken message: %v, want its place and key", err)
	}
}

func TestVariableError(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]locales.VariableError{
		`de.yaml:2:3: "a" asks for {{.B}}; it may use {{.C}}, {{.D}}`: {Place: "de.yaml:2:3", Key: "a", Variable: "B", Known: []string{"C", "D"}},
		`de.yaml:2:3: "a" asks for {{.B}}; it has no variables`:       {Place: "de.yaml:2:3", Key: "a", Variable: "B"},
	} {
		if e.Error() != want {
			t.Errorf("%s, want %s", e.Error(), want)
		}
	}
}

// A merchant's de.yaml and the shipped one are told apart by the name the merchant's folder was given.
func TestNamed(t *testing.T) {
	t.Parallel()
	const unread, strange = "a: [\n", "phrase:\n  order: '{{.Nummer}}'\n"
	layer := func(file, source string) fs.FS {
		return locales.Named("acme/locales", fstest.MapFS{file: {Data: []byte(source)}})
	}
	_, err := locales.New(layer("de.yaml", unread))
	if err == nil || !strings.HasPrefix(err.Error(), "acme/locales/de.yaml:") {
		t.Errorf("broken file: %v", err)
	}
	if _, err := locales.New(layer("German.yaml", "")); err == nil || !strings.HasPrefix(err.Error(), "acme/locales/German.yaml: ") {
		t.Errorf("no locale: %v", err)
	}
	c, err := locales.New(layer("de.yaml", strange))
	if err != nil {
		t.Fatal(err)
	}
	if got := errors.Join(c.Check()...); got == nil || !strings.HasPrefix(got.Error(), "acme/locales/de.yaml:2:3: ") {
		t.Errorf("strange variable: %v", got)
	}
}

// A merchant who says something else in the root language does not make the shipped translations wrong.
func TestCheck_ForgivesTranslationsOfWhatWasReplaced(t *testing.T) {
	t.Parallel()
	c := catalog(t, fstest.MapFS{
		"en.yaml": {Data: []byte("notice: {shipped: {sms: '{{.Brand}}: shipped'}}\n")},
		"de.yaml": {Data: []byte("notice: {shipped: {sms: '{{.Brand}}: {{.Item}}'}}\n")},
	})
	if err := errors.Join(c.Check()...); err != nil {
		t.Error(err)
	}
}

func TestNew_Overrides(t *testing.T) {
	t.Parallel()
	c := catalog(t,
		fstest.MapFS{"de.yaml": {Data: []byte("label: {track: Zum Paket}\n")}},
		fstest.MapFS{"eo.yaml": {Data: []byte("label: {track: Sekvi}\n")}})
	tests := []struct{ locale, key, want string }{
		{"de", "label.track", "Zum Paket"},
		{"de", "label.order", "Bestellung"},
		{"eo-001", "label.track", "Sekvi"},
		{"eo", "label.order", "Order"},
	}
	for _, tt := range tests {
		if got, err := c.Text(tt.locale, tt.key, nil); err != nil || got != tt.want {
			t.Errorf("Text(%s, %s) = %q, %v, want %q", tt.locale, tt.key, got, err, tt.want)
		}
	}
	if c.Has("eo", "label.order") || !c.Has("eo", "label.track") {
		t.Error("Has must speak of the locale itself")
	}
}

func TestNew_Mistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, source, want string }{
		{"yaml", "de.yaml", "a: b\nc: [\n", "de.yaml:"},
		{"template", "de.yaml", "a:\n  b: 'Hallo {{.Name'\n", "de.yaml:2:3"},
		{"empty", "de.yaml", "a: ''\n", "de.yaml:1:1"},
		{"list", "de.yaml", "a:\n  - b\n", "de.yaml:2:3"},
		{"plural form", "de.yaml", "a:\n  other: x\n  several: y\n", "de.yaml:3:3"},
		{"two documents", "de.yaml", "a: b\n---\nc: d\n", "one document"},
		{"file name", "German.yaml", "a: b\n", "German.yaml"},
	}
	for _, tt := range tests {
		_, err := locales.New(fstest.MapFS{tt.file: {Data: []byte(tt.source)}})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

func TestNew_EmptyOverride(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"", "# nothing yet\n", "---\n"} {
		if _, err := locales.New(fstest.MapFS{"de.yaml": {Data: []byte(source)}}); err != nil {
			t.Errorf("%q: %v", source, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, err := range catalog(t).Check() {
		t.Error(err)
	}
}

func TestCheck_Tells(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, source, want string }{
		{"missing key", "eo.yaml", "label: {track: Sekvi}\n", `eo.yaml: "label.order" is missing`},
		{"missing plural", "fr.yaml", "phrase:\n  items: {one: a, other: b}\n", "fr.yaml:2:3"},
		{"strange variable", "de.yaml", "phrase:\n  order: Bestellung {{.Nummer}}\n", "{{.Nummer}}"},
		{"hidden variable", "de.yaml", "phrase:\n  order: '{{if .Nummer}}x{{else}}y{{end}}'\n", "{{.Nummer}}"},
	}
	for _, tt := range tests {
		c := catalog(t, fstest.MapFS{tt.file: {Data: []byte(tt.source)}})
		if got := errors.Join(c.Check()...); got == nil || !strings.Contains(got.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, got, tt.want)
		}
	}
}
