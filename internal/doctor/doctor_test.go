package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/queue"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// redis and base answer as a test says.
type redis struct {
	queue.Health
	err error
}

func (r redis) Look(context.Context) (queue.Health, error) { return r.Health, r.err }

type base struct {
	is        ledger.Status
	ping, err error
}

func (b base) Ping(context.Context) error                    { return b.ping }
func (b base) Status(context.Context) (ledger.Status, error) { return b.is, b.err }

// sound is a Redis, well, and at noon.
func sound() queue.Health {
	return queue.Health{Version: "7.0.15", Policy: "noeviction", Latency: 300 * time.Microsecond, Now: noon, Asked: noon, Answered: noon}
}

// whole is a database, well.
func whole() ledger.Status {
	return ledger.Status{Kind: "SQLite", Bytes: 3 << 20, Version: 16, Free: 5 << 30}
}

// healthy is a patient with nothing amiss.
func healthy() Patient {
	return Patient{
		Folder: "./merchants", PublicURL: "https://notify.acme.example", Redis: redis{Health: sound()}, Database: base{is: whole()},
		Now: func() time.Time { return noon }, Client: http.DefaultClient, Resolve: resolving("192.0.2.1"),
		Merchants: []Merchant{{ID: "acme", Feeds: 2, Senders: []Sender{{Name: "sms/eu", Provider: "Twilio", Probe: saying(nil)}}}},
	}
}

func saying(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

func resolving(address string) func(context.Context, string) ([]netip.Addr, error) {
	return func(context.Context, string) ([]netip.Addr, error) {
		a, err := netip.ParseAddr(address)
		return []netip.Addr{a}, err
	}
}

// found is what a check says, all its findings in one line.
func found(t *testing.T, p Patient, check string) string {
	t.Helper()
	var out []string
	for _, f := range Examine(t.Context(), p) {
		if f.Check == check {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s: %s. %s", f.State, f.Says, f.Do)))
		}
		if (f.State == OK) != (f.Do == "") {
			t.Errorf("%s is %s, and what to do is %q", f.Check, f.State, f.Do)
		}
	}
	return strings.Join(out, " | ")
}

// Whoever is well is told so of everything, and once.
func TestExamine_Well(t *testing.T) {
	t.Parallel()
	var checks []string
	for _, f := range Examine(t.Context(), healthy()) {
		checks = append(checks, f.Check)
		if f.State != OK {
			t.Errorf("%+v", f)
		}
	}
	want := "settings, merchants, merchant acme, acme sms/eu, public url, redis, redis latency, redis memory, redis persistence, redis writes, " +
		"database, database schema, database writes, database disk, clock"
	if got := strings.Join(checks, ", "); got != want {
		t.Errorf("checked %s\nwant    %s", got, want)
	}
}

// ill is one thing that a patient has, the check that finds it, and how what that says begins.
type ill struct {
	change      func(*Patient)
	check, want string
}

func (c ill) find(t *testing.T) {
	t.Parallel()
	p := healthy()
	c.change(&p)
	if got := found(t, p, c.check); !strings.HasPrefix(got, c.want) {
		t.Errorf("%s is %q, want %q", c.check, got, c.want)
	}
}

var errGone = errors.New("dial tcp 127.0.0.1:6379: connect: connection refused")

func TestExamine_SettingsAndAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]ill{
		"settings": {func(p *Patient) {
			p.Settings = errors.Join(errors.New("A is not set; set it"), errors.New("B is wrong"))
		}, "settings", "fault: A is not set. Set it. | fault: B is wrong. See docs/operations.md."},
		"no folder":       {func(p *Patient) { p.Unread = errors.New("x cannot be read; make it") }, "merchants", "fault: x cannot be read. Make it."},
		"no merchants":    {func(p *Patient) { p.Merchants = nil }, "merchants", "warning: none in ./merchants"},
		"broken merchant": {func(p *Patient) { p.Merchants[0].Wrong = errors.New("acme/merchant.yaml:3:1: no") }, "merchant acme", "fault: acme/merchant.yaml:3:1: no. Mend it"},
		"this machine":    {func(p *Patient) { p.PublicURL = "http://localhost:8080" }, "public url", "warning: http://localhost:8080 is this machine"},
		"in the clear":    {func(p *Patient) { p.PublicURL = "http://u:hunter2@acme.example" }, "public url", "fault: http://u:xxxxx@acme.example is not encrypted"},
		"underscore":      {func(p *Patient) { p.PublicURL = "https://a_b.example" }, "public url", "fault: https://a_b.example has an underscore"},
	} {
		t.Run(name, c.find)
	}
}

