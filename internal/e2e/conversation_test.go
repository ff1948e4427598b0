package e2e

import (
	"errors"
	"net/smtp"
	"strings"
	"sync/atomic"
	"testing"

	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/sandbox"
)

// ours is the shop's number on WhatsApp, and support another one.
const ours, support = "+493012345678", "+493012345679"

// asks sends what she writes, and returns what she hears for it; "" for nothing.
func (s *stage) asks(c sandbox.Channel, text string) string {
	s.t.Helper()
	before := len(s.arrived())
	switch c {
	case sandbox.LINE:
		s.must(s.Sandbox.LineReply(lineUser, text))
	case sandbox.SMS:
		s.must(s.Sandbox.Reply(c, phone, "+12025550123", text))
	case sandbox.Email:
		s.must(s.Sandbox.Reply(c, mail, "", text))
	default:
		s.must(s.Sandbox.Reply(c, phone, ours, text))
	}
	s.must(s.Settle(s.t.Context()))
	got := s.arrived()
	if len(got) == before {
		return ""
	}
	if last := got[len(got)-1]; len(got) != before+1 || last.Channel != c {
		s.t.Fatalf("%q on %s brings %+v", text, c, got[before:])
	}
	return got[len(got)-1].Text
}

func (s *stage) answers(c sandbox.Channel, text string, want ...string) {
	s.t.Helper()
	got := s.asks(c, text)
	for _, w := range want {
		if !strings.Contains(got, w) {
			s.t.Errorf("%q is answered without %q:\n%s", text, w, got)
		}
	}
}

// mug is a second order, so that "my order" may be either.
func (s *stage) mug() {
	s.t.Helper()
	s.must(s.Put(s.t.Context(), "orders/A2", map[string]any{"person": "mei", "ordered_at": "2026-11-20T10:00:00Z", "items": []any{map[string]any{"title": "Teetasse"}},
		"parcels": []any{map[string]any{"carrier": "dhl", "number": "0035"}}}))
}

// She asks without a number, on each channel, in the language of her own, and gets the truth about her own orders, or a question.
func TestConversation(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.must(s.Put(s.t.Context(), "people/mei", map[string]any{"name": "Mei", "market": "DE", "locale": "de", "phone": phone, "email": mail, "line": lineUser, "address": map[string]any{"country": "DE"}}))
		s.must(s.Sandbox.Follow(lineUser))
		s.mug()
		s.hear("2026-12-01T10:01:00Z", "customs_started")
		s.until("2026-12-01T11:00:00Z")
		s.answers(sandbox.WhatsApp, "wo ist der Mantel, den ich bestellt habe?", "automatische Assistent von Acme", "Wollmantel", "Zoll")
		s.answers(sandbox.WhatsApp, "nein, die andere", "Teetasse")
		s.answers(sandbox.WhatsApp, "und wo bleibt meine bestellung?", "Welche Bestellung", "1. ", "2. ", "Teetasse")
		s.answers(sandbox.WhatsApp, "die Tasse", "Teetasse", "noch nichts gemeldet")
		for text, want := range map[string]string{
			"¿dónde está mi abrigo?": "aduana", "où est mon manteau ?": "douane", "コートはどこですか": "税関", "我的外套到哪了": "海关", "cadê meu casaco?": "alf",
		} {
			s.answers(sandbox.LINE, text, want)
			if got := s.arrived(); !got[len(got)-1].ByToken {
				t.Errorf("the answer to %q is a push that counts to the quota", text)
			}
		}
		s.answers(sandbox.SMS, "where is the coat", "Wollmantel", "customs")
		s.content()
	})
}

// A person takes over, answers by the API, and gives the conversation back.
func TestConversation_HandoffAndBack(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.hear("2026-12-01T10:01:00Z", "customs_started")
		s.until("2026-12-01T11:00:00Z")
		s.answers(sandbox.WhatsApp, "der Mantel kam kaputt an, ich will mit jemandem sprechen", "übernimmt")
		if got := s.asks(sandbox.WhatsApp, "hallo?"); got != "" {
			t.Errorf("the assistant speaks beside a person: %s", got)
		}
		var open struct {
			Handoffs []notify.DeskHandoff `json:"handoffs"`
		}
		s.must(s.Get(t.Context(), "handoffs", &open))
		if len(open.Handoffs) != 1 || open.Handoffs[0].Reason != "contact_human" {
			t.Fatalf("%+v", open)
		}
		id := open.Handoffs[0].ID
		before := len(s.arrived())
		for range 2 { // the desk's program tries again
			s.must(s.Post(t.Context(), "handoffs/"+id+"/messages", map[string]any{"id": "d1", "text": "Hier ist Anna. Der Mantel wird ersetzt."}))
			s.must(s.Settle(t.Context()))
		}
		if got := s.arrived(); len(got) != before+1 || got[before].Channel != sandbox.WhatsApp || !strings.Contains(got[before].Text, "Anna") {
			t.Errorf("the agent's words arrive as %+v", got[before:])
		}
		s.must(s.Post(t.Context(), "handoffs/"+id+"/close", nil))
		s.answers(sandbox.WhatsApp, "wo ist mein Mantel?", "Wollmantel", "Zoll")
		s.content()
	})
}

