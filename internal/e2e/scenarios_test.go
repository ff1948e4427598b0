package e2e

import (
	"net/http"
	"strings"
	"testing"

	"landfall/internal/notify"
	"landfall/internal/sandbox"
)

// Berlin is at UTC+1 in December; the sample merchant keeps quiet from 22:00 to 08:00.

func TestMessageHeldOverNightArrivesAtEight(t *testing.T) {
	everywhere(t, "2026-12-01T20:00:00Z", func(s *stage) {
		s.mei()
		s.hear("2026-12-01T21:15:00Z", "departed_origin")
		s.until("2026-12-02T06:59:59Z").silent()
		if r := s.row("departed", notify.WhatsApp); r.Outcome != "held" || r.Reason != notify.QuietCourtesy {
			t.Errorf("over night it is %s %s", r.Outcome, r.Reason)
		}
		s.until("2026-12-02T07:30:00Z").one(sandbox.WhatsApp, "2026-12-02T07:00:00Z", "Wollmantel")
		if r := s.row("departed", notify.WhatsApp); r.HeldFor != notify.QuietCourtesy || r.State != notify.Read {
			t.Errorf("in the morning it was held for %s and is %s", r.HeldFor, r.State)
		}
		s.content()
	})
}

func TestConsentWithdrawnWhileHeldStopsIt(t *testing.T) {
	everywhere(t, "2026-12-01T20:00:00Z", func(s *stage) {
		s.mei()
		s.hear("2026-12-01T21:15:00Z", "departed_origin")
		s.until("2026-12-02T02:00:00Z")
		s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, "+493012345678", "Stopp!"))
		s.must(s.Settle(t.Context()))
		s.until("2026-12-02T12:00:00Z").one(sandbox.WhatsApp, "2026-12-02T02:00:00Z", "keine Nachrichten mehr")
		s.ended("departed", notify.WhatsApp, "dropped", notify.SuppressedStop)
		s.content()
	})
}

// While a retry waits in Redis, somebody flushes it. The message still arrives, once.
func TestRedisFlushedLosesNothing(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Status: http.StatusTooManyRequests, Code: 20429, Times: 1})
		s.until("2026-12-01T11:00:00Z")
		s.tell("e1", "2026-12-01T11:00:00Z", "departed_origin")
		s.must(s.Settle(t.Context()))
		s.silent()
		s.must(s.App.Redis.FlushDB(t.Context()).Err())
		s.until("2026-12-01T11:10:00Z").one(sandbox.WhatsApp, "2026-12-01T11:00:00Z", "Wollmantel")
		s.ended("departed", notify.WhatsApp, "sent", notify.SaidRead)
		s.content()
	})
}

func TestSameEventTwiceSpeaksOnce(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.until("2026-12-01T10:01:00Z")
		s.tell("e1", "2026-12-01T10:00:00Z", "out_for_delivery")
		s.must(s.Work(t.Context()))
		s.tell("e1", "2026-12-01T10:00:00Z", "out_for_delivery") // the shop's program tries again,
		s.must(s.Work(t.Context()))
		s.tell("e2", "2026-12-01T10:00:05Z", "out_for_delivery") // another feed saw the same, and
		s.must(s.Work(t.Context()))
		s.tell("e3", "2026-12-01T09:50:00Z", "out_for_delivery") // a third saw it earlier and says so later
		s.must(s.Work(t.Context()))
		s.one(sandbox.WhatsApp, "2026-12-01T10:01:00Z", "Wollmantel")
		s.content()
	})
}

func TestDeliveredSupersedesOutForDelivery(t *testing.T) {
	everywhere(t, "2026-12-02T03:00:00Z", func(s *stage) {
		s.mei()
		s.hear("2026-12-02T04:00:00Z", "out_for_delivery")
		s.hear("2026-12-02T06:30:00Z", "delivered")
		s.ended("out_for_delivery", notify.WhatsApp, "superseded", notify.SupersededBy)
		s.until("2026-12-02T08:00:00Z").one(sandbox.WhatsApp, "2026-12-02T07:00:00Z", "zugestellt")
		s.ended("delivered", notify.WhatsApp, "sent", notify.SaidRead)
		s.content()
	})
}

// Twilio takes the message and the answer is lost. Sending again could reach Mei twice, so nobody does; Twilio's own
// receipt, which names the delivery, settles it.
func TestLostAnswerIsSettledByTheReceipt(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{CutAnswer: true, Times: 1})
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.until("2026-12-01T11:00:00Z").one(sandbox.WhatsApp, "2026-12-01T10:01:00Z", "Wollmantel")
		s.ended("departed", notify.WhatsApp, "sent", notify.SaidRead)
		s.content()
	})
}

// A number that is not on WhatsApp: the next channel of the market is tried, and the record says why.
func TestNextChannelWhenTheAddressIsDead(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.Sandbox.Fail(sandbox.WhatsApp, sandbox.Fault{Status: http.StatusBadRequest, Code: 63003, Times: 1})
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.one(sandbox.Email, "2026-12-01T10:01:00Z", "Wollmantel")
		s.ended("departed", notify.WhatsApp, "failed", notify.BadEndpoint)
		s.content()
	})
}

// STOP on one channel is final there, and says nothing about the others.
func TestStopSilencesThatChannelOnly(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, "+493012345678", "STOP"))
		s.must(s.Settle(t.Context()))
		s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, "+493012345678", "Stopp!")) // said twice, confirmed once
		s.must(s.Settle(t.Context()))
		s.one(sandbox.WhatsApp, "2026-12-01T10:00:00Z", "keine Nachrichten mehr")
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.last(2, sandbox.Email, "2026-12-01T10:01:00Z", "Wollmantel")
		r := s.row("departed", notify.Email)
		if len(r.Skipped) != 1 || r.Skipped[0].Channel != notify.WhatsApp || r.Skipped[0].Reason != notify.SuppressedStop {
			t.Errorf("skipped %+v", r.Skipped)
		}
		s.content()
	})
}

// The carrier speaks before the shop does. Once order and customer are known, the news is told.
func TestScanHeardBeforeItsOrderIsToldLater(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.hear("2026-12-01T10:01:00Z", "departed_origin")
		s.coat()
		s.must(s.Work(t.Context()))
		s.silent()
		s.until("2026-12-01T10:20:00Z")
		s.mei()
		s.must(s.Work(t.Context()))
		if got := s.Sandbox.Received(); len(got) != 1 || !strings.Contains(got[0].Text, "Wollmantel") {
			t.Fatalf("got %+v", got)
		}
		s.content()
	})
}

// A second feed reports the same failed attempt a minute earlier, and before dawn the parcel is on the road again. Nobody is
// woken up to old news.
func TestOldNewsOfTwoFeedsIsNotToldInTheMorning(t *testing.T) {
	everywhere(t, "2026-12-01T20:00:00Z", func(s *stage) {
		s.mei()
		s.hear("2026-12-01T22:00:00Z", "attempt_failed")
		s.tell("copy", "2026-12-01T21:59:00Z", "attempt_failed")
		s.must(s.Work(t.Context()))
		s.hear("2026-12-02T05:00:00Z", "out_for_delivery")
		s.until("2026-12-02T08:00:00Z").one(sandbox.WhatsApp, "2026-12-02T07:00:00Z", "Zustellfahrzeug")
		s.ended("attempt_failed", notify.WhatsApp, "superseded", notify.SupersededBy)
		s.content()
	})
}
