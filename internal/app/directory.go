package app

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/config"
	"landfall/internal/httpapi"
	"landfall/internal/notify"
	"landfall/rules"
)

// recheck is how often the merchants' folder is looked at for changes.
const recheck = 2 * time.Second

// spread is over how long messages are spread that were held until the same instant: a provider hit by all of a morning's at
// once would only throttle them.
const spread = 30 * time.Second

// directory is the merchants as configured right now. A changed folder is picked up while running, each by itself; when
// it is broken, its merchant's last good version keeps running and the log says what is wrong.
type directory struct {
	loader config.Loader
	dir    string
	inbox  channels.Sender
	world  *dispatcher.World
	log    *slog.Logger
	clock  func() time.Time
	// published is told of every merchant at the start and whenever one has changed.
	published func(*dispatcher.Merchant)
	now       atomic.Pointer[map[notify.MerchantID]*httpapi.Tenant]

	folders map[notify.MerchantID]*folder // belongs to whoever loads, one at a time
	blind   bool                          // the folder of folders could not be read at the last look
}

// folder is what is known of one merchant's folder.
type folder struct {
	config *config.Merchant // of the last good version, as is tenant; nil while there was none
	tenant *httpapi.Tenant
	seen   uint64 // its fingerprint when it was last read
	wrong  error  // why what was read last cannot be used
	lost   bool   // it was not there at the last look
}

// newDirectory reads every merchant. All of them must be good.
func newDirectory(o Options, inbox channels.Sender) (*directory, error) {
	pack, err := rules.LoadPack()
	if err != nil {
		return nil, fmt.Errorf("load the shipped markets: %w", err)
	}
	world, err := dispatcher.NewWorld(pack, o.Now())
	if err != nil {
		return nil, fmt.Errorf("read public holidays: %w", err)
	}
	world.Spread = spread
	d := &directory{
		world: world, published: func(*dispatcher.Merchant) {},
		loader: config.Loader{Pack: pack, Providers: o.Settings.Providers, Getenv: o.Getenv, SampleKey: o.SampleKey},
		dir:    o.Settings.Merchants, inbox: inbox, log: o.Log, clock: o.Now,
		folders: map[notify.MerchantID]*folder{},
	}
	return d, d.load()
}

// load reads and builds every merchant, all or none.
func (d *directory) load() error {
	ids, err := config.Folders(d.dir)
	if err != nil {
		return err
	}
	d.changed(ids)
	merchants, err := d.loader.Merchants(d.dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, d.open(d.folders[id], merchants[id]))
	}
	d.publish()
	return errors.Join(errs...)
}

// open builds what a merchant's configuration says.
func (d *directory) open(f *folder, m *config.Merchant) error {
	t, err := BuildTenant(m, d.world, d.clock)
	if err != nil {
		return err
	}
	for _, r := range t.Misclassed() {
		d.log.Warn("a rule's words advertise, so what it says is not sent; run landfall check", "merchant", m.ID, "rule", r.Name, "at", r.At.String())
	}
	t.Senders[notify.InApp] = []dispatcher.Sender{{Sender: d.inbox}}
	f.config, f.tenant = m, t
	return nil
}

// publish makes the last good versions the ones in force.
func (d *directory) publish() {
	tenants := map[notify.MerchantID]*httpapi.Tenant{}
	for id, f := range d.folders {
		if f.tenant != nil {
			tenants[id] = f.tenant
		}
	}
	d.now.Store(&tenants)
}

func (d *directory) path(id notify.MerchantID) string { return filepath.Join(d.dir, string(id)) }

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

// refresh looks at every folder once.
func (d *directory) refresh() {
	ids, err := config.Folders(d.dir)
	if err != nil {
		d.unreadable(err)
		return
	}
	d.blind = false
	changed := d.changed(ids)
	for _, id := range changed {
		d.folders[id].wrong = d.reload(id)
	}
	if d.dismiss(ids) || len(changed) > 0 {
		d.settle(changed)
		d.publish()
		d.announce()
	}
}

// announce tells of every merchant as it is now.
func (d *directory) announce() {
	for _, t := range *d.now.Load() {
		d.published(t.Merchant)
	}
}

// unreadable says once that there is nothing to look at. Everything stays as it is.
func (d *directory) unreadable(err error) {
	if !d.blind {
		d.log.Error("merchants cannot be looked at; the last good version of each keeps running", "error", err)
	}
	d.blind = true
}

// changed lists the folders that are not as they were when they were last read, and takes note of them.
func (d *directory) changed(ids []notify.MerchantID) []notify.MerchantID {
	var out []notify.MerchantID
	for _, id := range ids {
		now, known := Fingerprint(d.path(id)), d.folders[id]
		if known != nil && known.seen == now {
			continue
		}
		if known == nil {
			d.folders[id] = &folder{}
		}
		d.folders[id].seen = now
		out = append(out, id)
	}
	return out
}

// reload reads one merchant's folder and takes it over when it is good.
func (d *directory) reload(id notify.MerchantID) error {
	m, err := d.loader.Merchant(id, os.DirFS(d.path(id)))
	if err != nil {
		return err
	}
	running := map[notify.MerchantID]*config.Merchant{}
	for other, f := range d.folders {
		if f.config != nil {
			running[other] = f.config
		}
	}
	if err := m.Clash(running); err != nil {
		return err
	}
	return d.open(d.folders[id], m)
}

// settle reads what could not be used once more, since an API key that stood in its way may have been given up by another
// merchant, and logs what became of each folder that changed.
func (d *directory) settle(changed []notify.MerchantID) {
	for _, id := range slices.Sorted(maps.Keys(d.folders)) {
		f := d.folders[id]
		before := f.wrong
		if before != nil {
			f.wrong = d.reload(id)
		}
		if slices.Contains(changed, id) || before != nil && f.wrong == nil {
			d.tell(id, f)
		}
	}
}

func (d *directory) tell(id notify.MerchantID, f *folder) {
	switch {
	case f.wrong == nil:
		d.log.Info("merchant reloaded", "merchant", id)
	case f.tenant != nil:
		d.log.Error("merchant changed and cannot be used; the last good version keeps running", "merchant", id, "error", f.wrong)
	default:
		d.log.Error("merchant is new and cannot be used; it is taken up once its folder is mended", "merchant", id, "error", f.wrong)
	}
}

// dismiss forgets merchants whose folder was missing at two looks in a row, and reports whether there were any. At one look
// it may just be copied anew.
func (d *directory) dismiss(ids []notify.MerchantID) (gone bool) {
	for id, f := range d.folders {
		missing := !slices.Contains(ids, id)
		if missing && f.lost {
			delete(d.folders, id)
			d.log.Info("merchant removed", "merchant", id)
			gone = true
		}
		f.lost = missing
	}
	return gone
}

// Fingerprint changes when a file below dir does.
func Fingerprint(dir string) uint64 {
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
		if _, ok := t.Key(key, d.clock()); ok {
			found = t
		}
	}
	return found, found != nil
}

// origin reports whether some merchant lets pages of a site use its inbox.
func (d *directory) origin(site string) bool {
	for _, t := range *d.now.Load() {
		if slices.Contains(t.Inbox.Origins, site) {
			return true
		}
	}
	return false
}
