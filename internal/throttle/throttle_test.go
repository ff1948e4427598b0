package throttle

import (
	"fmt"
	"testing"
	"time"
)

func noon() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }

func TestTake(t *testing.T) {
	t.Parallel()
	l, now := New(60, time.Minute, 3, 10), noon()
	for range 3 {
		if wait := l.Take("mei", now); wait != 0 {
			t.Fatalf("turned away too early: %v", wait)
		}
	}
	for range 5 { // asking again and again makes nothing worse
		if wait := l.Take("mei", now); wait != time.Second {
			t.Fatalf("the fourth waits %v", wait)
		}
	}
	if wait := l.Take("tom", now); wait != 0 {
		t.Errorf("another caller waits %v", wait)
	}
	if wait := l.Take("mei", now.Add(time.Second)); wait != 0 {
		t.Errorf("a second later it still waits %v", wait)
	}
}

func TestTake_NoLimit(t *testing.T) {
	t.Parallel()
	for range 1000 {
		if New(0, time.Minute, 1, 1).Take("mei", noon()) != 0 {
			t.Fatal("0 limits")
		}
	}
}

// However many come, only so many are remembered, and those who keep coming are.
func TestTake_RemembersOnlySoMany(t *testing.T) {
	t.Parallel()
	l, now := New(1, time.Hour, 1, 10), noon()
	l.Take("mei", now)
	for i := range 1000 {
		l.Take(fmt.Sprint("stranger ", i), now)
		if l.Take("mei", now) == 0 {
			t.Fatalf("after %d strangers she is forgotten", i)
		}
	}
	if len(l.known) != 10 || l.recent.Len() != 10 {
		t.Errorf("%d and %d are remembered, want 10", len(l.known), l.recent.Len())
	}
}
