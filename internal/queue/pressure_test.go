package queue

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/redis/go-redis/v9"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/ledger"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/locales"
	"landfall/rules"
	"landfall/templates"
)

// pressure is how many messages are due at once. Asked for more than a few they are held against the limit and arithmetic. The few of every day run beside other tests, which hold a call up as they like after it was
// let go: of them it is only asked that each goes once.
var pressure = flag.Int("pressure", few, "messages through one sender")

const few = 40

// crowd is so many that the limit and arithmetic are held to exactly: on a machine that has nothing else to do.
const crowd = 2000

const acme notify.MerchantID = "acme"

// perSecond is what the sender may send.
const perSecond = 80

// Everything is due at once for a sender that may send 80 a second, and two processes work on it. No second holds more than the
// sender may send, nothing is called twice, nothing is retried, and it takes as long as arithmetic says.
func TestASenderUnderPressure(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		s := newShop(t, client, perSecond)
		s.due(s.dispatcher(nobody{}), *pressure, parcel.Departed)
		for range 2 {
			s.process()
		}
		went := s.provider.wait(t, *pressure)
		limit, slack := perSecond, 3*time.Second
		if *pressure < crowd { // the machine may be somebody else's too
			limit, slack = perSecond+perSecond/10, 20*time.Second
		}
		if *pressure > few {
			checkSeconds(t, went, limit)
		}
		took, want := went[len(went)-1].Sub(went[0]), time.Duration(*pressure-1)*time.Second/perSecond
		t.Logf("%d messages took %s, arithmetic says %s", len(went), took, want)
		if *pressure > few && took > want+want/20+slack {
			t.Errorf("%d messages took %s, arithmetic says %s", len(went), took, want)
		}
		s.rest()
		s.sentOnce(*pressure)
	})
}

// checkSeconds insists that no second, wherever it begins, holds more than the sender may send.
func checkSeconds(t *testing.T, went []time.Time, limit int) {
	t.Helper()
	most, from := 0, 0
	for i, at := range went {
		for at.Sub(went[from]) >= time.Second {
			from++
		}
		most = max(most, i-from+1)
	}
	t.Logf("the fullest second holds %d", most)
	if most > limit {
		t.Errorf("the fullest second holds %d, want at most %d", most, limit)
	}
}

// News of trouble that comes while many milestones wait for the sender goes before them.
func TestTroubleGoesBeforeTheCrowd(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		s := newShop(t, client, 10)
		s.due(s.dispatcher(nobody{}), 100, parcel.Departed)
		d, _ := s.process()
		s.provider.wait(t, 20)
		s.due(d, 1, parcel.Attempted)
		s.provider.wait(t, 101)
		if at := s.provider.place("A101"); at > 90 {
			t.Errorf("it is number %d of 101", at)
		}
	})
}

// A process stops in the middle of a crowd. The next one has at once what it had not begun, and nothing is called twice.
func TestAProcessThatStopsHandsBack(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		s := newShop(t, client, 20)
		s.due(s.dispatcher(nobody{}), 60, parcel.Departed)
		_, stop := s.process()
		s.provider.wait(t, 20)
		stop()
		stopped := s.now()
		s.process()
		s.provider.wait(t, 60)
		s.rest()
		if took := s.now().Sub(stopped); took > 25*time.Second {
			t.Errorf("the next process had the rest after %s, as if it had been lost", took)
		}
		s.sentOnce(60)
	})
}

// shop is a merchant with one sender, its customers and their orders.
type shop struct {
	*testing.T
	book     *ledger.Ledger
	client   redis.UniversalClient
	merchant *dispatcher.Merchant
	provider *provider
	now      func() time.Time
	orders   int
}

const germany = `
market: DE
locale: de
time_zones: [Europe/Berlin]
channels: [sms]
rules:
  - {name: departed, on: departed_origin, say: departed}
  - {name: attempt failed, on: attempt_failed, say: attempt_failed, urgency: high}
`

func newShop(t *testing.T, client redis.UniversalClient, rate float64) *shop {
	t.Helper()
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	started := time.Now()
	s := &shop{T: t, book: ledgertest.New(t), client: client, now: func() time.Time { return noon.Add(time.Since(started)) }}
	s.provider = &provider{more: make(chan struct{}, 1)}
	markets, err := rules.LoadMarkets(fstest.MapFS{"DE.yaml": {Data: []byte(germany)}})
	s.must(err)
	world, err := dispatcher.NewWorld(markets, noon)
	s.must(err)
	catalog, err := locales.New()
	s.must(err)
	words, err := templates.New(catalog, fstest.MapFS{})
	s.must(err)
	s.merchant = &dispatcher.Merchant{
		ID: acme, Voice: dispatcher.Voice{Brand: templates.Brand{Name: "Acme"}, Words: words}, Markets: markets, World: world,
		Senders: dispatcher.Senders{notify.SMS: {{Sender: s.provider, Rate: rate}}},
	}
	return s
}

func (s *shop) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// nobody takes no delivery: the sweep brings them.
type nobody struct{}

func (nobody) Enqueue(context.Context, ...notify.Handoff) error { return nil }

