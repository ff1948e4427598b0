package dispatcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
	"landfall/rules"
	"landfall/templates"
)

const acme notify.MerchantID = "acme"

// germany prefers WhatsApp, tells some milestones, and keeps quiet at night.
const germany = `
market: DE
locale: de
time_zones: [Europe/Berlin]
channels: [whatsapp, line, sms, email]
quiet_hours: {from: "22:00", to: "08:00"}
rules:
  - {name: departed, on: departed_origin, say: departed, collapse: milestone}
  - {name: arrived, on: arrived_destination_country, say: arrived, collapse: milestone}
  - {name: out for delivery, on: out_for_delivery, say: out_for_delivery, collapse: milestone, expires: 14h}
  - {name: delivered, on: delivered, say: delivered, collapse: milestone, expires: 72h}
  - {name: attempt failed, on: attempt_failed, say: attempt_failed}
  - {name: customs hold, on: customs_started, say: customs_hold, to: [customer, merchant]}
  - {name: dear delay, on: delay, when: order.value.amount > 100, say: delayed}
  - {name: nobody says so, on: lost, say: lost, off: true}
  - {name: wordless, on: damaged, say: nobody_wrote_this}
`

// noon is an hour at which Germany may be written to.
func noon() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

// ours is what all tests share, since reading it takes longer than a test does; none of it changes once made.
var ours = sync.OnceValues(func() (*Merchant, error) {
	markets, err := rules.LoadMarkets(fstest.MapFS{"DE.yaml": {Data: []byte(germany)}})
	if err != nil {
		return nil, err
	}
	world, err := NewWorld(markets, noon())
	if err != nil {
		return nil, err
	}
	words, err := written(fstest.MapFS{})
	return &Merchant{Markets: markets, Voice: Voice{Words: words}, World: world}, err
})

// written is our words with overrides, all of them approved by WhatsApp in German.
func written(overrides fs.FS) (*templates.Set, error) {
	catalog, err := locales.New()
	if err != nil {
		return nil, err
	}
	words, err := templates.New(catalog, overrides)
	if err != nil {
		return nil, err
	}
	contents := map[notify.TemplateKey]map[string]string{}
	for _, key := range words.ContentKeys() {
		contents[key] = map[string]string{"de": "HX" + string(key)}
	}
	return words.WithContent(contents), nil
}

// shop is a merchant of a test's own.
func shop(t testing.TB) *Merchant {
	t.Helper()
	m, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	return &Merchant{
		ID: acme, Voice: Voice{Brand: templates.Brand{Name: "Acme"}, Words: m.Words}, Markets: maps.Clone(m.Markets), World: m.World,
		Contact: &notify.Person{ID: notify.MerchantContact, Email: "staff@acme.example", Locale: "de"}, Senders: Senders{},
	}
}

// provider stands in for all providers. The answer decides; nil takes everything.
type provider struct {
	answer func(channels.Message) error
	calls  []channels.Message
}

func (p *provider) Send(_ context.Context, m channels.Message) (channels.Accepted, error) {
	p.calls = append(p.calls, m)
	if p.answer != nil {
		if err := p.answer(m); err != nil {
			return channels.Accepted{}, err
		}
	}
	return channels.Accepted{ProviderID: fmt.Sprint("id", len(p.calls)), State: notify.Sent}, nil
}

// belt is a queue that a test empties by hand.
type belt struct {
	ids  []notify.DeliveryID
	late []time.Duration
	fail error
}

func (b *belt) Enqueue(_ context.Context, hs ...notify.Handoff) error {
	if b.fail != nil {
		return b.fail
	}
	for _, h := range hs {
		b.ids, b.late = append(b.ids, h.Delivery), append(b.late, h.Late)
	}
	return nil
}

// rig is a dispatcher in a test, with a clock that is set.
type rig struct {
	*Dispatcher
	t        testing.TB
	book     *ledger.Ledger
	now      time.Time
	shop     *Merchant
	gone     func() bool // whether the merchant has just been removed
	provider *provider
	belt     *belt
	seen     []notify.State
	died     []notify.Delivery
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return rigOn(t, ledgertest.New(t), shop(t))
}

