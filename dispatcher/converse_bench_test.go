package dispatcher

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// BenchmarkConverse is a whole reply, from the message to the answer on record: read, looked up, worded and written, on SQLite with full durability.
func BenchmarkConverse(b *testing.B) {
	r := newRig(b)
	r.listens()
	r.ready(mei())
	r.hear("e1", parcel.Departed)
	texts := []string{"wo ist der mantel, den ich letzten monat bestellt habe?", "where is my coat", "コートはどこですか", "und wann kommt er?", "ich warte schon seit zwei wochen auf mein paket", "zibbel knarz plonk"}
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		r.now = r.now.Add(2 * time.Minute) // within what one conversation gets
		began := time.Now()
		_, err := r.Converse(b.Context(), r.shop, "mei", notify.SMS, notify.Message{ID: fmt.Sprint("m", n), Text: texts[n%len(texts)], At: r.now})
		took = append(took, time.Since(began))
		r.must(err)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
