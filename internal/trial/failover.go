package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// between is how long the load goes on after each loss.
const between = 15 * time.Second

// loss is something that a platform loses.
type loss struct {
	what string
	lose func(context.Context) (remark string, err error)
}

// failover lets five processes on PostgreSQL and a Redis with sentinels lose a worker, the Redis master and the database in turn, while a
// shop goes on telling of parcels; then it compares, and says what a person would have noticed.
func (o *options) failover(ctx context.Context) error {
	e, err := startEnsemble(ctx, o.scratchDir)
	defer e.stop()
	if err != nil {
		return err
	}
	o.queue = e.setting()
	f, err := o.newFleet(ctx, "failover")
	if err != nil {
		return err
	}
	defer f.close()
	ctx, f.stop = context.WithCancel(ctx)
	defer f.end()
	losses := []loss{
		{"a worker is killed, and started again by who minds it", func(context.Context) (string, error) { f.members[apis].signal(os.Kill); return "", nil }},
		{"the Redis master is killed", func(ctx context.Context) (string, error) {
			took, err := e.lose(ctx)
			return fmt.Sprintf("; its sentinels name another after %s", seconds(took)), err
		}},
		{"PostgreSQL crashes, and is started again two seconds later", func(ctx context.Context) (string, error) {
			o.postgres.Kill()
			pause(ctx, 2*time.Second)
			return "", o.postgres.Restart()
		}},
	}
	if err := f.start(ctx, (len(losses)+2)*int(between/time.Second)*o.rate); err != nil {
		return err
	}
	fmt.Printf("%d APIs and %d workers on PostgreSQL and a Redis with two replicas and three sentinels, %d events/s\n", apis, workers, o.rate)
	w := newWatch(f)
	if err := w.through(ctx, losses); err != nil {
		return err
	}
	n := int(f.accepted.Load())
	if err := f.settle(ctx, n); err != nil {
		return err
	}
	w.report()
	fmt.Printf("0 lost, 0 sent twice, of %d messages\n", n)
	return nil
}

// watch is what a person would notice from outside.
type watch struct {
	*fleet
	began time.Time

	mu      sync.Mutex
	answers []answer
	probes  []probe
	stages  []stage
}

// answer is what the shop got for telling of a customer's parcel, once.
type answer struct {
	customer int
	asked    time.Time
	took     time.Duration
	refused  string // why; "" when it was taken
}

// probe is what an API said to GET /readyz.
type probe struct {
	api   int
	at    time.Time
	ready bool
}

// stage is the time from one loss to the next.
type stage struct {
	what string
	at   time.Time
}

func newWatch(f *fleet) *watch {
	w := &watch{fleet: f, began: time.Now()}
	f.heard = func(a answer) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.answers = append(w.answers, a)
	}
	return w
}

// through keeps up the load while one thing after another is lost.
func (w *watch) through(ctx context.Context, losses []loss) error {
	telling, enough := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() { w.tell(telling) })
	for api := range apis {
		all.Go(func() { w.ask(telling, api) })
	}
	defer all.Wait()
	defer enough()
	w.stage("load begins")
	pause(ctx, between)
	for _, l := range losses {
		at := time.Now()
		remark, err := l.lose(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", l.what, err)
		}
		w.mu.Lock()
		w.stages = append(w.stages, stage{l.what + remark, at})
		w.mu.Unlock()
		pause(ctx, between)
	}
	return ctx.Err()
}

func (w *watch) stage(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stages = append(w.stages, stage{what, time.Now()})
}

// ask probes an API ten times a second, as a load balancer would.
func (w *watch) ask(ctx context.Context, api int) {
	client := &http.Client{Timeout: 2 * time.Second}
	for ctx.Err() == nil {
		p := probe{api: api, at: time.Now()}
		if res, err := client.Get("http://" + w.members[api].listen + "/readyz"); err == nil {
			_, _ = io.Copy(io.Discard, res.Body) // only its status counts
			res.Body.Close()
			p.ready = res.StatusCode == http.StatusOK
		}
		w.mu.Lock()
		w.probes = append(w.probes, p)
		w.mu.Unlock()
		pause(ctx, 100*time.Millisecond)
	}
}

// report prints what happened after each loss, until the next.
func (w *watch) report() {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := map[int]time.Time{} // when each customer's parcel was told of first
	for _, a := range w.answers {
		if t, ok := first[a.customer]; !ok || a.asked.Before(t) {
			first[a.customer] = a.asked
		}
	}
	for i, s := range w.stages {
		end := time.Now()
		if i+1 < len(w.stages) {
			end = w.stages[i+1].at
		}
		in := func(t time.Time) bool { return !t.Before(s.at) && t.Before(end) }
		fmt.Printf("%7s  %s\n", seconds(s.at.Sub(w.began)), s.what)
		fmt.Printf("         the shop: %s\n", w.asShop(in, s.at))
		fmt.Printf("         customers: %s\n", w.asCustomers(first, in))
		fmt.Printf("         /readyz: %s\n", w.asBalancer(in, s.at))
	}
}

func (w *watch) asShop(in func(time.Time) bool, since time.Time) string {
	var took []time.Duration
	var refused []answer
	for _, a := range w.answers {
		switch {
		case !in(a.asked):
		case a.refused != "":
			refused = append(refused, a)
		default:
			took = append(took, a.took)
		}
	}
	text := fmt.Sprintf("%d requests taken", len(took))
	if len(took) > 0 {
		s := spreadOf(took)
		text += fmt.Sprintf(", p50 %s, p99 %s, slowest %s", short(s.p50), short(s.p99), short(took[len(took)-1]))
	}
	if len(refused) == 0 {
		return text + "; none refused"
	}
	slices.SortFunc(refused, func(a, b answer) int { return a.asked.Compare(b.asked) })
	return text + fmt.Sprintf("; %d refused and told again, from %s to %s after it (%s)", len(refused), seconds(refused[0].asked.Sub(since)),
		seconds(refused[len(refused)-1].asked.Sub(since)), strings.TrimSpace(refused[0].refused))
}

func (w *watch) asCustomers(first map[int]time.Time, in func(time.Time) bool) string {
	var took []time.Duration
	for customer, told := range first {
		if in(told) {
			took = append(took, w.provider.at(user(customer)).Sub(told))
		}
	}
	if len(took) == 0 {
		return "nobody"
	}
	s := spreadOf(took)
	late := len(took) - countUpTo(took, time.Second)
	return fmt.Sprintf("%d messages, p50 %s, p99 %s, the last after %s; %d later than a second", len(took), short(s.p50), short(s.p99), seconds(took[len(took)-1]), late)
}

// countUpTo counts what took no longer than a limit.
func countUpTo(took []time.Duration, limit time.Duration) (n int) {
	for _, t := range took {
		if t <= limit {
			n++
		}
	}
	return n
}

func (w *watch) asBalancer(in func(time.Time) bool, since time.Time) string {
	text := ""
	for api := range apis {
		var from, to time.Time
		for _, p := range w.probes {
			if p.api != api || !in(p.at) || p.ready {
				continue
			}
			if from.IsZero() {
				from = p.at
			}
			to = p.at
		}
		if !from.IsZero() {
			text += fmt.Sprintf(", API %d not ready from %s to %s after it", api+1, seconds(from.Sub(since)), seconds(to.Sub(since)))
		}
	}
	if text == "" {
		return "ready throughout"
	}
	return text[2:]
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