func redisIs(change func(*queue.Health)) func(*Patient) {
	return func(p *Patient) {
		h := sound()
		change(&h)
		p.Redis = redis{Health: h}
	}
}

func TestExamine_Redis(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]ill{
		"embedded":         {func(p *Patient) { p.Redis = nil }, "redis", "ok: embedded"},
		"no redis":         {func(p *Patient) { p.Redis = redis{err: errGone} }, "redis", "fault: no answer: dial tcp"},
		"redis setting":    {func(p *Patient) { p.RedisWrong = errors.New("LANDFALL_REDIS is no URL; use embedded") }, "redis", "fault: LANDFALL_REDIS is no URL. Use embedded."},
		"old redis":        {redisIs(func(h *queue.Health) { h.Version = "3.2.1" }), "redis", "fault: version 3.2.1. Bring it to 4.0"},
		"unknown redis":    {redisIs(func(h *queue.Health) { h.Version = "" }), "redis", "warning: it does not say"},
		"far redis":        {redisIs(func(h *queue.Health) { h.Latency = 60 * time.Millisecond }), "redis latency", "warning: answers in 60ms"},
		"forgetful redis":  {redisIs(func(h *queue.Health) { h.Policy = "allkeys-lru" }), "redis memory", "warning: no limit; when full it throws work away (allkeys-lru)"},
		"silent redis":     {redisIs(func(h *queue.Health) { h.Policy = "" }), "redis memory", "warning: no limit; it does not say"},
		"full redis":       {redisIs(func(h *queue.Health) { h.MaxMemory, h.UsedMemory = 100<<20, 90<<20 }), "redis memory", "warning: 90 MB of 100 MB; when full it takes no work"},
		"roomy redis":      {redisIs(func(h *queue.Health) { h.MaxMemory, h.UsedMemory = 100<<20, 89<<20 }), "redis memory", "ok: 89 MB of 100 MB, noeviction"},
		"redis on disk":    {redisIs(func(h *queue.Health) { h.Appends = true }), "redis persistence", "ok: appends"},
		"redis snapshots":  {redisIs(func(h *queue.Health) { h.Snapshots = true }), "redis persistence", "ok: saves itself"},
		"hidden save":      {redisIs(func(h *queue.Health) { h.SavesHidden = true }), "redis persistence", "ok: not told"},
		"redis's save":     {redisIs(func(h *queue.Health) { h.SaveFailed, h.Appends = true, true }), "redis persistence", "warning: its last save failed"},
		"replica":          {redisIs(func(h *queue.Health) { h.Replica = true }), "redis writes", "fault: it is a replica"},
		"read-only redis":  {redisIs(func(h *queue.Health) { h.Writable = errors.New("OOM") }), "redis writes", "fault: it takes none: OOM"},
		"redis's clock":    {redisIs(func(h *queue.Health) { h.Now = noon.Add(-3 * time.Second) }), "clock", "warning: 3s ahead of Redis's"},
		"clock behind":     {redisIs(func(h *queue.Health) { h.Now = noon.Add(time.Minute) }), "clock", "warning: 1m0s behind Redis's"},
		"clock near":       {redisIs(func(h *queue.Health) { h.Now = noon.Add(2 * time.Second) }), "clock", "ok: within 2s of Redis's"},
		"slow to tell":     {redisIs(func(h *queue.Health) { h.Asked, h.Now = noon.Add(-9*time.Second), noon.Add(-5*time.Second) }), "clock", "ok: within 2s"},
		"database's clock": {databaseIs(func(s *ledger.Status) { s.Now = noon.Add(5 * time.Second) }), "clock", "warning: 5s behind the database's"},
	} {
		t.Run(name, c.find)
	}
}

