package templates_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
	"landfall/templates"
)

// arabic returns the shipped set with the Arabic words a test needs.
func arabic(t *testing.T, words string) *templates.Set {
	t.Helper()
	c, err := locales.New(fstest.MapFS{"ar.yaml": {Data: []byte(words)}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := templates.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s.Approved()
}

const arabicWords = `
notice:
  shipped:
    title: تم شحن طردك
    lead: تم تسليم طردك ({{.Item}}) إلى شركة الشحن.
    next: سيصل بعد ذلك إلى بلدك.
    sms: تم شحن طردك ({{.Item}}).
phrase:
  row: "{{.Label}}: {{.Value}}"
`

var apart = regexp.MustCompile("\u2068[^\u2068\u2069]*\u2069")

// No value stands bare among Arabic words on any channel, and no link is touched by an invisible character.
func TestBidi_ValuesAreSetApart(t *testing.T) {
	t.Parallel()
	s := arabic(t, arabicWords)
	for _, c := range notify.Channels() {
		in := held()
		in.Say, in.Locale, in.Channel, in.Identify = "shipped", "ar-EG", c, true
		in.Event.Kind, in.Event.Place = parcel.PickedUp, parcel.Place{City: "Köln", Country: "DE"}
		w := render(t, s, in)
		text := w.Title + "\n" + w.Text
		for again := true; again; again = apart.MatchString(text) {
			text = apart.ReplaceAllString(text, "")
		}
		for _, value := range []string{"Wool coat", "0034", "Köln", "Mei", "help@acme.example"} {
			if strings.Contains(text, value) {
				t.Errorf("%s: %q stands bare in %q", c, value, w.Text)
			}
		}
		i := strings.Index(w.Text, in.Link)
		if c == notify.InApp { // its link is a field of its own
			continue
		}
		if end := i + len(in.Link); i < 0 || i > 0 && strings.ContainsAny(w.Text[i-3:i], "\u2068\u2069") || end < len(w.Text) && strings.HasPrefix(w.Text[end:], "\u2069") {
			t.Errorf("%s: the link is touched in %q", c, w.Text)
		}
	}
}

// An English message pays nothing for English values, and is not turned around by an Arabic one.
func TestBidi_OnlyWhereItIsNeeded(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Wool coat":      "(Wool coat)",
		"معطف صوف":       "(\u2068معطف صوف\u2069)",
		"מעיל 40":        "(\u2068מעיל 40\u2069)",
		"コート":            "(コート)",
		"Coat \u200f XL": "(\u2068Coat \u200f XL\u2069)", // a mark of direction turns what follows, too
	} {
		in := held()
		in.Order.Items[0].Title = title
		if w := render(t, set(), in); !strings.Contains(w.Text, want) {
			t.Errorf("%q, want %q in it", w.Text, want)
		}
	}
}

// LINE lays its bubble out from right to left.
func TestBidi_LINE(t *testing.T) {
	t.Parallel()
	in := held()
	in.Say, in.Channel, in.Event.Kind = "shipped", notify.LINE, parcel.PickedUp
	for locale, want := range map[string]bool{"ar": true, "en": false} {
		in.Locale = locale
		if got := strings.Contains(string(render(t, arabic(t, arabicWords), in).Flex), `"direction":"rtl"`); got != want {
			t.Errorf("%s runs from right to left: %t", locale, got)
		}
	}
}

// A brand that somebody types into the sentence is found, since no code can set it apart.
func TestCheck_FindsValuesThatStandBare(t *testing.T) {
	t.Parallel()
	words := strings.Replace(arabicWords, "إلى شركة الشحن", "إلى Acme Store", 1)
	const want = `shipped for inapp in ar to the customer: "Acme Store" stands among words of the other direction without being set apart`
	for source, told := range map[string]bool{words: true, arabicWords: false} {
		found := false
		for _, err := range arabic(t, source).Check("ar").Problems {
			found = found || strings.HasPrefix(err.Error(), want)
		}
		if found != told {
			t.Errorf("told: %t, want %t", found, told)
		}
	}
}
