package app

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"landfall/channels"
	"landfall/channels/email"
	"landfall/channels/line"
	"landfall/channels/sms"
	"landfall/channels/whatsapp"
	"landfall/dispatcher"
	"landfall/internal/config"
	"landfall/internal/httpapi"
	"landfall/internal/notify"
	"landfall/locales"
	"landfall/rules"
	"landfall/templates"
)

// recheck is how often the merchants' folder is looked at for changes.
const recheck = 2 * time.Second

// directory is the merchants as configured right now. A changed file is picked up while running; when it is broken, the
// last good version keeps running and the log says what is wrong.
type directory struct {
	loader config.Loader
	dir    string
	inbox  channels.Sender
	log    *slog.Logger
	clock  func() time.Time
	now    atomic.Pointer[map[notify.MerchantID]*httpapi.Tenant]
	seen   uint64
}

func newDirectory(o Options, inbox channels.Sender) (*directory, error) {
	pack, err := rules.LoadPack()
	if err != nil {
		return nil, fmt.Errorf("load the shipped markets: %w", err)
	}
	d := &directory{
		loader: config.Loader{Pack: pack, Providers: o.Settings.Providers, Getenv: o.Getenv},
		dir:    o.Settings.Merchants, inbox: inbox, log: o.Log, clock: o.Now,
	}
	d.seen = fingerprint(d.dir)
	return d, d.load()
}

// load reads and builds every merchant and swaps them in last, all or none.
func (d *directory) load() error {
	merchants, err := d.loader.Merchants(d.dir)
	if err != nil {
		return err
	}
	tenants := map[notify.MerchantID]*httpapi.Tenant{}
	var errs []error
	for id, m := range merchants {
		t, err := BuildTenant(m, d.clock)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		t.Senders[notify.InApp] = d.inbox
		tenants[id] = t
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	d.now.Store(&tenants)
	return nil
}

// watch picks up changes until ctx ends.
func (d *directory) watch(ctx context.Context) {
	ticker := time.NewTicker(recheck)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			d.refresh()
		}
	}
}

func (d *directory) refresh() {
	f := fingerprint(d.dir)
	if f == d.seen {
		return
	}
	d.seen = f
	if err := d.load(); err != nil {
		d.log.Error("merchants changed and cannot be used; the last good version keeps running", "error", err)
		return
	}
	d.log.Info("merchants reloaded", "merchants", len(*d.now.Load()))
}

// fingerprint changes when a file below dir does.
func fingerprint(dir string) uint64 {
	h := fnv.New64a()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(h, path, info.Size(), info.ModTime().UnixNano(), info.Mode())
		return err
	})
	if err != nil {
		fmt.Fprintln(h, err)
	}
	return h.Sum64()
}

func (d *directory) tenant(id notify.MerchantID) (*httpapi.Tenant, bool) {
	t, ok := (*d.now.Load())[id]
	return t, ok
}

func (d *directory) merchant(id notify.MerchantID) (*dispatcher.Merchant, bool) {
	t, ok := d.tenant(id)
	if !ok {
		return nil, false
	}
	return t.Merchant, true
}

func (d *directory) byKey(key string) (*httpapi.Tenant, bool) {
	var found *httpapi.Tenant
	for _, t := range *d.now.Load() {
		if t.Key(key) {
			found = t
		}
	}
	return found, found != nil
}

// BuildTenant makes a merchant's senders and words from its configuration; now dates mails. The inbox is the caller's to
// add. Its errors name the merchant's file.
func BuildTenant(m *config.Merchant, now func() time.Time) (*httpapi.Tenant, error) {
	words, err := Words(m)
	if err != nil {
		return nil, err
	}
	senders, err := senders(m.Senders, now)
	if err != nil {
		return nil, within(string(m.ID)+"/merchant.yaml: senders.", err)
	}
	t := &httpapi.Tenant{Key: m.Key, Feeds: map[string]httpapi.Feed{}, Merchant: &dispatcher.Merchant{
		ID: m.ID, Markets: m.Markets, DefaultMarket: m.DefaultMarket, Words: words, Senders: senders,
		Brand: templates.Brand{Name: m.Brand.Name, Color: m.Brand.Color, URL: m.Brand.URL, Support: m.Brand.Support, LogoURL: m.Brand.Logo},
	}}
	if c := m.Contact; c != nil {
		t.Contact = &notify.Person{ID: notify.MerchantContact, Email: c.Email, Locale: c.Locale}
	}
	for name, f := range m.Feeds {
		t.Feeds[name] = httpapi.Feed{Kind: f.Kind, Secret: f.Secret}
	}
	if s := m.Senders.WhatsApp; s != nil {
		t.TwilioTokens = append(t.TwilioTokens, s.Tokens()...)
	}
	if s := m.Senders.SMS; s != nil {
		t.TwilioTokens = append(t.TwilioTokens, s.Tokens()...)
	}
	if s := m.Senders.LINE; s != nil {
		t.LineSecret = s.ChannelSecret
	}
	return t, nil
}

// Words are the shipped templates and catalogs with the merchant's own laid over them.
func Words(m *config.Merchant) (*templates.Set, error) {
	catalog, err := locales.New(overrides(m.Dir, "locales")...)
	if err != nil {
		return nil, within(string(m.ID)+"/locales/", err)
	}
	set, err := templates.New(catalog, overrides(m.Dir, "templates")...)
	if err != nil {
		return nil, within(string(m.ID)+"/templates: ", err)
	}
	return set.WithContent(m.Content), nil
}

// within puts the place of an error before it, and before each of those joined in it.
func within(place string, err error) error {
	many, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return fmt.Errorf("%s%w", place, err)
	}
	var errs []error
	for _, one := range many.Unwrap() {
		errs = append(errs, within(place, one))
	}
	return errors.Join(errs...)
}

// overrides returns a merchant's folder when there is one.
func overrides(dir fs.FS, name string) []fs.FS {
	if dir == nil {
		return nil
	}
	if info, err := fs.Stat(dir, name); err != nil || !info.IsDir() {
		return nil
	}
	sub, err := fs.Sub(dir, name)
	if err != nil {
		return nil
	}
	return []fs.FS{sub}
}

// senders builds a merchant's senders; every mistake is one sentence.
func senders(s config.Senders, now func() time.Time) (map[notify.Channel]channels.Sender, error) {
	out := map[notify.Channel]channels.Sender{}
	var errs []error
	add := func(c notify.Channel, sender channels.Sender, err error) {
		if err != nil {
			errs = append(errs, err) // it begins with the channel's name
			return
		}
		out[c] = sender
	}
	if s.WhatsApp != nil {
		sender, err := whatsapp.New(*s.WhatsApp)
		add(notify.WhatsApp, sender, err)
	}
	if s.SMS != nil {
		sender, err := sms.New(*s.SMS)
		add(notify.SMS, sender, err)
	}
	if s.LINE != nil {
		sender, err := line.New(*s.LINE)
		add(notify.LINE, sender, err)
	}
	if s.Email != nil {
		sender, err := email.New(*s.Email, now)
		add(notify.Email, sender, err)
	}
	return out, errors.Join(errs...)
}
