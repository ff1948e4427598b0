package ledger_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"landfall/internal/ledger"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/ledger/postgrestest"
)

// pg is the PostgreSQL of this package's tests; nil where the machine has none.
var pg *ledgertest.Postgres

func TestMain(m *testing.M) { os.Exit(withPostgres(m)) }

func withPostgres(m *testing.M) int {
	server, err := postgrestest.Shared()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if server != nil {
		defer server.Stop()
		pg = &ledgertest.Postgres{Server: server}
	}
	return m.Run()
}

// onPostgres opens ledgers on it.
func onPostgres(t *testing.T) ledgertest.Open {
	dsn := pg.New(t)
	return func(ctx context.Context) (*ledger.Ledger, error) { return ledger.Open(ctx, dsn) }
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	if pg == nil {
		t.Log("there is no PostgreSQL on this machine; CI has one")
		return
	}
	ledgertest.Run(t, onPostgres)
	ledgertest.RunProcesses(t, onPostgres)
}

func TestOpenSaysWhatIsWrongWithAPostgres(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]string{
		"postgres://u:hunter2@h:x/y":                                   "postgres://USER:PASSWORD@HOST:5432/NAME",
		"postgres://u:hunter2@127.0.0.1:1/landfall":                    "check the host, the user and the name of the database in LANDFALL_DATABASE",
		"postgres://127.0.0.1:1/landfall?user=u&password=hunter2":      "check the host",
		"postgres://u:hunter2@127.0.0.1:1/y?pool_max_conns=plenty":     "pool_max_conns in LANDFALL_DATABASE must be a number from 1 to 1000",
		"postgresql://u:hunter2@127.0.0.1:1/landfall?pool_max_conns=3": "check the host",
	} {
		book, err := ledger.Open(t.Context(), dsn)
		if err == nil {
			t.Errorf("%q is opened", dsn)
			_ = book.Close()
			continue
		}
		if strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %q", dsn, err, want)
		}
	}
}
