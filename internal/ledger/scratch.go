package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// OpenScratch opens an empty ledger in memory, for simulations: quick to make, never on a disk, gone with Close.
func OpenScratch(ctx context.Context) (*Ledger, error) {
	name := rand.Text() // every connection of this process that names it shares the database
	write, err := sql.Open("sqlite", scratch(name))
	if err != nil {
		return nil, fmt.Errorf("open scratch ledger: %w", err)
	}
	write.SetMaxOpenConns(1)
	if err := copyOfModel(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open scratch ledger: %w", err), write.Close())
	}
	read, err := sql.Open("sqlite", scratch(name)+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open scratch ledger: %w", err), write.Close())
	}
	return start(ctx, write, read)
}

// model is an empty ledger in memory that stays for as long as the process does. Running every migration takes ten times as
// long as copying their outcome.
var model = sync.OnceValues(func() (string, error) {
	name := rand.Text()
	db, err := sql.Open("sqlite", scratch(name))
	if err != nil {
		return "", err
	}
	db.SetMaxOpenConns(1) // kept open: what lies in memory goes with the last connection
	return name, lay(context.Background(), db)
})

// copyOfModel fills an empty database with the tables of the model.
func copyOfModel(ctx context.Context, db *sql.DB) error {
	name, err := model()
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	return errors.Join(conn.Raw(func(c any) error {
		from, err := c.(interface {
			NewRestore(string) (*sqlite.Backup, error)
		}).NewRestore(scratch(name))
		if err != nil {
			return err
		}
		_, err = from.Step(-1)
		return errors.Join(err, from.Finish())
	}), conn.Close())
}

func scratch(name string) string {
	return "file:/" + name + "?vfs=memdb&_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)"
}

// lay makes the tables as the migrations leave them, without the record of migrations that only a lasting ledger needs.
func lay(ctx context.Context, db *sql.DB) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(files)
	for _, file := range files {
		text, err := migrations.ReadFile(file)
		if err != nil {
			return err
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		if _, err := db.ExecContext(ctx, up); err != nil {
			return fmt.Errorf("lay %s: %w", file, err)
		}
	}
	return nil
}
