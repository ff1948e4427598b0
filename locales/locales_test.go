package locales_test

import (
	"errors"
	"io/fs"
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
	want := []string{"de", "en", "fr", "id", "ja", "pt-BR", "th", "zh-Hans"}
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
		{"en-US", "en", false},
		{"fr-CA", "fr", false},
		{"pt", "pt-BR", false},
		{"pt-PT", "pt-BR", true},
		{"pt-AO", "pt-BR", true},
		{"zh", "zh-Hans", false},
		{"zh-CN", "zh-Hans", false},
		{"zh-SG", "zh-Hans", false},
		{"zh-TW", "en", true},
		{"zh-HK", "en", true},
		{"zh-Hant", "en", true},
		{"uk", "en", true},
		{"ms", "en", true},
		{"ca", "en", true},
		{"sr-Latn", "en", true},
		{"in", "id", false},
		{"nl", "en", true},
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

// The pairs stay denied although the merchant has words in the near language.
func TestResolve_DeniedPairs(t *testing.T) {
	t.Parallel()
	word := &fstest.MapFile{Data: []byte("greeting: x\n")}
	c := catalog(t, fstest.MapFS{"ru.yaml": word, "es.yaml": word, "sr.yaml": word, "zh-Hant.yaml": word, "pt-PT.yaml": word})
	tests := []struct{ asked, want string }{
		{"uk", "en"}, {"uk-UA", "en"}, {"ru-KZ", "ru"},
		{"ms-MY", "en"}, {"ca-ES", "en"}, {"es-MX", "es"},
		{"sr-Latn-RS", "en"}, {"sr-RS", "sr"},
		{"zh-HK", "zh-Hant"}, {"zh-TW", "zh-Hant"}, {"zh-CN", "zh-Hans"},
		{"pt-AO", "pt-PT"}, {"pt-BR", "pt-BR"},
	}
	for _, tt := range tests {
		if got, _ := c.Resolve(tt.asked); got != tt.want {
			t.Errorf("Resolve(%q) = %q, want %q", tt.asked, got, tt.want)
		}
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

// Forms of number of languages that a merchant may add words in.
func TestCases_SlavicRomance(t *testing.T) {
	t.Parallel()
	forms := &fstest.MapFile{Data: []byte("n: {one: one, few: few, many: many, other: other}\n")}
	romance := &fstest.MapFile{Data: []byte("n: {one: one, many: many, other: other}\n")}
	c := catalog(t, fstest.MapFS{"pl.yaml": forms, "ru.yaml": forms, "fr.yaml": romance, "es.yaml": romance})
	for _, tt := range []struct {
		locale string
		count  int
		want   string
	}{
		{"pl", 1, "one"}, {"pl", 2, "few"}, {"pl", 5, "many"}, {"pl", 12, "many"}, {"pl", 22, "few"},
		{"ru", 1, "one"}, {"ru", 11, "many"}, {"ru", 21, "one"}, {"ru", 22, "few"}, {"ru", 25, "many"},
		{"fr", 0, "one"}, {"fr", 1_000_000, "many"}, {"es", 1_000_000, "many"},
	} {
		if got, err := c.Text(tt.locale, "n", map[string]any{"Count": tt.count}); err != nil || got != tt.want {
			t.Errorf("%s %d: %q, %v, want %s", tt.locale, tt.count, got, err, tt.want)
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
		fstest.MapFS{"nl.yaml": {Data: []byte("label: {track: Volg pakket}\n")}})
	tests := []struct{ locale, key, want string }{
		{"de", "label.track", "Zum Paket"},
		{"de", "label.order", "Bestellung"},
		{"nl-BE", "label.track", "Volg pakket"},
		{"nl", "label.order", "Order"},
	}
	for _, tt := range tests {
		if got, err := c.Text(tt.locale, tt.key, nil); err != nil || got != tt.want {
			t.Errorf("Text(%s, %s) = %q, %v, want %q", tt.locale, tt.key, got, err, tt.want)
		}
	}
	if c.Has("nl", "label.order") || !c.Has("nl", "label.track") {
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
		{"missing key", "nl.yaml", "label: {track: Volg}\n", `nl.yaml: "label.order" is missing`},
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
