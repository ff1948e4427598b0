package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"landfall/internal/play"
)

// A customer asks in the app, and the answer is a message of their inbox: once, however often the question is sent, and to nobody else.
func TestAskInbox(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.good(request{method: http.MethodPost, path: "/v1/events", key: play.APIKey, body: event("e1", "customs_started", "2026-12-01T09:59:00Z")}, http.StatusAccepted)
	s.must(s.Settle(t.Context()))
	token := s.token(play.APIKey, "mei")
	inbox := func() (titles []string, last string) {
		var out struct {
			Answers  bool
			Messages []struct{ Title, Text string }
		}
		s.must(json.Unmarshal([]byte(s.good(request{method: http.MethodGet, path: "/v1/inbox", key: token}, http.StatusOK)), &out))
		if !out.Answers {
			t.Error("the inbox says that nobody answers")
		}
		for _, m := range out.Messages {
			titles = append(titles, m.Title)
		}
		if len(out.Messages) > 0 {
			last = out.Messages[0].Text
		}
		return titles, last
	}
	before, _ := inbox()
	for range 2 {
		s.good(request{method: http.MethodPost, path: "/v1/inbox/messages", key: token, body: `{"id":"q1","text":"wo ist der Mantel?"}`}, http.StatusAccepted)
		s.must(s.Settle(t.Context()))
	}
	titles, text := inbox()
	if len(titles) != len(before)+1 || titles[0] != "Acme" || !strings.Contains(text, "Wollmantel") || !strings.Contains(text, "Zoll") {
		t.Errorf("the inbox has %q, the last says %q", titles, text)
	}
	s.good(request{method: http.MethodPost, path: "/v1/inbox/messages", key: token, body: `{"id":"q2","text":"STOP"}`}, http.StatusAccepted)
	s.must(s.Settle(t.Context()))
	if _, text := inbox(); !strings.Contains(text, "keine Nachrichten mehr") {
		t.Errorf("a STOP is answered with %q", text)
	}
	s.good(request{method: http.MethodPost, path: "/v1/inbox/messages", key: token, body: `{"id":"q3","text":"wo ist der Mantel?"}`}, http.StatusAccepted)
	s.must(s.Settle(t.Context()))
	if after, _ := inbox(); len(after) != len(titles)+1 {
		t.Errorf("after a STOP there are %d messages, want %d", len(after), len(titles)+1)
	}
}

func TestAskInbox_Refused(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.put("people/eve", `{"name":"Eve","market":"DE"}`)
	s.good(request{method: http.MethodPut, path: "/v1/people/mei", body: `{"name":"Another","in_app":true}`, key: strangerKey}, http.StatusOK)
	for name, c := range map[string]struct {
		key, body string
		status    int
	}{
		"no token":              {"", `{"id":"q","text":"hello"}`, http.StatusUnauthorized},
		"the merchant's key":    {play.APIKey, `{"id":"q","text":"hello"}`, http.StatusUnauthorized},
		"no inbox":              {s.token(play.APIKey, "eve"), `{"id":"q","text":"hello"}`, http.StatusNotFound},
		"nobody answers":        {s.token(strangerKey, "mei"), `{"id":"q","text":"hello"}`, http.StatusConflict},
		"nothing written":       {s.token(play.APIKey, "mei"), `{"id":"q","text":""}`, http.StatusUnprocessableEntity},
		"too much is written":   {s.token(play.APIKey, "mei"), `{"id":"q","text":"` + strings.Repeat("a", 1001) + `"}`, http.StatusUnprocessableEntity},
		"no id to know it by":   {s.token(play.APIKey, "mei"), `{"text":"hello"}`, http.StatusUnprocessableEntity},
		"an id that is no text": {s.token(play.APIKey, "mei"), `{"id":1,"text":"hello"}`, http.StatusUnprocessableEntity},
	} {
		if detail := s.problem(s.ask(request{method: http.MethodPost, path: "/v1/inbox/messages", key: c.key, body: c.body}), c.status); detail == "" {
			t.Errorf("%s: no reason", name)
		}
	}
}
