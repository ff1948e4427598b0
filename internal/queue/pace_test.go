package queue

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"landfall/dispatcher"
	"landfall/internal/notify"
)

// Two processes that share a lane keep to its rate together, and leave no place empty.
func TestPaceIsShared(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		const rate, each = 80, 400
		now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
		var mu sync.Mutex
		var slots []time.Time
		var all sync.WaitGroup
		for range 2 {
			p := NewPace(client, slog.New(slog.DiscardHandler))
			all.Go(func() {
				for range each {
					at := p.Reserve(t.Context(), notify.Place{Lane: "acme/sms/", Rate: rate}, now)
					mu.Lock()
					slots = append(slots, at)
					mu.Unlock()
				}
			})
		}
		all.Wait()
		slices.SortFunc(slots, time.Time.Compare)
		for i, at := range slots {
			if i+rate < len(slots) && slots[i+rate].Sub(at) < time.Second {
				t.Fatalf("%d places within %s", rate+1, slots[i+rate].Sub(at))
			}
		}
		gap := dispatcher.Gap(rate)
		if want := now.Add((2*each - 1) * gap); slots[len(slots)-1].Sub(want).Abs() > time.Millisecond {
			t.Errorf("the last place is at %s, want %s", slots[len(slots)-1], want)
		}
		p := NewPace(client, slog.New(slog.DiscardHandler))
		if at := p.Reserve(t.Context(), notify.Place{Lane: "acme/sms/other", Rate: rate}, now); !at.Equal(now) {
			t.Errorf("another lane is free at %s", at)
		}
		later := slots[len(slots)-1].Add(time.Hour)
		if at := p.Reserve(t.Context(), notify.Place{Lane: "acme/sms/", Rate: rate}, later); !at.Equal(later) {
			t.Errorf("an hour later it is free at %s", at)
		}
	})
}

// Of those at a door no second lets through more than the rate, also when nobody came for a while; a place given back is taken
// by somebody else, and one that is far off is named only.
func TestTheDoor(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		for name, p := range map[string]dispatcher.Pace{"shared": NewPace(client, slog.New(slog.DiscardHandler)), "alone": dispatcher.NewPace()} {
			lane := notify.Place{Lane: "acme/sms/" + name, Rate: 40}
			start := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
			var slots []time.Time
			for i := range 400 {
				now := start.Add(time.Duration(i) * 20 * time.Millisecond)
				if i >= 200 { // nobody comes for two seconds, then all who were away
					now = start.Add(6 * time.Second)
				}
				slots = append(slots, p.Enter(t.Context(), lane, now, time.Minute, time.Time{}))
			}
			for i, at := range slots[40:] {
				if d := at.Sub(slots[i]); d < time.Second {
					t.Fatalf("%s: places %d and %d are within %s", name, i, i+40, d)
				}
			}
			last := slots[len(slots)-1]
			if got := last.Sub(start); got > 11200*time.Millisecond {
				t.Errorf("%s: the last of 200 who came after 6 s goes after %s", name, got)
			}
			far := p.Enter(t.Context(), lane, last, time.Millisecond, time.Time{})
			if again := p.Enter(t.Context(), lane, last, time.Minute, time.Time{}); !again.Equal(far) {
				t.Errorf("%s: a place that was only named is taken: the next is %s later", name, again.Sub(far))
			}
			if again := p.Enter(t.Context(), lane, last, time.Minute, far); !again.Equal(far) {
				t.Errorf("%s: a place given back is lost: the next is %s later", name, again.Sub(far))
			}
		}
	})
}

func TestPaceWithoutRedis(t *testing.T) {
	t.Parallel()
	client, stop, err := Dial(Embedded)
	if err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	p, now := NewPace(client, slog.New(slog.DiscardHandler)), time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	for i := range 3 {
		want := now.Add(time.Duration(i) * dispatcher.Gap(10))
		if at := p.Reserve(ctx, notify.Place{Lane: "a", Rate: 10}, now); !at.Equal(want) {
			t.Errorf("place %d is at %s, want %s", i, at, want)
		}
	}
}
