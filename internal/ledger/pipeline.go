package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// pipeline is one transaction on a connection to PostgreSQL, where the way there and back costs more than most statements. Those
// whose answer nobody looks at travel with the next one whose answer somebody does, or with the commit.
type pipeline struct {
	conn    *sql.Conn
	waiting *pgx.Batch
	begun   bool // whether anything was sent
}

func newPipeline(conn *sql.Conn) *pipeline {
	p := &pipeline{conn: conn, waiting: &pgx.Batch{}}
	p.waiting.Queue(`begin`)
	return p
}

// QueryContext runs a query, after all that waits.
func (p *pipeline) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if _, err := p.flush(ctx); err != nil {
		return nil, err
	}
	return p.conn.QueryContext(ctx, query, args...)
}

// change runs a statement, after all that waits, and returns how many rows it changed.
func (p *pipeline) change(ctx context.Context, query string, args ...any) (int64, error) {
	p.waiting.Queue(query, args...)
	tag, err := p.flush(ctx)
	return tag.RowsAffected(), err
}

// exec runs a statement with what comes next, whose error is its own if it has one.
func (p *pipeline) exec(_ context.Context, query string, args ...any) error {
	p.waiting.Queue(query, args...)
	return nil
}

// flush sends what waits and returns the answer to the last of it.
func (p *pipeline) flush(ctx context.Context) (last pgconn.CommandTag, err error) {
	batch := p.waiting
	if batch.Len() == 0 {
		return last, nil
	}
	p.waiting, p.begun = &pgx.Batch{}, true
	err = p.conn.Raw(func(driver any) error {
		answers := driver.(*stdlib.Conn).Conn().SendBatch(ctx, batch)
		var err error
		for range batch.Len() {
			if last, err = answers.Exec(); err != nil {
				break
			}
		}
		if closed := answers.Close(); err == nil {
			err = closed
		}
		return err
	})
	return last, err
}

// commit ends the transaction with all that waits.
func (p *pipeline) commit(ctx context.Context) error {
	if !p.begun && p.waiting.Len() == 1 { // nothing but its beginning
		return nil
	}
	p.waiting.Queue(`commit`)
	tag, err := p.flush(ctx)
	if err == nil && tag.String() != "COMMIT" {
		err = fmt.Errorf("PostgreSQL answers %s", tag)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("commit: %w", err), p.rollback(ctx))
	}
	return nil
}

// rollback gives the transaction up. A connection that is gone has done so.
func (p *pipeline) rollback(ctx context.Context) error {
	p.waiting = &pgx.Batch{}
	if !p.begun {
		return nil
	}
	return p.conn.Raw(func(driver any) error {
		c := driver.(*stdlib.Conn).Conn()
		if c.IsClosed() || c.PgConn().TxStatus() == 'I' {
			return nil
		}
		if _, err := c.Exec(ctx, `rollback`); err != nil && !c.IsClosed() {
			return fmt.Errorf("roll back: %w", err)
		}
		return nil
	})
}
