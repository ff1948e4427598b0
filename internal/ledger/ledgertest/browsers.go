package ledgertest

import (
	"fmt"
	"time"

	"landfall/channels"
	"landfall/channels/inapp"
	"landfall/internal/inbox"
	"landfall/internal/notify"
	"landfall/internal/subject"
)

// browsers is what the ledger promises of telling browsers of new cards.
var browsers = map[string]func(*shelf){
	"a card knocks once at each browser":         knockOnce,
	"a knock waits until it may be made":         knockWaits,
	"what was seen meanwhile is not told":        knockSeen,
	"a knock that failed is put back":            knockAgain,
	"a knock that came too late is dropped":      knockExpired,
	"knocks are taken a few at a time":           knockFew,
	"a browser is whose it was put last":         browserMoves,
	"a person has ten browsers, the newest":      browsersBounded,
	"a browser is its owner's to drop":           browserDropped,
	"a browser that is gone is told of no more":  browserForgotten,
	"nobody's browser is not kept":               browserOfNobody,
	"an erased person's browsers are forgotten":  browsersErased,
	"an export names the browsers that are told": browsersExported,
}

// browse puts a browser of a person.
func (s *shelf) browse(o inbox.Owner, id string, at time.Time) bool {
	s.t.Helper()
	known, err := s.PutBrowser(s.t.Context(), o, id, browser(id), at)
	s.must(err)
	return known
}

func browser(id string) inapp.Browser {
	return inapp.Browser{Endpoint: notify.Secret("https://push.example/" + id), Key: "key", Auth: "auth"}
}

// knocking stores a card that may knock from an hour after noon on, and is worth it for a day.
func (s *shelf) knocking(p notify.PersonID, id notify.DeliveryID) {
	s.t.Helper()
	_, err := s.PutCard(s.t.Context(), acme, inapp.Card{Delivery: id, Person: p, Title: "News", Text: "of " + string(id), Link: "https://x.example",
		Knock: channels.Knock{At: knockTime(), Until: noon().Add(24 * time.Hour), Urgency: notify.High, Collapse: "eta"}}, noon())
	s.must(err)
}

func knockTime() time.Time { return noon().Add(time.Hour) }

// taken takes what is due at a time, as "browser card".
func (s *shelf) taken(at time.Time) []string {
	s.t.Helper()
	ks, err := s.TakeKnocks(s.t.Context(), at, 20)
	s.must(err)
	var out []string
	for _, k := range ks {
		out = append(out, k.Browser+" "+string(k.Card))
	}
	return out
}

// withBrowsers stores Mei with two browsers.
func (s *shelf) withBrowsers() {
	s.t.Helper()
	s.person(acme, customer(mei), noon())
	s.browse(owner(acme, mei), "b1", noon())
	s.browse(owner(acme, mei), "b2", noon())
}

func knockOnce(s *shelf) {
	s.withBrowsers()
	s.person(acme, customer("tom"), noon())
	s.person(other, customer(mei), noon())
	s.browse(owner(acme, "tom"), "b3", noon())
	s.browse(owner(other, mei), "b4", noon())
	s.knocking(mei, "d1")
	s.knocking(mei, "d1")
	s.card(acme, mei, "d2") // which is not worth a knock
	ks, err := s.TakeKnocks(s.t.Context(), knockTime(), 20)
	s.must(err)
	want := []inbox.Knock{}
	for _, id := range []string{"b1", "b2"} {
		want = append(want, inbox.Knock{Merchant: acme, Browser: id, At: browser(id), Card: "d1", Title: "News", Text: "of d1", Link: "https://x.example",
			Urgency: notify.High, Collapse: "eta", Until: noon().Add(24 * time.Hour)})
	}
	same(s, "knocks", ks, want)
	same(s, "taken again", s.taken(knockTime()), nil)
}

func knockWaits(s *shelf) {
	s.withBrowsers()
	s.knocking(mei, "d1")
	same(s, "before", s.taken(knockTime().Add(-time.Millisecond)), nil)
	same(s, "then", s.taken(knockTime()), []string{"b1 d1", "b2 d1"})
}

func knockSeen(s *shelf) {
	s.withBrowsers()
	s.knocking(mei, "d1")
	s.knocking(mei, "d2")
	s.knocking(mei, "d3")
	s.mark(owner(acme, mei), "d1", inbox.Read, noon())
	s.mark(owner(acme, mei), "d3", inbox.Archived, noon())
	same(s, "taken", s.taken(knockTime()), []string{"b1 d2", "b2 d2"})
}

