package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Embedded is the setting that runs Redis inside this process.
const Embedded = "embedded"

// Dial returns a client for a LANDFALL_REDIS setting: "embedded", redis://, rediss:// or redis-sentinel://master:password@host,host/db.
// stop closes the client and, when embedded, the Redis behind it. It does not wait for a connection.
func Dial(setting string) (client redis.UniversalClient, stop func() error, err error) {
	if setting == Embedded {
		return embedded()
	}
	u, err := url.Parse(setting)
	if err != nil {
		return nil, nil, fmt.Errorf("LANDFALL_REDIS is no URL; use embedded or redis://host:6379/0")
	}
	if u.Scheme == "redis-sentinel" {
		opt, err := sentinel(setting)
		if err != nil {
			return nil, nil, err
		}
		c := redis.NewFailoverClient(opt)
		return c, c.Close, nil
	}
	opt, err := redis.ParseURL(setting)
	if err != nil {
		return nil, nil, fmt.Errorf("LANDFALL_REDIS with scheme %q cannot be used; use embedded, redis://, rediss:// or redis-sentinel://", u.Scheme)
	}
	opt.MaintNotificationsConfig = noMaintenance()
	c := redis.NewClient(opt)
	return c, c.Close, nil
}

// sentinel reads redis-sentinel://master:password@host,host/db; password and db may be left out.
func sentinel(setting string) (*redis.FailoverOptions, error) {
	u, err := url.Parse(setting)
	if err != nil || u.User.Username() == "" || u.Host == "" {
		return nil, errors.New("LANDFALL_REDIS names no master and sentinels; use redis-sentinel://master@host:26379,host:26379/0")
	}
	password, _ := u.User.Password()
	opt := &redis.FailoverOptions{MasterName: u.User.Username(), Password: password, SentinelAddrs: strings.Split(u.Host, ",")}
	if path := strings.Trim(u.Path, "/"); path != "" {
		if opt.DB, err = strconv.Atoi(path); err != nil {
			return nil, errors.New("LANDFALL_REDIS ends in something that is no database; use a number, as in redis-sentinel://master@host:26379/0")
		}
	}
	return opt, nil
}

// noMaintenance switches off a handshake that only one vendor's managed Redis understands.
func noMaintenance() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// embedded starts a Redis in memory. Its expiry stands still unless it is advanced, so a ticker does that.
func embedded() (redis.UniversalClient, func() error, error) {
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		return nil, nil, fmt.Errorf("start embedded Redis: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		advance(ctx, server)
	}()
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaintNotificationsConfig: noMaintenance()})
	return client, func() error {
		cancel()
		<-done
		err := client.Close()
		server.Close()
		return err
	}, nil
}

func advance(ctx context.Context, server *miniredis.Miniredis) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			server.FastForward(time.Second)
		}
	}
}

// RouteLog sends what the Redis client prints of its own accord to log, for debugging: failures reach the caller anyway.
// It holds for the whole process; call it once, before Dial.
func RouteLog(log *slog.Logger) { redis.SetLogger(clientLog{log}) }

type clientLog struct{ log *slog.Logger }

// Printf takes one line of the client's.
func (l clientLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, "redis client", "says", fmt.Sprintf(format, v...))
}
