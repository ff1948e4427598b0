// Package queue hands deliveries to workers through Asynq on Redis, and is the only place that knows either. A task carries
// a delivery's id, beside it the trace it belongs to where traces are on, and nothing else. The ledger decides what is due, how often something is tried and when it is given up;
// Redis may lose everything at any moment, since the dispatcher's sweep brings it again.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"landfall/dispatcher"
	"landfall/internal/notify"
)

const (
	taskType = "deliver"
	// suspicion is how long a task may be with Redis before a second one is laid beside it: Asynq can leave a task active
	// with nobody working on it (hibiken/asynq#1144), and its id would be refused for ever.
	suspicion = 10 * time.Minute
	// unreachable is the pause before a delivery is tried again that failed for a reason of our own, such as a ledger that
	// did not answer.
	unreachable = 2 * time.Second
)

// Each channel has a queue of its own, and workers of its own, so that a provider that is slow keeps nobody else's messages
// waiting; and two beside it: for what goes first, and for what has waited for its turn with the sender, which must not stand
// behind a crowd that is only now given its turns.
func queueOf(h notify.Handoff) string {
	switch {
	case h.Urgent:
		return string(h.Channel) + "-urgent"
	case h.Turn:
		return string(h.Channel) + "-turn"
	}
	return string(h.Channel)
}

// order is a channel's queues, the more important ones with the higher figure.
func order(c notify.Channel) map[string]int {
	return map[string]int{
		queueOf(notify.Handoff{Channel: c, Urgent: true}): 3,
		queueOf(notify.Handoff{Channel: c, Turn: true}):   2,
		queueOf(notify.Handoff{Channel: c}):               1,
	}
}

// queues lists the names of all queues.
func queues() []string {
	var out []string
	for _, c := range notify.Channels() {
		out = slices.AppendSeq(out, maps.Keys(order(c)))
	}
	slices.Sort(out)
	return out
}

// Config is what a queue is made of.
type Config struct {
	Redis redis.UniversalClient // the caller's to close, after Close
	// Deliver is called for each task. *dispatcher.Later says that the ledger brings it again, any other error that the queue
	// should, soon.
	Deliver func(context.Context, notify.DeliveryID) error
	// Carry is what travels with a task beside the delivery's id, so that Resume, on the other side, goes on in the same trace; both nil
	// for nothing.
	Carry   func(context.Context) map[string]string
	Resume  func(context.Context, map[string]string) context.Context
	Workers int  // deliveries of one channel under way at once; default 64, and 16 by e-mail, whose servers count connections
	Alone   bool // no other process has this Redis
	Log     *slog.Logger
	Grace   time.Duration // how long Close waits for deliveries under way; default 35 s, longer than a call may take
}

func (c Config) withDefaults() Config {
	if c.Grace == 0 {
		c.Grace = 35 * time.Second
	}
	if c.Carry == nil {
		c.Carry = func(context.Context) map[string]string { return nil }
	}
	if c.Resume == nil {
		c.Resume = func(ctx context.Context, _ map[string]string) context.Context { return ctx }
	}
	return c
}

// workers is how many deliveries of a channel are under way at once. Each waits for two commits and a call: together they
// share the commits.
func (c Config) workers(channel notify.Channel) int {
	switch {
	case c.Workers > 0:
		return c.Workers
	case channel == notify.Email:
		return 16
	}
	return 64
}

// Queue enqueues deliveries, and works on them once started.
type Queue struct {
	Config
	client    *asynq.Client
	inspector *asynq.Inspector
	servers   []*asynq.Server // one a channel
	wakers    map[notify.Channel]*waker
	bell      Bell
	listening sync.WaitGroup
	stop      context.CancelFunc
}

// New returns a queue on Redis. It does not connect yet.
func New(c Config) *Queue {
	c = c.withDefaults()
	q := &Queue{Config: c, client: asynq.NewClientFromRedisClient(c.Redis), inspector: asynq.NewInspectorFromRedisClient(c.Redis),
		wakers: map[notify.Channel]*waker{}, bell: Bell{c.Redis, workChannel}, stop: func() {}}
	for _, channel := range notify.Channels() {
		q.wakers[channel] = newWaker(c.Redis, channel)
		q.servers = append(q.servers, asynq.NewServerFromRedisClient(q.wakers[channel], asynq.Config{
			Concurrency:              c.workers(channel),
			Queues:                   order(channel),
			StrictPriority:           true,
			TaskCheckInterval:        blink,
			DelayedTaskCheckInterval: time.Second,
			ShutdownTimeout:          c.Grace,
			RetryDelayFunc:           func(int, error, *asynq.Task) time.Duration { return unreachable },
			Logger:                   quiet{c.Log},
		}))
	}
	return q
}

