package queue

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"landfall/internal/notify"
)

// patient makes a queue that looks by itself only after all tests have ended: what is taken, a ring has brought.
func patient(client redis.UniversalClient, alone bool, fn func(context.Context, notify.DeliveryID) error) *Queue {
	q := New(Config{Redis: client, Deliver: fn, Alone: alone, Log: slog.New(slog.DiscardHandler), Grace: soon})
	for _, w := range q.wakers {
		w.rest = time.Hour
	}
	return q
}

func started(t *testing.T, q *Queue) *Queue {
	t.Helper()
	if err := q.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	return q
}

func TestWaker_WorkIsTakenWhenItIsLaidDown(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		came := make(chan notify.DeliveryID, 10)
		q := started(t, patient(client, true, func(_ context.Context, id notify.DeliveryID) error { came <- id; return nil }))
		for _, h := range []notify.Handoff{ // each of a channel's three queues, and another channel
			{Delivery: "n_1.sms", Channel: notify.SMS}, {Delivery: "n_2.sms", Channel: notify.SMS, Urgent: true},
			{Delivery: "n_3.sms", Channel: notify.SMS, Turn: true}, {Delivery: "n_4.email", Channel: notify.Email},
		} {
			enqueue(t, q, h)
			if id := receive(t, came); id != h.Delivery {
				t.Errorf("%s is taken, want %s", id, h.Delivery)
			}
		}
		enqueue(t, q, notify.Handoff{Delivery: "n_5.sms", Channel: notify.SMS}, notify.Handoff{Delivery: "n_6.sms", Channel: notify.SMS}, notify.Handoff{Delivery: "n_7.sms", Channel: notify.SMS})
		for range 3 {
			receive(t, came)
		}
	})
}

func TestWaker_WorkOfAnotherProcessIsTaken(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		came := make(chan notify.DeliveryID, 1)
		started(t, patient(client, false, func(_ context.Context, id notify.DeliveryID) error { came <- id; return nil }))
		other := patient(client, false, nil)
		enqueue(t, other, notify.Handoff{Delivery: "n_1.sms", Channel: notify.SMS})
		again := time.NewTicker(10 * time.Millisecond) // the worker may not have begun to listen
		defer again.Stop()
		for {
			select {
			case id := <-came:
				if id != "n_1.sms" {
					t.Errorf("%s is taken", id)
				}
				return
			case <-again.C:
				other.tell(t.Context(), notify.SMS)
			case <-t.Context().Done():
				t.Fatal("nothing was taken")
			}
		}
	})
}

// counted counts the scripts that run.
type counted struct {
	redis.UniversalClient
	ran chan string
}

func (c counted) EvalSha(ctx context.Context, sha1 string, keys []string, args ...any) *redis.Cmd {
	c.ran <- keys[0]
	return c.UniversalClient.EvalSha(ctx, sha1, keys, args...)
}

// If Asynq took its tasks by another script, the waker would not know it, and Asynq would ask a thousand times a second.
func TestWaker_AnIdleQueueIsLeftAlone(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		c := counted{client, make(chan string, 1000)}
		w := newWaker(c, notify.SMS)
		w.rest = time.Hour
		keys := []string{w.last + "pending", w.last + "paused", w.last + "active", w.last + "lease"}
		ended := make(chan error)
		sha := redis.NewScript("return nil").Load(t.Context(), client).Val()
		go func() { ended <- w.EvalSha(t.Context(), sha, keys).Err() }()
		receive(t, c.ran)
		select {
		case <-ended:
			t.Fatal("it does not wait")
		default:
		}
		w.ring()
		receive(t, c.ran)
		if err := receive(t, ended); err != redis.Nil {
			t.Errorf("it ends with %v", err)
		}
		if other := w.EvalSha(t.Context(), sha, []string{"asynq:{sms-urgent}:pending", "asynq:{sms-urgent}:paused", "asynq:{sms-urgent}:active", "asynq:{sms-urgent}:lease"}).Err(); other != redis.Nil {
			t.Errorf("of a queue that is not the last: %v", other)
		}
	})
}

func TestWaker_KnowsAsynqsScript(t *testing.T) {
	t.Parallel()
	client, stop, err := Dial(Embedded)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stop() }()
	c := counted{client, make(chan string, 1000)}
	q := New(Config{Redis: c, Deliver: func(context.Context, notify.DeliveryID) error { return nil }, Alone: true, Log: slog.New(slog.DiscardHandler), Grace: soon})
	for _, w := range q.wakers {
		w.rest = time.Hour
	}
	if err := q.Start(); err != nil {
		t.Fatal(err)
	}
	asked := map[string]int{}
	for asked["asynq:{sms}:pending"] == 0 {
		asked[receive(t, c.ran)]++
	}
	for quiet := time.NewTimer(200 * time.Millisecond); ; {
		select {
		case key := <-c.ran:
			asked[key]++
			continue
		case <-quiet.C:
		}
		break
	}
	q.Close()
	for key, n := range asked {
		if n > 2 {
			t.Errorf("%s is asked %d times while nothing happens", key, n)
		}
	}
	if asked["asynq:{sms}:pending"] != 1 {
		t.Errorf("what is asked is %v", asked)
	}
}
