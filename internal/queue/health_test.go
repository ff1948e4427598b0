package queue

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"landfall/internal/queue/redistest"
)

func TestLook(t *testing.T) {
	t.Parallel()
	client := look(t)
	if client == nil {
		return
	}
	h, err := Probe{Redis: client, Now: time.Now}.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := Supported(h.Version); !ok || err != nil || h.Policy != "noeviction" || h.MaxMemory != 0 || h.UsedMemory == 0 {
		t.Errorf("%+v, supported %v, %v", h, ok, err)
	}
	if h.Appends || h.Snapshots || h.SavesHidden || h.SaveFailed || h.Replica || h.Writable != nil {
		t.Errorf("it keeps nothing on disk, and takes writes: %+v", h)
	}
	if skew := h.Now.Sub(h.Asked).Abs(); skew > time.Minute || h.Latency <= 0 || h.Answered.Before(h.Asked) {
		t.Errorf("its clock is %v off, its latency %v", skew, h.Latency)
	}
	if n, err := client.Exists(t.Context(), probeKey).Result(); n != 0 || err != nil {
		t.Errorf("the look left %d keys, %v", n, err)
	}
}

// A Redis that has no room, and is told to throw nothing away, takes no write; it says so.
func TestLook_Full(t *testing.T) {
	t.Parallel()
	client := alone(t)
	if client == nil {
		return
	}
	for name, value := range map[string]string{"maxmemory": "1", "save": "60 1"} {
		if err := client.ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	h, err := Probe{Redis: client, Now: time.Now}.Look(t.Context())
	if err != nil || h.Writable == nil || !strings.HasPrefix(h.Writable.Error(), "OOM") || h.MaxMemory != 1 || !h.Snapshots {
		t.Errorf("%+v, %v", h, err)
	}
}

func TestLook_NobodyThere(t *testing.T) {
	t.Parallel()
	client, stop, err := Dial("redis://:hunter2@127.0.0.1:1/0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stop() }()
	if _, err := (Probe{Redis: client, Now: time.Now}).Look(t.Context()); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("Look = %v", err)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	got := read("# Server\r\nredis_version:6.2.1\r\nrole:slave\r\naof_enabled:1\r\nmaxmemory:1024\r\nused_memory:512\r\nmaxmemory_policy:allkeys-lru\r\nrdb_last_bgsave_status:err\r\n")
	want := Health{Version: "6.2.1", MaxMemory: 1024, UsedMemory: 512, Policy: "allkeys-lru", Replica: true, Appends: true, SaveFailed: true}
	if got != want {
		t.Errorf("read %+v, want %+v", got, want)
	}
}

func TestSupported(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"3.2.1": "false <nil>", "4.0.0": "true <nil>", "10.1": "true <nil>", "": "false this is no version of Redis"} {
		ok, err := Supported(version)
		if got := fmt.Sprint(ok, " ", err); got != want {
			t.Errorf("%q: %s, want %s", version, got, want)
		}
	}
}

// look returns a client of the real Redis that the tests share; nil where the machine has none.
func look(t *testing.T) redis.UniversalClient {
	t.Helper()
	if realRedis == "" {
		t.Log("only a real Redis says how it is; CI has one")
		return nil
	}
	return dialled(t, realRedis)
}

// alone returns a client of a real Redis that nobody else uses; nil where the machine has none.
func alone(t *testing.T) redis.UniversalClient {
	t.Helper()
	if realRedis == "" {
		t.Log("only a real Redis says how it is; CI has one")
		return nil
	}
	port, err := redistest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	url, stop, err := redistest.Start(port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return dialled(t, url)
}

func dialled(t *testing.T, setting string) redis.UniversalClient {
	t.Helper()
	client, stop, err := Dial(setting)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop() })
	return client
}