func (s *shop) dispatcher(q dispatcher.Queue) *dispatcher.Dispatcher {
	return dispatcher.New(dispatcher.Config{
		Ledger: s.book, Queue: q, Pace: NewPace(s.client, slog.New(slog.DiscardHandler)), Now: s.now, Jitter: func() float64 { return 0 }, Log: slog.New(slog.DiscardHandler),
		Merchant: func(notify.MerchantID) (*dispatcher.Merchant, bool) { return s.merchant, true },
		Callback: func(notify.MerchantID, notify.Channel) string { return "" },
		Link:     func(notify.MerchantID, parcel.ID, *parcel.Order) string { return "https://track.example/p" },
	})
}

// process is one more that works on what is due, until the test ends.
func (s *shop) process() (d *dispatcher.Dispatcher, stop func()) {
	s.Helper()
	q := New(Config{Redis: s.client, Deliver: func(ctx context.Context, id notify.DeliveryID) error { return d.Deliver(ctx, id) },
		Log: slog.New(slog.DiscardHandler), Grace: soon})
	d = s.dispatcher(q)
	s.must(q.Start())
	ctx, cancel := context.WithCancel(context.Background())
	var swept sync.WaitGroup
	swept.Go(func() { d.Run(ctx) })
	stop = sync.OnceFunc(func() {
		cancel()
		swept.Wait()
		q.Close()
	})
	s.Cleanup(stop)
	return d, stop
}

// due lets something happen to the parcels of so many customers.
func (s *shop) due(d *dispatcher.Dispatcher, n int, k parcel.Kind) {
	s.Helper()
	next := make(chan int)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for i := range next {
				if err := s.customer(d, i, k); err != nil {
					s.Error(err)
				}
			}
		})
	}
	for range n {
		s.orders++
		next <- s.orders
	}
	close(next)
	all.Wait()
}

func (s *shop) customer(d *dispatcher.Dispatcher, i int, k parcel.Kind) error {
	p := notify.Person{ID: notify.PersonID(fmt.Sprint("p", i)), Name: "Mei", Market: "DE", Locale: "de", Phone: notify.Phone(fmt.Sprintf("+49151%07d", i))}
	label := parcel.Label{Carrier: "dhl", Number: parcel.Number(fmt.Sprint("00", i))}
	if _, err := d.PutPerson(s.Context(), s.merchant, p); err != nil {
		return err
	}
	o := parcel.Order{ID: parcel.OrderID(fmt.Sprint("A", i)), Person: string(p.ID), Parcels: []parcel.Label{label}}
	if _, err := d.PutOrder(s.Context(), s.merchant, o); err != nil {
		return err
	}
	e := parcel.Event{ID: parcel.EventID(fmt.Sprint("e", i)), Carrier: label.Carrier, Number: label.Number, Kind: k, HappenedAt: s.now(), HeardAt: s.now()}
	_, err := d.Accept(s.Context(), s.merchant, []parcel.Event{e})
	return err
}

// sentOnce insists that all were sent with the first call, and that Asynq was never asked to try anything again.
func (s *shop) sentOnce(n int) {
	s.Helper()
	sent, tries := s.attempts()
	if sent != n || tries != n {
		s.Errorf("%d of %d were sent, with %d calls", sent, n, tries)
	}
	info, err := New(Config{Redis: s.client}).inspector.GetQueueInfo("sms")
	s.must(err)
	if info.Failed > 0 || info.Retry > 0 || info.Archived > 0 {
		s.Errorf("Asynq counts %d failures, %d retries and %d given up", info.Failed, info.Retry, info.Archived)
	}
}

// rest waits until nothing is under way any more.
func (s *shop) rest() {
	s.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for range 1000 {
		busy, err := s.book.Busy(s.Context(), s.now())
		s.must(err)
		if busy == 0 {
			return
		}
		<-look.C
	}
	s.Fatal("it never comes to rest")
}

func (s *shop) attempts() (sent, tries int) {
	s.Helper()
	all, err := s.book.Notifications(s.Context(), acme, ledger.Filter{})
	s.must(err)
	for _, n := range all {
		for _, d := range n.Deliveries {
			tries += d.Attempts
			if d.State == notify.Sent {
				sent++
			}
		}
	}
	return sent, tries
}

// provider takes every message after a while, and notes when each call came.
type provider struct {
	mu    sync.Mutex
	went  []time.Time
	about []string // which order
	more  chan struct{}
}

// Send notes a call.
func (p *provider) Send(ctx context.Context, m channels.Message) (channels.Accepted, error) {
	p.mu.Lock()
	p.went, p.about = append(p.went, time.Now()), append(p.about, m.Thread)
	p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
	answer := time.NewTimer(50 * time.Millisecond)
	defer answer.Stop()
	select {
	case <-answer.C:
	case <-ctx.Done():
		return channels.Accepted{}, ctx.Err()
	}
	return channels.Accepted{ProviderID: string(m.Delivery), State: notify.Sent}, nil
}

// wait returns when the calls came, once there are so many.
func (p *provider) wait(t *testing.T, n int) []time.Time {
	t.Helper()
	giveUp := time.After(time.Duration(n)*time.Second/5 + 2*time.Minute)
	for {
		p.mu.Lock()
		went := slices.Clone(p.went)
		p.mu.Unlock()
		if len(went) >= n {
			slices.SortFunc(went, time.Time.Compare)
			return went
		}
		select {
		case <-p.more:
		case <-giveUp:
			t.Fatalf("only %d of %d went", len(went), n)
		}
	}
}

// place is how many went before the message about an order.
func (p *provider) place(order string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Index(p.about, order)
}
