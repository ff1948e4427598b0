package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"landfall/internal/queue/redistest"
)

const (
	apis    = 2
	workers = 3
)

// fleet is several processes of Landfall, each started again when it ends, as whatever runs them in production would.
type fleet struct {
	o        *options
	database string
	provider *provider
	shop     *shopper
	rnd      *rand.Rand
	members  []*member
	stop     context.CancelFunc
	all      sync.WaitGroup
	accepted atomic.Int64
	heard    func(answer) // is told of each answer to the shop

	customers int
	texts     bool // whether every second of them is written to by SMS
}

// member is one place in the fleet, with whatever process fills it now.
type member struct {
	role, listen string

	mu      sync.Mutex
	process *process
}

// chaos breaks something in every round while a shop goes on telling of parcels, and then compares.
func (o *options) chaos(ctx context.Context) error {
	f, err := o.newFleet(ctx, "chaos")
	if err != nil {
		return err
	}
	defer f.close()
	f.texts = true
	ctx, f.stop = context.WithCancel(ctx)
	defer f.end()
	if err := f.start(ctx, o.rate*(o.rounds+2)*int(roundTime/time.Second)); err != nil {
		return err
	}
	fmt.Printf("seed %d: %d APIs and %d workers, %d events/s, %d rounds\n", o.seed, apis, workers, o.rate, o.rounds)
	told, enough := context.WithCancel(ctx)
	var telling sync.WaitGroup
	telling.Go(func() { f.tell(told) })
	for n := range o.rounds {
		if err := f.round(ctx, n+1); err != nil {
			enough()
			return err
		}
	}
	enough()
	if o.clocks {
		if err := f.setClocks(); err != nil {
			return err
		}
	}
	telling.Wait()
	n := int(f.accepted.Load())
	if err := f.settle(ctx, n); err != nil {
		return fmt.Errorf("seed %d: %w", o.seed, err)
	}
	fmt.Printf("0 lost, 0 sent twice, of %d messages in %d rounds (seed %d); asked %d times what became of a text message whose answer was lost\n", n, o.rounds, o.seed, f.provider.doubts())
	return nil
}

// newFleet is a fleet without members, on an empty database.
func (o *options) newFleet(ctx context.Context, name string) (*fleet, error) {
	database, err := o.fresh(ctx, "postgres", name)
	if err != nil {
		return nil, err
	}
	return &fleet{o: o, database: database, provider: newProvider(), rnd: rand.New(rand.NewPCG(o.seed, 0)), heard: func(answer) {}}, nil
}

func (f *fleet) close() { f.provider.close() }

// settle waits until the first n customers were called, and insists that none was twice.
func (f *fleet) settle(ctx context.Context, n int) error {
	fmt.Printf("%d events were accepted; waiting for the last of them\n", n)
	if err := f.provider.await(n); err != nil {
		return err
	}
	pause(ctx, 5*time.Second) // for a second message, if one is under way
	return f.provider.check(n, f.shop.address)
}

// start fills every place and stores the customers of the whole trial.
func (f *fleet) start(ctx context.Context, customers int) error {
	for i := range apis + workers {
		port, err := redistest.FreePort()
		if err != nil {
			return err
		}
		m := &member{role: "api", listen: "127.0.0.1:" + port}
		if i >= apis {
			m.role = "worker"
		}
		f.members = append(f.members, m)
		if err := f.fill(ctx, m); err != nil {
			return err
		}
		f.all.Go(func() { f.mind(ctx, m) })
	}
	f.shop = newShopper("http://"+f.members[0].listen, f.provider)
	f.shop.consents, f.shop.texts = true, f.texts
	f.customers = customers
	return f.shop.setUp(ctx, f.customers)
}

func (f *fleet) fill(ctx context.Context, m *member) error {
	merchants, err := f.o.merchant()
	if err != nil {
		return err
	}
	p, err := launch(ctx, f.o.landfall, append(f.o.environment(f.database, merchants, f.provider.url), "TRIAL_CLOCK="+f.clock(m)), m.listen, "serve", "--listen", m.listen, "--role", m.role)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.process = p
	return nil
}

// mind fills a place again whenever its process has ended.
func (f *fleet) mind(ctx context.Context, m *member) {
	for ctx.Err() == nil {
		m.mu.Lock()
		p := m.process
		m.mu.Unlock()
		<-p.ended
		pause(ctx, 100*time.Millisecond)
		for ctx.Err() == nil && f.fill(ctx, m) != nil {
			pause(ctx, 100*time.Millisecond)
		}
	}
}

func (m *member) signal(s os.Signal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.process.cmd.Process.Signal(s) // it may be dead already
}

func (f *fleet) end() {
	f.stop()
	for _, m := range f.members {
		m.signal(os.Kill)
	}
	f.all.Wait()
}