func knockAgain(s *shelf) {
	s.withBrowsers()
	s.knocking(mei, "d1")
	ks, err := s.TakeKnocks(s.t.Context(), knockTime(), 1)
	s.must(err)
	k, due := ks[0], knockTime().Add(time.Minute)
	k.Tries++
	s.must(s.KnockAgain(s.t.Context(), k, due))
	same(s, "before", s.taken(knockTime()), []string{"b2 d1"})
	ks, err = s.TakeKnocks(s.t.Context(), due, 20)
	s.must(err)
	same(s, "again", ks, []inbox.Knock{k})
	_, err = s.DropBrowser(s.t.Context(), owner(acme, mei), "b1")
	s.must(err)
	s.must(s.KnockAgain(s.t.Context(), k, due))
	same(s, "at a browser that is gone", s.taken(due), nil)
}

func knockExpired(s *shelf) {
	s.withBrowsers()
	s.knocking(mei, "d1")
	same(s, "taken", s.taken(noon().Add(24*time.Hour)), nil)
	same(s, "and gone", s.taken(knockTime()), nil)
}

func knockFew(s *shelf) {
	s.withBrowsers()
	for i := range 3 {
		s.knocking(mei, notify.DeliveryID(fmt.Sprint("d", i)))
	}
	n := 0
	for _, want := range []int{4, 2, 0} {
		ks, err := s.TakeKnocks(s.t.Context(), knockTime(), 4)
		s.must(err)
		same(s, "taken at once", len(ks), want)
		n += len(ks)
	}
	same(s, "taken", n, 6)
}

func (s *shelf) theirs(o inbox.Owner) []string {
	s.t.Helper()
	ids, err := s.BrowserIDs(s.t.Context(), o)
	s.must(err)
	return ids
}

func browserMoves(s *shelf) {
	s.withBrowsers()
	s.person(acme, customer("tom"), noon())
	s.knocking(mei, "d1")
	s.browse(owner(acme, "tom"), "b1", noon())
	same(s, "Mei's", s.theirs(owner(acme, mei)), []string{"b2"})
	same(s, "Tom's", s.theirs(owner(acme, "tom")), []string{"b1"})
	same(s, "taken", s.taken(knockTime()), []string{"b2 d1"})
}

func browsersBounded(s *shelf) {
	s.withBrowsers()
	for i := range 10 {
		s.browse(owner(acme, mei), fmt.Sprint("c", i), noon().Add(time.Duration(i)*time.Minute))
	}
	s.browse(owner(acme, mei), "c0", noon().Add(time.Hour)) // once more, so that it is the newest
	s.browse(owner(acme, mei), "c10", noon().Add(time.Hour))
	same(s, "kept", s.theirs(owner(acme, mei)), []string{"c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c0", "c10"})
}

func browserDropped(s *shelf) {
	s.withBrowsers()
	s.knocking(mei, "d1")
	for o, want := range map[inbox.Owner]bool{owner(acme, "tom"): false, owner(other, mei): false, owner(acme, mei): true} {
		found, err := s.DropBrowser(s.t.Context(), o, "b1")
		s.must(err)
		same(s, fmt.Sprint("found by ", o), found, want)
	}
	same(s, "taken", s.taken(knockTime()), []string{"b2 d1"})
}

func browserForgotten(s *shelf) {
	s.withBrowsers()
	s.knocking(mei, "d1")
	s.must(s.ForgetBrowser(s.t.Context(), other, "b1"))
	s.must(s.ForgetBrowser(s.t.Context(), acme, "b2"))
	same(s, "left", s.theirs(owner(acme, mei)), []string{"b1"})
	same(s, "taken", s.taken(knockTime()), []string{"b1 d1"})
}

func browserOfNobody(s *shelf) {
	same(s, "known", s.browse(owner(acme, mei), "b1", noon()), false)
	same(s, "kept", s.theirs(owner(acme, mei)), nil)
}

func browsersErased(s *shelf) {
	s.withBrowsers()
	s.person(other, customer(mei), noon())
	s.browse(owner(other, mei), "b1", noon())
	s.knocking(mei, "d1")
	same(s, "counted", s.erase(mei).Browsers, 2)
	same(s, "left", s.theirs(owner(acme, mei)), nil)
	same(s, "of the other merchant", s.theirs(owner(other, mei)), []string{"b1"})
	same(s, "put with a token that is still good", s.browse(owner(acme, mei), "b1", erased()), false)
	same(s, "taken", s.taken(erased()), nil)
}

func browsersExported(s *shelf) {
	s.withBrowsers()
	all, err := s.Dossier(s.t.Context(), acme, mei)
	s.must(err)
	same(s, "browsers", all.Browsers, []subject.Browser{{Endpoint: "https://push.example/b1", Key: "key", Auth: "auth", CreatedAt: noon()},
		{Endpoint: "https://push.example/b2", Key: "key", Auth: "auth", CreatedAt: noon()}})
}
