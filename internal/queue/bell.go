package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	bellChannel = "landfall:bell"
	// ringTime is how long a ring may take: whoever rings has more to do, and whoever would hear it looks now and then.
	ringTime = time.Second
)

// Bell rings in every process on one Redis. It carries a name and keeps nothing: who is not listening hears nothing.
type Bell struct {
	redis   redis.UniversalClient
	channel string
}

// NewBell returns a bell on Redis. It does not connect yet.
func NewBell(c redis.UniversalClient) Bell { return Bell{c, bellChannel} }

// Ring rings once, under a name.
func (b Bell) Ring(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, ringTime)
	defer cancel()
	if err := b.redis.Publish(ctx, b.channel, name).Err(); err != nil {
		return fmt.Errorf("ring: %w", err)
	}
	return nil
}

// Listen calls heard for every ring until ctx ends. It connects again by itself; what rang meanwhile is lost.
func (b Bell) Listen(ctx context.Context, heard func(name string)) {
	bell := b.redis.Subscribe(ctx, b.channel)
	defer bell.Close()
	rings := bell.Channel()
	for {
		select {
		case <-ctx.Done():
			return
		case m, ok := <-rings:
			if !ok {
				return
			}
			heard(m.Payload)
		}
	}
}
