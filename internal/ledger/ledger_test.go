package ledger_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"landfall/internal/ledger"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// sqlite returns a database in a file of its own.
func sqlite(t testing.TB) ledgertest.Open {
	t.Helper()
	dsn := ledgertest.SQLite(t)
	return func(ctx context.Context) (*ledger.Ledger, error) { return ledger.Open(ctx, dsn) }
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T) ledgertest.Open { return sqlite(t) })
}

func TestOpenMakesADatabaseWhereThereIsNone(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "new.db")
	for range 2 { // the second time there is nothing left to migrate
		book, err := ledger.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := book.Busy(t.Context(), time.Time{}); n != 0 || err != nil {
			t.Errorf("a new ledger has %d to do, %v", n, err)
		}
		if err := book.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenRefusesOtherDatabases(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"", "sqlite:", "landfall.db", "mysql://root:hunter2@db/landfall", "u:hunter2@tcp(db)/landfall"} {
		book, err := ledger.Open(t.Context(), dsn)
		if err == nil {
			t.Errorf("%q is opened", dsn)
			_ = book.Close()
			continue
		}
		if strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "use sqlite:PATH") {
			t.Errorf("%q gives %v", dsn, err)
		}
	}
}

func TestOpenNamesTheFileItCannotOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing", "x.db")
	if _, err := ledger.Open(t.Context(), "sqlite:"+path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

// BenchmarkAccept shows what sharing commits is worth: alone each event pays for its own, together many share one.
func BenchmarkAccept(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) { benchmarkAccept(b, callers) })
	}
}

func benchmarkAccept(b *testing.B, callers int) {
	book, err := sqlite(b)(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	nothing := func(notify.Story, map[parcel.EventID]bool) notify.Plan { return notify.Plan{} }
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	var next atomic.Int64
	b.SetParallelism(max(1, callers/runtime.GOMAXPROCS(0)))
	if callers == 1 {
		for b.Loop() {
			accept(b, book, next.Add(1), at, nothing)
		}
		return
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			accept(b, book, next.Add(1), at, nothing)
		}
	})
}

func accept(b *testing.B, book *ledger.Ledger, n int64, at time.Time, plan notify.Planner) {
	e := parcel.Event{ID: parcel.EventID(fmt.Sprint("e", n)), Carrier: "dhl", Number: parcel.Number(fmt.Sprint(n)), Kind: parcel.Departed, HappenedAt: at, HeardAt: at}
	if _, err := book.Accept(b.Context(), "acme", []parcel.Event{e}, at, plan); err != nil {
		b.Error(err)
	}
}
