package play

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"go.yaml.in/yaml/v4"

	"landfall/internal/notify"
)

var update = flag.Bool("update", false, "rewrite acme/whatsapp.yaml")

// The sample merchant's whatsapp.yaml names a ContentSid for every text there is, and for no other.
func TestSampleMerchantHasEveryTextApproved(t *testing.T) {
	t.Parallel()
	sids := map[notify.TemplateKey]map[string]string{}
	err := eachText(func(key notify.TemplateKey, locale, _ string) error {
		if sids[key] == nil {
			sids[key] = map[string]string{}
		}
		sids[key][locale] = contentSID(key, locale)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	body, err := yaml.Dump(sids)
	if err != nil {
		t.Fatal(err)
	}
	want := append([]byte("# Which approved WhatsApp template carries a notice in a language: notice, language, Twilio's ContentSid.\n"), body...)
	if *update {
		if err := os.WriteFile("acme/whatsapp.yaml", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("acme/whatsapp.yaml"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("acme/whatsapp.yaml is not what the templates ask for; run: go test ./internal/play -update (%v)", err)
	}
}

// The whole story as `landfall try` plays it: nobody objects, and everybody hears what they should.
func TestStory(t *testing.T) {
	t.Parallel()
	w, err := New(t.Context(), Options{Dir: t.TempDir(), Start: Curtain()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := w.Story(t.Context(), func(int, int, string) {}); err != nil {
		t.Fatal(err)
	}
	told, err := w.Experiences(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sent := map[notify.PersonID]map[notify.Channel]int{}
	for _, x := range told {
		sent[x.Person] = map[notify.Channel]int{}
		for _, d := range w.Discord(x.Messages) {
			t.Error(d)
		}
		for _, m := range x.Messages {
			if m.Outcome == "sent" {
				sent[x.Person][m.Channel]++
			}
		}
	}
	for person, want := range map[notify.PersonID]map[notify.Channel]int{
		"mei": {notify.WhatsApp: 3, notify.InApp: 4}, "nok": {notify.LINE: 5}, "grace": {notify.SMS: 1, notify.Email: 2},
	} {
		for channel, n := range want {
			if sent[person][channel] != n {
				t.Errorf("%s got %d messages on %s, want %d", person, sent[person][channel], channel, n)
			}
		}
		if len(sent[person]) != len(want) {
			t.Errorf("%s was reached on %v", person, sent[person])
		}
	}
}
