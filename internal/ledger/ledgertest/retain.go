package ledgertest

import (
	"time"

	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// retention is what runs out by itself, and what does not.
var retention = map[string]func(*shelf){
	"words are gone a day after their month, decisions are not": retainWords,
	"words of a message under way stay":                         retainUnderWay,
	"replies and inboxes are kept a season":                     retainReplies,
	"decisions are kept two years":                              retainDecisions,
	"refusals are kept a week":                                  retainRefusals,
	"more than a batch is removed in one run":                   retainMany,
}

const days = 24 * time.Hour

// after lets retention run some time after noon.
func (s *shelf) after(d time.Duration) map[string]int {
	s.t.Helper()
	n, err := s.Retain(s.t.Context(), noon().Add(d))
	s.must(err)
	return n
}

func retainWords(s *shelf) {
	id := s.sending()
	s.record(notify.Outcome{Delivery: id, State: notify.Sent, Reason: notify.WasSent, Words: &notify.Words{Text: "Hello"}})
	s.must(s.AddConsents(s.t.Context(), acme, mei, []notify.ConsentEvent{stop("c1"), stop("c2")}))
	before, err := s.Notifications(s.t.Context(), acme, ledger.Filter{})
	s.must(err)
	same(s, "after 30 days", s.after(30 * days)["words"], 0)
	if s.state(id).Words == nil {
		s.t.Fatal("the words are gone too early")
	}
	same(s, "after 31 days", s.after(31 * days)["words"], 1)
	same(s, "words", s.state(id).Words, nil)
	same(s, "once more", s.after(31 * days)["words"], 0)
	now, err := s.Notifications(s.t.Context(), acme, ledger.Filter{})
	s.must(err)
	same(s, "decisions", now[0].Decisions, before[0].Decisions)
	all, err := s.Dossier(s.t.Context(), acme, mei)
	s.must(err)
	same(s, "chains", len(all.Chains), 1)
	same(s, "acts in the chain", len(all.Chains[0]), 2)
	s.must(notify.VerifyChain(all.Chains[0]))
}

func retainUnderWay(s *shelf) {
	id := s.sending()
	s.record(notify.Outcome{Delivery: id, State: notify.Queued, Reason: notify.RetryScheduled, Due: noon(), Words: &notify.Words{Text: "Hello"}})
	same(s, "words", s.after(31 * days)["words"], 0)
}

func retainReplies(s *shelf) {
	s.person(acme, customer(mei), noon())
	_, err := s.AddReply(s.t.Context(), acme, mei, notify.SMS, notify.Message{ID: "m1", Text: "where is my coat?", At: noon()})
	s.must(err)
	s.card(acme, mei, "d1")
	n := s.after(90 * days)
	same(s, "after 90 days", n["replies"]+n["inbox"], 0)
	n = s.after(91 * days)
	same(s, "replies after 91 days", n["replies"], 1)
	same(s, "inbox messages after 91 days", n["inbox"], 1)
}

func retainDecisions(s *shelf) {
	s.departed()
	same(s, "after 730 days", s.after(730 * days)["decisions"], 0)
	if n := s.after(731 * days)["decisions"]; n == 0 {
		s.t.Error("they stay for ever")
	}
}

func retainRefusals(s *shelf) {
	s.must(s.Refuse(s.t.Context(), acme, "twilio", "signature", 10, noon()))
	same(s, "after 7 days", s.after(7 * days)["refusals"], 0)
	same(s, "after 8 days", s.after(8 * days)["refusals"], 1)
}

func retainMany(s *shelf) {
	const many = 1200
	var events []parcel.Event
	for i := range many {
		e := event("", parcel.Unknown, noon().Add(time.Duration(i)*time.Second))
		e.ID = parcel.EventID(e.HappenedAt.String())
		events = append(events, e)
	}
	s.hear(events...)
	if n := s.after(800 * days)["decisions"]; n < many {
		s.t.Errorf("%d are removed, want at least %d", n, many)
	}
}
