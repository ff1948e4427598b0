// Package ledger is Landfall's memory and the only place that speaks SQL. Every public method is one transaction.
// It stores what others decide: planning, judging and folding arrive as functions and run inside the transaction that
// writes their result, so that a decision and the facts it rests on cannot drift apart. Redis may forget everything;
// what is here is the truth.
package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Ledger is one database. Its methods may be called from many goroutines, and by many processes on PostgreSQL.
type Ledger struct {
	db   engine
	read reader
	keys Keys

	ahead int64
}

// engine is what the databases do each in its own way. All else is the SQL that both speak.
type engine interface {
	// update runs fn in a transaction and returns once it is durable. When fn returns an error nothing of it is kept; it
	// may be run again from its beginning.
	update(ctx context.Context, fn func(*tx) error) error
	// lock makes the transaction wait for every other that has locked the same key, until it ends.
	lock(t *tx, key string) error
	// lockOf does so for the keys that a query yields.
	lockOf(t *tx, query string, args ...any) error
	// shared reports whether others may write at the same time.
	shared() bool
	// skipping follows a select: it takes the rows, and passes over those that others have taken.
	skipping() string
	// snapshot begins to read everything as of one instant.
	snapshot(ctx context.Context) (*sql.Tx, error)
	// wipe removes what deleted rows may have left behind.
	wipe(ctx context.Context) error
	close() error
}

// Open opens the ledger at a URL, creating or migrating it: "sqlite:landfall.db" or "postgres://…".
func Open(ctx context.Context, dsn string, options ...Option) (*Ledger, error) {
	var l *Ledger
	var err error
	switch path, lite := strings.CutPrefix(dsn, "sqlite:"); {
	case lite && path != "":
		l, err = openSQLite(ctx, path)
	case isPostgres(dsn):
		l, err = openPostgres(ctx, dsn)
	default:
		return nil, unsupported(dsn)
	}
	if err != nil {
		return nil, err
	}
	for _, set := range options {
		set(l)
	}
	return l, nil
}

func unsupported(dsn string) error {
	return fmt.Errorf("LANDFALL_DATABASE %q is not supported; use sqlite:PATH, such as sqlite:landfall.db, or postgres://USER:PASSWORD@HOST/NAME", scheme(dsn))
}

// update runs fn in a transaction of its own, as engine says. fn must not call update.
func (l *Ledger) update(ctx context.Context, fn func(*tx) error) error { return l.db.update(ctx, fn) }

// Shared reports whether other processes may use the ledger at the same time.
func (l *Ledger) Shared() bool { return l.db.shared() }

// scheme is all of a database's URL that an error may show: a password can stand anywhere behind it.
func scheme(dsn string) string {
	name, _, found := strings.Cut(dsn, "://")
	if !found {
		return "…"
	}
	return name + "://…"
}

// Ping reports whether the ledger answers.
func (l *Ledger) Ping(ctx context.Context) error { return l.read.pool.PingContext(ctx) }

// Close finishes the transactions under way and closes the database. Methods called after it return an error; so does a
// second Close.
func (l *Ledger) Close() error {
	if err := l.db.close(); err != nil {
		return err
	}
	return l.read.pool.Close()
}

// ms is how times are stored: milliseconds since 1970, 0 for the zero time.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
