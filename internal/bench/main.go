// Command bench measures Landfall over its whole path, from a shop's HTTP request to the provider's answer on record, beside a
// "textbook Asynq" program (./textbook) on the same databases, the same Redis and the same stand-in provider. Rounds of the two
// alternate, so that what the machine does otherwise meets both. It prints medians and ratios: a machine's own figures tell
// little about another's.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"landfall/internal/ledger/postgrestest"
	"landfall/internal/queue/redistest"
)

type options struct {
	databases  []string
	rounds     int
	events     int
	rate       int
	seconds    int
	held       int
	landfall   string
	textbook   string
	redis      string
	postgres   *postgrestest.Server
	stopRedis  func()
	scratchDir string
}

func main() {
	o := options{}
	databases := flag.String("databases", "sqlite,postgres", "which to measure on")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds of each program")
	flag.IntVar(&o.events, "events", 10000, "events of a burst")
	flag.IntVar(&o.rate, "rate", 300, "events a second while latency is measured")
	flag.IntVar(&o.seconds, "seconds", 20, "how long latency is measured")
	flag.IntVar(&o.held, "held", 1000000, "held notifications; 0 leaves that part out")
	flag.Parse()
	o.databases = strings.Split(*databases, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (o *options) run(ctx context.Context) (err error) {
	if o.scratchDir, err = os.MkdirTemp("", "landfall-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(o.scratchDir)
	if err := o.build(ctx); err != nil {
		return err
	}
	if err := o.servers(); err != nil {
		return err
	}
	defer o.stopServers()
	for _, database := range o.databases {
		if err := o.compare(ctx, database); err != nil {
			return fmt.Errorf("on %s: %w", database, err)
		}
		if o.held > 0 {
			if err := o.waitingRoom(ctx, database); err != nil {
				return fmt.Errorf("held notifications on %s: %w", database, err)
			}
		}
	}
	return nil
}

// build makes both programs as they are shipped.
func (o *options) build(ctx context.Context) error {
	o.landfall, o.textbook = filepath.Join(o.scratchDir, "landfall"), filepath.Join(o.scratchDir, "textbook")
	for path, of := range map[string]string{o.landfall: "./cmd/landfall", o.textbook: "./internal/bench/textbook"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", path, of)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("build %s: %w", of, err)
		}
	}
	return nil
}

// servers starts Redis, and PostgreSQL where it is measured on, as durable as in production.
func (o *options) servers() error {
	port, err := redistest.FreePort()
	if err != nil {
		return err
	}
	url, stop, err := redistest.Start(port)
	if err != nil {
		return err
	}
	o.redis, o.stopRedis = strings.TrimPrefix(url, "redis://"), stop
	for _, database := range o.databases {
		if database == "postgres" {
			o.postgres, err = postgrestest.Start(true)
		}
	}
	return err
}

func (o *options) stopServers() {
	o.stopRedis()
	if o.postgres != nil {
		o.postgres.Stop()
	}
}

// fresh makes an empty database and empties Redis.
func (o *options) fresh(ctx context.Context, database, name string) (string, error) {
	if err := flush(ctx, o.redis); err != nil {
		return "", err
	}
	if database == "postgres" {
		return o.postgres.URL(name), o.postgres.SQL(ctx, "postgres", "create database "+name)
	}
	return "sqlite:" + filepath.Join(o.scratchDir, name+".db"), nil
}

// compare lets both programs do the same in turn.
func (o *options) compare(ctx context.Context, database string) error {
	fmt.Printf("%s: bursts of %d events, then %d/s for %d s; %d rounds of each program in turn\n", database, o.events, o.rate, o.seconds, o.rounds)
	var ours, theirs []figures
	for n := range o.rounds {
		for _, s := range []subject{o.ofLandfall(), o.ofTextbook()} {
			setting, err := o.fresh(ctx, database, fmt.Sprintf("%s%d", s.name, n))
			if err != nil {
				return err
			}
			f, err := o.measure(ctx, s, setting)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			fmt.Printf("  %-8s  %s\n", s.name, f)
			if s.name == "landfall" {
				ours = append(ours, f)
			} else {
				theirs = append(theirs, f)
			}
		}
	}
	printRatios(median(ours), median(theirs))
	return nil
}

// measure starts a program, sets it up, and puts it under load.
func (o *options) measure(ctx context.Context, s subject, setting string) (f figures, err error) {
	provider := newProvider()
	defer provider.close()
	p, err := s.start(ctx, setting, provider.url)
	if err != nil {
		return f, err
	}
	defer p.kill()
	f.start = p.took
	shop := newShopper(p.url, provider)
	shop.consents = s.name == "landfall"
	total := o.events + o.rate*o.seconds
	if err := shop.setUp(ctx, total); err != nil {
		return f, err
	}
	before := p.cpu()
	burst, err := shop.burst(ctx, o.events)
	if err != nil {
		return f, err
	}
	f.throughput = float64(o.events) / burst.Seconds()
	f.cpu = (p.cpu() - before).Seconds() / float64(o.events) * 10000
	if f.accept, f.whole, err = shop.steady(ctx, o.rate, time.Duration(o.seconds)*time.Second); err != nil {
		return f, err
	}
	f.memory = p.memory()
	idle := p.cpu()
	pause(ctx, 5*time.Second)
	f.idle = (p.cpu() - idle).Seconds() / 5
	return f, provider.check(total)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
