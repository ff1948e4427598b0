package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"landfall/internal/ledger"
	"landfall/internal/queue"
)

// patience is how long Redis and the database may take to say how they are.
const patience = 10 * time.Second

func (e *examination) redis(ctx context.Context) {
	if e.RedisWrong != nil {
		e.wrong("redis", e.RedisWrong, "mend LANDFALL_REDIS")
		return
	}
	if e.Redis == nil {
		e.ok("redis", "embedded, in the memory of landfall serve")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	h, err := e.Redis.Look(ctx)
	if err != nil {
		e.fault("redis", "no answer: "+err.Error(), "Start it, or mend LANDFALL_REDIS; what is accepted meanwhile is kept.")
		return
	}
	e.redisVersion(h)
	e.redisLatency(h.Latency)
	e.redisMemory(h)
	e.redisKeeps(h)
	e.redisWrites(h)
	if !h.Now.IsZero() {
		e.readings = append(e.readings, reading{"Redis's", h.Asked, h.Answered, h.Now, h.Now})
	}
}

func (e *examination) redisVersion(h queue.Health) {
	switch fits, err := queue.Supported(h.Version); {
	case err != nil:
		e.warn("redis", "it does not say of which version it is", "Make sure that it is Redis "+queue.OldestRedis+" or later, or compatible with it.")
	case !fits:
		e.fault("redis", "version "+h.Version, "Bring it to "+queue.OldestRedis+" or later, which Asynq needs.")
	default:
		e.ok("redis", "version "+h.Version)
	}
}

// slow is when each message's handful of questions to Redis begins to be felt.
const slow = 50 * time.Millisecond

func (e *examination) redisLatency(took time.Duration) {
	says := "answers in " + took.Round(100*time.Microsecond).String()
	if took > slow {
		e.warn("redis latency", says, "Put it nearer to Landfall, or see what else it does.")
		return
	}
	e.ok("redis latency", says)
}

func (e *examination) redisMemory(h queue.Health) {
	limit := "no limit"
	if h.MaxMemory > 0 {
		limit = fmt.Sprintf("%s of %s", size(h.UsedMemory), size(h.MaxMemory))
	}
	switch {
	case h.Policy == "":
		e.warn("redis memory", limit+"; it does not say what it does when full", "Set maxmemory-policy to noeviction.")
	case h.Policy != "noeviction":
		e.warn("redis memory", fmt.Sprintf("%s; when full it throws work away (%s), which comes late then", limit, h.Policy), "Set maxmemory-policy to noeviction.")
	case h.MaxMemory > 0 && h.UsedMemory >= h.MaxMemory/10*9:
		e.warn("redis memory", limit+"; when full it takes no work", "Raise maxmemory, and see what fills it.")
	default:
		e.ok("redis memory", limit+", noeviction")
	}
}

// redisKeeps says what of Redis is on disk. Whatever it is does no harm: the ledger is the truth.
func (e *examination) redisKeeps(h queue.Health) {
	const check = "redis persistence"
	switch {
	case h.SaveFailed:
		e.warn(check, "its last save failed, and Redis takes no writes then unless it is told to", "See its log; the disk may be full.")
	case h.Appends:
		e.ok(check, "appends each write to a file")
	case h.Snapshots:
		e.ok(check, "saves itself now and then")
	case h.SavesHidden:
		e.ok(check, "not told; none is needed, the ledger has it all")
	default:
		e.ok(check, "none, and none is needed: the ledger has it all")
	}
}

func (e *examination) redisWrites(h queue.Health) {
	switch {
	case h.Replica:
		e.fault("redis writes", "it is a replica", "Name the master in LANDFALL_REDIS, or use redis-sentinel://.")
	case h.Writable != nil:
		e.fault("redis writes", "it takes none: "+h.Writable.Error(), "Mend that; until then nothing is sent.")
	default:
		e.ok("redis writes", "it takes them")
	}
}

func (e *examination) database(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	switch {
	case errors.Is(e.DatabaseWrong, ledger.ErrNone):
		e.warn("database", "there is none yet", "landfall serve makes it at its first start; if there should be one, mend LANDFALL_DATABASE.")
		return
	case e.DatabaseWrong != nil:
		e.wrong("database", e.DatabaseWrong, "mend LANDFALL_DATABASE")
		return
	}
	if err := e.Database.Ping(ctx); err != nil {
		e.fault("database", "it cannot be read: "+err.Error(), "Mend LANDFALL_DATABASE, or restore a backup (docs/operations.md).")
		return
	}
	asked := e.Now()
	s, err := e.Database.Status(ctx)
	if err != nil {
		e.fault("database", "it cannot be read: "+err.Error(), "Restore a backup (docs/operations.md).")
		return
	}
	e.ok("database", fmt.Sprintf("%s, %s", s.Kind, size(s.Bytes)))
	e.schema(s)
	e.databaseWrites(s)
	e.disk(s)
	if !s.Now.IsZero() {
		e.readings = append(e.readings, reading{"the database's", asked, e.Now(), s.Now, s.Now})
	}
}

func (e *examination) schema(s ledger.Status) {
	switch {
	case s.Newer:
		e.fault("database schema", fmt.Sprintf("migration %d is not this program's: it is of a newer Landfall", s.Version), "Run that one, or restore the backup from before the update.")
	case s.Pending > 0:
		e.warn("database schema", count(s.Pending, "migration")+" to come", "Back up, then start landfall serve, which migrates.")
	default:
		e.ok("database schema", fmt.Sprintf("up to date (migration %d)", s.Version))
	}
}

func (e *examination) databaseWrites(s ledger.Status) {
	if s.Writable != nil {
		e.fault("database writes", "it takes none: "+s.Writable.Error(), "Check the rights of file and folder, and who else writes to it.")
		return
	}
	e.ok("database writes", "it takes them")
}

const (
	// scarce is how little free disk is nearly none.
	scarce = 100 << 20
	// little is how little free disk leaves no time to act.
	little = 1 << 30
)

func (e *examination) disk(s ledger.Status) {
	const check = "database disk"
	says := size(s.Free) + " free"
	switch {
	case s.Free < 0:
		e.ok(check, "how much is free is not known here")
	case s.Free < scarce:
		e.fault(check, says, "Make room now: a full disk takes no events.")
	case s.Free < little:
		e.warn(check, says, "Make room.")
	case s.Free < 2*s.Bytes:
		e.warn(check, says+", less than twice the ledger", "Make room: a backup beside it, or a migration that rewrites it, needs that much.")
	default:
		e.ok(check, says)
	}
}

// size is so many bytes, for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d kB", (n+1023)>>10)
}