func databaseIs(change func(*ledger.Status)) func(*Patient) {
	return func(p *Patient) {
		s := whole()
		change(&s)
		p.Database = base{is: s}
	}
}

func TestExamine_Database(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]ill{
		"no database":       {func(p *Patient) { p.DatabaseWrong = ledger.ErrNone }, "database", "warning: there is none yet"},
		"database setting":  {func(p *Patient) { p.DatabaseWrong = errors.New("not supported; use sqlite:PATH") }, "database", "fault: not supported. Use sqlite:PATH."},
		"database silent":   {func(p *Patient) { p.Database = base{ping: errGone} }, "database", "fault: it cannot be read"},
		"database garbled":  {func(p *Patient) { p.Database = base{err: errGone} }, "database", "fault: it cannot be read"},
		"migrations":        {databaseIs(func(s *ledger.Status) { s.Pending = 2 }), "database schema", "warning: 2 migrations to come. Back up"},
		"newer":             {databaseIs(func(s *ledger.Status) { s.Newer = true }), "database schema", "fault: migration 16 is not this program's"},
		"read-only":         {databaseIs(func(s *ledger.Status) { s.Writable = errGone }), "database writes", "fault: it takes none"},
		"disk full":         {databaseIs(func(s *ledger.Status) { s.Free = 0 }), "database disk", "fault: 0 kB free"},
		"disk nearly full":  {databaseIs(func(s *ledger.Status) { s.Free = 200 << 20 }), "database disk", "warning: 200 MB free. Make room."},
		"no room to copy":   {databaseIs(func(s *ledger.Status) { s.Bytes = 3 << 30 }), "database disk", "warning: 5.0 GB free, less than twice"},
		"disk of a kind":    {databaseIs(func(s *ledger.Status) { s.Free = -1 }), "database disk", "ok: how much"},
		"nobody's own time": {func(p *Patient) { p.Redis = nil }, "clock", "ok: there was no other"},
	} {
		t.Run(name, c.find)
	}
}

func TestExamine_Senders(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		online bool
		err    error
		want   string
	}{
		"not asked":  {false, errors.New("nobody calls"), "ok: has its credentials; --online asks Twilio"},
		"good":       {true, nil, "ok: Twilio takes its credentials"},
		"refused":    {true, &channels.Error{Kind: channels.Misconfigured, Code: "20003", Detail: "no; check auth_token"}, "fault: no (20003). Check auth_token."},
		"busy":       {true, &channels.Error{Kind: channels.Throttled, Code: "429", Detail: "too many"}, "warning: too many (429)"},
		"down":       {true, &channels.Error{Kind: channels.Temporary, Detail: "Twilio could not be reached"}, "fault: Twilio could not be reached. Check that this machine"},
		"unexpected": {true, errors.New("secret"), "fault: the channel failed in an unexpected way"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := healthy()
			p.PublicURL = "http://localhost:8080"
			p.Online, p.Merchants[0].Senders[0].Probe = c.online, saying(c.err)
			if got := found(t, p, "acme sms/eu"); !strings.HasPrefix(got, c.want) {
				t.Errorf("says %q, want %q", got, c.want)
			}
		})
	}
}

