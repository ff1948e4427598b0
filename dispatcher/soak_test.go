package dispatcher

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"landfall/internal/ledger"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
	"landfall/rules"
	"landfall/templates"
)

// What the long run is made of; the same numbers give the same run.
var (
	soakEvents = flag.Int("soak", 1000, "events of the long run")
	soakSeed   = flag.Uint64("soak.seed", 1, "seed of the long run")
)

// A shop's months in fast motion, over the whole shipped pack: people agree, withdraw, say STOP, move and are erased, providers
// fail in every way there is, the rules are reloaded, the process dies at every place it can. In the end every notification is in
// one state for one reason, and providers were called once for each decision to send that still stood.
func TestSoak(t *testing.T) {
	t.Parallel()
	s := newSoak(t, *soakEvents, *soakSeed)
	for s.fed < s.events {
		s.step()
	}
	s.rest()
	s.check()
}

// soak is a run under way.
type soak struct {
	*testing.T
	rnd    *rand.Rand
	dsn    string
	now    time.Time
	shop   *Merchant
	belt   *belt
	parked []parked
	pages  []map[string]*rules.Market // what the merchant's markets are and become

	book    *ledger.Ledger
	process *process
	*Dispatcher
	record record

	events, fed, repeats, orders, acts, restarts, erasures, reloads int
	people                                                          []*soul
	boxes                                                           []*box
}

// parked is a delivery the queue brings again.
type parked struct {
	at time.Time
	id notify.DeliveryID
}

func newSoak(t *testing.T, events int, seed uint64) *soak {
	s := &soak{T: t, rnd: rand.New(rand.NewPCG(seed, 0)), dsn: ledgertest.SQLite(t), now: noon(), events: events, record: newRecord()}
	s.stock()
	s.start()
	t.Cleanup(func() { s.must(s.book.Close()) })
	return s
}

func (s *soak) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// stock furnishes the merchant: the whole pack with a rule that advertises, as it is and as it will be after a reload.
func (s *soak) stock() {
	pack, err := rules.LoadPack()
	s.must(err)
	for _, extra := range [...]string{"", "quiet_hours: {from: \"20:00\", to: \"09:00\"}\n"} {
		s.pages = append(s.pages, s.markets(pack, extra))
	}
	delete(s.pages[1], "NZ") // its file is gone for a while
	s.shop = shop(s.T)
	s.shop.Markets, s.shop.Words = s.pages[0], s.words()
	s.shop.World, err = NewWorld(pack, noon())
	s.must(err)
	s.shop.World.Spread = 10 * time.Minute
	rates := map[notify.Channel]float64{notify.SMS: 1, notify.WhatsApp: 5}
	for _, c := range notify.Channels() {
		s.shop.Senders[c] = []Sender{{Sender: &standIn{soak: s, channel: c}, Rate: rates[c]}}
	}
}

func (s *soak) markets(pack map[string]*rules.Market, extra string) map[string]*rules.Market {
	files := fstest.MapFS{}
	for code := range pack {
		files[code+".yaml"] = &fstest.MapFile{Data: []byte("market: " + code + "\nextends: pack/" + code + "\n" + extra + `rules:
  - {name: review, on: delivered, say: review_request, class: marketing, purpose: review_request}
  - {name: damaged, on: [damaged, destroyed], say: damaged, to: [customer, merchant], urgency: high}
`)}
	}
	markets, err := rules.LoadMerchant(files, ".", pack)
	s.must(err)
	return markets
}

// words are ours, approved by WhatsApp in some languages and not in others.
func (s *soak) words() *templates.Set {
	catalog, err := locales.New()
	s.must(err)
	words, err := templates.New(catalog, fstest.MapFS{})
	s.must(err)
	contents := map[notify.TemplateKey]map[string]string{}
	for _, key := range words.ContentKeys() {
		contents[key] = map[string]string{}
		for _, locale := range [...]string{"de", "en", "fr", "id", "pt-BR", "zh-Hans"} {
			contents[key][locale] = "HX" + string(key)
		}
	}
	return words.WithContent(contents)
}

// start is the start of a process: what was only in memory is gone, the ledger is read again.
func (s *soak) start() {
	book, err := ledger.Open(context.WithoutCancel(s.Context()), s.dsn, ledger.WithKeys(ledger.SecretKeys("a secret that is long enough for anybody")))
	s.must(err)
	s.book, s.belt, s.parked = book, &belt{}, nil
	s.process = &process{Ledger: book, soak: s}
	s.Dispatcher = New(Config{
		Ledger: s.process, Queue: s.belt, Now: func() time.Time { return s.now }, Jitter: s.rnd.Float64, Wait: func(_ context.Context, d time.Duration) bool { s.now = s.now.Add(d); return true },
		Merchant: func(id notify.MerchantID) (*Merchant, bool) { return s.shop, id == s.shop.ID },
		Callback: func(notify.MerchantID, notify.Channel) string { return "" },
		Link: func(notify.MerchantID, parcel.ID, *parcel.Order) string {
			s.meanwhile(s.process.sending)
			return "https://track.example/p"
		},
		Log: slog.New(slog.DiscardHandler),
	})
	s.must(s.Reconsider(s.Context(), s.shop))
	_, err = s.Recover(s.Context())
	s.must(err)
}

