package app

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"landfall/channels"
	"landfall/internal/config"
	"landfall/internal/doctor"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/queue"
	"landfall/rules"
)

// Examine says whether everything that a Landfall of these settings needs is there, beside a running one or without one. It starts
// and changes nothing; others are called only when online is set.
func Examine(ctx context.Context, o Options, online bool) []doctor.Finding {
	p := doctor.Patient{
		Settings: o.Settings.Check(), PublicURL: o.Settings.PublicURL, Online: online, Now: o.Now,
		Client:  &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Resolve: resolve,
	}
	p.Folder = o.Settings.Merchants
	p.Merchants, p.Unread = examined(o)
	if o.Settings.Redis != queue.Embedded {
		client, stop, err := queue.Dial(o.Settings.Redis)
		if p.RedisWrong = err; err == nil {
			defer func() { _ = stop() }() // nothing of ours is there
			p.Redis = queue.Probe{Redis: client, Now: o.Now}
		}
	}
	book, err := visit(ctx, o.Settings.Database)
	if p.DatabaseWrong = err; err == nil {
		defer func() { _ = book.Close() }() // it was only looked at
		p.Database = book
	}
	return doctor.Examine(ctx, p)
}

func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// visit opens the ledger for a look. Where there is none yet, its folder has to be there.
func visit(ctx context.Context, setting string) (*ledger.Visit, error) {
	book, err := ledger.Look(ctx, setting)
	if !errors.Is(err, ledger.ErrNone) {
		return book, err
	}
	dir := filepath.Dir(strings.TrimPrefix(setting, "sqlite:"))
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the folder " + dir + " of LANDFALL_DATABASE does not exist; make it, or name another")
	}
	return nil, err
}

// examined reads every merchant's folder and builds its senders, as serve does, each for itself.
func examined(o Options) ([]doctor.Merchant, error) {
	pack, err := rules.LoadPack()
	if err != nil {
		return nil, err
	}
	ids, err := config.Folders(o.Settings.Merchants)
	if err != nil {
		return nil, err
	}
	loader := config.Loader{Pack: pack, Providers: o.Settings.Providers, Getenv: o.Getenv, SampleKey: o.SampleKey}
	var out []doctor.Merchant
	good := map[notify.MerchantID]*config.Merchant{}
	for _, id := range ids {
		m, err := loader.Merchant(id, os.DirFS(filepath.Join(o.Settings.Merchants, string(id))))
		if err == nil {
			err = m.Clash(good)
		}
		one := doctor.Merchant{ID: string(id), Wrong: err}
		if err == nil {
			good[id] = m
			one.Feeds = len(m.Feeds)
			one.Senders, one.Wrong = probes(m, o.Now)
		}
		out = append(out, one)
	}
	return out, nil
}

// probes lists a merchant's senders whose providers can be asked; the inbox has none.
func probes(m *config.Merchant, now func() time.Time) ([]doctor.Sender, error) {
	t, err := BuildTenant(m, nil, now)
	if err != nil {
		return nil, err
	}
	var out []doctor.Sender
	for _, c := range notify.Channels() {
		for _, s := range t.Senders[c] {
			p, ok := s.Sender.(channels.Prober)
			if !ok {
				continue
			}
			name := string(c)
			if s.Name != "" {
				name += "/" + s.Name
			}
			out = append(out, doctor.Sender{Name: name, Provider: provider(c), Probe: p.Probe})
		}
	}
	return out, nil
}

func provider(c notify.Channel) string {
	switch c {
	case notify.LINE:
		return "LINE"
	case notify.Email:
		return "the mail server"
	}
	return "Twilio"
}
