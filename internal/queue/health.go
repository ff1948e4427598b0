package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// OldestRedis is the least version that Asynq works with.
const OldestRedis = "4.0"

// Health is what a Redis says of itself.
type Health struct {
	Version     string
	MaxMemory   int64  // in bytes; 0 for no limit
	UsedMemory  int64  // in bytes
	Policy      string // maxmemory-policy; "" when it does not say
	Replica     bool   // it follows another and takes no writes of its own
	Appends     bool   // every write goes to a file (AOF)
	Snapshots   bool   // it is set to save itself now and then (RDB)
	SavesHidden bool   // it does not say whether it saves itself
	SaveFailed  bool   // its last save failed
	Writable    error  // why it took no write; nil when it did
	Latency     time.Duration
	Now         time.Time // its clock, between Asked and Answered of ours
	Asked       time.Time
	Answered    time.Time
}

// Probe is a Redis to be looked at.
type Probe struct {
	Redis redis.UniversalClient
	Now   func() time.Time
}

// Look asks Redis how it is. It writes one key of its own, which ends by itself, and takes it away. An error means that Redis does not answer.
func (p Probe) Look(ctx context.Context) (Health, error) {
	said, err := p.Redis.Info(ctx).Result()
	if err != nil {
		return Health{}, err
	}
	h := read(said)
	p.saves(ctx, &h)
	h.Writable = p.write(ctx)
	if h.Latency, err = p.latency(ctx); err != nil {
		return h, err
	}
	h.Asked = p.Now()
	if h.Now, err = p.Redis.Time(ctx).Result(); err != nil {
		h.Now = time.Time{}
	}
	h.Answered = p.Now()
	return h, nil
}

// read takes what matters from the answer to INFO: a name, a colon and a value a line.
func read(info string) Health {
	said := map[string]string{}
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			said[name] = value
		}
	}
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(said[name], 10, 64) // 0 for what it does not say
		return n
	}
	return Health{
		Version: said["redis_version"], MaxMemory: number("maxmemory"), UsedMemory: number("used_memory"), Policy: said["maxmemory_policy"],
		Replica: said["role"] == "slave", Appends: said["aof_enabled"] == "1",
		SaveFailed: said["rdb_last_bgsave_status"] == "err" || said["aof_last_write_status"] == "err",
	}
}

// saves asks whether Redis saves itself. Who runs Redis for others often does not let them ask.
func (p Probe) saves(ctx context.Context, h *Health) {
	said, err := p.Redis.ConfigGet(ctx, "save").Result()
	h.Snapshots, h.SavesHidden = said["save"] != "", err != nil
}

// probeKey is written and taken away.
const probeKey = "landfall:doctor"

func (p Probe) write(ctx context.Context) error {
	if err := p.Redis.Set(ctx, probeKey, "1", time.Minute).Err(); err != nil {
		return err
	}
	return p.Redis.Del(ctx, probeKey).Err()
}

// ErrTakesNothing says that Redis answers, and takes no writes: it is full, follows another, or cannot save itself.
var ErrTakesNothing = errors.New("redis takes no writes")

// Ready reports whether Redis takes what it is given. The error is ErrTakesNothing when it says no.
func (q *Queue) Ready(ctx context.Context) error {
	err := Probe{Redis: q.Redis}.write(ctx)
	if said, ok := errors.AsType[redis.Error](err); ok && takesNothing(said.Error()) {
		return fmt.Errorf("%w: %s", ErrTakesNothing, said)
	}
	if err != nil {
		return fmt.Errorf("reach Redis: %w", err)
	}
	return nil
}

// takesNothing reports whether an answer of Redis' is one of those with which it refuses a write, by its first word.
func takesNothing(answer string) bool {
	code, _, _ := strings.Cut(answer, " ")
	return slices.Contains([]string{"OOM", "READONLY", "MISCONF", "NOREPLICAS"}, code)
}

// pings is how many answers the latency is the best of: one that waited for something else says nothing about the way.
const pings = 5

func (p Probe) latency(ctx context.Context) (time.Duration, error) {
	best := time.Duration(-1)
	for range pings {
		asked := p.Now()
		if err := p.Redis.Ping(ctx).Err(); err != nil {
			return 0, err
		}
		if took := p.Now().Sub(asked); best < 0 || took < best {
			best = took
		}
	}
	return best, nil
}

// Supported reports whether Asynq works with a version of Redis, such as "7.0.15". Its error says that it is no version.
func Supported(version string) (bool, error) {
	major, _, _ := strings.Cut(version, ".")
	oldest, _, _ := strings.Cut(OldestRedis, ".")
	has, err := strconv.Atoi(major)
	if err != nil {
		return false, errors.New("this is no version of Redis")
	}
	needs, err := strconv.Atoi(oldest)
	return has >= needs, err
}
