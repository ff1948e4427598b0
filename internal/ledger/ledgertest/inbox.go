package ledgertest

import (
	"context"
	"time"

	"landfall/channels/inapp"
	"landfall/internal/inbox"
	"landfall/internal/notify"
	"landfall/internal/subject"
)

// inboxes is what the rows of the in-app inbox promise.
var inboxes = map[string]func(*shelf){
	"a card is stored once":                   cardOnce,
	"an inbox is its owner's":                 cardOwner,
	"an inbox is paged both ways":             cardPages,
	"reading a card reads its delivery":       cardRead,
	"the first reading is the one kept":       cardReadTwice,
	"an inbox is counted":                     cardCounts,
	"what is archived is listed by itself":    cardArchive,
	"all up to a card are seen, then read":    cardsUpTo,
	"a list that shows takes no reading back": cardRank,
	"a card that was read is seen as well":    cardReadIsSeen,
	"an export tells what became of a card":   cardExported,
	"a card that was shown has arrived":       cardSettles,
}

func owner(m notify.MerchantID, p notify.PersonID) inbox.Owner {
	return inbox.Owner{Merchant: m, Person: p}
}

// card stores a card and says whether it was new.
func (s *shelf) card(m notify.MerchantID, p notify.PersonID, id notify.DeliveryID) bool {
	s.t.Helper()
	added, err := s.PutCard(s.t.Context(), m, inapp.Card{Delivery: id, Person: p, Title: "News", Text: "of " + string(id), Link: "https://x.example"}, noon())
	s.must(err)
	return added
}

// cards lists the ids of an inbox.
func (s *shelf) cards(o inbox.Owner, before int64, limit int) []notify.DeliveryID {
	s.t.Helper()
	ms, err := s.Cards(s.t.Context(), o, inbox.Query{Before: before, Limit: limit})
	s.must(err)
	return ids(ms)
}

func ids(ms []inbox.Message) []notify.DeliveryID {
	var out []notify.DeliveryID
	for _, m := range ms {
		out = append(out, m.ID)
	}
	return out
}

func cardOnce(s *shelf) {
	if !s.card(acme, mei, "d1") || s.card(acme, mei, "d1") {
		s.t.Error("a card is not added exactly once")
	}
	ms, err := s.Cards(s.t.Context(), owner(acme, mei), inbox.Query{Limit: 10})
	s.must(err)
	same(s, "cards", ms, []inbox.Message{{ID: "d1", Seq: 1, Title: "News", Text: "of d1", Link: "https://x.example", CreatedAt: noon()}})
}

func cardOwner(s *shelf) {
	s.card(acme, mei, "d1")
	s.card(other, mei, "d2")
	s.card(acme, "tom", "d3")
	same(s, "cards", s.cards(owner(acme, mei), 0, 10), []notify.DeliveryID{"d1"})
	after, err := s.CardsAfter(s.t.Context(), owner(acme, mei), 0, 10)
	s.must(err)
	same(s, "cards after", ids(after), []notify.DeliveryID{"d1"})
	before := s.counts(owner(acme, mei))
	for _, o := range []inbox.Owner{owner(other, mei), owner(acme, "tom")} {
		for _, mark := range inbox.Marks() {
			same(s, string(mark)+" of somebody else's is found", s.mark(o, "d1", mark, noon()), false)
		}
		for _, all := range s.all() {
			found, err := all(s.t.Context(), o, "d1", noon())
			s.must(err)
			same(s, "a card of somebody else's is found", found, false)
		}
	}
	same(s, "counts", s.counts(owner(acme, mei)), before)
	same(s, "counts of the other merchant's", s.counts(owner(other, mei)), inbox.Counts{Total: 1, Unread: 1, Unseen: 1})
}

// all are the two ways to mark everything up to a card.
func (s *shelf) all() []func(context.Context, inbox.Owner, notify.DeliveryID, time.Time) (bool, error) {
	return []func(context.Context, inbox.Owner, notify.DeliveryID, time.Time) (bool, error){s.SeeCards, s.ReadCards}
}

func (s *shelf) mark(o inbox.Owner, id notify.DeliveryID, mark inbox.Mark, at time.Time) bool {
	s.t.Helper()
	found, err := s.MarkCard(s.t.Context(), o, id, mark, at)
	s.must(err)
	return found
}

func (s *shelf) counts(o inbox.Owner) inbox.Counts {
	s.t.Helper()
	n, err := s.CountCards(s.t.Context(), o)
	s.must(err)
	return n
}

func cardPages(s *shelf) {
	for _, id := range []notify.DeliveryID{"d1", "d2", "d3"} {
		s.card(acme, mei, id)
	}
	o := owner(acme, mei)
	same(s, "newest", s.cards(o, 0, 2), []notify.DeliveryID{"d3", "d2"})
	same(s, "older", s.cards(o, 2, 2), []notify.DeliveryID{"d1"})
	after, err := s.CardsAfter(s.t.Context(), o, 1, 1)
	s.must(err)
	same(s, "newer", ids(after), []notify.DeliveryID{"d2"})
}

func cardRead(s *shelf) {
	id := s.sent()
	s.card(acme, mei, id)
	if !s.mark(owner(acme, mei), id, inbox.Read, noon().Add(time.Minute)) {
		s.t.Fatal("the card is not found")
	}
	s.is(id, notify.Read, notify.SaidRead)
}

