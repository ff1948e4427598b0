package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// querier is what reads: a transaction, or the pool of readers outside of one.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// rows calls scan for each row of a query.
func rows(ctx context.Context, q querier, scan func(*sql.Rows) error, query string, args ...any) error {
	rs, err := q.QueryContext(ctx, query, storable(args)...)
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	defer rs.Close()
	for rs.Next() {
		if err := scan(rs); err != nil {
			return fmt.Errorf("read ledger: %w", err)
		}
	}
	return rs.Err()
}

// documents reads a query whose single column is JSON.
func documents[T any](ctx context.Context, q querier, query string, args ...any) ([]T, error) {
	var out []T
	err := rows(ctx, q, func(r *sql.Rows) error {
		var data string
		var v T
		if err := r.Scan(&data); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(data), &v); err != nil {
			return err
		}
		out = append(out, v)
		return nil
	}, query, args...)
	return out, err
}

// document reads at most one row of a query whose single column is JSON; nil when there is none.
func document[T any](ctx context.Context, q querier, query string, args ...any) (*T, error) {
	all, err := documents[T](ctx, q, query, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// encode returns v as JSON. Values of the ledger always encode.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err))
	}
	return string(b)
}

// number reads a query whose answer is one number.
func number(ctx context.Context, q querier, query string, args ...any) (n int64, err error) {
	err = rows(ctx, q, func(r *sql.Rows) error { return r.Scan(&n) }, query, args...)
	return n, err
}

// texts reads a query whose single column is text.
func texts(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	var out []string
	err := rows(ctx, q, func(r *sql.Rows) error {
		var s string
		err := r.Scan(&s)
		out = append(out, s)
		return err
	}, query, args...)
	return out, err
}
