package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
)

// maxBatch is how many transactions share one commit at most. One durable commit costs about as much as writing this
// many rows, so sharing it decides the ledger's speed under load; alone, a transaction commits at once.
const maxBatch = 64

// work is one caller's transaction, waiting to be run by the committer; or, with alone, what cannot be done in one.
type work struct {
	ctx   context.Context
	run   func(*tx) error
	alone func(context.Context) error
	done  chan error
}

// tx is a transaction as the ledger's own code sees it.
type tx struct {
	ctx    context.Context
	sql    *sql.Tx
	ledger *Ledger
}

// update runs fn in a transaction and returns once it is durable. When fn returns an error nothing of it is kept.
// fn must not call update. Several callers share one commit, each in a savepoint of its own.
func (l *Ledger) update(ctx context.Context, fn func(*tx) error) error {
	w := work{ctx: ctx, run: fn, done: make(chan error, 1)}
	if err := l.submit(w); err != nil {
		return err
	}
	return <-w.done
}

// submit hands work to the committer, unless the ledger is closed. Close waits for whoever is handing over.
func (l *Ledger) submit(w work) error {
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closed {
		return errors.New("write ledger: it is closed")
	}
	select {
	case l.work <- w:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// commits is the committer: the only goroutine that writes.
func (l *Ledger) commits() {
	defer close(l.done)
	for first := range l.work {
		batch := append(make([]work, 0, maxBatch), first)
		for len(batch) < maxBatch && len(l.work) > 0 && batch[len(batch)-1].alone == nil {
			batch = append(batch, <-l.work)
		}
		l.process(batch)
	}
}

// process commits a batch; what must be done outside of a transaction can only stand at its end.
func (l *Ledger) process(batch []work) {
	last := batch[len(batch)-1]
	if last.alone == nil {
		l.commit(batch)
		return
	}
	if rest := batch[:len(batch)-1]; len(rest) > 0 {
		l.commit(rest)
	}
	last.done <- last.alone(last.ctx)
}

// commit runs a batch and answers each caller. A failed commit fails all of them.
func (l *Ledger) commit(batch []work) {
	errs := make([]error, len(batch))
	err := l.transaction(func(t *tx) error {
		for i, w := range batch {
			errs[i] = t.savepoint(w)
		}
		return nil
	})
	for i, w := range batch {
		if err != nil {
			errs[i] = err
		}
		w.done <- errs[i]
	}
}

// transaction runs fn between begin and commit. Its context is its own: one caller's cancelled request must not roll
// back the others' work.
func (l *Ledger) transaction(fn func(*tx) error) error {
	ctx := context.Background()
	t, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	if err := fn(&tx{ctx: ctx, sql: t, ledger: l}); err != nil {
		return errors.Join(err, t.Rollback())
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// savepoint runs one caller's work so that its failure leaves the others' untouched.
func (t *tx) savepoint(w work) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if err := t.exec(`savepoint caller`); err != nil {
		return err
	}
	failed := guarded(w.run, t)
	if failed != nil {
		failed = errors.Join(failed, t.exec(`rollback to caller`))
	}
	return errors.Join(failed, t.exec(`release caller`))
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
	r, err := t.sql.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("write ledger: %w", err)
	}
	return r.RowsAffected()
}
