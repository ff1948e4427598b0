package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"landfall/internal/notify"
	"landfall/internal/sandbox"
)

// What providers do to messages, and what becomes of them. Mei is reached by WhatsApp, then e-mail, then SMS.

// works asks whether messages go by the merchant's account on a channel.
func (s *stage) works(c notify.Channel) bool {
	s.t.Helper()
	var all struct {
		Senders []struct {
			Channel notify.Channel
			Works   bool
		}
	}
	s.must(s.Get(s.t.Context(), "senders", &all))
	for _, one := range all.Senders {
		if one.Channel == c {
			return one.Works
		}
	}
	s.t.Fatalf("there is no account on %s: %+v", c, all)
	return false
}

// received insists on how many messages reached Mei on a channel.
func (s *stage) received(c sandbox.Channel, want int) {
	s.t.Helper()
	got := 0
	for _, m := range s.arrived() {
		if m.Channel == c {
			got++
		}
	}
	if got != want {
		s.t.Errorf("%d messages came by %s, want %d", got, c, want)
	}
}

// sid is Twilio's name of the only message that reached the person on a channel.
func (s *stage) sid(c sandbox.Channel) string {
	s.t.Helper()
	for _, m := range s.arrived() {
		if m.Channel == c {
			return m.ProviderID
		}
	}
	s.t.Fatalf("nothing came by %s", c)
	return ""
}

// Taken, and undeliverable a moment later because the phone is off: once more after half an hour, then by the next channel.
func TestPhoneSwitchedOff(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Later: true, Code: 30003, Times: 2})
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T10:30:00Z").silent()
		s.until("2026-12-01T10:40:00Z").one(sandbox.Email, "2026-12-01T10:31:00Z", "Wollmantel")
		s.ended("departed", notify.WhatsApp, "failed", notify.SaidFailed)
		s.until("2026-12-03T10:00:00Z").received(sandbox.Email, 1)
		s.content()
	})
}

// Free words after the window has closed at Meta's end: the approved text goes instead, on the same channel.
func TestWindowThatHasClosed(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, "+493012345678", "Danke"))
		s.must(s.Settle(t.Context()))
		s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Later: true, Code: 63016})
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T10:10:00Z").last(2, sandbox.WhatsApp, "2026-12-01T10:01:00Z", "Wollmantel") // after the answer to her thanks
		s.ended("departed", notify.WhatsApp, "sent", notify.SaidRead)
		s.content()
	})
}

// Twilio knows of a STOP that we never heard: it is on record from then on, and nothing turns up elsewhere.
func TestStopThatOnlyTheProviderKnows(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Status: http.StatusBadRequest, Code: 21610})
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T12:00:00Z").silent()
		s.ended("departed", notify.WhatsApp, "failed", notify.OptedOut)
		s.hear("2026-12-01T12:01:00Z", "arrived_destination_country")
		s.received(sandbox.WhatsApp, 0)
		s.content()
	})
}

// A provider that asks for patience gets it, and no try is spent.
func TestRetryAfterIsObeyed(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Status: http.StatusTooManyRequests, Code: 20429, RetryAfter: 20 * time.Minute, Times: 3})
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T11:00:59Z").silent()
		s.until("2026-12-01T11:10:00Z").one(sandbox.WhatsApp, "2026-12-01T11:01:00Z", "Wollmantel")
		if n := s.attempts(notify.WhatsApp); n != 1 {
			t.Errorf("%d tries were spent", n)
		}
		s.content()
	})
}

// The answer is lost and so are all callbacks. Twilio is asked, has the message, and it is not sent again.
func TestLostAnswerIsAskedAbout(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{CutAnswer: true, Unreported: true})
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.ended("departed", notify.WhatsApp, "unknown", notify.UnknownOutcome)
		s.until("2026-12-01T10:05:00Z").one(sandbox.WhatsApp, "2026-12-01T10:01:00Z", "Wollmantel")
		s.ended("departed", notify.WhatsApp, "sent", notify.WasSent)
		s.content()
	})
}

