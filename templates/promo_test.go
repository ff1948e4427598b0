package templates_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v4"

	"landfall/internal/notify"
	"landfall/locales"
	"landfall/templates"
)

func phrasesOf(t *testing.T, locale string) *templates.Phrases {
	t.Helper()
	p, err := templates.PhrasesOf(locale)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// filesOf lists the languages a folder has a file for.
func filesOf(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(folder + "/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range names {
		names[i] = strings.TrimSuffix(filepath.Base(n), ".yaml")
	}
	return names
}

func TestPhrases(t *testing.T) {
	t.Parallel()
	languages := filesOf(t, "testdata/promo")
	if !slices.Equal(languages, filesOf(t, "promo")) {
		t.Error("the languages with phrases and those with examples differ")
	}
	for _, l := range languages {
		t.Run(l, func(t *testing.T) {
			t.Parallel()
			var said struct{ Promotional, Plain []string }
			readYAML(t, "testdata/promo/"+l+".yaml", &said)
			p, least := phrasesOf(t, l), 3
			if slices.ContainsFunc(catalog().Locales(), func(shipped string) bool { return strings.HasPrefix(shipped, l) }) {
				least = 5
			}
			if len(said.Promotional) < least || len(said.Plain) < least {
				t.Errorf("%d promotional and %d plain examples; %d of each are few enough", len(said.Promotional), len(said.Plain), least)
			}
			for _, text := range said.Promotional {
				if p.Find(text) == "" {
					t.Errorf("%q is taken for plain", text)
				}
			}
			for _, text := range said.Plain {
				if found := p.Find(text); found != "" {
					t.Errorf("%q is taken for promotional by %q", text, found)
				}
			}
		})
	}
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Load(source, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func TestPhrases_Find(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ locale, text, want string }{
		{"de", "Mit Ihrem Gutschein, {{.Item}}", "Gutschein"},
		{"de-AT", "Der Rabattgutschein gilt", "Rabattgutschein"},
		{"de", "{{.Gutschein}}", ""},
		{"en", "Take 15 % off today", "15 %"},
		{"en", "now −20 %", "−20 %"},
		{"en", "a duty of 10-20 %", ""},
		{"ja", "クーポンとレビュー", "クーポン"},
		{"zh-TW", "歡迎留下評價", "評價"},
		{"no", "Bruk rabattkoden", "rabattkoden"},
		{"tr", "İNDİRİM", "İNDİRİM"},
		{"hu", "Join our newsletter", "newsletter"}, // nobody has listed Hungarian
	} {
		if got := phrasesOf(t, c.locale).Find(c.text); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.locale, c.text, got, c.want)
		}
	}
}

func TestClass_OfShippedNotices(t *testing.T) {
	t.Parallel()
	for _, say := range plainSet().Keys() {
		promotional, where := plainSet().Class(say)
		if promotional != (say == "review_request") || promotional == (where == "") {
			t.Errorf("%s: promotional is %v because of %q", say, promotional, where)
		}
	}
	if promotional, _ := plainSet().Class("nothing"); promotional {
		t.Error("a notice nobody has written is promotional")
	}
}

// A request for a review gives itself away in each language, so that no merchant's locale lets it through.
func TestClass_ReviewRequestInEachLanguage(t *testing.T) {
	t.Parallel()
	for _, locale := range catalog().Locales() {
		var all []string
		for _, part := range []string{"title", "lead", "act", "sms"} {
			all = append(all, catalog().Forms(locale, "notice.review_request."+part)...)
		}
		if len(all) != 4 || phrasesOf(t, locale).Find(strings.Join(all, "\n")) == "" {
			t.Errorf("%s: %q does not show what it is", locale, all)
		}
	}
}

// What tracking pages say is no advertising either: a page behind the link of a notice of an order must carry none.
func TestPhrases_TrackingPagesHaveNone(t *testing.T) {
	t.Parallel()
	folder := "../internal/pages/words"
	for _, locale := range filesOf(t, folder) {
		var words map[string]any
		readYAML(t, folder+"/"+locale+".yaml", &words)
		for _, group := range []string{"purpose", "ask"} { // where people say what advertising they want
			delete(words["page"].(map[string]any), group)
		}
		for _, text := range leaves(words) {
			if found := phrasesOf(t, locale).Find(text); found != "" {
				t.Errorf("%s: %q has %q", locale, text, found)
			}
		}
	}
	for _, locale := range catalog().Locales() {
		for _, key := range catalog().Keys(locale) {
			if strings.HasPrefix(key, "notice.review_request.") || key == "answer.optout_marketing_confirmed" { // names what is over
				continue
			}
			for _, text := range catalog().Forms(locale, key) {
				if found := phrasesOf(t, locale).Find(text); found != "" {
					t.Errorf("%s: %s has %q", locale, key, found)
				}
			}
		}
	}
}

// leaves are the texts of a tree of words.
func leaves(tree any) []string {
	switch node := tree.(type) {
	case string:
		return []string{node}
	case map[string]any:
		var all []string
		for _, n := range node {
			all = append(all, leaves(n)...)
		}
		return all
	}
	return nil
}

func TestClass_OfAMerchantsWords(t *testing.T) {
	t.Parallel()
	c, err := locales.New(fstest.MapFS{
		"de.yaml": {Data: []byte("notice: {delivered: {neighbour: {lead: 'Abgegeben. Ihr Gutschein liegt bei ({{.Item}}).'}}}")},
		"nl.yaml": {Data: []byte("notice: {gift: {lead: 'Met korting ({{.Item}})'}, shipped: {lead: 'Verzonden ({{.Item}})'}}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := templates.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for say, want := range map[notify.TemplateKey]string{"delivered": `de: "Gutschein"`, "gift": `nl: "korting"`, "shipped": ""} {
		if promotional, where := s.Class(say); promotional != (want != "") || where != want {
			t.Errorf("%s: %v, %q; want %q", say, promotional, where, want)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := templates.New(catalog()); err != nil {
			b.Fatal(err)
		}
	}
}
