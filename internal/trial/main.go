// Command trial tries Landfall from outside, as it is shipped.
//
// trial bench measures the whole path, from a shop's HTTP request to the provider's answer on record, beside a "textbook Asynq"
// program (./textbook) on the same databases, the same Redis and the same stand-in provider. Rounds of the two alternate, so that what
// the machine does otherwise meets both. It prints medians and ratios: a machine's own figures tell little about another's.
//
// trial release has many messages fall due at one instant while news that cannot wait goes on arriving, and trial crash kills a Landfall
// with many messages due.
//
// trial chaos runs several processes on PostgreSQL and Redis, breaks something every moment, and compares in the end what was
// accepted with what the provider was asked to send.
//
// trial failover runs them behind Redis' sentinels, loses a worker, the Redis master and the database in turn, compares likewise, and
// says what a person would have noticed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"landfall/internal/ledger/postgrestest"
	"landfall/internal/queue/redistest"
)

type options struct {
	databases []string
	rounds    int
	events    int
	rate      int
	seconds   int
	held      int
	released  int
	seed      uint64

	landfall, textbook string
	redis              string // host:port
	queue              string // LANDFALL_REDIS, where it is another
	lineRate           int    // messages a second that the merchant's sender may send; 0: as many as it can
	postgres           *postgrestest.Server
	stopRedis          func()
	scratchDir         string
	clocks             bool  // whether clocks are to be set wrong
	full               bool  // whether PostgreSQL's disk is to be full
	disk               *disk // PostgreSQL's; nil for the machine's own
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "trial:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("say what to try: bench, release, crash, chaos or failover")
	}
	o := options{}
	f := flag.NewFlagSet(args[0], flag.ContinueOnError)
	databases := f.String("databases", "sqlite,postgres", "bench: which to measure on")
	f.IntVar(&o.rounds, "rounds", 3, "bench: rounds of each program; chaos: how often something breaks")
	f.IntVar(&o.events, "events", 10000, "bench: events of a burst")
	f.IntVar(&o.rate, "rate", 300, "events a second")
	f.IntVar(&o.seconds, "seconds", 20, "bench: how long latency is measured")
	f.IntVar(&o.held, "held", 1000000, "bench: held notifications; 0 leaves that part out")
	f.IntVar(&o.released, "released", 100000, "release, crash: messages that are due at once")
	f.Uint64Var(&o.seed, "seed", 1, "chaos: decides what breaks, and when")
	f.BoolVar(&o.clocks, "clocks", true, "chaos: set the processes' clocks wrong too, by up to an hour; it builds Landfall with a Go whose clock can be set")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	o.databases = strings.Split(*databases, ",")
	trials := map[string]func(context.Context) error{"bench": o.bench, "release": o.release, "crash": o.crash, "chaos": o.chaos, "failover": o.failover}
	if trials[args[0]] == nil {
		return fmt.Errorf("%q is no trial; say bench, release, crash, chaos or failover", args[0])
	}
	o.full = args[0] == "chaos"
	o.clocks = o.clocks && o.full
	if args[0] == "chaos" || args[0] == "failover" {
		o.databases = []string{"postgres"}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return o.on(ctx, trials[args[0]])
}

// on runs a trial on servers of its own.
func (o *options) on(ctx context.Context, trial func(context.Context) error) (err error) {
	if o.scratchDir, err = os.MkdirTemp("", "landfall-trial-"); err != nil {
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
	return trial(ctx)
}

// build makes both programs as they are shipped, Landfall apart from its clock where that is to be set.
func (o *options) build(ctx context.Context) error {
	o.landfall, o.textbook = filepath.Join(o.scratchDir, "landfall"), filepath.Join(o.scratchDir, "textbook")
	var with []string
	if o.clocks {
		var err error
		if with, err = movable(ctx, o.scratchDir); err != nil {
			return err
		}
	}
	for path, of := range map[string]string{o.landfall: "./cmd/landfall", o.textbook: "./internal/trial/textbook"} {
		cmd := exec.CommandContext(ctx, "go", append(append([]string{"build"}, with...), "-o", path, of)...)
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
	o.redis = "127.0.0.1:" + port
	if err := o.startRedis(); err != nil {
		return err
	}
	if !slices.Contains(o.databases, "postgres") {
		return nil
	}
	var dir string
	if o.full {
		if o.disk, err = newDisk(o.scratchDir); err != nil {
			fmt.Printf("PostgreSQL's disk will not be full, since it has none of its own: %v\n", err)
			o.disk = nil
		} else {
			dir = o.disk.dir
		}
	}
	o.postgres, err = postgrestest.StartIn(dir, true)
	return err
}

// startRedis starts an empty Redis where it was before.
func (o *options) startRedis() (err error) {
	_, port, _ := strings.Cut(o.redis, ":")
	_, o.stopRedis, err = redistest.Start(port)
	return err
}

func (o *options) stopServers() {
	o.stopRedis()
	if o.postgres != nil {
		o.postgres.Stop()
	}
	if o.disk != nil {
		o.disk.remove()
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
