package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"landfall/internal/queue/redistest"
)

// masterName is what the sentinels call the Redis they watch.
const masterName = "landfall"

// promotesAfter is how long a master is silent until its sentinels agree that it is gone.
const promotesAfter = time.Second

// ensemble is a Redis with two replicas, and three sentinels that promote one of these when it is gone.
type ensemble struct {
	nodes     map[string]*exec.Cmd // by port
	sentinels []*exec.Cmd
	ports     []string // of the sentinels
}

// startEnsemble starts all six processes in a folder and waits until the sentinels could replace the master.
func startEnsemble(ctx context.Context, dir string) (*ensemble, error) {
	e := &ensemble{nodes: map[string]*exec.Cmd{}}
	master := ""
	for range 3 {
		port, err := redistest.FreePort()
		if err != nil {
			return e, err
		}
		args := []string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir}
		if master == "" {
			master = port
		} else {
			args = append(args, "--replicaof", "127.0.0.1 "+master)
		}
		if e.nodes[port], err = background("redis-server", args...); err != nil {
			return e, err
		}
	}
	for range 3 {
		port, err := redistest.FreePort()
		if err != nil {
			return e, err
		}
		s, err := startSentinel(dir, port, master)
		if err != nil {
			return e, err
		}
		e.sentinels, e.ports = append(e.sentinels, s), append(e.ports, port)
	}
	return e, e.until(ctx, e.complete)
}

func startSentinel(dir, port, master string) (*exec.Cmd, error) {
	file := filepath.Join(dir, "sentinel-"+port+".conf")
	text := fmt.Sprintf("port %s\nbind 127.0.0.1\ndir %s\nsentinel monitor %s 127.0.0.1 %s 2\nsentinel down-after-milliseconds %s %d\nsentinel failover-timeout %s 10000\n",
		port, dir, masterName, master, masterName, promotesAfter.Milliseconds(), masterName)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return background("redis-server", file, "--sentinel")
}

func background(name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(name, args...)
	return cmd, cmd.Start()
}

// setting is LANDFALL_REDIS.
func (e *ensemble) setting() string {
	hosts := ""
	for _, p := range e.ports {
		hosts += ",127.0.0.1:" + p
	}
	return "redis-sentinel://" + masterName + "@" + hosts[1:] + "/0"
}

// complete reports whether every sentinel knows two good replicas and the two other sentinels.
func (e *ensemble) complete(ctx context.Context) bool {
	for _, port := range e.ports {
		c := redis.NewSentinelClient(&redis.Options{Addr: "127.0.0.1:" + port})
		defer c.Close()
		m, err := c.Master(ctx, masterName).Result()
		if err != nil || m["num-slaves"] != "2" || m["num-other-sentinels"] != "2" {
			return false
		}
		replicas, err := c.Replicas(ctx, masterName).Result()
		if err != nil {
			return false
		}
		for _, r := range replicas {
			if r["master-link-status"] != "ok" {
				return false
			}
		}
	}
	return true
}

// master is the port of the Redis that the sentinels call the master.
func (e *ensemble) master(ctx context.Context) (string, error) {
	c := redis.NewSentinelClient(&redis.Options{Addr: "127.0.0.1:" + e.ports[0]})
	defer c.Close()
	at, err := c.GetMasterAddrByName(ctx, masterName).Result()
	if err != nil {
		return "", err
	}
	return at[1], nil
}

// lose kills the master and returns once another is in its place, and how long that took.
func (e *ensemble) lose(ctx context.Context) (time.Duration, error) {
	gone, err := e.master(ctx)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	stop(e.nodes[gone])
	err = e.until(ctx, func(ctx context.Context) bool {
		now, err := e.master(ctx)
		return err == nil && now != gone
	})
	return time.Since(began), err
}

// until waits for something to be so.
func (e *ensemble) until(ctx context.Context, so func(context.Context) bool) error {
	for began := time.Now(); time.Since(began) < time.Minute; pause(ctx, 20*time.Millisecond) {
		if so(ctx) {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.New("the sentinels do not agree within a minute")
}

func (e *ensemble) stop() {
	for _, s := range e.sentinels {
		stop(s)
	}
	for _, n := range e.nodes {
		stop(n)
	}
}

func stop(cmd *exec.Cmd) {
	_ = cmd.Process.Kill() // it may be over already
	_ = cmd.Wait()
}
