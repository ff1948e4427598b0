// Package ledger is Landfall's memory and the only place that speaks SQL. Every public method is one transaction.
// It stores what others decide: planning, judging and folding arrive as functions and run inside the transaction that
// writes their result, so that a decision and the facts it rests on cannot drift apart. Redis may forget everything;
// what is here is the truth.
package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the pure Go driver named "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Ledger is one database. Its methods may be called from many goroutines.
type Ledger struct {
	write *sql.DB // one connection, owned by the committer
	read  *sql.DB
	work  chan work
	done  chan struct{}
	keys  Keys

	gate   sync.RWMutex // of closed, and of closing work
	closed bool
}

// Open opens the ledger at a URL, creating or migrating it: "sqlite:landfall.db".
func Open(ctx context.Context, dsn string, options ...Option) (*Ledger, error) {
	path, ok := strings.CutPrefix(dsn, "sqlite:")
	if !ok || path == "" {
		return nil, fmt.Errorf("LANDFALL_DATABASE %q is not supported; use sqlite:PATH, such as sqlite:landfall.db", scheme(dsn))
	}
	write, err := sql.Open("sqlite", source(path, false))
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), write.Close())
	}
	read, err := sql.Open("sqlite", source(path, true))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), write.Close())
	}
	return start(write, read, options...), nil
}

// start takes over a database that has been migrated. write must have one connection at most.
func start(write, read *sql.DB, options ...Option) *Ledger {
	read.SetMaxOpenConns(4)
	l := &Ledger{write: write, read: read, work: make(chan work, maxBatch), done: make(chan struct{}), keys: passing()}
	for _, set := range options {
		set(l)
	}
	go l.commits()
	return l
}

// source builds the driver's connection string. FULL makes a commit survive a power cut; batching pays for it. What is
// deleted is overwritten: erasure means the bytes too.
func source(path string, readOnly bool) string {
	q := url.Values{"_pragma": {"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(FULL)", "foreign_keys(1)"}}
	if readOnly {
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Add("_pragma", "secure_delete(1)")
		q.Set("_txlock", "immediate")
	}
	return location(path, q)
}

func location(path string, q url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// scheme is all of a database's URL that an error may show: a password can stand anywhere behind it.
func scheme(dsn string) string {
	name, _, found := strings.Cut(dsn, "://")
	if !found {
		return "…"
	}
	return name + "://…"
}

// Ping reports whether the ledger answers.
func (l *Ledger) Ping(ctx context.Context) error { return l.read.PingContext(ctx) }

// Close finishes the transactions under way and closes the database. Methods called after it return an error; so does a
// second Close.
func (l *Ledger) Close() error {
	if err := l.shut(); err != nil {
		return err
	}
	<-l.done
	return errors.Join(l.write.Close(), l.read.Close())
}

// shut lets no more work in.
func (l *Ledger) shut() error {
	l.gate.Lock()
	defer l.gate.Unlock()
	if l.closed {
		return errors.New("close ledger: it is closed already")
	}
	l.closed = true
	close(l.work)
	return nil
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
