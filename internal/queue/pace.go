package queue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"landfall/dispatcher"
	"landfall/internal/notify"
)

// reserve takes the next place in a lane: KEYS[1] is the lane, ARGV the instant and the gap, both in microseconds, how long an empty
// lane is remembered, in milliseconds, and how far off a place is taken at most, in microseconds, 0 for any. The clock is the caller's, so that a wrong one of Redis harms nobody.
var reserve = redis.NewScript(`
local now, gap = tonumber(ARGV[1]), tonumber(ARGV[2])
local slot = tonumber(redis.call('GET', KEYS[1]) or '0')
if slot < now then slot = now end
local within = tonumber(ARGV[4])
if within > 0 and slot - now > within then return string.format('%.0f', slot) end
local keep = math.ceil((slot + gap - now) / 1000) + tonumber(ARGV[3])
redis.call('SET', KEYS[1], string.format('%.0f', slot + gap), 'PX', string.format('%.0f', keep))
return string.format('%.0f', slot)`)

// pacePrefix stands before the lanes' keys.
const pacePrefix = "landfall:pace:"

// Pace keeps senders to their rates in all processes that share a Redis. When it does not answer, each process keeps to them by
// itself.
type Pace struct {
	redis redis.UniversalClient
	alone dispatcher.Pace
	log   *slog.Logger
	warn  sync.Once
}

var _ dispatcher.Pace = (*Pace)(nil)

// NewPace returns a pace on Redis.
func NewPace(r redis.UniversalClient, log *slog.Logger) *Pace {
	return &Pace{redis: r, alone: dispatcher.NewPace(), log: log}
}

// Reserve takes the next place in a lane.
func (p *Pace) Reserve(ctx context.Context, place notify.Place, now time.Time, within time.Duration) time.Time {
	gap := dispatcher.Gap(place.Rate)
	slot, err := reserve.Run(ctx, p.redis, []string{pacePrefix + place.Lane}, now.UnixMicro(), gap.Microseconds(), time.Minute.Milliseconds(), within.Microseconds()).Int64()
	if err != nil {
		p.warn.Do(func() {
			p.log.Warn("redis does not keep the senders' rates; each process keeps to them by itself", "error", err)
		})
		return p.alone.Reserve(ctx, place, now, within)
	}
	if at := time.UnixMicro(slot).In(now.Location()); at.After(now) {
		return at
	}
	return now
}
