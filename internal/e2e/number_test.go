package e2e

import (
	"testing"

	"landfall/internal/notify"
	"landfall/internal/sandbox"
)

const yukiPhone = "+818000001234"

// yuki is a customer in Tokyo with nothing but a phone number, of a shop that may write to phone numbers on LINE.
func (s *stage) yuki() {
	s.t.Helper()
	s.reconfigured("line: {}", "line: {phone: true}")
	s.must(s.Put(s.t.Context(), "people/mei", map[string]any{"name": "Yuki", "market": "JP", "locale": "en", "phone": yukiPhone, "address": map[string]any{"country": "JP"}}))
	s.coat()
}

// No user id is known, and LINE finds her by her number. It says that the message arrived.
func TestLineByNumber(t *testing.T) {
	everywhere(t, "2026-12-01T03:00:00Z", func(s *stage) {
		s.yuki()
		s.Sandbox.LineNumber(yukiPhone, lineUser)
		s.hear("2026-12-01T03:01:00Z", "departed_origin")
		s.until("2026-12-03T03:00:00Z").one(sandbox.LINE, "2026-12-01T03:01:00Z", "Wollmantel")
		s.ended("departed", notify.LINE, "sent", notify.SaidDelivered)
		s.content()
	})
}

// LINE knows nobody of that number: an SMS goes at once.
func TestLineKnowsNoSuchNumber(t *testing.T) {
	everywhere(t, "2026-12-01T03:00:00Z", func(s *stage) {
		s.yuki()
		s.hear("2026-12-01T03:01:00Z", "departed_origin")
		s.until("2026-12-01T03:10:00Z").one(sandbox.SMS, "2026-12-01T03:01:00Z", "Wollmantel")
		s.ended("departed", notify.LINE, "failed", notify.SessionClosed)
		s.content()
	})
}

// LINE took the message and never says that it arrived: after a day it goes as an SMS, since it is worth knowing even then.
func TestLineByNumberNeverArrives(t *testing.T) {
	everywhere(t, "2026-12-01T03:00:00Z", func(s *stage) {
		s.yuki()
		s.Sandbox.LineNumber(yukiPhone, lineUser)
		s.Sandbox.Fail(sandbox.LINE, sandbox.Fault{Later: true})
		s.hear("2026-12-01T03:01:00Z", "delivered")
		s.until("2026-12-02T03:00:00Z").silent()
		s.until("2026-12-02T03:10:00Z").one(sandbox.SMS, "2026-12-02T03:01:00Z", "Wollmantel")
		s.ended("delivered", notify.LINE, "sent", notify.WasSent)
		s.content()
	})
}

// The answer is lost, and nobody can be asked: nothing is sent again, and the delivery event settles it.
func TestLineByNumberLostAnswer(t *testing.T) {
	everywhere(t, "2026-12-01T03:00:00Z", func(s *stage) {
		s.yuki()
		s.Sandbox.LineNumber(yukiPhone, lineUser)
		s.Sandbox.Fail(sandbox.LINE, sandbox.Fault{CutAnswer: true})
		s.hear("2026-12-01T03:01:00Z", "departed_origin")
		s.until("2026-12-03T03:00:00Z").one(sandbox.LINE, "2026-12-01T03:01:00Z", "Wollmantel")
		s.ended("departed", notify.LINE, "sent", notify.SaidDelivered)
		s.content()
	})
}