// The call broke and Twilio never got it. Once it has said so it is sent, once.
func TestLostCallIsMadeAgain(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Status: http.StatusBadGateway})
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T10:04:00Z").silent()
		s.until("2026-12-01T10:10:00Z").one(sandbox.WhatsApp, "2026-12-01T10:05:00Z", "Wollmantel")
		s.ended("departed", notify.WhatsApp, "sent", notify.SaidRead)
		s.content()
	})
}

// Callbacks come twice and in the wrong order.
func TestCallbacksInAnyOrder(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.Sandbox.ReportUpTo(sandbox.WhatsApp, "queued")
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		for _, status := range []string{"read", "sent", "delivered", "read", "delivered"} {
			s.must(s.Sandbox.Report(s.sid(sandbox.WhatsApp), status, 0))
			s.must(s.Settle(t.Context()))
		}
		s.one(sandbox.WhatsApp, "2026-12-01T10:01:00Z", "Wollmantel")
		s.must(s.Sandbox.Report(s.sid(sandbox.WhatsApp), "undelivered", 30003))
		s.must(s.Settle(t.Context()))
		s.until("2026-12-02T10:00:00Z").received(sandbox.Email, 0)
		s.ended("departed", notify.WhatsApp, "sent", notify.SaidRead)
		s.content()
	})
}

// Nothing is ever heard of the message: after four hours the next channel is tried, once.
func TestNoReceiptAtAll(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.Sandbox.ReportUpTo(sandbox.WhatsApp, "sent")
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T14:00:00Z").received(sandbox.Email, 0)
		s.until("2026-12-03T10:00:00Z").last(2, sandbox.Email, "2026-12-01T14:01:00Z", "Wollmantel")
		s.content()
	})
}

const lineUser = "U0123456789abcdef0123456789abcdef"

// nok is a customer in Bangkok and a friend of the shop's on LINE, who waits for the coat.
func (s *stage) nok() {
	s.t.Helper()
	s.must(s.Put(s.t.Context(), "people/mei", map[string]any{"name": "Nok", "market": "TH", "locale": "en", "phone": "+66812345678", "email": mail, "line": lineUser,
		"address": map[string]any{"country": "TH"}}))
	s.must(s.Sandbox.Follow(lineUser))
	s.must(s.Settle(s.t.Context()))
	s.coat()
}

// LINE's answer is lost; the second try is told that it has the message.
func TestLineKnowsTheKey(t *testing.T) {
	everywhere(t, "2026-12-01T05:00:00Z", func(s *stage) {
		s.nok()
		s.Sandbox.Fail(sandbox.LINE, sandbox.Fault{CutAnswer: true})
		s.hear("2026-12-01T05:01:00Z", "departed_origin")
		s.until("2026-12-01T06:00:00Z").one(sandbox.LINE, "2026-12-01T05:01:00Z", "Wollmantel")
		s.ended("departed", notify.LINE, "sent", notify.WasSent)
		s.content()
	})
}

// The month's quota is used up: the account rests, and its messages go another way after a quarter of an hour.
func TestMonthlyLimit(t *testing.T) {
	everywhere(t, "2026-12-01T05:00:00Z", func(s *stage) {
		s.nok()
		s.Sandbox.Fail(sandbox.LINE, sandbox.Fault{Status: http.StatusTooManyRequests, Message: "You have reached your monthly limit.", Times: 1000})
		s.hear("2026-12-01T05:01:00Z", "departed_origin")
		s.until("2026-12-01T05:10:00Z").silent()
		s.until("2026-12-01T08:00:00Z").received(sandbox.LINE, 0)
		if r := s.row("departed", notify.LINE); r.Outcome != "failed" || r.Reason != notify.SenderParked {
			t.Errorf("on LINE it is %s %s", r.Outcome, r.Reason)
		}
		if got := s.arrived(); len(got) != 1 {
			t.Errorf("%d messages came", len(got))
		}
		s.content()
	})
}

