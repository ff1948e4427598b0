package httpapi_test

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/subject"
)

// erase asks for a customer to be forgotten.
func (s *stage) erase(id string) notify.Erasure {
	s.t.Helper()
	var out notify.Erasure
	s.must(json.Unmarshal([]byte(s.good(request{method: http.MethodDelete, path: "/v1/people/" + id, key: play.APIKey}, http.StatusOK)), &out))
	return out
}

func TestErase(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	out := s.erase("mei")
	if !out.Pseudonym.Erased() || out.Already || out.Orders != 1 || out.At.Sub(s.Clock.Now()).Abs() > time.Minute {
		t.Errorf("the first answer is %+v", out)
	}
	if again := s.erase("mei"); !again.Already || again.Pseudonym != out.Pseudonym || !again.At.Equal(out.At) {
		t.Errorf("the second answer is %+v", again)
	}
	for _, r := range []request{
		{method: http.MethodDelete, path: "/v1/people/nobody", key: play.APIKey},
		{method: http.MethodGet, path: "/v1/people/mei/consents", key: play.APIKey},
		{method: http.MethodDelete, path: "/v1/people/" + string(out.Pseudonym), key: play.APIKey},
		{method: http.MethodDelete, path: "/v1/people/mei", key: strangerKey},
	} {
		s.problem(s.ask(r), http.StatusNotFound)
	}
}

func TestErased_AreNotImportedAgain(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.erase("mei")
	const body = `{"market":"DE","phone":"+4915112345678"`
	put := func(path, body string) answer {
		return s.ask(request{method: http.MethodPut, path: "/v1/" + path, body: body, key: play.APIKey})
	}
	for _, id := range []string{"mei", "mei-2"} {
		if said := s.problem(put("people/"+id, body+`}`), http.StatusConflict); !strings.Contains(said, `"again": true`) {
			t.Errorf("it does not say what to do: %s", said)
		}
	}
	s.problem(put("orders/A2", `{"person":"mei"}`), http.StatusConflict)
	s.problem(put("people/erased-0123456789ab", `{}`), http.StatusUnprocessableEntity)
	s.put("orders/A1", `{"person":"mei","items":[{"title":"Wollmantel"}],"parcels":[{"carrier":"dhl","number":"0034"}]}`) // the shop's nightly copy
	s.put("people/mei", body+`,"again":true}`)
	s.put("orders/A2", `{"person":"mei"}`)
}

func TestErased_NewsOfTheParcelGoesNowhere(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.erase("mei")
	s.good(request{method: http.MethodPost, path: "/v1/events", key: play.APIKey, body: event("e1", "picked_up", "2026-12-01T10:00:00Z")}, http.StatusAccepted)
	s.must(s.Work(t.Context()))
	if got := s.Sandbox.Received(); len(got) > 0 {
		t.Errorf("somebody hears of it: %+v", got)
	}
	if body := s.good(request{method: http.MethodGet, path: "/v1/orders/A1/timeline", key: play.APIKey}, http.StatusOK); !strings.Contains(body, string(notify.SubjectErased)) {
		t.Errorf("the timeline does not say why: %s", body)
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.put("people/tom", `{"name":"Tom","email":"tom@example.com"}`)
	s.good(request{method: http.MethodPost, path: "/v1/events", key: play.APIKey, body: event("e1", "picked_up", "2026-12-01T10:00:00Z")}, http.StatusAccepted)
	s.must(s.Work(t.Context()))
	a := s.ask(request{method: http.MethodGet, path: "/v1/people/mei/export", key: play.APIKey})
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/zip" || a.header.Get("Cache-Control") != "no-store" ||
		!strings.Contains(a.header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("got %d %v", a.status, a.header)
	}
	files := unzip(t, a.body)
	for name, holds := range map[string]string{"profile.json": "mei@example.com", "messages.jsonl": "Wollmantel", "orders.jsonl": "0034", "manifest.json": `"intact": true`,
		"recipients.json": "Twilio", "consents.jsonl": "checkbox"} {
		if !strings.Contains(files[name], holds) {
			t.Errorf("%s lacks %s: %s", name, holds, files[name])
		}
	}
	for name, text := range files {
		for _, alien := range []string{"tom@example.com", "erased", "acme-try-key"} {
			if strings.Contains(text, alien) {
				t.Errorf("%s holds %s", name, alien)
			}
		}
	}
	for _, r := range []request{{method: http.MethodGet, path: "/v1/people/nobody/export", key: play.APIKey}, {method: http.MethodGet, path: "/v1/people/mei/export", key: strangerKey}} {
		s.problem(s.ask(r), http.StatusNotFound)
	}
}

func unzip(t *testing.T, body string) map[string]string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(data)
	}
	return out
}

func TestProof(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.good(request{method: http.MethodPost, path: "/v1/events", key: play.APIKey, body: event("e1", "departed_origin", "2026-12-01T10:00:00Z")}, http.StatusAccepted)
	s.must(s.Work(t.Context()))
	var list struct {
		Notifications []struct{ Notification, Channel string }
	}
	s.read("/v1/notifications?person=mei", &list)
	path := "/v1/notifications/" + list.Notifications[0].Notification
	if body := s.good(request{method: http.MethodGet, path: path, key: play.APIKey}, http.StatusOK); strings.Contains(body, `"facts"`) {
		t.Error("the row carries the facts")
	}
	var p subject.Proof
	s.read(path+"/proof", &p)
	i := slices.IndexFunc(p.Deliveries, func(g subject.Grounds) bool { return g.Channel == notify.WhatsApp })
	if i < 0 {
		t.Fatalf("WhatsApp is not among %+v", p.Deliveries)
	}
	g := p.Deliveries[i]
	if g.Basis != notify.BasisConsent || !g.Replayed || g.Consent == nil || !g.Consent.Intact || g.Consent.Record.Method != "checkbox" {
		t.Errorf("the grounds are %+v, the consent %+v", g, g.Consent)
	}
	s.problem(s.ask(request{method: http.MethodGet, path: path + "/proof", key: strangerKey}), http.StatusNotFound)
	s.erase("mei")
	var after subject.Proof
	s.read(path+"/proof", &after)
	if c := after.Deliveries[i].Consent; c == nil || c.Record != nil || c.Intact || c.Hash == "" {
		t.Errorf("after the erasure the consent is %+v", c)
	}
}
