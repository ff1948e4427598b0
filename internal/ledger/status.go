package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNone says that there is no database where one was looked for.
var ErrNone = errors.New("there is no ledger there")

// Status is how a database is.
type Status struct {
	Kind     string    // what it is, for people: "SQLite"
	Bytes    int64     // how large it is
	Version  int64     // the latest migration that it has had; 0 for none
	Pending  int       // how many of this program's it has not had
	Newer    bool      // it has had one that this program does not know
	Writable error     // why it takes no write; nil when it does
	Free     int64     // bytes that are free where it lies; -1 when that is not known
	Now      time.Time // its own clock; zero when that is this machine's
}

// Visit is a database that is looked at and left as it is: it is neither made nor migrated.
type Visit struct {
	db   *sql.DB
	path string // "" for PostgreSQL
}

// Look opens the database at a URL for a look, beside a running Landfall or without one. The error is ErrNone when there is none.
func Look(_ context.Context, dsn string) (*Visit, error) {
	if isPostgres(dsn) {
		db, _, err := dialPostgres(dsn)
		return &Visit{db: db}, err
	}
	path, ok := strings.CutPrefix(dsn, "sqlite:")
	if !ok || path == "" {
		return nil, unsupported(dsn)
	}
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNone
	case err != nil:
		return nil, fmt.Errorf("look at ledger: %w", err)
	}
	db, err := sql.Open("sqlite", visitor(path))
	if err != nil {
		return nil, fmt.Errorf("look at ledger %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return &Visit{db: db, path: path}, nil
}

// visitor is source for somebody who makes no file, changes no mode, and waits for nobody long.
func visitor(path string) string {
	return location(path, url.Values{"mode": {"rw"}, "_txlock": {"immediate"}, "_pragma": {"busy_timeout(2000)"}})
}

// Ping reports whether the database can be read.
func (v *Visit) Ping(ctx context.Context) error {
	_, err := texts(ctx, v.db, v.tables())
	if err != nil && v.path == "" {
		return unreachable(err)
	}
	return err
}

// tables asks for the names of the tables there are.
func (v *Visit) tables() string {
	if v.path == "" {
		return `select tablename from pg_tables where schemaname = current_schema()`
	}
	return `select name from sqlite_master where type = 'table'`
}

// Status reports how the database is. An error means that it could not be read.
func (v *Visit) Status(ctx context.Context) (Status, error) {
	s := Status{Kind: "SQLite"}
	if v.path == "" {
		s.Kind, s.Free = "PostgreSQL", -1
		if err := v.server(ctx, &s); err != nil {
			return s, err
		}
	} else {
		s.Free = free(filepath.Dir(v.path))
		if info, err := os.Stat(v.path); err == nil {
			s.Bytes = info.Size()
		}
	}
	if err := v.schema(ctx, &s); err != nil {
		return s, fmt.Errorf("read the ledger's version: %w", err)
	}
	s.Writable = v.write(ctx)
	return s, nil
}

// server asks PostgreSQL for its size and its clock.
func (v *Visit) server(ctx context.Context, s *Status) error {
	return rows(ctx, v.db, func(r *sql.Rows) error {
		var now int64
		err := r.Scan(&s.Bytes, &now)
		s.Now = at(now)
		return err
	}, `select pg_database_size(current_database()), cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`)
}

// Close ends the visit.
func (v *Visit) Close() error { return v.db.Close() }

// schema compares the migrations that the database has had with those there are.
func (v *Visit) schema(ctx context.Context, s *Status) error {
	there, err := ours()
	if err != nil {
		return err
	}
	s.Pending = len(there)
	kept, err := texts(ctx, v.db, v.tables())
	if err != nil || !slices.Contains(kept, "goose_db_version") {
		return err
	}
	return rows(ctx, v.db, func(r *sql.Rows) error {
		var had int64
		if err := r.Scan(&had); err != nil {
			return err
		}
		s.Version = max(s.Version, had)
		if slices.Contains(there, had) {
			s.Pending--
		} else {
			s.Newer = true
		}
		return nil
	}, `select distinct version_id from goose_db_version where is_applied and version_id > 0`)
}

// ours lists the numbers of this program's migrations.
func ours() ([]int64, error) {
	files, err := fs.ReadDir(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, f := range files {
		number, _, _ := strings.Cut(f.Name(), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", f.Name(), err)
		}
		out = append(out, n)
	}
	return out, nil
}

// write takes the lock that a writer needs, and gives it back: nothing changes.
func (v *Visit) write(ctx context.Context) error {
	t, err := v.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if v.path == "" { // a replica, and a database that is set so, take no write
		_, err = t.ExecContext(ctx, `create temporary table landfall_may_write (x text) on commit drop`)
	}
	return errors.Join(err, t.Rollback())
}