func TestGreylisting(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.must(s.Post(t.Context(), "people/mei/consents", []any{map[string]any{"channel": "whatsapp", "action": "withdrawn", "occurred_at": "2026-11-02T10:00:00Z"}}))
		s.Sandbox.GreylistMail(mail)
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T11:00:00Z").one(sandbox.Email, "2026-12-01T10:01:00Z", "Wollmantel")
		s.content()
	})
}

// A full mailbox is tried again over a day, and the message goes another way then.
func TestMailboxFull(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.must(s.Post(t.Context(), "people/mei/consents", []any{map[string]any{"channel": "whatsapp", "action": "withdrawn", "occurred_at": "2026-11-02T10:00:00Z"}}))
		s.Sandbox.Fail(sandbox.Email, sandbox.Fault{Status: 552, Code: 522, Times: 1000})
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T20:00:00Z").silent()
		if n := s.attempts(notify.Email); n != 4 {
			t.Errorf("by the evening it was tried %d times", n)
		}
		s.Sandbox.Mend(sandbox.Email)
		s.until("2026-12-02T10:00:00Z").one(sandbox.Email, "2026-12-01T22:01:00Z", "Wollmantel")
		s.content()
	})
}

// The server took the mail and returns it the next day: it goes another way, and that mailbox is not written to again.
func TestMailReturnedTheNextDay(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.must(s.Post(t.Context(), "people/mei/consents", []any{map[string]any{"channel": "whatsapp", "action": "withdrawn", "occurred_at": "2026-11-02T10:00:00Z"}}))
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.one(sandbox.Email, "2026-12-01T10:01:00Z", "Wollmantel")
		s.must(s.Sandbox.Bounce(mail, "delayed", "4.4.1"))
		s.ended("departed", notify.Email, "sent", notify.WasSent)
		s.until("2026-12-02T09:00:00Z")
		for range 2 {
			s.must(s.Sandbox.Bounce(mail, "failed", "5.1.1"))
			s.must(s.Work(t.Context()))
		}
		s.ended("departed", notify.Email, "failed", notify.SaidFailed)
		s.hear("2026-12-02T10:00:00Z", "arrived_destination_country")
		s.received(sandbox.Email, 1)
		s.content()
	})
}

// A provider is down for an hour while ten parcels move. What is urgent enough goes another way, nothing is lost, nothing comes
// twice, and the provider is not stormed.
func TestProviderDownForAnHour(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		const parcels = 10
		s.mei()
		for i := range parcels {
			s.must(s.Put(t.Context(), fmt.Sprint("orders/B", i), map[string]any{"person": "mei", "items": []any{map[string]any{"title": "Wollmantel"}},
				"parcels": []any{map[string]any{"carrier": "dhl", "number": fmt.Sprint("77", i)}}}))
		}
		s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Status: http.StatusServiceUnavailable, Times: 100000})
		s.until("2026-12-01T10:05:00Z")
		for i := range parcels {
			e := event(fmt.Sprint("x", i), "2026-12-01T10:05:00Z", "departed_origin")
			e["parcel"] = fmt.Sprint("77", i)
			s.must(s.Post(t.Context(), "events", e))
		}
		s.must(s.Work(t.Context()))
		s.until("2026-12-01T11:05:00Z")
		if s.works(notify.WhatsApp) {
			t.Error("WhatsApp is said to work while its provider is down")
		}
		s.Sandbox.Mend(sandbox.WhatsApp)
		s.until("2026-12-01T13:00:00Z")
		if got := len(s.arrived()); got != parcels {
			t.Errorf("%d messages came, want %d", got, parcels)
		}
		if !s.works(notify.Email) {
			t.Error("the mail server is said to rest")
		}
		if got := s.alarmed(); len(got) != 1 || got[0] != "whatsapp does not work right now" {
			t.Errorf("the merchant hears %q, want it once", got)
		}
		s.content()
	})
}
