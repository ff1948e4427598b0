package dispatcher

import (
	"context"
	"testing"
	"time"

	"landfall/internal/notify"
)

// A crowd waits at the door of a sender. What is urgent goes past it, and a call of the crowd waits no longer than sixteen before it do.
func TestEnter_UrgentPassesTheCrowd(t *testing.T) {
	t.Parallel()
	now := noon()
	d := New(Config{Now: func() time.Time { return now }})
	p := notify.Place{Lane: "acme/line", Rate: 100}
	d.Wait = func(context.Context, time.Duration) bool { return true }
	taken := 0
	for range 50 {
		if _, ok := d.enter(t.Context(), p, false, time.Time{}); ok {
			taken++
		}
	}
	if taken < crowd/2 || taken > 2*crowd {
		t.Errorf("%d of a crowd stand at the door, want about %d", taken, crowd)
	}
	at, ok := d.enter(t.Context(), p, true, time.Time{})
	if !ok || !at.Equal(now) {
		t.Errorf("what is urgent goes %s later, %v", at.Sub(now), ok)
	}
}

// A sender with too few messages a second has no door for what is urgent alone: it may not send more than it may.
func TestEnter_ASlowSenderHasOneDoor(t *testing.T) {
	t.Parallel()
	now := noon()
	d := New(Config{Now: func() time.Time { return now }})
	d.Wait = func(context.Context, time.Duration) bool { return true }
	p := notify.Place{Lane: "acme/sms", Rate: 1}
	first, _ := d.enter(t.Context(), p, false, time.Time{})
	second, _ := d.enter(t.Context(), p, true, time.Time{})
	if second.Sub(first) < time.Second {
		t.Errorf("the second message goes %s after the first, of one a second", second.Sub(first))
	}
}
