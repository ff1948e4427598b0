package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	_ "modernc.org/sqlite" // the pure Go driver named "sqlite"
)

func openSQLite(ctx context.Context, path string) (*Ledger, error) {
	write, err := sql.Open("sqlite", source(path, false))
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	_, ahead, err := migrated(ctx, write, sqliteMigrations)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), write.Close())
	}
	read, err := sql.Open("sqlite", source(path, true))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), write.Close())
	}
	l, err := start(ctx, write, read)
	if err == nil {
		l.ahead = ahead
	}
	return l, err
}

// start takes over a database that has been migrated. write must have one connection at most.
func start(ctx context.Context, write, read *sql.DB) (*Ledger, error) {
	read.SetMaxOpenConns(4)
	conn, err := write.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger: %w", err), write.Close(), read.Close())
	}
	l := &Ledger{read: reader{&prepared{on: read}, read}, keys: passing()}
	c := &committer{ledger: l, db: write, conn: conn, run: &prepared{on: conn}, work: make(chan work, maxBatch), done: make(chan struct{})}
	l.db = c
	go c.commits()
	return l, nil
}

// source builds the driver's connection string. FULL makes a commit survive a power cut; batching pays for it. What is
// deleted is overwritten: erasure means the bytes too.
func source(path string, readOnly bool) string {
	q := url.Values{"_pragma": {"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(FULL)", "foreign_keys(1)"}}
	if readOnly {
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Add("_pragma", "secure_delete(1)")
	}
	return location(path, q)
}

func location(path string, q url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// lock does nothing: whoever writes is alone.
func (c *committer) lock(*tx, string) error { return nil }

func (c *committer) lockOf(*tx, string, ...any) error { return nil }

func (c *committer) shared() bool { return false }

func (c *committer) skipping() string { return "" }

func (c *committer) snapshot(ctx context.Context) (*sql.Tx, error) {
	return c.ledger.read.pool.BeginTx(ctx, nil)
}

// The log of the database holds pages as they were until it is emptied, which takes a moment without readers.
const (
	wipeTries = 20
	wipePause = 100 * time.Millisecond
)

// wipe empties the write-ahead log into the database, whose freed bytes are overwritten. It tries for a while.
func (c *committer) wipe(ctx context.Context) error {
	var err error
	for range wipeTries {
		w := work{ctx: ctx, alone: c.truncate, done: make(chan error, 1)}
		if err = c.submit(w); err != nil {
			return err
		}
		if err = <-w.done; err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wipePause):
		}
	}
	return err
}

// truncate writes the log into the database and empties it. It does not wait for readers: everybody's writes would.
func (c *committer) truncate(ctx context.Context) error {
	if _, err := c.conn.ExecContext(ctx, `pragma busy_timeout = 20`); err != nil {
		return fmt.Errorf("empty the log: %w", err)
	}
	var busy, pages, moved int
	err := c.conn.QueryRowContext(ctx, `pragma wal_checkpoint(truncate)`).Scan(&busy, &pages, &moved)
	if _, failed := c.conn.ExecContext(context.WithoutCancel(ctx), `pragma busy_timeout = 10000`); err == nil {
		err = failed
	}
	if err == nil && busy != 0 {
		err = fmt.Errorf("empty the log: a reader holds it")
	}
	return err
}
