package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// maxBatch is how many transactions share one commit at most. One durable commit costs about as much as writing this
// many rows, so sharing it decides the ledger's speed under load; alone, a transaction commits at once.
const maxBatch = 64

// committer is how SQLite is written to: by one goroutine, which is faster there than several, and shares commits.
type committer struct {
	ledger *Ledger
	db     *sql.DB
	conn   *sql.Conn // its only one
	run    *prepared // on it
	work   chan work
	done   chan struct{}

	gate   sync.RWMutex // of closed, and of closing work
	closed bool
}

// work is one caller's transaction, waiting to be run by the committer; or, with alone, what cannot be done in one.
type work struct {
	ctx   context.Context
	run   func(*tx) error
	alone func(context.Context) error
	done  chan error
}

// update runs fn in a transaction and returns once it is durable. When fn returns an error nothing of it is kept. Several callers
// share one commit; fn may be run again from its beginning, when another of them fails.
func (c *committer) update(ctx context.Context, fn func(*tx) error) error {
	w := work{ctx: ctx, run: fn, done: make(chan error, 1)}
	if err := c.submit(w); err != nil {
		return err
	}
	return <-w.done
}

// submit hands work to the committer, unless the ledger is closed. Close waits for whoever is handing over.
func (c *committer) submit(w work) error {
	c.gate.RLock()
	defer c.gate.RUnlock()
	if c.closed {
		return errors.New("write ledger: it is closed")
	}
	select {
	case c.work <- w:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// commits is the committer: the only goroutine that writes.
func (c *committer) commits() {
	defer close(c.done)
	for first := range c.work {
		batch := append(make([]work, 0, maxBatch), first)
		for len(batch) < maxBatch && len(c.work) > 0 && batch[len(batch)-1].alone == nil {
			batch = append(batch, <-c.work)
		}
		c.process(batch)
	}
}

// process commits a batch; what must be done outside of a transaction can only stand at its end.
func (c *committer) process(batch []work) {
	last := batch[len(batch)-1]
	if last.alone == nil {
		c.commit(batch)
		return
	}
	if rest := batch[:len(batch)-1]; len(rest) > 0 {
		c.commit(rest)
	}
	last.done <- last.alone(last.ctx)
}

// commit runs a batch and answers each caller. A failed commit fails all of them.
func (c *committer) commit(batch []work) {
	errs, err := c.together(batch)
	if err != nil && len(batch) > 1 {
		errs, err = c.apart(batch)
	}
	for i, w := range batch {
		if err != nil {
			errs[i] = err
		}
		w.done <- errs[i]
	}
}

// together runs a batch as one, which nearly always succeeds: an error means that nothing of it is kept. Those who have given up are
// passed over.
func (c *committer) together(batch []work) (gaveUp []error, err error) {
	gaveUp = make([]error, len(batch))
	return gaveUp, c.transaction(func(t *tx) error {
		for i, w := range batch {
			if gaveUp[i] = w.ctx.Err(); gaveUp[i] != nil {
				continue
			}
			if err := guarded(w.run, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// apart runs a batch so that one's failure leaves the others' work untouched.
func (c *committer) apart(batch []work) (errs []error, err error) {
	errs = make([]error, len(batch))
	return errs, c.transaction(func(t *tx) error {
		for i, w := range batch {
			errs[i] = t.savepoint(w)
		}
		return nil
	})
}

// transaction runs fn between begin and commit. Its context is its own: one caller's cancelled request must not roll
// back the others' work.
func (c *committer) transaction(fn func(*tx) error) error {
	t := &tx{ctx: context.Background(), sql: c.run, ledger: c.ledger}
	if err := t.exec(`begin immediate`); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	if err := fn(t); err != nil {
		return errors.Join(err, t.exec(`rollback`))
	}
	if err := t.exec(`commit`); err != nil { // such as on a full disk: the transaction is open still
		return errors.Join(fmt.Errorf("commit: %w", err), t.exec(`rollback`))
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

// close finishes the transactions under way.
func (c *committer) close() error {
	if err := c.shut(); err != nil {
		return err
	}
	<-c.done
	return errors.Join(c.conn.Close(), c.db.Close())
}

// shut lets no more work in.
func (c *committer) shut() error {
	c.gate.Lock()
	defer c.gate.Unlock()
	if c.closed {
		return errors.New("close ledger: it is closed already")
	}
	c.closed = true
	close(c.work)
	return nil
}
