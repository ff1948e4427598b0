package ledger_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// BenchmarkAcceptKnown shows what erasures cost everybody else: an event of a parcel whose person is known, at a merchant
// that has erased nobody, and at one that has.
func BenchmarkAcceptKnown(b *testing.B) {
	for _, erased := range []int{0, 1000} {
		b.Run(fmt.Sprintf("erased=%d", erased), func(b *testing.B) { benchmarkKnown(b, erased) })
	}
}

func benchmarkKnown(b *testing.B, erased int) {
	book, err := sqlite(b)(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	nothing := func(notify.Story, map[parcel.EventID]bool) notify.Plan { return notify.Plan{} }
	put := func(id notify.PersonID, phone notify.Phone) {
		if _, err := book.PutPerson(b.Context(), acme, notify.Person{ID: id, Phone: phone, Email: "mei@example.com", Again: true}, noon(), nothing); err != nil {
			b.Fatal(err)
		}
	}
	for i := range erased {
		id := notify.PersonID(fmt.Sprint("x", i))
		put(id, notify.Phone(fmt.Sprintf("+49151%08d", i)))
		if _, err := book.Erase(b.Context(), acme, id, noon()); err != nil {
			b.Fatal(err)
		}
	}
	put("mei", "+4915199999999")
	for i := range 100 {
		o := parcel.Order{ID: parcel.OrderID(fmt.Sprint("A", i)), Person: "mei", Parcels: []parcel.Label{{Carrier: "dhl", Number: parcel.Number(fmt.Sprint(i))}}}
		if _, err := book.PutOrder(b.Context(), acme, o, noon(), nothing); err != nil {
			b.Fatal(err)
		}
	}
	var next atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := next.Add(1)
			e := parcel.Event{ID: parcel.EventID(fmt.Sprint("e", n)), Carrier: "dhl", Number: parcel.Number(fmt.Sprint(n % 100)), Kind: parcel.Departed, HappenedAt: noon(), HeardAt: noon()}
			if _, err := book.Accept(b.Context(), acme, []parcel.Event{e}, noon(), nothing); err != nil {
				b.Error(err)
			}
		}
	})
}
