package dispatcher

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// gateway is one account of several, which fails as told.
type gateway struct {
	*provider
	fail *channels.Error
}

// gateways gives the shop accounts for WhatsApp.
func (r *rig) gateways(names ...string) map[string]*gateway {
	out := map[string]*gateway{}
	r.shop.Senders[notify.WhatsApp] = nil
	for _, name := range names {
		g := &gateway{provider: &provider{}}
		g.answer = func(channels.Message) error {
			if g.fail == nil {
				return nil
			}
			return g.fail
		}
		out[name] = g
		r.shop.Senders[notify.WhatsApp] = append(r.shop.Senders[notify.WhatsApp], Sender{Sender: g, Name: name})
	}
	return out
}

// orders stores Mei and so many orders of hers, each with a parcel.
func (r *rig) orders(n int) {
	r.t.Helper()
	r.knows(mei())
	r.consents(notify.WhatsApp, notify.Granted)
	for i := range n {
		o := coat()
		o.ID = parcel.OrderID(fmt.Sprint("A", i))
		o.Parcels = []parcel.Label{{Carrier: "dhl", Number: parcel.Number(fmt.Sprint("p", i))}}
		_, err := r.PutOrder(r.t.Context(), r.shop, o)
		r.must(err)
	}
}

// departs has the parcel of an order depart.
func (r *rig) departs(i int) {
	r.t.Helper()
	e := r.event(parcel.EventID(fmt.Sprint("e", i)), parcel.Departed)
	e.Number = parcel.Number(fmt.Sprint("p", i))
	_, err := r.Accept(r.t.Context(), r.shop, []parcel.Event{e})
	r.must(err)
}

func TestSenders_OfAMarketComeFirst(t *testing.T) {
	t.Parallel()
	all := Senders{notify.SMS: {{Name: "everywhere"}, {Name: "america", Markets: []string{"US", "CA"}}, {Name: "spare"}}}
	for market, want := range map[string][]string{"US": {"america", "everywhere", "spare"}, "DE": {"everywhere", "spare"}} {
		var got []string
		for _, s := range all.in(notify.SMS, market) {
			got = append(got, s.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("in %s it is tried %v, want %v", market, got, want)
		}
	}
	if got := all.in(notify.LINE, "DE"); len(got) != 0 {
		t.Errorf("on LINE there are %v", got)
	}
}

// An account that is refused makes room for the next at once, and is tried again by one message after its rest.
func TestSenders_TheNextTakesOver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	g := r.gateways("first", "second")
	g["first"].fail = &channels.Error{Kind: channels.Misconfigured, Code: "20003"}
	r.orders(4)
	for i := range 2 {
		r.departs(i)
		r.passes(grace + time.Second)
	}
	if len(g["first"].calls) != 1 || len(g["second"].calls) != 2 {
		t.Fatalf("the first is called %d times, the second %d times", len(g["first"].calls), len(g["second"].calls))
	}
	g["first"].fail = nil
	r.now = r.now.Add(longestRest)
	for i := range 2 {
		r.departs(2 + i)
		r.passes(0)
	}
	if len(g["first"].calls) != 3 {
		t.Errorf("once it works again the first is called %d times", len(g["first"].calls))
	}
	parked, err := r.book.Parked(t.Context(), acme)
	if err != nil || len(parked) != 0 {
		t.Errorf("resting are %v, %v", parked, err)
	}
}

// A provider that is down is left alone after a few failures, is tried by one message at a time, and messages go another way once
// that has lasted too long.
func TestSenders_OutOfOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	g := r.gateways("")[""]
	g.fail = &channels.Error{Kind: channels.Temporary, Code: "503", Down: true}
	const orders = 20
	r.orders(orders)
	for i := range orders {
		r.departs(i)
	}
	_ = r.work()
	if len(g.calls) != strikes {
		t.Fatalf("%d calls, want %d", len(g.calls), strikes)
	}
	for range 10 {
		r.passes(time.Minute)
	}
	if probes := len(g.calls) - strikes; probes < 2 || probes > 6 {
		t.Errorf("%d probes in ten minutes", probes)
	}
	for range 10 {
		r.passes(time.Minute)
	}
	elsewhere := 0
	for _, d := range r.deliveries() {
		if d.Channel == notify.SMS && d.State == notify.Sent {
			elsewhere++
		}
	}
	if elsewhere < orders-strikes {
		t.Errorf("after 20 minutes %d of %d went another way", elsewhere, orders)
	}
}

func TestSenders_ItWorksAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	g := r.gateways("")[""]
	g.fail = &channels.Error{Kind: channels.Temporary, Code: "503", Down: true}
	r.orders(12)
	for i := range 12 {
		r.departs(i)
	}
	_ = r.work()
	g.fail = nil
	for range 6 {
		r.passes(time.Minute)
	}
	for _, d := range r.deliveries() {
		if d.Channel != notify.WhatsApp && d.Channel != notify.Email || d.State != notify.Sent { // the mail tells the merchant
			t.Errorf("%s is %s %s", d.ID, d.State, d.Reason)
		}
	}
}

