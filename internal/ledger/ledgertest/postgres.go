package ledgertest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"landfall/internal/ledger"
	"landfall/internal/ledger/postgrestest"
)

// Postgres hands out empty ledgers on one PostgreSQL server. Making a database takes longer than most tests do, so one that a
// test is done with is emptied for the next.
type Postgres struct {
	Server *postgrestest.Server

	mu   sync.Mutex
	made int
	free []string
}

// emptied empties every table, except for the record of migrations.
const emptied = `do $$ begin execute (select 'truncate ' || string_agg(quote_ident(tablename), ', ') || ' restart identity'
	from pg_tables where schemaname = 'public' and tablename <> 'goose_db_version'); end $$`

// New returns the LANDFALL_DATABASE setting of an empty ledger.
func (p *Postgres) New(t testing.TB) string {
	t.Helper()
	name, err := p.take(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Server.SQL(context.Background(), name, emptied); err != nil {
			t.Error(err)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.free = append(p.free, name)
	})
	return p.Server.URL(name)
}

// Dump writes out every row of a ledger, by the setting that New returned.
func (p *Postgres) Dump(ctx context.Context, setting string) (string, error) {
	return p.Server.Dump(ctx, setting)
}

// take returns a database that is free, or makes one.
func (p *Postgres) take(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		name := p.free[n-1]
		p.free = p.free[:n-1]
		return name, nil
	}
	p.made++
	name := fmt.Sprintf("ledger%d", p.made)
	if err := p.Server.SQL(ctx, "postgres", "create database "+name); err != nil {
		return "", err
	}
	_, err := ledger.Migrate(ctx, p.Server.URL(name))
	return name, err
}
