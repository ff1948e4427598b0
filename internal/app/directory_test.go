package app

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/config"
	"landfall/internal/notify"
)

type nowhere struct{}

func (nowhere) Send(context.Context, channels.Message) (channels.Accepted, error) {
	return channels.Accepted{}, nil
}

// watched is a directory on a folder of its own, with what it logs.
type watched struct {
	*directory
	t   *testing.T
	log *bytes.Buffer
}

func watch(t *testing.T, files map[string]string) watched {
	t.Helper()
	w, dir := watched{t: t, log: &bytes.Buffer{}}, t.TempDir()
	for name, text := range files {
		put(t, filepath.Join(dir, name), text)
	}
	var err error
	w.directory, err = newDirectory(Options{Settings: config.Settings{Merchants: dir}, Getenv: func(string) string { return "" }, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(w.log, nil))}, nowhere{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// after writes a file, lets the directory look, and returns what it logged.
func (w watched) after(name, text string) string {
	w.t.Helper()
	put(w.t, filepath.Join(w.dir, name), text)
	w.log.Reset()
	w.refresh()
	return w.log.String()
}

func (w watched) brand() string {
	w.t.Helper()
	m, ok := w.merchant("acme")
	if !ok {
		w.t.Fatal("the merchant is gone")
	}
	return m.Brand.Name
}

func TestRefresh_ChangedFileIsPickedUp(t *testing.T) {
	t.Parallel()
	w := watch(t, map[string]string{"acme/merchant.yaml": "name: Before\n"})
	if said := w.after("acme/merchant.yaml", "name: Afterwards\n"); w.brand() != "Afterwards" || !strings.Contains(said, "merchant reloaded") || !strings.Contains(said, "merchant=acme") {
		t.Errorf("the brand is %s; logged %s", w.brand(), said)
	}
	w.log.Reset()
	if w.refresh(); w.log.Len() > 0 {
		t.Errorf("nothing changed, and it logged %s", w.log)
	}
	if w.after("stranger/merchant.yaml", "name: Stranger\n"); !known(w, "stranger") {
		t.Error("a new merchant is not picked up")
	}
}

// A folder is copied anew by removing it first: one look at the wrong moment must not lose the merchant.
func TestRefresh_FolderMustBeMissingTwice(t *testing.T) {
	t.Parallel()
	w := watch(t, map[string]string{"acme/merchant.yaml": "name: Before\n", "zeta/merchant.yaml": "name: Zeta\n"})
	remove(t, w, "zeta")
	if w.refresh(); !known(w, "zeta") {
		t.Fatal("it is gone after one look")
	}
	if w.after("zeta/merchant.yaml", "name: Zeta again\n"); !known(w, "zeta") {
		t.Fatal("it is gone though it came back")
	}
	remove(t, w, "zeta")
	w.refresh()
	w.log.Reset()
	if w.refresh(); known(w, "zeta") || !known(w, "acme") || !strings.Contains(w.log.String(), `"merchant removed" merchant=zeta`) {
		t.Errorf("after two looks without it, it is still there; logged %s", w.log)
	}
	if err := os.RemoveAll(w.dir); err != nil {
		t.Fatal(err)
	}
	w.log.Reset()
	for range 3 {
		w.refresh()
	}
	if said := w.log.String(); !known(w, "acme") || strings.Count(said, "\n") != 1 {
		t.Errorf("without the folder of folders, it logged %s", said)
	}
}

// One merchant's mistake keeps no other from changing.
func TestRefresh_EachByItself(t *testing.T) {
	t.Parallel()
	w := watch(t, map[string]string{"acme/merchant.yaml": "name: Before\n", "zeta/merchant.yaml": "name: Zeta\n"})
	put(t, filepath.Join(w.dir, "zeta", "merchant.yaml"), "nmae: x\n")
	said := w.after("acme/merchant.yaml", "name: Afterwards\n")
	if w.brand() != "Afterwards" || !known(w, "zeta") {
		t.Errorf("the brand is %s", w.brand())
	}
	if !strings.Contains(said, `the last good version keeps running" merchant=zeta error="zeta/merchant.yaml:1:1: `) || !strings.Contains(said, `"merchant reloaded" merchant=acme`) {
		t.Errorf("logged %s", said)
	}
}

// A key that two merchants would have stays with the one that has it, until that one gives it up.
func TestRefresh_KeyOfAnother(t *testing.T) {
	t.Parallel()
	keyed := "name: Keyed\napi_keys: [{name: shop, sha256: " + strings.Repeat("ab", 32) + "}]\n"
	w := watch(t, map[string]string{"zeta/merchant.yaml": keyed})
	if said := w.after("acme/merchant.yaml", keyed); known(w, "acme") || !strings.Contains(said, "is also in zeta/merchant.yaml") {
		t.Errorf("logged %s", said)
	}
	if said := w.after("zeta/merchant.yaml", "name: Zeta\n"); !known(w, "acme") || !known(w, "zeta") || strings.Contains(said, "ERROR") {
		t.Errorf("logged %s", said)
	}
	remove(t, w, "acme") // and under another name
	put(t, filepath.Join(w.dir, "beta", "merchant.yaml"), keyed)
	w.refresh()
	if w.refresh(); known(w, "acme") || !known(w, "beta") {
		t.Error("the folder's new name was not taken up")
	}
}

func TestNewDirectory_SampleKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "acme", "merchant.yaml"), "name: A\napi_keys: [{name: shop, sha256: "+config.SampleKeySHA256+"}]\n")
	o := Options{Settings: config.Settings{Merchants: dir}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	if _, err := newDirectory(o, nowhere{}); err == nil || !strings.Contains(err.Error(), "which everybody knows") {
		t.Errorf("the key everybody knows opens it: %v", err)
	}
	o.SampleKey = true
	if _, err := newDirectory(o, nowhere{}); err != nil {
		t.Errorf("on a stage: %v", err)
	}
}

