package ledger

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// schema lists the statements that make a ledger's tables and indexes, without those of the migrations' own record.
func schema(t *testing.T, l *Ledger) []string {
	t.Helper()
	made, err := texts(t.Context(), l.read, `select sql from sqlite_master where sql is not null and name not like '%goose%' and name <> 'sqlite_sequence' order by name`)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func scratchLedger(t *testing.T) *Ledger {
	t.Helper()
	l, err := OpenScratch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// What a simulation runs on must not drift away from what production does.
func TestOpenScratch_HasTheTablesOfALastingLedger(t *testing.T) {
	t.Parallel()
	lasting, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer lasting.Close()
	want, got := schema(t, lasting), schema(t, scratchLedger(t))
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 10 {
		t.Errorf("%d statements (-lasting +scratch):\n%s", len(want), diff)
	}
}

func TestOpenScratch_EachIsItsOwn(t *testing.T) {
	t.Parallel()
	one, other := scratchLedger(t), scratchLedger(t)
	if err := one.Refuse(t.Context(), "acme", "twilio", "signature", 10, at(1)); err != nil {
		t.Fatal(err)
	}
	mine, err := one.Refusals(t.Context(), "acme")
	theirs, err2 := other.Refusals(t.Context(), "acme")
	if err != nil || err2 != nil || mine != 1 || theirs != 0 {
		t.Errorf("%d and %d refusals, %v, %v", mine, theirs, err, err2)
	}
}

func BenchmarkOpenScratch(b *testing.B) {
	for b.Loop() {
		l, err := OpenScratch(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
