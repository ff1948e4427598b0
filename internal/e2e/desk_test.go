package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"landfall/internal/config"
	"landfall/internal/desk"
	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/sandbox"
)

const deskSecret = "a secret that the desk and we share"

// bureau is a desk that keeps what it is sent, and tells whoever waits for it.
type bureau struct {
	*httptest.Server
	t    *testing.T
	came chan call

	mu      sync.Mutex
	down    bool
	refuses string // what it takes no message with; "" for none
}

type call struct {
	method, path string
	header       http.Header
	body         string
}

func newBureau(t *testing.T) *bureau {
	t.Helper()
	b := &bureau{t: t, came: make(chan call, 100)}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.mu.Lock()
		down, unwanted := b.down, b.refuses != "" && strings.Contains(string(body), b.refuses)
		b.mu.Unlock()
		b.came <- call{r.Method, r.URL.Path, r.Header, string(body)}
		switch {
		case down:
			w.WriteHeader(http.StatusServiceUnavailable)
		case unwanted:
			w.WriteHeader(http.StatusUnprocessableEntity)
		case strings.HasSuffix(r.URL.Path, "/contacts"):
			_, _ = io.WriteString(w, `{"source_id":"src-1","pubsub_token":"x"}`)
		case strings.HasSuffix(r.URL.Path, "/conversations"):
			_, _ = io.WriteString(w, `{"id":7}`)
		case strings.HasSuffix(r.URL.Path, "/tickets.json"):
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"ticket":{"id":42}}`)
		default:
			_, _ = io.WriteString(w, `{}`)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *bureau) out(down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = down
}

// next is the next call to the desk.
func (b *bureau) next() call {
	b.t.Helper()
	select {
	case c := <-b.came:
		return c
	case <-time.After(15 * time.Second):
		b.t.Fatal("the desk is not called")
		return call{}
	}
}

func (b *bureau) none() {
	b.t.Helper()
	select {
	case c := <-b.came:
		b.t.Errorf("the desk is called again: %s %s", c.path, c.body)
	default:
	}
}

// atDesk is a world whose merchant has a desk, and a customer whose coat is in customs.
func atDesk(t *testing.T, b *bureau, more string) *stage {
	t.Helper()
	s := begin(t, play.Options{Start: instant(t, "2026-12-01T10:00:00Z"), Redis: "embedded", Operator: func(c *config.Settings) { c.DeskPrivate = true }})
	s.reconfigured("assistant: true", fmt.Sprintf("desk: {url: %q, secret: %q, %s}\nassistant: true", b.URL, deskSecret, more))
	s.mei()
	s.hear("2026-12-01T10:01:00Z", "customs_started")
	s.until("2026-12-01T11:00:00Z")
	return s
}

// fromDesk is a call of the desk's, signed as its kind signs; the answer's status.
func (s *stage) fromDesk(kind desk.Kind, body string, at time.Time) int {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.App.URL()+"/v1/hooks/desk/acme", strings.NewReader(body))
	s.must(err)
	mac := func(text string) []byte {
		h := hmac.New(sha256.New, []byte(deskSecret))
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	seconds := fmt.Sprint(at.Unix())
	switch kind {
	case desk.Chatwoot:
		r.Header.Set("X-Chatwoot-Timestamp", seconds)
		r.Header.Set("X-Chatwoot-Signature", "sha256="+hex.EncodeToString(mac(seconds+"."+body)))
	case desk.Zendesk:
		stamp := at.Format(time.RFC3339)
		r.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", stamp)
		r.Header.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(mac(stamp+body)))
	default:
		r.Header.Set("Webhook-Id", "w1")
		r.Header.Set("Webhook-Timestamp", seconds)
		r.Header.Set("Webhook-Signature", "v1,bm8= v1,"+base64.StdEncoding.EncodeToString(mac("w1."+seconds+"."+body)))
	}
	res, err := http.DefaultClient.Do(r)
	s.must(err)
	defer res.Body.Close()
	s.must(s.Settle(s.t.Context()))
	return res.StatusCode
}

// handed is the id of the only open handoff, and how handing it over goes.
func (s *stage) handed() notify.DeskHandoff {
	s.t.Helper()
	var open struct {
		Handoffs []notify.DeskHandoff `json:"handoffs"`
	}
	s.must(s.Get(s.t.Context(), "handoffs", &open))
	if len(open.Handoffs) != 1 {
		s.t.Fatalf("%d handoffs are open", len(open.Handoffs))
	}
	return open.Handoffs[0]
}

// The merchant's own webhook: the whole story comes, signed; what the customer writes then follows, in order; the agent's answer reaches her once; and after the end the assistant speaks again.
func TestDesk_Webhook(t *testing.T) {
	t.Parallel()
	b := newBureau(t)
	s := atDesk(t, b, "kind: webhook")
	s.answers(sandbox.WhatsApp, "wo ist mein Mantel?", "Wollmantel")
	s.answers(sandbox.WhatsApp, "der Mantel kam kaputt an, ich will mit jemandem sprechen", "übernimmt")
	first := b.next()
	var opened struct {
		Type string
		Data desk.Packet
	}
	s.must(json.Unmarshal([]byte(first.body), &opened))
	p := opened.Data
	id := s.handed().ID
	if opened.Type != "handoff.opened" || p.Handoff != id || p.Person != "mei" || p.Channel != notify.WhatsApp || p.Reason != "contact_human" || p.Locale != "de" {
		t.Errorf("the packet is %s", first.body)
	}
	if strings.Contains(first.body, phone) || !strings.Contains(p.Address, "•") {
		t.Errorf("the address is not masked: %s", p.Address)
	}
	if n := len(p.Turns); n != 4 || p.Turns[0].Text != "wo ist mein Mantel?" || p.Turns[1].From != "assistant" || p.Turns[2].From != "customer" || !strings.Contains(p.Turns[3].Text, "übernimmt") {
		t.Errorf("the conversation is %+v", p.Turns)
	}
	at := first.header.Get("Webhook-Timestamp")
	h := hmac.New(sha256.New, []byte(deskSecret))
	h.Write([]byte(id + "." + at + "." + first.body))
	if want := "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil)); first.header.Get("Webhook-Signature") != want || first.header.Get("Webhook-Id") != id {
		t.Errorf("it is signed %v", first.header)
	}
	for _, text := range []string{"hallo?", "ist da jemand?"} {
		if got := s.asks(sandbox.WhatsApp, text); got != "" {
			t.Errorf("the assistant speaks beside a person: %s", got)
		}
		if c := b.next(); !strings.Contains(c.body, text) || !strings.Contains(c.body, id) {
			t.Errorf("the desk is told %s", c.body)
		}
	}
	before := len(s.arrived())
	reply := fmt.Sprintf(`{"type":"handoff.reply","data":{"handoff":%q,"id":"1","text":"Hier ist Anna."}}`, id)
	for range 2 {
		if status := s.fromDesk(desk.Webhook, reply, s.Clock.Now()); status != http.StatusOK {
			t.Errorf("the answer is %d", status)
		}
	}
	if got := s.arrived(); len(got) != before+1 || got[before].Text != "Hier ist Anna." || got[before].Channel != sandbox.WhatsApp {
		t.Errorf("she hears %+v", got[before:])
	}
	s.fromDesk(desk.Webhook, fmt.Sprintf(`{"type":"handoff.close","data":{"handoff":%q}}`, id), s.Clock.Now())
	s.answers(sandbox.WhatsApp, "wo ist mein Mantel?", "Wollmantel")
	b.none()
	for name, c := range map[string]struct {
		kind desk.Kind
		body string
		at   time.Time
		want int
	}{
		"another's signature": {desk.Zendesk, reply, s.Clock.Now(), http.StatusUnauthorized},
		"an old call":         {desk.Webhook, reply, s.Clock.Now().Add(-time.Hour), http.StatusUnauthorized},
		"no form":             {desk.Webhook, `{"type":"x"}`, s.Clock.Now(), http.StatusBadRequest},
		"a repeated one":      {desk.Webhook, reply, s.Clock.Now(), http.StatusOK}, // it was said before the end
		"a closed one":        {desk.Webhook, strings.Replace(reply, `"id":"1"`, `"id":"2"`, 1), s.Clock.Now(), http.StatusNotFound},
		"an unknown one":      {desk.Webhook, `{"type":"handoff.reply","data":{"handoff":"ha_none","id":"1","text":"x"}}`, s.Clock.Now(), http.StatusNotFound},
		"a repeated end":      {desk.Webhook, fmt.Sprintf(`{"type":"handoff.close","data":{"handoff":%q}}`, id), s.Clock.Now(), http.StatusOK},
	} {
		if got := s.fromDesk(c.kind, c.body, c.at); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestDesk_Chatwoot(t *testing.T) {
	t.Parallel()
	b := newBureau(t)
	s := atDesk(t, b, "kind: chatwoot, inbox: in1")
	s.answers(sandbox.WhatsApp, "der Mantel kam kaputt an, ich will mit jemandem sprechen", "übernimmt")
	const base = "/public/api/v1/inboxes/in1/contacts"
	for i, want := range []struct{ path, part string }{
		{base, `"identifier":"mei"`}, {base + "/src-1/conversations", `"handoff":`}, {base + "/src-1/conversations/7/messages", "der Mantel kam kaputt an"},
	} {
		if c := b.next(); c.path != want.path || !strings.Contains(c.body, want.part) || strings.Contains(c.body, phone) {
			t.Errorf("call %d: %s %s", i, c.path, c.body)
		}
	}
	s.asks(sandbox.WhatsApp, "hallo?")
	if c := b.next(); c.path != base+"/src-1/conversations/7/messages" || !strings.Contains(c.body, "hallo?") {
		t.Errorf("the desk is told at %s: %s", c.path, c.body)
	}
	before := len(s.arrived())
	message := func(kind string, private bool) string {
		return fmt.Sprintf(`{"event":"message_created","id":99,"content":"Hier ist Anna.","message_type":%q,"private":%t,"conversation":{"id":7,"contact_inbox":{"source_id":"src-1"}}}`, kind, private)
	}
	for _, body := range []string{message("incoming", false), message("outgoing", true), message("outgoing", false), message("outgoing", false)} {
		s.fromDesk(desk.Chatwoot, body, s.Clock.Now())
	}
	if got := s.arrived(); len(got) != before+1 || got[before].Text != "Hier ist Anna." {
		t.Errorf("she hears %+v", got[before:])
	}
	s.fromDesk(desk.Chatwoot, `{"event":"conversation_status_changed","id":7,"status":"resolved","contact_inbox":{"source_id":"src-1"}}`, s.Clock.Now())
	if got := s.fromDesk(desk.Chatwoot, message("outgoing", false), s.Clock.Now()); got != http.StatusOK {
		t.Errorf("what was said before the end: %d", got)
	}
	if got := s.fromDesk(desk.Chatwoot, strings.Replace(message("outgoing", false), `"id":99`, `"id":100`, 1), s.Clock.Now()); got != http.StatusNotFound {
		t.Errorf("what is said after the end: %d", got)
	}
	s.answers(sandbox.WhatsApp, "wo ist mein Mantel?", "Wollmantel")
}

func TestDesk_Zendesk(t *testing.T) {
	t.Parallel()
	b := newBureau(t)
	s := atDesk(t, b, `kind: zendesk, email: "desk@acme.example", token: "zendesk-token"`)
	s.answers(sandbox.WhatsApp, "der Mantel kam kaputt an, ich will mit jemandem sprechen", "übernimmt")
	c := b.next()
	id := s.handed().ID
	user, password, _ := (&http.Request{Header: c.header}).BasicAuth()
	if c.path != "/api/v2/tickets.json" || user != "desk@acme.example/token" || password != "zendesk-token" || c.header.Get("Idempotency-Key") != id || !strings.Contains(c.body, "kaputt") || !strings.Contains(c.body, `"public":false`) {
		t.Errorf("the ticket is made at %s by %s: %s", c.path, user, c.body)
	}
	s.asks(sandbox.WhatsApp, "hallo?")
	if c := b.next(); c.method != http.MethodPut || c.path != "/api/v2/tickets/42.json" || !strings.Contains(c.body, "hallo?") || !strings.Contains(c.body, `"public":false`) {
		t.Errorf("the desk is told at %s: %s", c.path, c.body)
	}
	before := len(s.arrived())
	for range 2 {
		s.fromDesk(desk.Zendesk, fmt.Sprintf(`{"handoff":%q,"id":"900","text":"Hier ist Anna.","status":"Solved"}`, id), s.Clock.Now())
	}
	if got := s.arrived(); len(got) != before+1 || got[before].Text != "Hier ist Anna." {
		t.Errorf("she hears %+v", got[before:])
	}
	s.answers(sandbox.WhatsApp, "wo ist mein Mantel?", "Wollmantel")
}

// A desk that is down for an hour loses nothing: what was written comes in order when it is back, and the customer was told once.
func TestDesk_Down(t *testing.T) {
	t.Parallel()
	b := newBureau(t)
	b.out(true)
	s := atDesk(t, b, "kind: webhook")
	s.answers(sandbox.WhatsApp, "ich will mit einem Menschen sprechen", "übernimmt")
	b.next()
	s.asks(sandbox.WhatsApp, "es geht um den Mantel")
	before := len(s.arrived())
	for range 6 { // an hour
		s.Clock.Set(s.Clock.Now().Add(10 * time.Minute))
		b.next()
	}
	s.must(s.Settle(t.Context()))
	got := s.arrived()[before:]
	if len(got) != 1 || !strings.Contains(got[0].Text, "niemand von uns zu erreichen") {
		t.Errorf("she is told %+v", got)
	}
	if h := s.handed(); h.Desk != notify.DeskWaiting {
		t.Errorf("the handoff is %s", h.Desk)
	}
	b.out(false)
	s.Clock.Set(s.Clock.Now().Add(10 * time.Minute))
	var bodies []string
	for len(bodies) < 2 {
		if c := b.next(); len(bodies) == 0 || c.body != bodies[0] {
			bodies = append(bodies, c.body)
		}
	}
	if !strings.Contains(bodies[0], "handoff.opened") || strings.Contains(bodies[0], "es geht um den Mantel") || !strings.Contains(bodies[1], "es geht um den Mantel") {
		t.Errorf("the desk is told %q", bodies)
	}
}

// A message that the desk does not take holds up nothing: what comes after it is handed over, and the handoff says what is missing there.
func TestDesk_Refuses(t *testing.T) {
	t.Parallel()
	b := newBureau(t)
	b.refuses = "verboten"
	s := atDesk(t, b, "kind: webhook")
	s.answers(sandbox.WhatsApp, "ich will mit einem Menschen sprechen", "übernimmt")
	b.next()
	for _, text := range []string{"das ist verboten", "hallo?"} {
		s.asks(sandbox.WhatsApp, text)
		if c := b.next(); !strings.Contains(c.body, text) {
			t.Errorf("the desk is told %s, not %q", c.body, text)
		}
	}
	h := s.handed()
	if h.Refused != 1 || h.Desk != notify.DeskReached {
		t.Errorf("the handoff is %+v", h)
	}
	var p desk.Packet
	s.must(s.Get(t.Context(), "handoffs/"+h.ID, &p))
	for _, turn := range p.Turns {
		if turn.Refused != (turn.Text == "das ist verboten") {
			t.Errorf("refused %t: %s", turn.Refused, turn.Text)
		}
	}
}

// What an agent writes has a thousand characters at most, whichever way it comes; one more is refused and reaches nobody.
func TestDesk_LongText(t *testing.T) {
	t.Parallel()
	b := newBureau(t)
	s := atDesk(t, b, "kind: webhook")
	s.answers(sandbox.WhatsApp, "ich will mit einem Menschen sprechen", "übernimmt")
	b.next()
	id, before := s.handed().ID, len(s.arrived())
	said := func(n string, length int) int {
		return s.fromDesk(desk.Webhook, fmt.Sprintf(`{"type":"handoff.reply","data":{"handoff":%q,"id":%q,"text":%q}}`, id, n, strings.Repeat("ü", length)), s.Clock.Now())
	}
	if got := said("1", 1001); got != http.StatusRequestEntityTooLarge || len(s.arrived()) != before {
		t.Errorf("1001 characters: %d, %d messages", got, len(s.arrived())-before)
	}
	if got := said("1", 1000); got != http.StatusOK || len(s.arrived()) != before+1 {
		t.Errorf("1000 characters: %d, %d messages", got, len(s.arrived())-before)
	}
	if err := s.Post(t.Context(), "handoffs/"+id+"/messages", map[string]string{"id": "2", "text": strings.Repeat("ü", 1001)}); err == nil || len(s.arrived()) != before+1 {
		t.Errorf("1001 characters by the API: %v", err)
	}
}
