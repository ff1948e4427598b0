package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"landfall/internal/notify"
	"landfall/internal/play"
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
