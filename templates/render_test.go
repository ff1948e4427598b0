package templates_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
	"landfall/templates"
)

var update = flag.Bool("update", false, "write the golden files anew")

// shared are the shipped words and templates, read once for all tests: neither ever changes.
var shared = sync.OnceValues(func() (*locales.Catalog, *templates.Set) {
	c, err := locales.New()
	if err != nil {
		panic(err)
	}
	s, err := templates.New(c)
	if err != nil {
		panic(err)
	}
	return c, s
})

func catalog() *locales.Catalog {
	c, _ := shared()
	return c
}

// plainSet returns the shipped templates with nothing approved.
func plainSet() *templates.Set {
	_, s := shared()
	return s
}

// set returns the shipped templates with every WhatsApp template approved.
func set() *templates.Set {
	sids := map[notify.TemplateKey]map[string]string{}
	for _, key := range plainSet().ContentKeys() {
		sids[key] = map[string]string{}
		for _, l := range catalog().Locales() {
			sids[key][l] = fmt.Sprintf("HX-%s-%s", key, l)
		}
	}
	return plainSet().WithContent(sids)
}

// held is a parcel that customs keeps, seen by somebody in Berlin on a Monday morning.
func held() templates.Input {
	berlin := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, berlin)
	return templates.Input{
		Say: "customs_hold", Channel: notify.InApp, Locale: "en", Audience: notify.Customer, Now: now, Zone: berlin,
		Brand: templates.Brand{Name: "Acme", Support: "help@acme.example"}, Person: "Mei",
		Order:  &parcel.Order{ID: "A1", Items: []parcel.Item{{Title: "Wool coat"}}},
		Parcel: parcel.Parcel{Carrier: "dhl", Number: "0034"},
		Event:  parcel.Event{Kind: parcel.Customs, Number: "0034"},
		Link:   "https://acme.example/t/abc",
	}
}

func render(t *testing.T, s *templates.Set, in templates.Input) notify.Words {
	t.Helper()
	w, err := s.Render(in)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Every notice in every locale, as its reader gets it. A file is one notice in one language, to be read by one who speaks it.
func TestGolden(t *testing.T) {
	t.Parallel()
	s := set()
	for _, locale := range catalog().Locales() {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			files := map[string]*strings.Builder{}
			for _, in := range s.Samples(locale) {
				name, kept := goldenFile(in)
				if !kept {
					continue
				}
				if files[name] == nil {
					files[name] = &strings.Builder{}
				}
				write(t, files[name], in, render(t, s, in))
			}
			for name, b := range files {
				golden(t, filepath.Join("golden", locale, name), b.String())
			}
		})
	}
}

// goldenFile chooses what is worth reading: all channels when much is known, WhatsApp when little is, since it has to
// say so, and for staff the e-mail.
func goldenFile(in templates.Input) (name string, kept bool) {
	little := in.Order == nil
	if unapproved(in) || in.Identify {
		return "", false
	}
	if in.Audience == notify.Staff {
		return "staff.txt", in.Channel == notify.Email && !little
	}
	return string(in.Say) + ".txt", !little || in.Channel == notify.WhatsApp
}

// unapproved reports whether WhatsApp has no template for a notice to a customer: Utility ones are not for promotional words.
func unapproved(in templates.Input) bool {
	return in.Channel == notify.WhatsApp && in.Audience == notify.Customer && !slices.Contains(plainSet().ContentKeys(), in.Say)
}

func write(t *testing.T, b *strings.Builder, in templates.Input, w notify.Words) {
	t.Helper()
	known := "much"
	if in.Order == nil {
		known = "little"
	}
	event := strings.TrimSpace(string(in.Event.Kind) + " " + in.Event.Detail)
	fmt.Fprintf(b, "-- %s, %s, %s known --\n", event, in.Channel, known)
	if w.Title != "" {
		fmt.Fprintf(b, "Title: %s\n", w.Title)
	}
	if w.Segments != 0 {
		fmt.Fprintf(b, "Segments: %d %s\n", w.Segments, w.Encoding)
	}
	if w.Content != nil {
		variables, err := json.Marshal(w.Content.Variables)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(b, "Content: %s %s\n", w.Content.SID, variables)
	}
	fmt.Fprintf(b, "%s\n\n", strings.TrimSuffix(w.Text, "\n"))
}