// What concerns one message says nothing about the account.
func TestSenders_OneBadAddressIsNoOutage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	g := r.gateways("")[""]
	g.fail = &channels.Error{Kind: channels.Temporary, Code: "451"}
	r.orders(10)
	for i := range 10 {
		r.departs(i)
	}
	_ = r.work()
	if len(g.calls) != 10 {
		t.Errorf("%d calls", len(g.calls))
	}
}

// deliveries are all there are.
func (r *rig) deliveries() (out []notify.Delivery) {
	r.t.Helper()
	all, err := r.book.Notifications(r.t.Context(), acme, ledger.Filter{})
	r.must(err)
	for _, n := range all {
		out = append(out, n.Deliveries...)
	}
	return out
}

func TestStrike(t *testing.T) {
	t.Parallel()
	down, p := strike(&channels.Error{Kind: channels.Temporary, Code: "503", Down: true}, noon(), true), notify.Parking{}
	for i := 1; i < strikes; i++ {
		if p = down(p); !p.Until.IsZero() || p.Failures != i || !p.Since.Equal(noon()) {
			t.Fatalf("after %d failures %+v", i, p)
		}
	}
	for i, want := range []time.Duration{firstRest, 2 * firstRest, 4 * firstRest, 8 * firstRest, longestRest, longestRest} {
		if p = down(p); p.Until.Sub(noon()) != want {
			t.Errorf("probe %d: it rests %s, want %s", i, p.Until.Sub(noon()), want)
		}
	}
	quota := strike(&channels.Error{Kind: channels.Misconfigured, Code: "429", RetryAfter: time.Hour}, noon(), false)(notify.Parking{})
	if quota.Until.Sub(noon()) != time.Hour || quota.Code != "429" {
		t.Errorf("without a quota it rests %+v", quota)
	}
	late := strike(&channels.Error{Kind: channels.Temporary, Code: "504", Down: true}, noon().Add(time.Second), false)
	if got := late(quota); got != quota {
		t.Errorf("what was under way already makes it rest %+v", got)
	}
}

// A probe that the provider refuses for a reason of the message's own shows that it works again.
func TestSenders_AClearNoEndsTheRest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	g := r.gateways("")[""]
	g.fail = &channels.Error{Kind: channels.Temporary, Code: "503", Down: true}
	r.orders(strikes + 2)
	for i := range strikes {
		r.departs(i)
		_ = r.work()
	}
	r.now = r.now.Add(firstRest + time.Second)
	g.fail = &channels.Error{Kind: channels.Rejected, Code: "400"}
	r.departs(strikes)
	r.must(r.work())
	if parked, err := r.book.Parked(t.Context(), acme); err != nil || len(parked) != 0 {
		t.Errorf("resting are %v, %v", parked, err)
	}
}

// The merchant's own people hear once that a sender does not work, by mail, in their language; not by mail when it is the mail that does not.
func TestSenders_TheMerchantHearsOfARestOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.shop.Contact = &notify.Person{ID: notify.MerchantContact, Email: "staff@acme.example", Locale: "de"}
	mails := &provider{}
	r.shop.Senders[notify.Email] = []Sender{{Sender: mails}}
	gates := r.gateways("berlin")
	gates["berlin"].fail = &channels.Error{Kind: channels.Misconfigured, Code: "20003"}
	r.orders(3)
	for i := range 3 {
		r.departs(i)
		_ = r.work()
		r.passes(4 * time.Minute) // each is the probe that fails
	}
	if len(mails.calls) != 1 {
		t.Fatalf("the staff got %d mails", len(mails.calls))
	}
	m := mails.calls[0]
	if m.To.Value.Reveal() != "staff@acme.example" || m.Words.Title != "whatsapp berlin funktioniert gerade nicht" || !strings.Contains(m.Words.Text, "Code 20003") {
		t.Errorf("they read %+v", m.Words)
	}
}

func TestSenders_NobodyIsTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := choice{merchant: r.shop, market: r.shop.Markets["DE"]}
	rests := notify.Parking{Failures: 5, Since: noon(), Until: noon().Add(time.Minute)}
	for name, tell := range map[string]func() bool{
		"nobody to tell": func() bool {
			r.shop.Contact = nil
			return c.alarm(notify.Delivery{Channel: notify.SMS}, noon())(rests) != nil
		},
		"no other mail": func() bool {
			r.shop.Contact = &notify.Person{ID: notify.MerchantContact, Email: "staff@acme.example"}
			return c.alarm(notify.Delivery{Channel: notify.Email}, noon())(rests) != nil
		},
	} {
		if tell() {
			t.Errorf("%s: a mail is planned", name)
		}
	}
}