func cardReadTwice(s *shelf) {
	s.card(acme, mei, "d1")
	for i := range 2 {
		s.mark(owner(acme, mei), "d1", inbox.Read, noon().Add(time.Duration(i)*time.Hour))
	}
	same(s, "read at", s.only().ReadAt, noon())
}

// only is the one card of Mei's.
func (s *shelf) only() inbox.Message {
	s.t.Helper()
	ms, err := s.Cards(s.t.Context(), owner(acme, mei), inbox.Query{Limit: 2})
	s.must(err)
	if len(ms) != 1 {
		s.t.Fatalf("there are %d cards, want one", len(ms))
	}
	return ms[0]
}

func cardCounts(s *shelf) {
	o := owner(acme, mei)
	same(s, "an empty inbox", s.counts(o), inbox.Counts{})
	for _, id := range []notify.DeliveryID{"d1", "d2", "d3", "d4"} {
		s.card(acme, mei, id)
	}
	s.mark(o, "d4", inbox.Archived, noon())
	s.mark(o, "d1", inbox.Read, noon())
	_, err := s.SeeCards(s.t.Context(), o, "d2", noon())
	s.must(err)
	same(s, "counts", s.counts(o), inbox.Counts{Total: 3, Unread: 2, Unseen: 1})
	newest, err := s.NewestCard(s.t.Context(), o)
	s.must(err)
	same(s, "the newest", newest, 4)
}

func cardArchive(s *shelf) {
	o := owner(acme, mei)
	for _, id := range []notify.DeliveryID{"d1", "d2", "d3"} {
		s.card(acme, mei, id)
	}
	s.mark(o, "d2", inbox.Archived, noon())
	s.mark(o, "d3", inbox.Read, noon())
	list := func(q inbox.Query) []notify.DeliveryID {
		q.Limit = 10
		ms, err := s.Cards(s.t.Context(), o, q)
		s.must(err)
		return ids(ms)
	}
	same(s, "the list", list(inbox.Query{}), []notify.DeliveryID{"d3", "d1"})
	same(s, "unread", list(inbox.Query{Unread: true}), []notify.DeliveryID{"d1"})
	same(s, "the archive", list(inbox.Query{Archived: true}), []notify.DeliveryID{"d2"})
	s.mark(o, "d2", inbox.Unarchived, noon())
	s.mark(o, "d3", inbox.Unread, noon())
	same(s, "unread, taken out again", list(inbox.Query{Unread: true}), []notify.DeliveryID{"d3", "d2", "d1"})
}

func cardsUpTo(s *shelf) {
	o := owner(acme, mei)
	for _, id := range []notify.DeliveryID{"d1", "d2", "d3"} {
		s.card(acme, mei, id)
	}
	for i, all := range s.all() {
		found, err := all(s.t.Context(), o, "d2", noon().Add(time.Duration(i)*time.Hour))
		s.must(err)
		same(s, "found", found, true)
	}
	ms, err := s.CardsAfter(s.t.Context(), o, 0, 10)
	s.must(err)
	for _, m := range ms[:2] {
		same(s, "seen at", m.SeenAt, noon())
		same(s, "read at", m.ReadAt, noon().Add(time.Hour))
	}
	same(s, "what came since", ms[2].SeenAt.IsZero() && ms[2].ReadAt.IsZero(), true)
}

// A delivery that was read stays read: neither a list that shows the card later nor taking the mark away moves it back.
func cardRank(s *shelf) {
	id, o := s.sent(), owner(acme, mei)
	s.card(acme, mei, id)
	s.mark(o, id, inbox.Read, noon())
	s.mark(o, id, inbox.Unread, noon())
	_, err := s.SeeCards(s.t.Context(), o, id, noon().Add(time.Minute))
	s.must(err)
	s.is(id, notify.Read, notify.SaidRead)
	same(s, "read at", s.only().ReadAt.IsZero(), true)
}

func cardReadIsSeen(s *shelf) {
	s.card(acme, mei, "d1")
	s.mark(owner(acme, mei), "d1", inbox.Read, noon())
	same(s, "counts", s.counts(owner(acme, mei)), inbox.Counts{Total: 1})
	same(s, "seen at", s.only().SeenAt, noon())
}

// A card on the screen has arrived, whatever its sender heard.
func cardSettles(s *shelf) {
	id := s.sent()
	s.card(acme, mei, id)
	_, err := s.SeeCards(s.t.Context(), owner(acme, mei), id, noon())
	s.must(err)
	s.is(id, notify.Arrived, notify.SaidDelivered)
}

func cardExported(s *shelf) {
	s.card(acme, mei, "d1")
	s.mark(owner(acme, mei), "d1", inbox.Read, noon())
	s.mark(owner(acme, mei), "d1", inbox.Archived, noon().Add(time.Hour))
	all, err := s.Dossier(s.t.Context(), acme, mei)
	s.must(err)
	same(s, "cards", all.Cards, []subject.Card{{ID: "d1", Title: "News", Text: "of d1", Link: "https://x.example", CreatedAt: noon(), SeenAt: noon(),
		ReadAt: noon(), ArchivedAt: noon().Add(time.Hour)}})
}
