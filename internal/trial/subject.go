package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"landfall/internal/queue/redistest"
)

const (
	apiKey    = "the key of the benchmark's shop"
	secretKey = "the benchmark's key, good for nothing else"
)

// subject is a program to be measured.
type subject struct {
	name  string
	start func(ctx context.Context, database, provider string) (*process, error)
}

func (o *options) ofTextbook() subject {
	return subject{"textbook", func(ctx context.Context, database, provider string) (*process, error) {
		listen, err := freeAddress()
		if err != nil {
			return nil, err
		}
		return launch(ctx, o.textbook, nil, listen, "-listen", listen, "-database", database, "-redis", o.redis, "-provider", provider)
	}}
}

func (o *options) ofLandfall() subject {
	return subject{"landfall", func(ctx context.Context, database, provider string) (*process, error) {
		merchants, err := o.merchant()
		if err != nil {
			return nil, err
		}
		listen, err := freeAddress()
		if err != nil {
			return nil, err
		}
		return launch(ctx, o.landfall, o.environment(database, merchants, provider), listen, "serve", "--listen", listen)
	}}
}

// merchant writes the folder of a merchant who uses the shipped rules and writes by LINE, as fast as it is let.
func (o *options) merchant() (string, error) {
	dir := filepath.Join(o.scratchDir, "merchants", "acme")
	sum := sha256.Sum256([]byte(apiKey))
	text := "name: Acme\nbrand: {name: Acme}\ndefault_market: JP\napi_keys: [{name: shop, sha256: " + hex.EncodeToString(sum[:]) + "}]\nsenders:\n  line: {rate: " + strconv.Itoa(cmp.Or(o.lineRate, 100000)) + "}\n  sms: {from: \"+6580000000\", rate: 100000}\n"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return filepath.Dir(dir), os.WriteFile(filepath.Join(dir, "merchant.yaml"), []byte(text), 0o600)
}

// process is a program that runs.
type process struct {
	url  string
	took time.Duration // until it listened
	cmd  *exec.Cmd

	ended chan struct{} // closed when it is over
}

func freeAddress() (string, error) {
	port, err := redistest.FreePort()
	return "127.0.0.1:" + port, err
}

// launch starts a program and waits until it listens.
func launch(ctx context.Context, path string, env []string, listen string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), os.Stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{url: "http://" + listen, cmd: cmd, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // that it ends is what some trials are about
	}()
	for time.Since(began) < 30*time.Second {
		if res, err := http.Get(p.url + "/healthz"); err == nil {
			res.Body.Close()
			p.took = time.Since(began)
			return p, nil
		}
		select {
		case <-p.ended:
			return nil, fmt.Errorf("%s ended before it listened", filepath.Base(path))
		case <-time.After(time.Millisecond):
		}
	}
	p.kill()
	return nil, fmt.Errorf("%s does not listen after 30 s", filepath.Base(path))
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be over already
	<-p.ended
}

// cpu is how much the program has used so far, by /proc/PID/stat: fields 14 and 15, in hundredths of a second.
func (p *process) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+2:]))
	user, errU := strconv.Atoi(fields[11])
	system, errS := strconv.Atoi(fields[12])
	if errors.Join(errU, errS) != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory is how much the program has had resident at most, in MB.
func (p *process) memory() float64 { return p.status("VmHWM:") }

// resident is how much it has right now.
func (p *process) resident() float64 { return p.status("VmRSS:") }

func (p *process) status(field string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), field)
	kb, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		return 0
	}
	return kb / 1024
}

func flush(ctx context.Context, address string) error {
	c := redis.NewClient(&redis.Options{Addr: address})
	defer c.Close()
	return c.FlushAll(ctx).Err()
}

// keys is how many keys Redis holds.
func keys(ctx context.Context, address string) (int64, error) {
	c := redis.NewClient(&redis.Options{Addr: address})
	defer c.Close()
	return c.DBSize(ctx).Result()
}
