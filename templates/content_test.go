package templates_test

import (
	"errors"
	"strings"
	"testing"

	"landfall/internal/notify"
	"landfall/templates"
)

// What is approved in a language is sent to readers of its regions too, in the words that were approved.
func TestContent_OfTheLanguageForItsRegions(t *testing.T) {
	t.Parallel()
	s := plainSet().WithContent(map[notify.TemplateKey]map[string]string{"customs_hold": {"en": "HXen", "zh-Hant-HK": "HXhk", "es": "HXes"}})
	for locale, want := range map[string]string{
		"en": "HXen", "en-US": "HXen", "en-AU": "HXen", "es-MX": "HXes", "es-419": "HXes", "zh-HK": "HXhk",
		"zh-TW": "", "de": "",
	} {
		in := held()
		in.Channel, in.Locale = notify.WhatsApp, locale
		w, err := s.Render(in)
		if want == "" {
			if !errors.Is(err, templates.ErrNoContent) || s.HasContent("customs_hold", locale) {
				t.Errorf("%s: %v, has content: %t", locale, err, s.HasContent("customs_hold", locale))
			}
			continue
		}
		if err != nil || w.Content.SID != want || !s.HasContent("customs_hold", locale) {
			t.Errorf("%s: %v %v, want %s", locale, w.Content, err, want)
		}
	}
	in := held()
	in.Channel, in.Locale = notify.WhatsApp, "en-US"
	if w := render(t, s, in); strings.Contains(w.Text, "package") || w.Locale != "en" {
		t.Errorf("the words are not those that were approved: %s %s", w.Locale, w.Text)
	}
}