// restart lets another process take over from one that died.
func (s *soak) restart() {
	s.restarts++
	s.must(s.book.Close())
	s.now = s.now.Add(time.Duration(s.rnd.IntN(180)) * time.Second)
	s.start()
}

// tick lets a moment pass, so that no two things happen at the same one.
func (s *soak) tick() time.Time {
	s.now = s.now.Add(time.Millisecond)
	return s.now
}

// chance is true once in n times.
func (s *soak) chance(n int) bool { return s.rnd.IntN(n) == 0 }

// work delivers until nothing is on the belt or the process dies.
func (s *soak) work() {
	for len(s.belt.ids) > 0 {
		id := s.belt.ids[0]
		s.belt.ids = s.belt.ids[1:]
		for n := 1 + 1/(1+s.rnd.IntN(30)); n > 0; n-- { // a queue may bring a task twice
			if !s.deliver(id) {
				return
			}
		}
		s.tick()
	}
}

// deliver works on one delivery; false when the process died of it, and another one has taken over.
func (s *soak) deliver(id notify.DeliveryID) bool {
	err := s.Deliver(s.Context(), id)
	if again, ok := errors.AsType[*Later](err); ok {
		s.parked = append(s.parked, parked{again.At, id})
		return true
	}
	if errors.Is(err, errDied) {
		s.restart()
		return false
	}
	s.must(err)
	return true
}

// unpark brings what the queue was to bring again by now, in order of time.
func (s *soak) unpark() {
	slices.SortStableFunc(s.parked, func(a, b parked) int { return a.at.Compare(b.at) })
	for len(s.parked) > 0 && !s.parked[0].at.After(s.now) {
		s.belt.ids = append(s.belt.ids, s.parked[0].id)
		s.parked = s.parked[1:]
	}
}

// round is what a running process does by itself.
func (s *soak) round() {
	s.work()
	s.unpark()
	if _, err := s.Sweep(s.Context()); errors.Is(err, errDied) {
		s.restart()
	} else {
		s.must(err)
	}
	s.work()
}

// rest lets providers recover and time pass until nothing is open.
func (s *soak) rest() {
	s.record.fair = true
	s.reload(s.pages[0])
	for range 5000 {
		s.round()
		busy, err := s.book.Busy(s.Context(), s.now)
		s.must(err)
		next, err := s.book.NextDue(s.Context(), s.now)
		s.must(err)
		if busy == 0 && next.IsZero() {
			return
		}
		s.now = s.now.Add(lease + time.Second)
		if busy == 0 && next.After(s.now) {
			s.now = next
		}
	}
	s.Fatal("it never comes to rest")
}

// errDied is what a dead process says.
var errDied = errors.New("the process died")

// moment is where a process dies.
type moment string

const (
	alive        moment = ""
	beforeClaim  moment = "before the claim"
	afterClaim   moment = "between claim and call"
	beforeRecord moment = "between call and record"
	afterRecord  moment = "after the record"
)

// process is the ledger as a process that may die sees it. It also tells the script what is under way.
type process struct {
	Ledger
	*soak
	dies    moment
	sending *notify.Job
}

// Claim notes the decision that a call rests on.
func (p *process) Claim(ctx context.Context, id notify.DeliveryID, now time.Time, judge func(notify.Job) notify.Ruling) (*notify.Claim, error) {
	if p.dies == beforeClaim {
		return nil, errDied
	}
	claim, err := p.Ledger.Claim(ctx, id, now, judge)
	if err != nil || claim == nil || claim.Ruling.State != notify.Sending {
		return claim, err
	}
	p.sending = &claim.Job
	p.record.claimed(claim.Job, now)
	if p.dies == afterClaim {
		p.record.deaths++
		return nil, errDied
	}
	p.meanwhile(p.sending)
	return claim, nil
}

// Record keeps what a provider told of an opt-out in the script's own record, once it is committed.
func (p *process) Record(ctx context.Context, o notify.Outcome) error {
	if p.dies == beforeRecord {
		own := p.sending != nil && p.sending.Delivery.ID == o.Delivery // and not one that an earlier process left behind
		if own && !p.record.called(o.Delivery) {                       // it was about to take its decision back
			p.record.deaths++
		}
		return errDied
	}
	if err := p.Ledger.Record(ctx, o); err != nil {
		return err
	}
	if j := p.sending; o.Consent != nil && j.Delivery.ID == o.Delivery {
		p.soak.said(j.Notification.Person, j.Delivery.Channel, *o.Consent)
	}
	if p.dies == afterRecord {
		return errDied
	}
	return nil
}

func (s *soak) figures() string {
	return fmt.Sprintf("%d events (%d repeated), %d people, %d orders, %d acts of consent, %d erasures, %d reloads, %d restarts, %d days",
		s.fed, s.repeats, len(s.people), s.orders, s.acts, s.erasures, s.reloads, s.restarts, int(s.now.Sub(noon()).Hours()/24))
}
