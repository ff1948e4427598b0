package ledger

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"landfall/internal/notify"
)

func opened(t *testing.T) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func refusal(reason string) func(*tx) error {
	return func(t *tx) error {
		return t.exec(`insert into refusals (merchant, source, reason, hour, count, bytes, last) values ('acme', 'test', $1, 1, 1, 1, 1)`, reason)
	}
}

// grouped runs work as one batch: the committer is kept busy until all of it waits.
func grouped(t *testing.T, l *Ledger, works ...func(*tx) error) []error {
	t.Helper()
	busy, release := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		if err := l.update(context.Background(), func(*tx) error { close(busy); <-release; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-busy
	answers := make([]chan error, len(works))
	for i, fn := range works {
		answers[i] = make(chan error, 1)
		l.db.(*committer).work <- work{ctx: context.Background(), run: fn, done: answers[i]}
	}
	close(release)
	done.Wait()
	errs := make([]error, len(works))
	for i, a := range answers {
		errs[i] = <-a
	}
	return errs
}

func kept(t *testing.T, l *Ledger) string {
	t.Helper()
	got, err := texts(t.Context(), l.read, `select reason from refusals order by reason`)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(got, " ")
}

func TestOneCallersFailureLeavesTheOthersUntouched(t *testing.T) {
	t.Parallel()
	l := opened(t)
	var runs []*tx
	note := func(fn func(*tx) error) func(*tx) error {
		return func(t *tx) error { runs = append(runs, t); return fn(t) }
	}
	then := func(end func(*tx) error) func(*tx) error {
		return note(func(t *tx) error { return errors.Join(refusal("lost")(t), end(t)) })
	}
	errs := grouped(t, l, note(refusal("first")),
		then(func(*tx) error { panic("thrown") }),
		then(func(t *tx) error { return t.exec(`insert into nowhere values (1)`) }),
		then(func(*tx) error { return errors.New("refused") }),
		note(refusal("last")))
	for i, want := range []string{"", "thrown", "nowhere", "refused", ""} {
		if err := errs[i]; (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("caller %d gets %v, want %q", i, err, want)
		}
	}
	if got := kept(t, l); got != "first last" {
		t.Errorf("kept: %s", got)
	}
	if len(runs) < 5 {
		t.Fatalf("%d runs, want one of each caller at least", len(runs))
	}
	for _, one := range runs[len(runs)-5:] { // before them, those up to the first failure
		if one != runs[len(runs)-1] {
			t.Error("the callers did not share a commit")
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestCloseFinishesWhatWaits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	l, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	busy, release := make(chan struct{}), make(chan struct{})
	first, second := make(chan error, 1), make(chan error, 1)
	l.db.(*committer).work <- work{ctx: t.Context(), run: func(*tx) error { close(busy); <-release; return nil }, done: first}
	<-busy
	l.db.(*committer).work <- work{ctx: t.Context(), run: refusal("waited"), done: second}
	closed := make(chan error)
	go func() { closed <- l.Close() }()
	close(release)
	if err := errors.Join(<-first, <-second, <-closed); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := kept(t, again); got != "waited" {
		t.Errorf("kept: %q", got)
	}
}

func TestAClosedLedgerAnswersWithAnError(t *testing.T) {
	t.Parallel()
	l := opened(t)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.update(t.Context(), refusal("late")); err == nil {
		t.Error("a closed ledger takes work")
	}
	if _, err := l.Refusals(t.Context(), "acme"); err == nil {
		t.Error("a closed ledger is read")
	}
	if err := l.Close(); err == nil {
		t.Error("a closed ledger is closed again without a word")
	}
}

func TestEveryoneIsAnsweredWhileTheLedgerCloses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	l, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	var stored atomic.Int32
	var callers sync.WaitGroup
	for range 2 * maxBatch {
		callers.Go(func() {
			if l.update(context.Background(), func(t *tx) error { return t.exec(`insert into orders values ('m', hex(randomblob(8)), 'p', '', 0)`) }) == nil {
				stored.Add(1)
			}
		})
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	callers.Wait()
	again, err := Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n, err := number(t.Context(), again.read, `select count(*) from orders`); err != nil || int32(n) != stored.Load() {
		t.Errorf("%d are stored, %d were told so, %v", n, stored.Load(), err)
	}
}

// A ruling rests on the state it was made about.
func TestARulingAboutAStateThatIsGoneIsNotWritten(t *testing.T) {
	t.Parallel()
	l := opened(t)
	job := &notify.Job{Delivery: notify.Delivery{ID: "d1", State: notify.Planned}}
	err := l.update(t.Context(), func(x *tx) error {
		err := x.exec(`insert into deliveries (id, notification, merchant, channel, position, state, reason, held_for, due, handed_at, claimed_at, attempts,
			idem_key, provider_id, words, updated_at, sent_at) values ('d1', 'n1', 'm', 'sms', 0, 'superseded', '', '', 0, 0, 0, 0, '', '', '', 0, 0)`)
		if err != nil {
			return err
		}
		ruled, err := x.rule(job, notify.Ruling{State: notify.Sending}, time.UnixMilli(1))
		if ruled {
			t.Error("a delivery that ended is given out")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := texts(t.Context(), l.read, `select state from deliveries`); err != nil || got[0] != "superseded" {
		t.Errorf("it is %v, %v", got, err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestRefusalsOfAnHourAreOneRow(t *testing.T) {
	t.Parallel()
	l := opened(t)
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for i := range 3 {
		if err := l.Refuse(t.Context(), "acme", "twilio", "signature", 10, noon.Add(time.Duration(i)*20*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := texts(t.Context(), l.read, `select count || ' ' || bytes || ' ' || ((last - hour) / 60000) from refusals`)
	if want := []string{"3 30 40"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestAWaitingCallerMayGiveUp(t *testing.T) {
	t.Parallel()
	l := opened(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := func(*tx) error { cancel(); return nil }
	busy, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 2)
	l.db.(*committer).work <- work{ctx: t.Context(), run: func(*tx) error { close(busy); <-release; return nil }, done: make(chan error, 1)}
	<-busy
	l.db.(*committer).work <- work{ctx: t.Context(), run: cancelled, done: ended}
	l.db.(*committer).work <- work{ctx: ctx, run: refusal("given up"), done: ended}
	close(release)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("whoever gave up is told %v", err)
	}
	if got := kept(t, l); got != "" {
		t.Errorf("kept: %q", got)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