// Start begins to work on deliveries.
func (q *Queue) Start() error {
	if !q.Alone {
		ctx, stop := context.WithCancel(context.Background())
		q.stop = stop
		q.listening.Go(func() { q.bell.Listen(ctx, q.wake) })
	}
	for i, s := range q.servers {
		if err := s.Start(asynq.HandlerFunc(q.handle)); err != nil {
			q.Close()
			return fmt.Errorf("start workers of %s: %w", notify.Channels()[i], err)
		}
	}
	return nil
}

// wake has the workers of a channel look for work.
func (q *Queue) wake(channel string) {
	if w := q.wakers[notify.Channel(channel)]; w != nil {
		w.ring()
	}
}

// Close stops taking tasks, waits for those under way, and hands back what does not finish in time. Call it before closing
// the Redis client: Asynq would panic otherwise.
func (q *Queue) Close() {
	q.stop()
	q.listening.Wait()
	for _, w := range q.wakers {
		close(w.closed)
	}
	var all sync.WaitGroup
	for _, s := range q.servers {
		all.Go(s.Shutdown)
	}
	all.Wait()
}

// handle works on one task. A delivery that is to come later is done with here: the ledger knows when, to the millisecond, where
// Asynq would count in whole seconds, and brings it again.
func (q *Queue) handle(ctx context.Context, t *asynq.Task) error {
	err := q.Deliver(q.Resume(ctx, t.Headers()), notify.DeliveryID(t.Payload()))
	if _, later := errors.AsType[*dispatcher.Later](err); later {
		return nil
	}
	if err != nil {
		q.Log.Error("deliver", "delivery", string(t.Payload()), "error", err)
	}
	return err
}

// Enqueue hands deliveries over. One that Redis already holds is left alone, unless it has been there suspiciously long.
func (q *Queue) Enqueue(ctx context.Context, hs ...notify.Handoff) error {
	told := map[notify.Channel]int{}
	carried := q.Carry(ctx)
	for _, h := range hs {
		task := asynq.NewTaskWithHeaders(taskType, []byte(h.Delivery), carried)
		_, err := q.client.EnqueueContext(ctx, task, asynq.Queue(queueOf(h)), asynq.TaskID(taskID(h)), asynq.MaxRetry(math.MaxInt32))
		if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
			return fmt.Errorf("enqueue delivery: %w", err)
		}
		if told[h.Channel]++; told[h.Channel] == 1 {
			q.tell(ctx, h.Channel)
		}
	}
	for c, n := range told {
		if n > 1 { // whoever woke up for the first may have found no other
			q.tell(ctx, c)
		}
	}
	return nil
}

// tell wakes the workers of a channel, here and in other processes. Without the bell those look after a second.
func (q *Queue) tell(ctx context.Context, c notify.Channel) {
	q.wake(string(c))
	if !q.Alone {
		if err := q.bell.Ring(ctx, string(c)); err != nil {
			q.Log.Debug("wake other processes", "error", err)
		}
	}
}

// taskID tells one handing over of a delivery from the next: a task that is about to end must not keep the next one out.
func taskID(h notify.Handoff) string {
	return fmt.Sprintf("%s/%d/%d", h.Delivery, h.Due.UnixMilli(), h.Late/suspicion)
}

// Depth is how many tasks of a queue wait, and how many are under way.
type Depth struct {
	Queue           string
	Waiting, Active int
}

// Depths counts every queue's tasks, for metrics. A queue that was never used is not there.
func (q *Queue) Depths() ([]Depth, error) {
	var out []Depth
	for _, name := range queues() {
		info, err := q.inspector.GetQueueInfo(name)
		if errors.Is(err, asynq.ErrQueueNotFound) || err != nil && strings.Contains(err.Error(), "NOT_FOUND") {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("inspect queue: %w", err)
		}
		out = append(out, Depth{name, info.Pending + info.Retry + info.Scheduled, info.Active})
	}
	return out, nil
}

// quiet passes Asynq's own log lines on: problems as they are, the rest for debugging only.
type quiet struct{ log *slog.Logger }

func (l quiet) Debug(args ...any) { l.log.Debug(fmt.Sprint(args...)) }
func (l quiet) Info(args ...any)  { l.log.Debug(fmt.Sprint(args...)) }
func (l quiet) Warn(args ...any)  { l.log.Warn(fmt.Sprint(args...)) }
func (l quiet) Error(args ...any) { l.log.Error(fmt.Sprint(args...)) }
func (l quiet) Fatal(args ...any) { l.log.Error(fmt.Sprint(args...)) }