// A shop with two numbers on WhatsApp answers by the one that was written to, also for its desk; and news goes freely by it, since WhatsApp opens the window for
// that number alone.
func TestConversation_ByTheNumberWrittenTo(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.reconfigured(`whatsapp: {from: "`+ours+`"}`, `whatsapp: [{name: orders, from: "`+ours+`"}, {name: support, from: "`+support+`"}]`)
		s.mei()
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T11:00:00Z").one(sandbox.WhatsApp, "2026-12-01T10:01:00Z", "Wollmantel")
		for i, text := range []string{"wo ist mein Mantel?", "ich will mit jemandem sprechen"} {
			s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, support, text))
			s.must(s.Settle(t.Context()))
			s.by(i+2, support)
		}
		s.hear("2026-12-01T11:01:00Z", "out_for_delivery")
		s.until("2026-12-01T12:00:00Z")
		s.by(4, support)
		s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, ours, "STOP"))
		s.must(s.Settle(t.Context()))
		s.by(5, ours)
		s.content()
	})
}

// by insists that so many messages arrived by now, the last of them by a number.
func (s *stage) by(n int, number string) {
	s.t.Helper()
	if got := s.arrived(); len(got) != n || got[n-1].From != number {
		s.t.Errorf("%d messages, want %d, the last by %s and not %s: %s", len(got), n, number, got[len(got)-1].From, got[len(got)-1].Text)
	}
}

// STOP in the middle of a conversation ends it: one confirmation, and no answers any more.
func TestConversation_Stop(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.hear("2026-12-01T10:01:00Z", "customs_started")
		s.until("2026-12-01T11:00:00Z")
		s.answers(sandbox.WhatsApp, "wo ist mein Mantel?", "Wollmantel")
		s.answers(sandbox.WhatsApp, "STOP", "keine Nachrichten mehr")
		if got := s.asks(sandbox.WhatsApp, "wo ist mein Mantel?"); got != "" {
			t.Errorf("after a STOP there is an answer: %s", got)
		}
		s.content()
	})
}

// The queue takes nothing: an answer on LINE does not wait for it, since its token lasts a minute.
func TestConversation_AtOnce(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	s := begin(t, play.Options{Start: instant(t, "2026-12-01T10:00:00Z"), Redis: "embedded", BeforeEnqueue: func() error {
		if down.Load() {
			return errors.New("the queue takes nothing")
		}
		return nil
	}})
	s.must(s.Put(t.Context(), "people/mei", map[string]any{"name": "Mei", "market": "DE", "locale": "de", "line": lineUser}))
	s.coat()
	down.Store(true)
	s.answers(sandbox.LINE, "wo ist mein Mantel?", "Wollmantel")
}

// By mail: asked in reply to a notice, answered in the same thread, with an address to go on. A reply from anybody else's address, and of a machine, is nobody's.
func TestConversation_ByMail(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.must(s.Put(t.Context(), "people/mei", map[string]any{"name": "Mei", "market": "DE", "locale": "de", "email": mail, "address": map[string]any{"country": "DE"}}))
		s.coat()
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T11:00:00Z").one(sandbox.Email, "2026-12-01T10:01:00Z", "Wollmantel")
		s.hear("2026-12-01T11:01:00Z", "customs_started")
		s.until("2026-12-01T11:30:00Z")
		s.answers(sandbox.Email, "Wo ist der Mantel?", "automatische Assistent von Acme", "Wollmantel", "Zoll")
		got := s.arrived()
		last := got[len(got)-1]
		if !strings.HasPrefix(last.Title, "Re: ") || strings.Contains(last.Title, "Re: Re:") || last.Headers["Auto-Submitted"][0] != "auto-replied" || !strings.HasSuffix(last.Headers["In-Reply-To"][0], "@sandbox.invalid>") {
			t.Errorf("the answer is %q with %v", last.Title, last.Headers)
		}
		s.must(s.Put(t.Context(), "people/mei", map[string]any{"name": "Mei", "market": "DE", "locale": "de", "email": "Mei@Example.com", "address": map[string]any{"country": "DE"}}))
		s.answers(sandbox.Email, "Und wann kommt er?", "Wollmantel")
		s.answers(sandbox.Email, "Bitte keine Nachrichten mehr", "keine Nachrichten mehr")
		s.content()
	})
}

// Whoever has the mail and not the address cannot ask for its person.
func TestConversation_ByAnothersMail(t *testing.T) {
	t.Parallel()
	s := begin(t, play.Options{Start: instant(t, "2026-12-01T10:00:00Z"), Redis: "embedded"})
	s.must(s.Put(t.Context(), "people/mei", map[string]any{"name": "Mei", "market": "DE", "locale": "de", "email": mail}))
	s.coat()
	s.hear("2026-12-01T10:01:00Z", "departed_origin")
	s.until("2026-12-01T11:00:00Z")
	to := strings.Trim(s.arrived()[0].Headers["Reply-To"][0], "<>")
	before := len(s.arrived())
	for _, from := range []string{"eve@example.com", "\"" + mail + "\" <eve@example.com>"} {
		raw := "From: " + from + "\r\nTo: " + to + "\r\nSubject: Re: x\r\n\r\nWo ist mein Mantel?\r\n"
		s.must(smtp.SendMail(s.App.MailboxAddr(), nil, "eve@example.com", []string{to}, []byte(raw)))
		s.must(s.Settle(t.Context()))
	}
	if got := s.arrived(); len(got) != before {
		t.Errorf("somebody else is answered: %+v", got[before:])
	}
	if err := smtp.SendMail(s.App.MailboxAddr(), nil, mail, []string{strings.Replace(to, "+", "+x", 1)}, []byte("From: "+mail+"\r\n\r\nx\r\n")); err == nil {
		t.Error("a reply to an address that is not ours is taken")
	}
}
