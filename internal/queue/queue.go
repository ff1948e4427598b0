// Package queue hands deliveries to workers through Asynq on Redis, and is the only place that knows either. A task carries
// a delivery's id and nothing else. The ledger decides what is due, how often something is tried and when it is given up;
// Redis may lose everything at any moment, since the dispatcher's sweep brings it again.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"landfall/dispatcher"
	"landfall/internal/notify"
)

const (
	taskType  = "deliver"
	queueName = "deliveries"
	// suspicion is how long a task may be with Redis before a second one is laid beside it: Asynq can leave a task active
	// with nobody working on it (hibiken/asynq#1144), and its id would be refused for ever.
	suspicion = 10 * time.Minute
	// unreachable is the pause before a delivery is tried again that failed for a reason of our own, such as a ledger that
	// did not answer.
	unreachable = 2 * time.Second
)

// Config is what a queue is made of.
type Config struct {
	Redis redis.UniversalClient // the caller's to close, after Close
	// Deliver is called for each task. *dispatcher.Later brings the task again at that time, any other error soon.
	Deliver func(context.Context, notify.DeliveryID) error
	Workers int           // deliveries under way at once; default 16
	Poll    time.Duration // how often an idle queue is looked at; default 200 ms
	Now     func() time.Time
	Log     *slog.Logger
	Grace   time.Duration // how long Close waits for deliveries under way; default 35 s, longer than a call may take
}

func (c Config) withDefaults() Config {
	if c.Workers == 0 {
		c.Workers = 16
	}
	if c.Poll == 0 {
		c.Poll = 200 * time.Millisecond
	}
	if c.Grace == 0 {
		c.Grace = 35 * time.Second
	}
	return c
}

// Queue enqueues deliveries, and works on them once started.
type Queue struct {
	Config
	client    *asynq.Client
	inspector *asynq.Inspector
	server    *asynq.Server
}

// New returns a queue on Redis. It does not connect yet.
func New(c Config) *Queue {
	c = c.withDefaults()
	q := &Queue{Config: c, client: asynq.NewClientFromRedisClient(c.Redis), inspector: asynq.NewInspectorFromRedisClient(c.Redis)}
	q.server = asynq.NewServerFromRedisClient(c.Redis, asynq.Config{
		Concurrency:              c.Workers,
		Queues:                   map[string]int{queueName: 1},
		TaskCheckInterval:        c.Poll,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          c.Grace,
		RetryDelayFunc:           func(_ int, err error, _ *asynq.Task) time.Duration { return q.delay(err) },
		IsFailure:                func(err error) bool { _, later := errors.AsType[*dispatcher.Later](err); return !later },
		Logger:                   quiet{c.Log},
	})
	return q
}

// Start begins to work on deliveries.
func (q *Queue) Start() error {
	return q.server.Start(asynq.HandlerFunc(q.handle))
}

// Close stops taking tasks, waits for those under way, and hands back what does not finish in time. Call it before closing
// the Redis client: Asynq would panic otherwise.
func (q *Queue) Close() { q.server.Shutdown() }

func (q *Queue) handle(ctx context.Context, t *asynq.Task) error {
	err := q.Deliver(ctx, notify.DeliveryID(t.Payload()))
	if _, later := errors.AsType[*dispatcher.Later](err); err != nil && !later {
		q.Log.Error("deliver", "delivery", string(t.Payload()), "error", err)
	}
	return err
}

// delay is how long Asynq keeps a task back. Asynq counts in whole seconds, cut off: rounding up keeps it from bringing
// the task a moment early.
func (q *Queue) delay(err error) time.Duration {
	later, ok := errors.AsType[*dispatcher.Later](err)
	if !ok {
		return unreachable
	}
	seconds := math.Ceil(later.At.Sub(q.Now()).Seconds())
	return time.Duration(max(seconds, 0)) * time.Second
}

// Enqueue hands deliveries over. One that Redis already holds is left alone, unless it has been there suspiciously long.
func (q *Queue) Enqueue(ctx context.Context, hs ...notify.Handoff) error {
	for _, h := range hs {
		task := asynq.NewTask(taskType, []byte(h.Delivery))
		_, err := q.client.EnqueueContext(ctx, task, asynq.Queue(queueName), asynq.TaskID(taskID(h)), asynq.MaxRetry(math.MaxInt32))
		if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
			return fmt.Errorf("enqueue delivery: %w", err)
		}
	}
	return nil
}

func taskID(h notify.Handoff) string {
	return fmt.Sprintf("%s/%d", h.Delivery, h.Late/suspicion)
}

// Ping reports whether Redis answers.
func (q *Queue) Ping(ctx context.Context) error {
	if err := q.Redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("reach Redis: %w", err)
	}
	return nil
}

// Depth counts the tasks that wait and those under way, for metrics.
func (q *Queue) Depth() (waiting, active int, err error) {
	info, err := q.inspector.GetQueueInfo(queueName)
	if errors.Is(err, asynq.ErrQueueNotFound) || err != nil && strings.Contains(err.Error(), "NOT_FOUND") {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("inspect queue: %w", err)
	}
	return info.Pending + info.Retry + info.Scheduled, info.Active, nil
}

// quiet passes Asynq's own log lines on: problems as they are, the rest for debugging only.
type quiet struct{ log *slog.Logger }

func (l quiet) Debug(args ...any) { l.log.Debug(fmt.Sprint(args...)) }
func (l quiet) Info(args ...any)  { l.log.Debug(fmt.Sprint(args...)) }
func (l quiet) Warn(args ...any)  { l.log.Warn(fmt.Sprint(args...)) }
func (l quiet) Error(args ...any) { l.log.Error(fmt.Sprint(args...)) }
func (l quiet) Fatal(args ...any) { l.log.Error(fmt.Sprint(args...)) }