func remove(t *testing.T, w watched, merchant string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(w.dir, merchant)); err != nil {
		t.Fatal(err)
	}
}

func known(w watched, id notify.MerchantID) bool {
	_, ok := w.tenant(id)
	return ok
}

// Whatever is broken, the last good version keeps running, and one line of the log says where to look.
func TestRefresh_BrokenFileKeepsTheLastGoodVersion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, text, says string }{
		"merchant": {"acme/merchant.yaml", "nmae: After\n", "acme/merchant.yaml:1:1: "},
		"secret":   {"acme/merchant.yaml", "name: After\nfeeds: {aftership: {secret: 'env:UNSET'}}\n", "the variable UNSET is not set"},
		"sender":   {"acme/merchant.yaml", "name: After\nsenders: {sms: {}}\n", "acme/merchant.yaml: senders.sms: account_sid is missing"},
		"market":   {"acme/markets/DE.yaml", "market: DE\nextends: pack/DE\nchanels: []\n", "acme/markets/DE.yaml:3:1: "},
		"locale":   {"acme/locales/de.yaml", "x: [\n", "acme/locales/de.yaml:2:1: "},
		"another":  {"stranger/merchant.yaml", "nmae: x\n", "stranger/merchant.yaml:1:1: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watch(t, map[string]string{"acme/merchant.yaml": "name: Before\n"})
			said := w.after(tt.file, tt.text)
			if w.brand() != "Before" || known(w, "stranger") {
				t.Errorf("the brand is %s", w.brand())
			}
			if !strings.Contains(said, tt.says) || !strings.Contains(said, "cannot be used; ") || strings.Count(said, "\n") != 1 {
				t.Errorf("logged %s", said)
			}
			w.log.Reset()
			if w.refresh(); w.log.Len() > 0 {
				t.Errorf("it complains again about the same: %s", w.log)
			}
			if said := w.after("acme/merchant.yaml", "name: Mended\n"); tt.file == "acme/merchant.yaml" && w.brand() != "Mended" {
				t.Errorf("after it was mended the brand is %s; logged %s", w.brand(), said)
			}
		})
	}
}

func TestNewDirectory_BrokenAtStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "acme", "merchant.yaml"), "name: A\nsenders: {whatsapp: {from: '+4930', base_url: 'http://twilio.example', account_sid: AC1, auth_token: t}}\n")
	_, err := newDirectory(Options{Settings: config.Settings{Merchants: dir}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}, nowhere{})
	if want := "acme/merchant.yaml: senders.whatsapp: base_url is not encrypted; use https, or http to an address of this machine only"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
