package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"landfall/internal/notify"
)

// office is Chatwoot or Zendesk as far as we use it. It does what it is asked, and the answer to one call may be lost.
type office struct {
	loses int // which call's answer is lost, from 1; 0 for none
	calls []string

	contacts []string // source ids
	talks    []string // the source id of each conversation, or the external_id of each ticket
	said     []string
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.calls = append(o.calls, r.Method+" "+r.URL.Path)
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	does := o.chatwoot
	if strings.HasPrefix(r.URL.Path, "/api/v2/") {
		does = o.zendesk
	}
	answer := does(r, body)
	if len(o.calls) == o.loses {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (o *office) chatwoot(r *http.Request, body map[string]any) any {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/public/api/v1/inboxes/in1/"), "/") // contacts, source, conversations, id, messages
	switch read := r.Method == http.MethodGet; {
	case len(parts) == 1:
		source, _ := body["source_id"].(string)
		if source == "" {
			source = fmt.Sprintf("made-%d", len(o.contacts))
		}
		if !slices.Contains(o.contacts, source) {
			o.contacts = append(o.contacts, source)
		}
		return map[string]any{"source_id": source}
	case len(parts) == 3 && read:
		out := []any{}
		if slices.Contains(o.talks, parts[1]) {
			out = append(out, map[string]any{"id": 7, "messages": o.messages()})
		}
		return out
	case len(parts) == 3:
		o.talks = append(o.talks, parts[1])
		return map[string]any{"id": 7, "messages": []any{}}
	case len(parts) == 5 && read:
		return o.messages()
	case len(parts) == 5:
		o.said = append(o.said, body["content"].(string))
		return map[string]any{"id": len(o.said) * 10}
	}
	return nil
}

// messages are what was said, with what an agent said after each.
func (o *office) messages() []any {
	out := []any{}
	for i, text := range o.said {
		out = append(out, map[string]any{"id": i*10 + 10, "content": text + "\r\n", "message_type": 0}, map[string]any{"id": i*10 + 11, "content": "an agent", "message_type": 1})
	}
	return out
}

func (o *office) zendesk(r *http.Request, body map[string]any) any {
	asked, _ := body["ticket"].(map[string]any)
	comment, _ := asked["comment"].(map[string]any)
	switch {
	case r.Method == http.MethodPut, r.Method == http.MethodPost:
		o.said = append(o.said, comment["body"].(string))
		if r.Method == http.MethodPost {
			o.talks = append(o.talks, asked["external_id"].(string))
		}
		return map[string]any{"ticket": map[string]any{"id": 42}, "audit": map[string]any{"id": len(o.said) * 100}}
	case strings.HasSuffix(r.URL.Path, "/comments.json"):
		out := []any{}
		for i, text := range o.said {
			out = append(out, map[string]any{"id": i + 1, "audit_id": i*100 + 100, "body": text, "public": false}, map[string]any{"id": i + 1000, "audit_id": 1, "body": text, "public": true})
		}
		return map[string]any{"comments": out}
	}
	tickets := []any{map[string]any{"id": 41, "external_id": "another"}}
	for _, t := range o.talks {
		tickets = append(tickets, map[string]any{"id": 42, "external_id": t})
	}
	return map[string]any{"tickets": tickets}
}

// tries does something until it succeeds, and returns what came of it.
func tries(t *testing.T, do func(again bool) (notify.DeskPlace, error)) notify.DeskPlace {
	t.Helper()
	for attempt := range 2 {
		if at, err := do(attempt > 0); err == nil {
			return at
		}
	}
	t.Fatal("it is not done at the second attempt")
	return notify.DeskPlace{}
}

// handsAll hands over a conversation in which the customer says the same twice.
func handsAll(t *testing.T, kind Kind, o *office) {
	t.Helper()
	srv := httptest.NewServer(o)
	t.Cleanup(srv.Close)
	d := New(Config{Kind: kind, URL: srv.URL, Inbox: "in1", Secret: "0123456789abcdef", Email: "a@b.example", Token: "t"}, NewClient(true), time.Now)
	read := 0 // packets of two attempts differ: news has come meanwhile
	at := tries(t, func(again bool) (notify.DeskPlace, error) {
		read++
		return d.Open(context.Background(), Packet{Handoff: "h1", Person: "mei", Reason: fmt.Sprintf("packet %d", read)}, again)
	})
	for _, text := range []string{"hello?", "hello?", "anybody?"} {
		next := tries(t, func(again bool) (notify.DeskPlace, error) {
			return d.Say(context.Background(), at, Message{Handoff: "h1", ID: text, Text: text}, again)
		})
		if next.Ref != "" {
			at.Ref = next.Ref
		}
		if next.Last != "" {
			at.Last = next.Last
		}
	}
}

// Whichever answer is lost, the desk has one conversation and each message once.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for kind, first := range map[Kind]int{Chatwoot: 6, Zendesk: 4} {
		for lost := range first + 1 {
			o := &office{loses: lost}
			handsAll(t, kind, o)
			if len(o.talks) != 1 || len(o.contacts) > 1 || len(o.said) != 4 || !slices.Equal(o.said[1:], []string{"hello?", "hello?", "anybody?"}) {
				t.Errorf("%s, answer %d lost: contacts %v, conversations %v, said %q; called %v", kind, lost, o.contacts, o.talks, o.said, o.calls)
			}
			if lost == 0 && len(o.calls) != first {
				t.Errorf("%s: first attempts take %d calls, want %d: %v", kind, len(o.calls), first, o.calls)
			}
		}
	}
}

// A door cannot be guessed: it is another for each handoff, and for whoever has another secret.
func TestChatwoot_Source(t *testing.T) {
	t.Parallel()
	c := chatwoot{Config: Config{Secret: "0123456789abcdef"}}
	other := chatwoot{Config: Config{Secret: "fedcba9876543210"}}
	if a := c.source("h1"); len(a) != 64 || a != c.source("h1") || a == c.source("h2") || a == other.source("h1") || strings.Contains(a, "h1") {
		t.Errorf("it is %s", a)
	}
}
