package preview

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
	"landfall/templates"
)

// shipped are the shipped words, read once for all tests: they never change.
var shipped = sync.OnceValues(func() (*templates.Set, error) {
	c, err := locales.New()
	if err != nil {
		return nil, err
	}
	return templates.New(c)
})

func voice(t *testing.T) Voice {
	t.Helper()
	words, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return Voice{Name: "everywhere", Brand: templates.Brand{Name: "Acme"}, Words: words}
}

// Every notice is there on every channel in every language, and on WhatsApp both as a template and in conversation.
func TestMessages_Everything(t *testing.T) {
	t.Parallel()
	v := voice(t)
	seen := map[string]bool{}
	for _, m := range Messages(Question{Voices: []Voice{v}}) {
		key := m.Locale + " " + m.Say + " " + string(m.Channel)
		if m.Chat {
			key += " chat"
		}
		seen[key] = true
		if m.Words.Text == "" && len(m.Problems) == 0 {
			t.Errorf("%s: nothing to see", key)
		}
	}
	want := len(v.Words.Locales()) * len(v.Words.Keys()) * (len(notify.Channels()) + 1)
	if len(seen) != want {
		t.Errorf("%d messages, want %d", len(seen), want)
	}
}

// An event is shown as the notices that tell it, once each, at the instant that was asked for.
func TestMessages_Event(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	event := parcel.Event{Kind: parcel.Delay, Number: "0099", Detail: "weather", ETA: &parcel.Window{From: noon.AddDate(0, 0, 1)}}
	got := map[string]int{}
	for _, m := range Messages(Question{Voices: []Voice{voice(t)}, Locales: []string{"en"}, Event: &event, Say: []notify.TemplateKey{"delayed"}, Now: noon}) {
		got[m.Say]++
		if m.Channel == notify.InApp && !strings.Contains(m.Words.Text, "bad weather") {
			t.Errorf("not the event that was given: %s", m.Words.Text)
		}
		if m.Channel == notify.InApp && !strings.Contains(m.Words.Text, "tomorrow") {
			t.Errorf("not the instant that was given: %s", m.Words.Text)
		}
	}
	if diff := cmp.Diff(map[string]int{"delayed": len(notify.Channels()) + 1}, got); diff != "" {
		t.Error(diff)
	}
}

// A merchant sees which templates the provider has not approved; one that is approved has no remark.
func TestMessages_Approvals(t *testing.T) {
	t.Parallel()
	v := voice(t)
	v.Words = v.Words.WithContent(map[notify.TemplateKey]map[string]string{"shipped": {"en": "HX1"}})
	for _, m := range Messages(Question{Voices: []Voice{v}, Locales: []string{"en"}}) {
		if m.Channel != notify.WhatsApp || m.Chat {
			continue
		}
		if approved := len(m.Problems) == 0; approved != (m.Say == "shipped") {
			t.Errorf("%s %s: %q", m.Say, m.Variant, m.Problems)
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	all := []Message{{Voice: "everywhere", Say: "shipped", Locale: "en", Channel: notify.SMS, Words: notify.Words{Text: "</script><b>"}}}
	for _, watch := range []bool{false, true} {
		page, err := Page(all, watch)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(page, []byte(`data-watch="true"`)); got != watch {
			t.Errorf("watches: %t, want %t", got, watch)
		}
		if diff := cmp.Diff(all, unpack(t, page)); diff != "" {
			t.Error(diff)
		}
		if bytes.Contains(page, []byte("</script><b>")) {
			t.Error("a message's words stand in the page as markup")
		}
	}
}

func unpack(t *testing.T, page []byte) (all []Message) {
	t.Helper()
	_, rest, _ := bytes.Cut(page, []byte(`id="data">`))
	text, _, _ := bytes.Cut(rest, []byte("<"))
	packed, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(zip).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Whoever has the page open hears of the next one, and of a folder that is broken.
func TestLive(t *testing.T) {
	t.Parallel()
	live := &Live{}
	live.Replace([]byte("first"))
	server := httptest.NewServer(live)
	t.Cleanup(server.Close)
	get := func(path string) (string, *http.Response) {
		r, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		var b bytes.Buffer
		if _, err := b.ReadFrom(r.Body); err != nil {
			t.Fatal(err)
		}
		return b.String(), r
	}
	text, r := get("/")
	if text != "first" {
		t.Errorf("page %q", text)
	}
	if h := r.Header; !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers %v", h)
	}
	opened, heard := make(chan struct{}), make(chan string, 1)
	go func() {
		r, err := http.Get(server.URL + "/events")
		close(opened)
		if err != nil {
			heard <- err.Error()
			return
		}
		defer r.Body.Close()
		var b bytes.Buffer
		_, _ = b.ReadFrom(r.Body)
		heard <- b.String()
	}()
	<-opened
	live.Fail(http.ErrBodyNotAllowed)
	if got := <-heard; got != "data: changed\n\n" {
		t.Errorf("heard %q", got)
	}
	if text, _ := get("/"); !strings.Contains(text, http.ErrBodyNotAllowed.Error()) {
		t.Errorf("the mistake is not shown: %q", text)
	}
	if _, r := get("/other"); r.StatusCode != http.StatusNotFound {
		t.Errorf("another path answers %d", r.StatusCode)
	}
}
