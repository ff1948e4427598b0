package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/queue/redistest"
)

// realRedis is the real Redis of this test run; empty without one.
var realRedis string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	url, stop, err := redistest.Shared()
	if err != nil {
		fmt.Fprintln(os.Stderr, "queue:", err)
		return 1
	}
	defer stop()
	realRedis = url
	return m.Run()
}

// databases counts the tests on the real Redis: each gets a database of its own.
var databases atomic.Int32

// everywhere runs a test on each kind of Redis.
func everywhere(t *testing.T, test func(*testing.T, redis.UniversalClient)) {
	t.Parallel()
	settings := map[string]string{"embedded": Embedded}
	if realRedis != "" {
		settings["redis"] = fmt.Sprintf("%s/%d", realRedis, databases.Add(1))
	}
	for name, setting := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, stop, err := Dial(setting)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
			test(t, client)
		})
	}
}

// soon bounds every wait of a test.
const soon = 20 * time.Second

func receive[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(soon):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// working starts a queue that hands each delivery to fn.
func working(t *testing.T, client redis.UniversalClient, fn func(context.Context, notify.DeliveryID) error) *Queue {
	t.Helper()
	q := idle(client, fn)
	if err := q.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	return q
}

func idle(client redis.UniversalClient, fn func(context.Context, notify.DeliveryID) error) *Queue {
	return New(Config{Redis: client, Deliver: fn, Log: slog.New(slog.DiscardHandler), Grace: soon})
}

func enqueue(t *testing.T, q *Queue, hs ...notify.Handoff) {
	t.Helper()
	if err := q.Enqueue(t.Context(), hs...); err != nil {
		t.Fatal(err)
	}
}

func depth(t *testing.T, q *Queue, waiting, active int) {
	t.Helper()
	all, err := q.Depths()
	w, a := 0, 0
	for _, d := range all {
		w, a = w+d.Waiting, a+d.Active
	}
	if err != nil || w != waiting || a != active {
		t.Errorf("%d wait and %d are under way (%v), want %d and %d", w, a, err, waiting, active)
	}
}

func TestOnlyTheIDTravels(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		came := make(chan notify.DeliveryID, 1)
		deliver := func(_ context.Context, id notify.DeliveryID) error { came <- id; return nil }
		enqueue(t, idle(client, deliver), notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS})
		tasks, err := idle(client, deliver).inspector.ListPendingTasks("sms")
		if err != nil || len(tasks) != 1 {
			t.Fatalf("%d tasks, %v", len(tasks), err)
		}
		if task := tasks[0]; string(task.Payload) != "n_1.sms" || len(task.Headers) > 0 || task.Type != taskType || !strings.HasPrefix(task.ID, "n_1.sms/") {
			t.Errorf("what travels is %s %s %q %v", task.Type, task.ID, task.Payload, task.Headers)
		}
		working(t, client, deliver)
		if id := receive(t, came); id != "n_1.sms" {
			t.Errorf("what arrives is %s", id)
		}
	})
}

// What Carry returns where a delivery is handed over is what Resume is given where it is worked on, each time it is.
func TestTheTraceTravelsBesideTheID(t *testing.T) {
	type place struct{}
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		came, failed := make(chan any, 2), false
		q := New(Config{Redis: client, Log: slog.New(slog.DiscardHandler), Grace: soon,
			Carry: func(ctx context.Context) map[string]string {
				return map[string]string{"from": ctx.Value(place{}).(string)}
			},
			Resume: func(ctx context.Context, carried map[string]string) context.Context {
				return context.WithValue(ctx, place{}, carried["from"])
			},
			Deliver: func(ctx context.Context, _ notify.DeliveryID) error {
				came <- ctx.Value(place{})
				if failed {
					return nil
				}
				failed = true
				return errors.New("the ledger is away")
			}})
		if err := q.Enqueue(context.WithValue(t.Context(), place{}, "here"), notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS}); err != nil {
			t.Fatal(err)
		}
		if err := q.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(q.Close)
		for range 2 {
			if from := receive(t, came); from != "here" {
				t.Errorf("what arrives is %v", from)
			}
		}
	})
}

func TestOneDeliveryIsOneTask(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		q := idle(client, nil)
		depth(t, q, 0, 0)
		enqueue(t, q, notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS}, notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS, Late: suspicion - time.Second}, notify.Handoff{Delivery: "n_2.sms", Channel: notify.SMS})
		depth(t, q, 2, 0)
		enqueue(t, q, notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS, Late: suspicion}) // its task may have got lost in Redis
		depth(t, q, 3, 0)
	})
}

// What is to come later is brought by the ledger, under another name; the queue keeps nothing of it.
func TestLaterIsDoneWith(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		came := make(chan notify.DeliveryID, 2)
		q := working(t, client, func(_ context.Context, id notify.DeliveryID) error {
			came <- id
			return fmt.Errorf("deliver: %w", &dispatcher.Later{At: time.Now().Add(time.Hour)})
		})
		at := time.Now()
		enqueue(t, q, notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS, Due: at})
		receive(t, came)
		enqueue(t, q, notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS, Due: at.Add(time.Millisecond)}) // the first may still be about to end
		receive(t, came)
	})
}

