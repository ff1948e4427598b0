package queue

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"landfall/internal/notify"
)

const (
	// rest is how long an idle queue is left alone: a ring may have been lost with a connection.
	rest = time.Second
	// blink is how long Asynq rests after it found nothing. The waker has waited before it says so.
	blink = time.Millisecond
	// workChannel is where processes tell one another that a channel has work.
	workChannel = "landfall:work"
)

// waker is the Redis client of one Asynq server. Asynq asks its queues in turn and sleeps when all are empty; the waker keeps
// it waiting at the last of them until somebody rings, so that a task is taken at once and an idle queue costs nothing.
type waker struct {
	redis.UniversalClient
	last   string // how the keys of the queue begin that is asked last
	rest   time.Duration
	rung   chan struct{}
	closed chan struct{}
}

func newWaker(c redis.UniversalClient, channel notify.Channel) *waker {
	return &waker{UniversalClient: c, last: "asynq:{" + queueOf(notify.Handoff{Channel: channel}) + "}:", rest: rest, rung: make(chan struct{}, 1), closed: make(chan struct{})}
}

// ring says that there is work.
func (w *waker) ring() {
	select {
	case w.rung <- struct{}{}:
	default: // it is about to look anyway
	}
}

// EvalSha runs a script. The one that takes a task from the last queue waits for a ring when there is none, and looks again.
func (w *waker) EvalSha(ctx context.Context, sha1 string, keys []string, args ...any) *redis.Cmd {
	found := w.UniversalClient.EvalSha(ctx, sha1, keys, args...)
	if !w.takesLast(keys) || !errors.Is(found.Err(), redis.Nil) {
		return found
	}
	idle := time.NewTimer(w.rest)
	defer idle.Stop()
	select {
	case <-w.rung:
	case <-idle.C:
	case <-w.closed:
		return found
	}
	return w.UniversalClient.EvalSha(ctx, sha1, keys, args...)
}

// takesLast recognises Asynq's script for taking a task by its keys: what waits, whether the queue is paused, what is worked
// on, and the leases.
func (w *waker) takesLast(keys []string) bool {
	return len(keys) == 4 && keys[0] == w.last+"pending" && keys[1] == w.last+"paused" && strings.HasPrefix(keys[2], w.last)
}
