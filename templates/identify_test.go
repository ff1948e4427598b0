package templates_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/templates"
)

// identified is the held parcel of somebody in a market that asks each message for its sender and a way out.
func identified(c notify.Channel, locale string) templates.Input {
	in := held()
	in.Channel, in.Locale, in.Identify, in.Preferences = c, locale, true, "https://acme.example/p/xyz"
	return in
}

func TestIdentify_EveryLanguage(t *testing.T) {
	t.Parallel()
	s := set()
	var b strings.Builder
	for _, locale := range catalog().Locales() {
		for _, c := range []notify.Channel{notify.SMS, notify.WhatsApp} {
			in := identified(c, locale)
			w := render(t, s, in)
			if !strings.Contains(w.Text, "Acme") || !strings.Contains(w.Text, "STOP") || w.Segments > 2 {
				t.Errorf("%s in %s, %d segments: %s", c, locale, w.Segments, w.Text)
			}
			fmt.Fprintf(&b, "-- %s %s --\n%s\n\n", locale, c, w.Text)
		}
	}
	golden(t, "identify.txt", b.String())
}

func TestIdentify_ContentSaysWhatTheTextSays(t *testing.T) {
	t.Parallel()
	w := render(t, set(), identified(notify.WhatsApp, "en"))
	if got, want := w.Content.Variables["3"], "https://acme.example/t/abc · Acme · Reply STOP to opt out"; got != want {
		t.Errorf("the last variable is %q, want %q", got, want)
	}
}

func TestIdentify_Nameless(t *testing.T) {
	t.Parallel()
	for _, c := range notify.Channels() {
		in := identified(c, "en")
		in.Brand.Name = " \u202e"
		if _, err := set().Render(in); err == nil || !strings.Contains(err.Error(), "give the brand a name") {
			t.Errorf("%s without a sender's name: %v", c, err)
		}
	}
}

func TestIdentify_ContentWithoutAPlaceForIt(t *testing.T) {
	t.Parallel()
	s, err := templates.New(catalog(), fstest.MapFS{"whatsapp.yaml": {Data: []byte("lost: {category: utility, variables: [Item]}")}})
	if err != nil {
		t.Fatal(err)
	}
	s = s.WithContent(map[notify.TemplateKey]map[string]string{"lost": {"en": "HX1"}})
	in := identified(notify.WhatsApp, "en")
	in.Say, in.Event = "lost", parcel.Event{Kind: parcel.Lost}
	if _, err := s.Render(in); err == nil || !strings.Contains(err.Error(), "lost has no variable Track") {
		t.Errorf("error %v", err)
	}
}

func TestEmail_ManageMessages(t *testing.T) {
	t.Parallel()
	in := identified(notify.Email, "de")
	w := render(t, set(), in)
	for part, want := range map[string]string{
		w.HTML: `href="https://acme.example/p/xyz" style="color:#5f6b7a;text-decoration:underline">Nachrichten verwalten</a>`,
		w.Text: "\n\nNachrichten verwalten: https://acme.example/p/xyz\n",
	} {
		if !strings.Contains(part, want) {
			t.Errorf("%q is missing in\n%s", want, part)
		}
	}
	for name, change := range map[string]func(*templates.Input){
		"no page": func(in *templates.Input) { in.Preferences = "" },
		"staff":   func(in *templates.Input) { in.Audience = notify.Staff },
		"a trap":  func(in *templates.Input) { in.Preferences = "javascript:alert(1)" },
	} {
		in := identified(notify.Email, "de")
		change(&in)
		if w := render(t, set(), in); strings.Contains(w.HTML+w.Text, "Nachrichten verwalten") {
			t.Errorf("%s: the mail leads to a page of choices", name)
		}
	}
}
