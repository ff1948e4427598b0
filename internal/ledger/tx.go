package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
	"unicode/utf8"
)

// tx is a transaction as the ledger's own code sees it.
type tx struct {
	ctx    context.Context
	sql    statements
	ledger *Ledger
}

// statements is what runs them.
type statements interface {
	querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// guarded turns a panic in a decision into an error of that one transaction: the ledger serves everybody else.
func guarded(run func(*tx) error, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return run(t)
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.change(query, args...)
	return err
}

// change runs a statement and returns how many rows it changed.
func (t *tx) change(query string, args ...any) (int64, error) {
	r, err := t.sql.ExecContext(t.ctx, query, storable(args)...)
	if err != nil {
		return 0, fmt.Errorf("write ledger: %w", err)
	}
	return r.RowsAffected()
}

// storable are arguments as every database takes them: a zero byte in a text is none to PostgreSQL, and bytes that are no
// UTF-8 neither.
func storable(args []any) []any {
	for i, a := range args {
		v := reflect.ValueOf(a)
		if v.Kind() != reflect.String {
			continue
		}
		if s := v.String(); strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}