// A provider that does not answer takes all workers of its channel, and none of another's.
func TestAStalledChannelStallsNoOther(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		stalled, came := make(chan struct{}), make(chan notify.DeliveryID, 1)
		q := working(t, client, func(_ context.Context, id notify.DeliveryID) error {
			if id == "n_1.email" {
				came <- id
				return nil
			}
			<-stalled
			return nil
		})
		t.Cleanup(func() { close(stalled) })
		for i := range 100 {
			enqueue(t, q, notify.Handoff{Delivery: notify.DeliveryID(fmt.Sprintf("n_%d.sms", i)), Channel: notify.SMS})
		}
		enqueue(t, q, notify.Handoff{Delivery: "n_1.email", Channel: notify.Email})
		receive(t, came)
	})
}

func TestTheUrgentGoFirst(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		const waiting = 200
		came := make(chan notify.DeliveryID, waiting+1)
		q := New(Config{Redis: client, Workers: 1, Log: slog.New(slog.DiscardHandler), Grace: soon,
			Deliver: func(_ context.Context, id notify.DeliveryID) error { came <- id; return nil }})
		for i := range waiting {
			enqueue(t, q, notify.Handoff{Delivery: notify.DeliveryID(fmt.Sprintf("n_%d.sms", i)), Channel: notify.SMS})
		}
		enqueue(t, q, notify.Handoff{Delivery: "trouble.sms", Channel: notify.SMS, Urgent: true})
		if err := q.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(q.Close)
		if first := receive(t, came); first != "trouble.sms" {
			t.Errorf("%s goes first", first)
		}
	})
}

func TestAFailureOfOurOwnBringsItBack(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		came := make(chan struct{}, 2)
		first := atomic.Bool{}
		q := working(t, client, func(context.Context, notify.DeliveryID) error {
			came <- struct{}{}
			if first.CompareAndSwap(false, true) {
				return errors.New("the ledger does not answer")
			}
			return nil
		})
		enqueue(t, q, notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS})
		receive(t, came)
		receive(t, came)
	})
}

func TestCloseFinishesWhatIsUnderWay(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		started, finish, finished := make(chan struct{}), make(chan struct{}), atomic.Bool{}
		q := idle(client, func(ctx context.Context, _ notify.DeliveryID) error {
			close(started)
			<-finish
			finished.Store(ctx.Err() == nil)
			return nil
		})
		if err := q.Start(); err != nil {
			t.Fatal(err)
		}
		enqueue(t, q, notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS})
		receive(t, started)
		depth(t, q, 0, 1)
		closed := make(chan struct{})
		go func() { q.Close(); close(closed) }()
		close(finish)
		receive(t, closed)
		if !finished.Load() {
			t.Error("the delivery under way was not finished")
		}
		depth(t, q, 0, 0)
	})
}

func TestRedisDownIsSaid(t *testing.T) {
	t.Parallel()
	client, stop, err := Dial(Embedded)
	if err != nil {
		t.Fatal(err)
	}
	q := idle(client, nil)
	if err := q.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	_, depth := q.Depths()
	for what, err := range map[string]error{"ready": q.Ready(t.Context()), "enqueue": q.Enqueue(t.Context(), notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS}), "depth": depth} {
		if err == nil {
			t.Errorf("%s succeeds without Redis", what)
		}
	}
}

func TestDialRefuses(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"", "localhost:6379", "http://u:hunter2@host", "redis://:hunter2@host:port/0", "redis://u:hunter2@host:6379/zero",
		"redis://u:hunter2@ho st", "redis-sentinel://u:hunter2@", "redis-sentinel://h1:26379", "redis-sentinel://m:hunter2@h1/x", "://hunter2"} {
		_, _, err := Dial(setting)
		if err == nil {
			t.Errorf("%q is taken", setting)
			continue
		}
		if text := err.Error(); strings.Contains(text, "hunter2") || !strings.Contains(text, "LANDFALL_REDIS") || !strings.Contains(text, "use ") || strings.Contains(text, "\n") {
			t.Errorf("%q is refused with: %s", setting, text)
		}
	}
}

func TestSentinelOptions(t *testing.T) {
	t.Parallel()
	opt, err := sentinel("redis-sentinel://landfall:hunter2@h1:26379,h2:26380/3")
	if err != nil {
		t.Fatal(err)
	}
	if opt.MasterName != "landfall" || opt.Password != "hunter2" || opt.DB != 3 || !slices.Equal(opt.SentinelAddrs, []string{"h1:26379", "h2:26380"}) {
		t.Errorf("got master %s, db %d, sentinels %v", opt.MasterName, opt.DB, opt.SentinelAddrs)
	}
	if opt, err = sentinel("redis-sentinel://landfall@h1"); err != nil || opt.DB != 0 || opt.Password != "" || !slices.Equal(opt.SentinelAddrs, []string{"h1"}) {
		t.Errorf("got %+v, %v", opt, err)
	}
}