// The markup is the same for all notices, so one of each is kept.
func TestGolden_Markup(t *testing.T) {
	t.Parallel()
	in := held()
	in.Locale, in.Channel, in.Preferences = "de", notify.Email, "https://acme.example/p/xyz"
	in.Event.ETA = &parcel.Window{From: in.Now.Add(28 * time.Hour), To: in.Now.Add(32 * time.Hour)}
	golden(t, "email.html", render(t, set(), in).HTML)
	in.Channel = notify.LINE
	pretty, err := json.MarshalIndent(render(t, set(), in).Flex, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "line.json", string(pretty)+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, err := range plainSet().Check().Problems {
		t.Error(err)
	}
}

func TestCheck_TellsOfWords(t *testing.T) {
	t.Parallel()
	words := `
notice:
  shipped: {next: "Hello {{.Nobody}}"}
  departed: {lead: "From {{.Brand}}, {{.Item}}"}
  arrived: {lead: "It has arrived"}
  delayed: {sms: "` + strings.Repeat("Very long. ", 40) + `"}
  lost: {titel: "Lost"}
  gift: {lead: "A gift ({{.Item}}) is coming"}
whatsapp:
  brief: "Hi {{.Lead}} {{.Next}} {{.Track}}"
  body: "Hi {{.Lead}} {{.Next}} {{.Facts}}: {{.Track}} bye"
`
	got := errors.Join(changed(t, words, "").Check("en").Problems...)
	for name, want := range map[string]string{
		"a variable that does not exist":      "en.yaml:3:13: \"notice.shipped.next\" asks for {{.Nobody}}; it may use {{.Item}}\n",
		"a variable WhatsApp does not have":   "en.yaml:4:14: \"notice.departed.lead\" asks for {{.Brand}}; it may use {{.Item}}\n",
		"a variable of WhatsApp that is left": "WhatsApp arrived in en: its words do not use each of its 3 variables",
		"an SMS too long":                     "delayed for sms in en to the customer: the number of segments is",
		"a misspelt part":                     "\"notice.lost.titel\" is never used",
		"a notice without all parts":          "\"notice.gift.next\" is missing",
		"a body that ends with a variable":    "WhatsApp delivered in en: a body may not begin or end",
		"variables side by side":              "WhatsApp delayed in en: two variables stand side by side",
	} {
		if got == nil || !strings.Contains(got.Error(), want) {
			t.Errorf("%s is not told; want %q in\n%v", name, want, got)
		}
	}
}

// One wrong variable is one line to read, however many messages it spoils, and another's mistakes stay theirs.
func TestCheck_TellsOnceOfAVariable(t *testing.T) {
	t.Parallel()
	words := `
notice:
  shipped: {next: "Hello {{.Nobody}}", sms: "{{.Brand}} {{.Item}}"}
phrase: {order: "order {{.Numero}}"}
`
	var got []string
	for _, err := range changed(t, words, "").Check("en").Problems {
		got = append(got, err.Error())
	}
	slices.Sort(got)
	want := []string{
		`en.yaml:3:13: "notice.shipped.next" asks for {{.Nobody}}; it may use {{.Item}}`,
		`en.yaml:4:10: "phrase.order" asks for {{.Numero}}; it may use {{.Order}}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCheck_TellsOfLayouts(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, layout, want string }{
		{"too large", strings.Repeat("<p>word</p>", 10_000), "the size of the HTML is"},
		{"asks for what there is not", "<p>{{.Price}}</p>", "Price"},
	}
	for _, tt := range tests {
		got := errors.Join(changed(t, "", tt.layout).Check("en").Problems...)
		if got == nil || !strings.Contains(got.Error(), tt.want) {
			t.Errorf("%s: %v, want something with %q", tt.name, got, tt.want)
		}
	}
}

// changed returns the shipped set with some English words or the e-mail layout replaced.
func changed(t *testing.T, words, layout string) *templates.Set {
	t.Helper()
	c, err := locales.New(fstest.MapFS{"en.yaml": {Data: []byte(words)}})
	if err != nil {
		t.Fatal(err)
	}
	override := fstest.MapFS{}
	if layout != "" {
		override["email.html"] = &fstest.MapFile{Data: []byte(layout)}
	}
	s, err := templates.New(c, override)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNew_Mistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, source, want string }{
		{"layout", "email.html", "<p>{{.Lead</p>", "email.html:1"},
		{"category", "whatsapp.yaml", "shipped: {category: marketing, variables: [Item]}", "marketing"},
		{"variable", "whatsapp.yaml", "shipped: {category: utility, variables: [Price]}", "Price"},
		{"field", "whatsapp.yaml", "shipped: {kind: utility}", "kind"},
	}
	for _, tt := range tests {
		_, err := templates.New(catalog(), fstest.MapFS{tt.file: {Data: []byte(tt.source)}})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

func TestRender_Errors(t *testing.T) {
	t.Parallel()
	in := held()
	in.Say = "gift"
	if _, err := set().Render(in); !errors.Is(err, templates.ErrMissing) {
		t.Errorf("unknown notice: %v, want ErrMissing", err)
	}
	in = held()
	in.Channel = notify.WhatsApp
	if _, err := plainSet().Render(in); !errors.Is(err, templates.ErrNoContent) {
		t.Errorf("no sid: %v, want ErrNoContent", err)
	}
	in.Channel = "pigeon"
	if _, err := set().Render(in); err == nil {
		t.Error("a channel nobody knows must be an error")
	}
}

// A parcel that is held for payment is never told in the words "nothing to do", even when only those are approved.
func TestWhatsApp_VariantNeedsItsOwnApproval(t *testing.T) {
	t.Parallel()
	s := plainSet().WithContent(map[notify.TemplateKey]map[string]string{"customs_hold": {"en": "HX1"}})
	in := held()
	in.Channel = notify.WhatsApp
	if w := render(t, s, in); w.Content.SID != "HX1" {
		t.Errorf("plain hold used %q", w.Content.SID)
	}
	for _, kind := range []parcel.Kind{parcel.HeldPayment, parcel.CustomsPay, parcel.HeldPapers, parcel.CustomsInfo} {
		in.Event.Kind = kind
		if _, err := s.Render(in); !errors.Is(err, templates.ErrNoContent) {
			t.Errorf("%s: %v, want ErrNoContent", kind, err)
		}
	}
}

func TestHasContent(t *testing.T) {
	t.Parallel()
	s := plainSet().WithContent(map[notify.TemplateKey]map[string]string{"shipped": {"de": "HX1"}, "staff": {"en": "HX2"}})
	tests := []struct {
		say    notify.TemplateKey
		locale string
		want   bool
	}{
		{"shipped", "de", true}, {"shipped", "de-AT", true}, {"shipped", "en", false}, {"delivered", "de", false},
		{"staff", "en-GB", true}, {"staff", "de", false}, {"nothing", "de", false},
	}
	for _, tt := range tests {
		if got := s.HasContent(tt.say, tt.locale); got != tt.want {
			t.Errorf("HasContent(%s, %s) = %v", tt.say, tt.locale, got)
		}
	}
}

func TestContentKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		say  notify.TemplateKey
		kind parcel.Kind
		to   notify.Audience
		want notify.TemplateKey
	}{
		{"customs_hold", parcel.Customs, notify.Customer, "customs_hold"},
		{"customs_hold", parcel.HeldPayment, notify.Customer, "customs_hold.payment"},
		{"attempt_failed", parcel.Moved, notify.Customer, "attempt_failed.address_problem"},
		{"customs_hold", parcel.HeldPayment, notify.Staff, "staff"},
	}
	for _, tt := range tests {
		if got := plainSet().ContentKey(tt.say, parcel.Event{Kind: tt.kind}, tt.to); got != tt.want {
			t.Errorf("ContentKey(%s, %s, %s) = %s, want %s", tt.say, tt.kind, tt.to, got, tt.want)
		}
	}
}

// What a person reads is the registered body with the variables put in: the provider does nothing else.
func TestContentBody_FilledIsTheText(t *testing.T) {
	t.Parallel()
	s := set()
	for _, locale := range catalog().Locales() {
		for _, in := range s.Samples(locale) {
			if in.Channel != notify.WhatsApp || unapproved(in) {
				continue
			}
			w := render(t, s, in)
			body, err := s.ContentBody(s.ContentKey(in.Say, in.Event, in.Audience), locale)
			if err != nil {
				t.Fatal(err)
			}
			for n, value := range w.Content.Variables {
				body = strings.ReplaceAll(body, "{{"+n+"}}", value)
				if value == "" || strings.ContainsAny(value, "\n\t") || strings.Contains(value, "    ") {
					t.Errorf("%s in %s: variable %s is %q", in.Say, locale, n, value)
				}
			}
			if body != w.Text {
				t.Errorf("%s in %s:\n%s\nwant\n%s", in.Say, locale, w.Text, body)
			}
		}
	}
}

// A customer is told of an order, the merchant's own people of their work, and nobody that a reply will be answered.
func TestContentBody_Closing(t *testing.T) {
	t.Parallel()
	last := func(key notify.TemplateKey, locale string) string {
		body, err := plainSet().ContentBody(key, locale)
		if err != nil {
			t.Fatal(err)
		}
		return body[strings.LastIndexByte(body, '\n')+1:]
	}
	for _, locale := range catalog().Locales() {
		if last("shipped", locale) != last("lost", locale) || last("shipped", locale) == last("staff", locale) {
			t.Errorf("%s: bodies end with %q, %q and for staff %q", locale, last("shipped", locale), last("lost", locale), last("staff", locale))
		}
	}
	for key, want := range map[notify.TemplateKey]string{
		"shipped": "You receive this message about your order.", "staff": "You receive this message because you work for the shop.",
	} {
		if got := last(key, "en"); got != want {
			t.Errorf("%s ends with %q, want %q", key, got, want)
		}
	}
}

func TestRender_Fallback(t *testing.T) {
	t.Parallel()
	tests := []struct {
		asked, used string
		why         notify.Reason
	}{
		{"de-AT", "de", ""}, {"zh-SG", "zh-Hans", ""}, {"eo", "en", notify.LocaleFallback}, {"sr-Cyrl", "sr-Latn", notify.LocaleFallback}, {"zh-HK", "zh-Hant-HK", ""}, {"es-MX", "es-419", ""}, {"uk-UA", "uk", ""},
	}
	for _, tt := range tests {
		in := held()
		in.Locale = tt.asked
		w := render(t, set(), in)
		if w.Locale != tt.used || w.Fallback != tt.why {
			t.Errorf("%s: %s, %q, want %s, %q", tt.asked, w.Locale, w.Fallback, tt.used, tt.why)
		}
	}
}

// A merchant's catalog may hold a few notices only; the others come whole in the next language.
func TestRender_NoMixedLanguages(t *testing.T) {
	t.Parallel()
	c, err := locales.New(fstest.MapFS{"eo.yaml": {Data: []byte("label: {track: Sekvi pakon}\n")}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := templates.New(c)
	if err != nil {
		t.Fatal(err)
	}
	in := held()
	in.Locale, in.Channel = "eo", notify.Email
	if w := render(t, s, in); w.Locale != "en" || strings.Contains(w.HTML, "Sekvi") {
		t.Errorf("locale %s, want all of it in English", w.Locale)
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	s := plainSet()
	if got := len(s.Keys()); got != 23 {
		t.Errorf("%d notices, want 23", got)
	}
	if !s.Has("lost", notify.Staff) || !s.Has("lost", notify.Customer) || s.Has("gift", notify.Customer) || s.Has("lost", "nobody") {
		t.Error("Has is wrong")
	}
	for _, say := range s.Keys() {
		if promotional, _ := s.Class(say); promotional == slices.Contains(s.ContentKeys(), say) {
			t.Errorf("%s: promotional is %v, which does not go with its WhatsApp template", say, promotional)
		}
	}
}
