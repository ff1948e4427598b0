package app

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/dispatcher"
	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/rules"
	"landfall/templates"
)

// said is the in-app card of a shipped coat in a voice.
func said(t *testing.T, v dispatcher.Voice, locale string) string {
	t.Helper()
	w, err := v.Words.Render(templates.Input{
		Say: "shipped", Channel: notify.InApp, Locale: locale, Audience: notify.Customer, Now: time.Unix(0, 0), Brand: v.Brand,
		Event: parcel.Event{Kind: parcel.PickedUp, Number: "0034"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w.Title
}

// A market is spoken to in the shop's own words for it, those in the shop's for everywhere, those in the shipped ones.
func TestVoices(t *testing.T) {
	t.Parallel()
	words := func(title string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("notice: {shipped: {title: " + title + "}}\n")}
	}
	m := &config.Merchant{
		ID: "acme", Markets: map[string]*rules.Market{"DE": {}, "AT": {}, "CH": {}, "FR": {}},
		Brand: config.Brand{Look: config.Look{Name: "Acme", Color: "#1f5f8b", Signature: "Acme team"}, Markets: map[string]config.Look{
			"AT": {Name: "Acme Österreich", Register: config.Informal}}},
		Dir: fstest.MapFS{"locales/de.yaml": words("Unterwegs"), "locales/CH/de.yaml": words("Uf em Wäg")},
	}
	all, err := voices(m)
	if err != nil {
		t.Fatal(err)
	}
	everywhere, err := NewVoice(m, "")
	if err != nil {
		t.Fatal(err)
	}
	merchant := dispatcher.Merchant{Voice: everywhere, Voices: all}
	got := map[string]string{}
	for code := range m.Markets {
		v := merchant.VoiceIn(code)
		got[code] = v.Brand.Name + ", " + v.Brand.Color + ", " + v.Brand.Signature + ": " + said(t, v, "de")
	}
	want := map[string]string{
		"DE": "Acme, #1f5f8b, Acme team: Unterwegs",
		"FR": "Acme, #1f5f8b, Acme team: Unterwegs",
		"AT": "Acme Österreich, #1f5f8b, Acme team: Unterwegs",
		"CH": "Acme, #1f5f8b, Acme team: Uf em Wäg",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if own := OwnVoices(m); cmp.Diff([]string{"AT", "CH"}, own) != "" {
		t.Errorf("markets with a voice of their own: %v", own)
	}
}

// The register changes how the reader is addressed, and only in languages that have words for it.
func TestVoices_Register(t *testing.T) {
	t.Parallel()
	m := &config.Merchant{ID: "acme", Brand: config.Brand{Look: config.Look{Register: config.Informal}}}
	informal, err := Catalog(m, "")
	if err != nil {
		t.Fatal(err)
	}
	m.Brand.Register = "formal"
	formal, err := Catalog(m, "")
	if err != nil {
		t.Fatal(err)
	}
	for locale, differs := range map[string]bool{"de": true, "en": false, "ja": false} {
		a, errA := informal.Text(locale, "phrase.no_action", nil)
		b, errB := formal.Text(locale, "phrase.no_action", nil)
		if errA != nil || errB != nil || (a != b) != differs {
			t.Errorf("%s: informal %q, formal %q, %v %v", locale, a, b, errA, errB)
		}
	}
}

// Informal words are held to all that the others are: complete, within every limit, and for the languages that have them only.
func TestVoices_InformalWordsAreSound(t *testing.T) {
	t.Parallel()
	m := &config.Merchant{ID: "acme", Brand: config.Brand{Look: config.Look{Register: config.Informal}}}
	voice, err := NewVoice(m, "")
	if err != nil {
		t.Fatal(err)
	}
	report := voice.Words.Check("de", "nl")
	for _, err := range report.Problems {
		t.Error(err)
	}
	if report.Cells == 0 || report.Cells != report.Sound {
		t.Errorf("%d of %d messages are complete", report.Sound, report.Cells)
	}
}
