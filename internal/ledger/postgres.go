package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgres is how PostgreSQL is written to, whose driver keeps statements by itself: every caller has a transaction of its own, and those that are about the same
// person, order or number wait for one another, whichever process they are in. PostgreSQL shares the flushes of commits itself.
type postgres struct {
	ledger *Ledger
	db     *sql.DB
}

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// connections is how many connections a process has for writing, unless pool_max_conns in the URL says otherwise. Half as
// many read.
const connections = 16

// waitsAtMost is how long a statement waits for another transaction. None holds anything while a provider is called.
const waitsAtMost = 10 * time.Second

func openPostgres(ctx context.Context, dsn string) (*Ledger, error) {
	write, size, err := dialPostgres(dsn)
	if err != nil {
		return nil, err
	}
	_, ahead, err := migrated(ctx, write, postgresMigrations)
	if err != nil {
		return nil, errors.Join(unreachable(err), write.Close())
	}
	read, _, err := dialPostgres(dsn)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(max(size/2, 2))
	read.SetMaxIdleConns(max(size/2, 2))
	l := &Ledger{read: reader{read, read}, keys: passing(), ahead: ahead}
	l.db = &postgres{ledger: l, db: write}
	return l, nil
}

// unreachable says what to do about a database that cannot be opened. What the driver says of it names no password.
func unreachable(err error) error {
	var refused *pgconn.ConnectError
	if errors.As(err, &refused) {
		return fmt.Errorf("open ledger: PostgreSQL does not let Landfall in: %w; check the host, the user and the name of the database in LANDFALL_DATABASE", refused.Unwrap())
	}
	return fmt.Errorf("open ledger: %w", err)
}

// dialPostgres makes a pool of connections, and opens none.
func dialPostgres(dsn string) (db *sql.DB, size int, err error) {
	plain, size, err := poolSize(dsn)
	if err != nil {
		return nil, 0, err
	}
	c, err := pgx.ParseConfig(plain)
	if err != nil { // which may quote the password
		return nil, 0, errors.New("LANDFALL_DATABASE is no address of a PostgreSQL database; write it as postgres://USER:PASSWORD@HOST:5432/NAME, with special characters in the password percent-encoded")
	}
	c.RuntimeParams["application_name"] = "landfall"
	c.RuntimeParams["lock_timeout"] = strconv.FormatInt(waitsAtMost.Milliseconds(), 10)
	db = stdlib.OpenDB(*c)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, size, nil
}

// poolSize takes the number of connections out of a URL: pgx knows it only for a pool of its own.
func poolSize(dsn string) (string, int, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return dsn, connections, nil // the driver says what is wrong with it
	}
	q := u.Query()
	set := q.Get("pool_max_conns")
	if set == "" {
		return dsn, connections, nil
	}
	n, err := strconv.Atoi(set)
	if err != nil || n < 1 || n > 1000 {
		return "", 0, errors.New("pool_max_conns in LANDFALL_DATABASE must be a number from 1 to 1000")
	}
	q.Del("pool_max_conns")
	u.RawQuery = q.Encode()
	return u.String(), n, nil
}

// tries is how often a transaction is tried that PostgreSQL ended for the sake of another.
const tries = 8

func (p *postgres) update(ctx context.Context, fn func(*tx) error) error {
	var err error
	for n := range tries {
		if err = p.once(ctx, fn); !outdone(err) {
			return err
		}
		pause := time.NewTimer(time.Duration(rand.Int64N(int64(time.Millisecond) << min(n+2, 8))))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
	return err
}

// outdone reports whether a transaction was ended for the sake of another, and is worth another try: nothing of it is kept.
func outdone(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "40001", "40P01", "55P03": // could not serialize, deadlock, waited for a lock too long
		return true
	}
	return false
}

// once runs fn between begin and commit. A caller who gives up is heard before; afterwards it is known what became of it.
func (p *postgres) once(ctx context.Context, fn func(*tx) error) error {
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	own := context.WithoutCancel(ctx) // one that ends would roll back in the middle of a commit
	line := newPipeline(conn)
	if err := guarded(fn, &tx{ctx: own, sql: line, ledger: p.ledger}); err != nil {
		return errors.Join(err, line.rollback(own))
	}
	return line.commit(own)
}

// advisory turns a key into a lock of the transaction's. Two keys that share a hash wait for each other, which harms nobody.
const advisory = `pg_advisory_xact_lock(hashtextextended(%s, 0))`

func (p *postgres) lock(t *tx, key string) error {
	return t.exec(`select `+fmt.Sprintf(advisory, `$1`), key)
}

func (p *postgres) lockOf(t *tx, query string, args ...any) error {
	return t.exec(`select `+fmt.Sprintf(advisory, `key`)+` from (`+query+`) keys`, args...)
}

func (p *postgres) shared() bool { return true }

func (p *postgres) skipping() string { return ` for update skip locked` }

func (p *postgres) snapshot(ctx context.Context) (*sql.Tx, error) {
	return p.ledger.read.pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}

// wipe leaves it to PostgreSQL, whose vacuum reuses the room of deleted rows: see docs/adr/0012-erasure.md.
func (p *postgres) wipe(context.Context) error { return nil }

func (p *postgres) close() error { return p.db.Close() }
