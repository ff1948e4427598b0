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
	if said := w.after("acme/merchant.yaml", "name: Afterwards\n"); w.brand() != "Afterwards" || !strings.Contains(said, "merchants reloaded") {
		t.Errorf("the brand is %s; logged %s", w.brand(), said)
	}
	w.log.Reset()
	if w.refresh(); w.log.Len() > 0 {
		t.Errorf("nothing changed, and it logged %s", w.log)
	}
	if w.after("stranger/merchant.yaml", "name: Stranger\n"); !known(w, "stranger") {
		t.Error("a new merchant is not picked up")
	}
	if err := os.RemoveAll(filepath.Join(w.dir, "stranger")); err != nil {
		t.Fatal(err)
	}
	if w.refresh(); known(w, "stranger") {
		t.Error("a merchant that was removed is still there")
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
			if !strings.Contains(said, tt.says) || !strings.Contains(said, "the last good version keeps running") || strings.Count(said, "\n") != 1 {
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
	_, err := newDirectory(Options{Settings: config.Settings{Merchants: dir}, Log: slog.New(slog.DiscardHandler)}, nowhere{})
	if want := "acme/merchant.yaml: senders.whatsapp: base_url is not encrypted; use https, or http to an address of this machine only"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
