package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// A clock that is far from the database's follows it; one that is near, or hears nothing, goes on.
func TestClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var off time.Duration
		var silence error
		c := newClock(func(context.Context) (time.Time, error) { return time.Now().Add(off), silence }, slog.New(slog.DiscardHandler))
		for _, step := range []struct {
			off     time.Duration
			silence error
			want    time.Duration
		}{
			{off: 50 * time.Millisecond, want: 0},
			{off: -time.Hour, want: -time.Hour},
			{off: time.Hour, silence: errors.New("no route"), want: -time.Hour},
			{off: time.Hour, want: time.Hour},
			{off: 0, want: 0},
		} {
			off, silence = step.off, step.silence
			if err := c.compare(t.Context()); !errors.Is(err, step.silence) {
				t.Errorf("%v: %v", step, err)
			}
			if got := time.Until(c.now()); got != step.want {
				t.Errorf("after a database that is %s ahead (%v) the clock is %s ahead, want %s", step.off, step.silence, got, step.want)
			}
		}
	})
}