func rigOn(t testing.TB, book *ledger.Ledger, m *Merchant) *rig {
	r := &rig{t: t, book: book, now: noon(), shop: m, provider: &provider{}, belt: &belt{}, gone: func() bool { return false }}
	for _, c := range notify.Channels() {
		m.Senders[c] = []Sender{{Sender: r.provider}}
	}
	r.Dispatcher = New(Config{
		Ledger: book, Queue: r.belt, Now: func() time.Time { return r.now }, Jitter: func() float64 { return 0 },
		Wait:     func(_ context.Context, d time.Duration) bool { r.now = r.now.Add(d); return true },
		Merchant: func(id notify.MerchantID) (*Merchant, bool) { return r.shop, id == r.shop.ID && !r.gone() },
		Callback: func(m notify.MerchantID, c notify.Channel) string {
			return "https://hooks.example/" + string(m) + "/" + string(c)
		},
		Link: func(_ notify.MerchantID, p parcel.ID, _ *parcel.Order) string {
			return "https://track.example/" + string(p)
		},
		Log: slog.New(slog.DiscardHandler), Observe: func(_ context.Context, d notify.Delivery) { r.seen = append(r.seen, d.State) },
		Died: func(d notify.Delivery) { r.died = append(r.died, d) },
	})
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// mei agreed to WhatsApp and is reached on every channel but the inbox.
func mei() notify.Person {
	return notify.Person{ID: "mei", Name: "Mei", Market: "DE", Locale: "de", Phone: "+4915112345678", Email: "mei@example.com", Line: "U1"}
}

func coat() parcel.Order {
	return parcel.Order{ID: "A1", Person: "mei", Value: parcel.Money{Amount: 120, Currency: "EUR"},
		Items: []parcel.Item{{Title: "Wollmantel"}}, Parcels: []parcel.Label{{Carrier: "dhl", Number: "0034"}}}
}

// ready stores Mei, her consent and her order.
func (r *rig) ready(p notify.Person) {
	r.t.Helper()
	r.knows(p)
	r.consents(notify.WhatsApp, notify.Granted)
	_, err := r.PutOrder(r.t.Context(), r.shop, coat())
	r.must(err)
}

func (r *rig) knows(p notify.Person) {
	r.t.Helper()
	_, err := r.PutPerson(r.t.Context(), r.shop, p)
	r.must(err)
}

func (r *rig) consents(c notify.Channel, a notify.Action) {
	r.t.Helper()
	r.must(r.book.AddConsents(r.t.Context(), acme, "mei", []notify.ConsentEvent{{ID: fmt.Sprint(c, a, r.now.UnixMilli()), Channel: c, Action: a, OccurredAt: r.now, ReceivedAt: r.now}}))
}

// hear accepts an event that happens right now.
func (r *rig) hear(id parcel.EventID, k parcel.Kind) notify.Intake {
	r.t.Helper()
	in, err := r.Accept(r.t.Context(), r.shop, []parcel.Event{r.event(id, k)})
	r.must(err)
	return in
}

func (r *rig) event(id parcel.EventID, k parcel.Kind) parcel.Event {
	return parcel.Event{ID: id, Feed: "api", Carrier: "dhl", Number: "0034", Kind: k, HappenedAt: r.now, HeardAt: r.now}
}

// work delivers what is on the belt and returns the last error.
func (r *rig) work() (last error) {
	r.t.Helper()
	for len(r.belt.ids) > 0 {
		id := r.belt.ids[0]
		r.belt.ids = r.belt.ids[1:]
		if err := r.Deliver(r.t.Context(), id); err != nil {
			last = err
		}
	}
	return last
}

// later waits for what Deliver asked for, and brings the delivery again.
func (r *rig) later(id notify.DeliveryID, err error) error {
	r.t.Helper()
	again, ok := errors.AsType[*Later](err)
	if !ok {
		r.t.Fatalf("%s is not to be brought again: %v", id, err)
	}
	r.now = again.At
	return r.Deliver(r.t.Context(), id)
}

// story lists a merchant's deliveries as "channel state REASON", those of the oldest notification first; a notification
// without one shows its reason alone.
func (r *rig) story() string {
	r.t.Helper()
	all, err := r.book.Notifications(r.t.Context(), r.shop.ID, ledger.Filter{})
	r.must(err)
	var out []string
	for i := len(all) - 1; i >= 0; i-- {
		if len(all[i].Deliveries) == 0 {
			out = append(out, string(all[i].Reason))
		}
		for _, d := range all[i].Deliveries {
			out = append(out, fmt.Sprintf("%s %s %s", d.Channel, d.State, d.Reason))
		}
	}
	return strings.Join(out, "\n")
}

// tells insists on the story.
func (r *rig) tells(want ...string) {
	r.t.Helper()
	if got := r.story(); got != strings.Join(want, "\n") {
		r.t.Errorf("the ledger tells\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// decided lists the reasons on record for the only notification, as "VERDICT channel REASON".
func (r *rig) decided() []string {
	r.t.Helper()
	all, err := r.book.Notifications(r.t.Context(), acme, ledger.Filter{})
	r.must(err)
	var out []string
	for _, d := range all[0].Decisions {
		out = append(out, strings.Join(strings.Fields(fmt.Sprint(d.Verdict, " ", d.Channel, " ", d.Reason)), " "))
	}
	return out
}