// tell tells of one parcel after another, by either API, and says it again until it is taken.
func (f *fleet) tell(ctx context.Context) {
	tick := time.NewTicker(time.Second / time.Duration(f.o.rate))
	defer tick.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	for n := 0; ctx.Err() == nil && n < f.customers; n++ {
		<-tick.C
		f.accepted.Add(1)
		all.Go(func() {
			for try := n; ; try++ {
				shop := *f.shop
				shop.base = "http://" + f.members[try%apis].listen
				shop.client = &http.Client{Timeout: 15 * time.Second, Transport: f.shop.client.Transport}
				began := time.Now()
				err := shop.happen(context.WithoutCancel(ctx), n)
				a := answer{customer: n, asked: began, took: time.Since(began)}
				if err != nil {
					a.refused = err.Error()
				}
				f.heard(a)
				if err == nil {
					return
				}
				pause(context.WithoutCancel(ctx), 200*time.Millisecond)
			}
		})
	}
}

// roundTime is how long a round takes: something breaks, is mended, and time passes.
const roundTime = 2 * time.Second

// breakage is something that can be broken, for a moment or until it is started again.
type breakage struct {
	what string
	do   func(context.Context) error
}

// breakages are what may break in round n. The provider does in the last quarter only, every other time: a sender that fails comes to rest
// for minutes, and then nothing else that breaks would meet a call.
func (f *fleet) breakages(n int) []breakage {
	if 4*n > 3*f.o.rounds && f.rnd.IntN(2) == 0 {
		return []breakage{
			{"the provider is down", func(ctx context.Context) error { return f.trouble(ctx, down) }},
			{"the provider is slow", func(ctx context.Context) error { return f.trouble(ctx, slow) }},
			{"the provider's answers are lost", func(ctx context.Context) error { return f.trouble(ctx, silent) }},
			{"the provider asks for a rest", func(ctx context.Context) error { return f.trouble(ctx, crowd) }},
		}
	}
	api, worker := f.members[f.rnd.IntN(apis)], f.members[apis+f.rnd.IntN(workers)]
	all := []breakage{
		{"a worker is killed", func(context.Context) error { worker.signal(os.Kill); return nil }},
		{"an API is killed", func(context.Context) error { api.signal(os.Kill); return nil }},
		{"a worker is told to stop", func(context.Context) error { worker.signal(syscall.SIGTERM); return nil }},
		{"Redis is emptied", func(ctx context.Context) error { return flush(ctx, f.o.redis) }},
		{"Redis crashes and comes back empty", f.redisCrash},
		{"PostgreSQL crashes", func(ctx context.Context) error {
			f.o.postgres.Kill()
			pause(ctx, 300*time.Millisecond)
			return f.o.postgres.Restart()
		}},
	}
	if f.o.clocks {
		hours := time.Duration(f.rnd.IntN(7201)-3600) * time.Second
		all = append(all,
			breakage{fmt.Sprintf("a worker's clock is set %+d s", int(hours.Seconds())), func(context.Context) error { return f.setClock(worker, hours) }},
			breakage{fmt.Sprintf("an API's clock is set %+d s", int(hours.Seconds())), func(context.Context) error { return f.setClock(api, hours) }},
			breakage{"all clocks are put right", func(context.Context) error { return f.setClocks() }})
	}
	if f.o.disk != nil {
		all = append(all, breakage{"PostgreSQL's disk is full", f.diskFull})
	}
	return all
}

// round breaks one thing.
func (f *fleet) round(ctx context.Context, n int) error {
	ended := time.After(roundTime)
	breaks := f.breakages(n)
	b := breaks[f.rnd.IntN(len(breaks))]
	pause(ctx, time.Duration(f.rnd.IntN(500))*time.Millisecond)
	fmt.Printf("  round %d: %s; %d told, %d called\n", n, b.what, f.accepted.Load(), f.provider.count())
	if err := b.do(ctx); err != nil {
		return fmt.Errorf("round %d, %s: %w", n, b.what, err)
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (f *fleet) redisCrash(ctx context.Context) error {
	f.o.stopRedis()
	pause(ctx, 500*time.Millisecond)
	return f.o.startRedis()
}

func (f *fleet) trouble(ctx context.Context, with fault) error {
	f.provider.set(with)
	pause(ctx, time.Second)
	f.provider.set(works)
	return nil
}

// environment is what a process of Landfall is told.
func (o *options) environment(database, merchants, provider string) []string {
	return []string{"LANDFALL_DATABASE=" + database, "LANDFALL_REDIS=" + cmp.Or(o.queue, "redis://"+o.redis), "LANDFALL_MERCHANTS=" + merchants, "LANDFALL_SECRET_KEY=" + secretKey,
		"LANDFALL_LOG_LEVEL=error", "LANDFALL_RATE_KEYS=0", "LINE_BASE_URL=" + provider, "LINE_CHANNEL_TOKEN=t", "LINE_CHANNEL_SECRET=s",
		"TWILIO_BASE_URL=" + provider, "TWILIO_ACCOUNT_SID=AC00000000000000000000000000000001", "TWILIO_AUTH_TOKEN=t"}
}
