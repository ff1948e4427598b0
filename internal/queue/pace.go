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

// reserve takes the next turn in a lane: KEYS[1] is the lane, ARGV the instant and the gap, both in microseconds, and how long an empty
// lane is remembered, in milliseconds. The clock is the caller's, so that a wrong one of Redis harms nobody.
var reserve = redis.NewScript(`
local now, gap = tonumber(ARGV[1]), tonumber(ARGV[2])
local slot = tonumber(redis.call('GET', KEYS[1]) or '0')
if slot < now then slot = now end
local keep = math.ceil((slot + gap - now) / 1000) + tonumber(ARGV[3])
redis.call('SET', KEYS[1], string.format('%.0f', slot + gap), 'PX', string.format('%.0f', keep))
return string.format('%.0f', slot)`)

// enter takes the next place at a door: KEYS[1] is the list of the last ones, ARGV the instant, how far off a place is taken at most, the
// place that was missed or 0, and the door's window and least distance, all in microseconds, then how many places a window holds, and how
// long the list is remembered, in milliseconds.
var enter = redis.NewScript(`
local now, within = tonumber(ARGV[1]), tonumber(ARGV[2])
local window, apart, places = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if ARGV[3] ~= '0' then redis.call('LREM', KEYS[1], -1, ARGV[3]) end
local slot = now
local last, first = redis.call('LINDEX', KEYS[1], -1), redis.call('LINDEX', KEYS[1], -places)
if last then slot = math.max(slot, tonumber(last) + apart) end
if first then slot = math.max(slot, tonumber(first) + window) end
local named = string.format('%.0f', slot)
if slot - now <= within then
  redis.call('RPUSH', KEYS[1], named)
  redis.call('LTRIM', KEYS[1], -2 * places, -1)
  redis.call('PEXPIRE', KEYS[1], ARGV[7])
end
return named`)

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

// patience is how long a transaction of the ledger's waits for a turn at most.
const patience = 100 * time.Millisecond

// Reserve takes the next turn in a lane. It does not wait long for Redis, since it is called inside a transaction.
func (p *Pace) Reserve(ctx context.Context, place notify.Place, now time.Time) time.Time {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	slot, err := reserve.Run(ctx, p.redis, []string{pacePrefix + place.Lane}, now.UnixMicro(), dispatcher.Gap(place.Rate).Microseconds(), remembered.Milliseconds()).Int64()
	if err != nil {
		p.complain(err)
		return p.alone.Reserve(ctx, place, now)
	}
	return instant(slot, now)
}

// Enter takes the next place at a lane's door.
func (p *Pace) Enter(ctx context.Context, place notify.Place, now time.Time, within time.Duration, missed time.Time) time.Time {
	door, gone := dispatcher.DoorOf(place.Rate), int64(0)
	if !missed.IsZero() {
		gone = missed.UnixMicro()
	}
	slot, err := enter.Run(ctx, p.redis, []string{pacePrefix + place.Lane + "/door"}, now.UnixMicro(), within.Microseconds(), gone,
		door.Window.Microseconds(), door.Apart.Microseconds(), door.Places, (door.Window + remembered).Milliseconds()).Int64()
	if err != nil {
		p.complain(err)
		return p.alone.Enter(ctx, place, now, within, missed)
	}
	return instant(slot, now)
}

// remembered is how long an empty lane is known.
const remembered = time.Minute

// instant reads what Redis says, which counts in microseconds: now is no earlier than itself.
func instant(slot int64, now time.Time) time.Time {
	if at := time.UnixMicro(slot).In(now.Location()); at.After(now) {
		return at
	}
	return now
}

func (p *Pace) complain(err error) {
	p.warn.Do(func() {
		p.log.Warn("redis does not keep the senders' rates; each process keeps to them by itself", "error", err)
	})
}
