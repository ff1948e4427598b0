package app_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/doctor"
	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/queue/redistest"
)

// examine looks at what a Landfall of these settings has.
func examine(t *testing.T, s config.Settings, online bool) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range app.Examine(t.Context(), app.Options{Settings: s, Getenv: play.Getenv, Now: time.Now, SampleKey: true}, online) {
		out[f.Check] += strings.TrimSpace(fmt.Sprintf("%s: %s. %s", f.State, f.Says, f.Do))
	}
	return out
}

// says insists on how what some checks say begins.
func says(t *testing.T, found, want map[string]string) {
	t.Helper()
	for check, begin := range want {
		if !strings.HasPrefix(found[check], begin) || found[check] == "" {
			t.Errorf("%s is %q, want %q", check, found[check], begin)
		}
	}
}

// Beside a running Landfall, with providers that answer as the real ones do.
func TestExamine_OnStage(t *testing.T) {
	t.Parallel()
	w, err := play.New(t.Context(), play.Options{Dir: t.TempDir(), Start: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	says(t, examine(t, w.Settings(), true), map[string]string{
		"settings": "ok", "merchants": "ok: 1 folder in ", "merchant acme": "ok: 4 senders, 3 tracking feeds",
		"acme whatsapp": "ok: Twilio takes its credentials", "acme sms": "ok: Twilio takes", "acme line": "ok: LINE takes", "acme email": "ok: the mail server takes",
		"public url": "warning", "redis": "ok: embedded", "database": "ok: SQLite", "database schema": "ok: up to date", "database writes": "ok", "database disk": "ok", "clock": "ok",
	})
	wrong := w.Settings()
	wrong.TwilioAuthToken, wrong.LineChannelToken, wrong.SMTPPort = "0000", "0000", 1
	says(t, examine(t, wrong, true), map[string]string{
		"acme whatsapp": "fault: Twilio does not accept the credentials (20003). Check account_sid", "acme sms": "fault", "acme line": "fault: LINE does not accept",
		"acme email": "fault: the mail server could not be reached",
	})
	says(t, examine(t, wrong, false), map[string]string{"acme whatsapp": "ok: has its credentials", "acme line": "ok", "acme email": "ok"})
}

func TestExamine_Merchants(t *testing.T) {
	t.Parallel()
	s := settings(t)
	key := "name: Another\napi_keys:\n  - {name: shop, sha256: " + strings.Repeat("ab", 32) + "}\n"
	for name, text := range map[string]string{
		"acme": key, "twin": key,
		"bare": "name: Bare\nsenders:\n  sms: {from: \"+15005550006\"}\nfeeds:\n  aftership: {secret: \"env:NOT_SET\"}\n",
		"long": "name: Long\nsenders:\n  sms: {from: \"+15005550006\"}\n",
	} {
		if err := os.MkdirAll(filepath.Join(s.Merchants, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.Merchants, name, "merchant.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	says(t, examine(t, s, false), map[string]string{
		"merchants": "ok: 4 folders", "merchant acme": "ok: no sender, no tracking feed", "merchant twin": `fault: twin/merchant.yaml`,
		"merchant bare": "fault: bare/merchant.yaml:5:", "merchant long": "fault: long/merchant.yaml: senders.sms: account_sid is missing",
	})
	s.Merchants = filepath.Join(s.Merchants, "nowhere")
	says(t, examine(t, s, false), map[string]string{"merchants": "fault: LANDFALL_MERCHANTS names"})
}

func TestExamine_Stores(t *testing.T) {
	t.Parallel()
	s := settings(t)
	says(t, examine(t, s, false), map[string]string{"database": "warning: there is none yet"})
	if _, err := os.Stat(strings.TrimPrefix(s.Database, "sqlite:")); !os.IsNotExist(err) {
		t.Errorf("a look made the ledger: %v", err)
	}
	s.Redis, s.Database = "redis://127.0.0.1:1", "sqlite:"+filepath.Join(t.TempDir(), "none", "l.db")
	says(t, examine(t, s, false), map[string]string{"redis": "fault: no answer", "database": "fault: the folder "})
	s.Redis, s.Database = "http://x", "mysql://x"
	says(t, examine(t, s, false), map[string]string{"redis": "fault: LANDFALL_REDIS with scheme", "database": "fault: LANDFALL_DATABASE \"mysql://…\" is not supported"})
	url, stop, err := redistest.Shared()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if url == "" {
		t.Log("there is no Redis on this machine; CI has one")
		return
	}
	s.Redis = url
	says(t, examine(t, s, false), map[string]string{"redis": "ok: version ", "redis latency": "ok", "redis memory": "ok: no limit, noeviction",
		"redis persistence": "ok: none", "redis writes": "ok", "clock": "ok: within 2s of Redis's"})
}

// hidden fills every secret of a struct.
func hidden(v reflect.Value, with string) {
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Kind() == reflect.Struct:
			hidden(f, with)
		case f.Type() == reflect.TypeFor[notify.Secret]():
			f.SetString(with)
		}
	}
}

// Whatever is wrong, no secret is told.
func TestExamine_TellsNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "hunter2hunter2"
	s := settings(t)
	text := "name: Acme\nsenders:\n  sms: {from: \"+15005550006\", auth_token: " + secret + "}\n  line: {channel_token: \"" + secret + " x\"}\n  email: {from: a@b.example, password: " + secret + "}\n" +
		"feeds:\n  none: {secret: " + secret + "}\ninbox: {secret: " + secret + ", origins: [" + secret + "]}\n"
	if err := os.WriteFile(filepath.Join(s.Merchants, "acme", "merchant.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	hidden(reflect.ValueOf(&s).Elem(), secret)
	s.VAPIDPublicKey, s.BounceIMAP, s.DKIMDomain = "x", "imaps://u:"+secret+"@h", "acme.example"
	for _, change := range []func(){
		func() {
			s.Redis, s.Database, s.PublicURL = "redis://u:"+secret+"@127.0.0.1:1/0", "postgres://u:"+secret+"@h/d", "http://u:"+secret+"@acme.invalid"
		},
		func() { s.Redis, s.Database = "redis-sentinel://m:"+secret+"@127.0.0.1:1/x", "sqlite:" },
		func() { s.Redis, s.PublicURL = "redis://u:"+secret+"@%zz", "https://u:"+secret+"@%zz" },
	} {
		change()
		found := app.Examine(t.Context(), app.Options{Settings: s, Getenv: os.Getenv, Now: time.Now}, true)
		var b bytes.Buffer
		if err := doctor.Print(&b, found); err != nil {
			t.Fatal(err)
		}
		if faults, _ := doctor.Count(found); faults < 5 || strings.Contains(b.String(), "hunter2") {
			t.Errorf("%d faults:\n%s", faults, b.String())
		}
	}
}