// The public URL is called as the internet calls it.
func TestExamine_Online(t *testing.T) {
	t.Parallel()
	date := noon
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", date.Format(http.TimeFormat))
		switch r.URL.Path {
		case "/shop/healthz":
			fmt.Fprint(w, `{"status": "alive"}`)
		case "/kept/healthz":
			w.Header().Set("Age", "600")
			w.Header().Set("Date", date.Add(-10*time.Minute).Format(http.TimeFormat))
			fmt.Fprint(w, `{"status": "alive"}`)
		case "/moved/healthz":
			http.Redirect(w, r, "/shop/healthz", http.StatusFound)
		default:
			fmt.Fprint(w, `<html>Welcome to nginx</html>`)
		}
	}))
	defer srv.Close()
	client := srv.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for name, c := range map[string]struct {
		path, resolves string
		now            time.Time
		check, want    string
	}{
		"ours":            {"/shop", "8.8.8.8", noon, "public healthz", "ok: Landfall answers."},
		"with a slash":    {"/shop/", "8.8.8.8", noon, "public healthz", "ok: Landfall answers."},
		"another's":       {"/", "8.8.8.8", noon, "public healthz", "fault: what answers is no Landfall (200)"},
		"moved":           {"/moved", "8.8.8.8", noon, "public healthz", "fault: a redirect answers"},
		"ends soon":       {"/shop", "8.8.8.8", srv.Certificate().NotAfter.Add(-13 * 24 * time.Hour), "public healthz", "warning: Landfall answers; the certificate ends on 2"},
		"its name":        {"/shop", "8.8.8.8", noon, "public name", "ok: example.com is 8.8.8.8"},
		"a private name":  {"/shop", "10.0.0.1", noon, "public name", "warning: example.com is 10.0.0.1 here"},
		"no such name":    {"/shop", "", noon, "public name", "fault: the name server knows no address for example.com"},
		"then not called": {"/shop", "", noon, "public healthz", ""},
		"clock":           {"/shop", "8.8.8.8", noon.Add(4 * time.Second), "clock", "warning: 3s ahead of the public URL's"},
		"within a second": {"/shop", "8.8.8.8", noon.Add(3 * time.Second), "clock", "ok: within 2s"},
		"kept by a cache": {"/kept", "8.8.8.8", noon, "clock", "ok: there was no other"},
	} {
		t.Run(name, func(t *testing.T) {
			p := healthy()
			p.Online, p.Redis, p.Client, p.Resolve = true, nil, client, resolving(c.resolves)
			p.PublicURL, p.Now = "https://example.com"+c.path, func() time.Time { return c.now }
			if got := found(t, p, c.check); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("%s is %q, want %q", c.check, got, c.want)
			}
		})
	}
}

func TestExamine_OnlineNobodyAnswers(t *testing.T) {
	t.Parallel()
	p := healthy()
	p.Online, p.PublicURL, p.Client = true, "https://u:hunter2@acme.example", &http.Client{Transport: refusing{}}
	got := found(t, p, "public healthz") + found(t, p, "public url")
	if !strings.HasPrefix(got, "fault: no answer: connection refused") || strings.Contains(got, "hunter2") {
		t.Error(got)
	}
}

type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("connection refused")
}

// No line is wider than a terminal, and what there is to do stands below what is wrong.
func TestPrint(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Print(&b, []Finding{
		{"settings", OK, "complete", ""},
		{"a merchant with a very long name", Fault, strings.Repeat("wörter ", 30), "Mend it."},
		{"redis", Warning, "slow", strings.Repeat("word ", 30)},
	}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, want := range []string{"ok       settings              complete\n", "\n                               → Mend it.\n", "\n3 checks: 1 fault, 1 warning\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}

func TestPrint_Summary(t *testing.T) {
	t.Parallel()
	for want, findings := range map[string][]Finding{
		"1 check, and all is well": {{State: OK}},
		"2 checks: 2 faults":       {{State: Fault}, {State: Fault}},
		"1 check: 1 warning":       {{State: Warning}},
	} {
		if got := summary(findings); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestPrintJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := PrintJSON(&b, []Finding{{"redis", Fault, "no answer", "Start it."}, {"clock", OK, "within 2s", ""}}); err != nil {
		t.Fatal(err)
	}
	want := `{"checks":[{"check":"redis","state":"fault","says":"no answer","do":"Start it."},{"check":"clock","state":"ok","says":"within 2s"}],"faults":1,"warnings":0}` + "\n"
	if got := b.String(); got != want || !json.Valid(b.Bytes()) {
		t.Errorf("%s, want %s", got, want)
	}
}
