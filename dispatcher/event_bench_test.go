package dispatcher

import (
	"context"
	"fmt"
	"os"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/ledger/postgrestest"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// taker is a provider that takes everything at once.
type taker struct{ n atomic.Int64 }

func (t *taker) Send(_ context.Context, m channels.Message) (channels.Accepted, error) {
	t.n.Add(1)
	return channels.Accepted{ProviderID: m.Key, State: notify.Sent}, nil
}

// BenchmarkEvent is an event's whole way through the ledger, from Accept to the provider's answer on record, with many at once, as durable as in
// production: what is left of a request when HTTP, the queue and the provider cost nothing.
func BenchmarkEvent(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		book, err := ledger.Open(b.Context(), "sqlite:"+b.TempDir()+"/bench.db")
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = book.Close() })
		benchmarkEvent(b, book)
	})
	b.Run("postgres", func(b *testing.B) {
		server, err := postgrestest.Start(true)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(server.Stop)
		book, err := ledger.Open(b.Context(), server.URL("postgres"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = book.Close() })
		benchmarkEvent(b, book)
	})
}

func benchmarkEvent(b *testing.B, book *ledger.Ledger) {
	m := shop(b)
	m.Senders[notify.LINE] = []Sender{{Sender: &taker{}, Rate: 100000}}
	r := rigOn(b, book, shop(b))
	r.shop = m
	began := time.Now()
	now := func() time.Time { return noon().Add(time.Since(began)) }
	d := New(Config{Ledger: book, Queue: &belt{fail: context.Canceled}, Now: now, Jitter: func() float64 { return 0 }, Merchant: func(notify.MerchantID) (*Merchant, bool) { return m, true },
		Callback: r.Callback, Link: r.Link, Log: r.Log})
	must := func(_ notify.Intake, err error) {
		if err != nil {
			b.Error(err)
		}
	}
	b.SetParallelism(32)
	var next atomic.Int64
	var all sync.WaitGroup
	for c := range 64 {
		all.Go(func() {
			for n := c; n <= b.N; n += 64 {
				id := notify.PersonID(fmt.Sprint("p", n))
				must(d.PutPerson(b.Context(), m, notify.Person{ID: id, Name: "Mei", Market: "DE", Locale: "de", Line: notify.LineID(fmt.Sprint("U", n))}))
				must(notify.Intake{}, book.AddConsents(b.Context(), acme, id, []notify.ConsentEvent{{ID: fmt.Sprint("c", n), Channel: notify.LINE, Action: notify.Granted, OccurredAt: noon(), ReceivedAt: noon()}}))
				must(d.PutOrder(b.Context(), m, parcel.Order{ID: parcel.OrderID(fmt.Sprint("A", n)), Person: string(id), Items: []parcel.Item{{Title: "Wollmantel"}}, Parcels: []parcel.Label{{Carrier: "dhl", Number: parcel.Number(fmt.Sprint("N", n))}}}))
			}
		})
	}
	all.Wait()
	if f := os.Getenv("PROF"); f != "" {
		w, _ := os.Create(f)
		_ = pprof.StartCPUProfile(w)
		defer pprof.StopCPUProfile()
	}
	used := cpu()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := next.Add(1)
			at := now()
			in, err := book.Accept(b.Context(), acme, []parcel.Event{{ID: parcel.EventID(fmt.Sprint("e", n)), Feed: "api", Carrier: "dhl", Number: parcel.Number(fmt.Sprint("N", n)), Kind: parcel.Departed, HappenedAt: at, HeardAt: at}}, at, planner(m, at))
			must(in, err)
			if len(in.Ready) != 1 {
				b.Errorf("%d deliveries are ready, want 1", len(in.Ready))
				return
			}
			if err := d.Deliver(b.Context(), in.Ready[0].Delivery); err != nil {
				b.Error(err)
			}
		}
	})
	if sent := int(m.Senders[notify.LINE][0].Sender.(*taker).n.Load()); sent != b.N {
		b.Errorf("%d messages were sent, want %d", sent, b.N)
	}
	b.ReportMetric(float64((cpu()-used).Microseconds())/float64(b.N), "cpu-µs/op")
}

// cpu is how much this process has used so far.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
