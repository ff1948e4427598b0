package understand

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkRead reads every message of the development set in turn. It reports the time that 99 of 100 stay under.
func BenchmarkRead(b *testing.B) {
	r := reader(b)
	var all []Message
	names, err := filepath.Glob("testdata/*.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range names {
		for _, l := range lines(b, name) {
			all = append(all, l.message())
		}
	}
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for i := range b.N {
		began := time.Now()
		r.Read(all[i%len(all)])
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
}

// BenchmarkReadLongest reads the longest message there is.
func BenchmarkReadLongest(b *testing.B) {
	r := reader(b)
	for name, text := range map[string]string{"known": strings.Repeat("where is my order ", 60), "unknown": strings.Repeat("xqzjkvw ", 130), "characters": strings.Repeat("我的订单在哪里", 150)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r.Read(Message{Text: text, Now: time.Unix(1.8e9, 0)})
			}
		})
	}
}

// BenchmarkWeight reports the memory a reader keeps, in megabytes.
func BenchmarkWeight(b *testing.B) {
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		r, err := load()
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(r)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
}

func FuzzRead(f *testing.F) {
	r := reader(f)
	for _, seed := range []string{"where is the coat I bought last month?", "上个月买的外套到哪了", "3/5/26 2 weeks ago 双11", "no no not cancel", "\xff\x00", "٢", "13/13/13 0月0日", "\u05c6\u05a7 - \u0307 - đơn hàng không"} {
		f.Add(seed, "en", true)
	}
	orders := []Order{{ID: "A1", Title: "Wool coat, navy", OrderedAt: dateOf(2026, 10, 12)}, {ID: "A-2", Title: "マグカップ", OrderedAt: dateOf(2026, 11, 2), State: "delivered"}}
	f.Fuzz(func(t *testing.T, text, locale string, choose bool) {
		m := Message{Text: text, Locale: locale, Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Orders: orders}
		if choose {
			m.Expecting = &Expecting{Kind: Choose, Options: orders}
		}
		got := r.Read(m)
		if got.Intent == "" || got.Lang == "" || got.Confidence < 0 || got.Confidence > 1 {
			t.Fatalf("%+v", got)
		}
		if got.Bought != nil && (got.Bought.From.After(got.Bought.To.Time) || got.Bought.To.After(m.Now)) {
			t.Fatalf("%q was bought %s", text, got.Bought)
		}
		if got.Which == One && len(got.Orders) != 1 || got.Which == Ask && len(got.Orders) < 1 || got.Which == None && len(got.Orders) > 0 {
			t.Fatalf("%s %v", got.Which, got.Orders)
		}
	})
}
