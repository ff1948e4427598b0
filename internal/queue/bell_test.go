package queue

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

func TestBell_IsHeardByEverybodyWhoListens(t *testing.T) {
	everywhere(t, func(t *testing.T, client redis.UniversalClient) {
		name := "of " + t.Name()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{}, 2)
		ears := []chan struct{}{make(chan struct{}, 1), make(chan struct{}, 1)}
		for _, ear := range ears {
			go func() {
				NewBell(client).Listen(ctx, func(rung string) {
					if rung == name {
						select {
						case ear <- struct{}{}:
						default:
						}
					}
				})
				ended <- struct{}{}
			}()
		}
		for _, ear := range ears {
			ringUntil(t, NewBell(client), name, ear)
		}
		stop()
		receive(t, ended)
		receive(t, ended)
	})
}

// ringUntil rings until somebody has heard it: they may not have begun to listen.
func ringUntil(t *testing.T, b Bell, name string, heard <-chan struct{}) {
	t.Helper()
	again, late := time.NewTicker(20*time.Millisecond), time.After(soon)
	defer again.Stop()
	for {
		if err := b.Ring(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		select {
		case <-heard:
			return
		case <-again.C:
		case <-late:
			t.Fatal("nobody hears the bell")
		}
	}
}

func TestBell_RedisThatIsAwayIsNotWaitedForLong(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	begun := time.Now()
	if err := NewBell(client).Ring(t.Context(), "x"); err == nil {
		t.Error("it was rung on no Redis at all")
	}
	if took := time.Since(begun); took > soon {
		t.Errorf("it took %s", took)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{}, 1)
	go func() {
		NewBell(client).Listen(ctx, func(string) { t.Error("it rings") })
		ended <- struct{}{}
	}()
	stop()
	receive(t, ended)
}
