package ledger

import (
	"context"
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
	// change runs a statement and returns how many rows it changed.
	change(ctx context.Context, query string, args ...any) (int64, error)
	// exec runs a statement whose answer nobody looks at. Its error may come with a later statement's, or the commit's.
	exec(ctx context.Context, query string, args ...any) error
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
	if err := t.sql.exec(t.ctx, query, storable(args)...); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	return nil
}

// change runs a statement and returns how many rows it changed.
func (t *tx) change(query string, args ...any) (int64, error) {
	n, err := t.sql.change(t.ctx, query, storable(args)...)
	if err != nil {
		return 0, fmt.Errorf("write ledger: %w", err)
	}
	return n, nil
}

// storable are arguments as every database takes them: a text is a plain string, without bytes that are no UTF-8 and without a zero
// byte, which is none to PostgreSQL.
func storable(args []any) []any {
	for i, a := range args {
		v := reflect.ValueOf(a)
		if v.Kind() != reflect.String {
			continue
		}
		s := v.String()
		if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
			s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
		args[i] = s
	}
	return args
}
