package ledgertest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"landfall/internal/ledger"
)

// empty is a SQLite ledger as its migrations leave it. Making one takes longer than most tests do, copying it does not.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "landfall-ledger-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "empty.db")
	book, err := ledger.Open(context.Background(), "sqlite:"+file)
	if err != nil {
		return nil, err
	}
	if err := book.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// SQLite returns the LANDFALL_DATABASE setting of an empty ledger in a file of the test's own.
func SQLite(t testing.TB) string {
	t.Helper()
	data, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a ledger?.db") // a name that a careless connection string would cut short
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + file
}

// New opens an empty ledger on SQLite and closes it when the test ends.
func New(t testing.TB) *ledger.Ledger {
	t.Helper()
	book, err := ledger.Open(t.Context(), SQLite(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	return book
}
