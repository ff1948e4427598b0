package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"landfall/internal/sandbox"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

func TestStart_ChecksOptions(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Time{} }
	for _, c := range []struct {
		name    string
		options sandbox.Options
		want    string
	}{
		{"no clock", sandbox.Options{}, "Now"},
		{"account", sandbox.Options{Now: now, Credentials: sandbox.Credentials{TwilioAccountSID: "AC1"}}, "TwilioAccountSID"},
		{"token", sandbox.Options{Now: now, Credentials: sandbox.Credentials{TwilioAuthToken: "a-b"}}, "TwilioAuthToken"},
	} {
		s, err := sandbox.Start(t.Context(), c.options)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error about %s", c.name, err, c.want)
		}
		if s != nil {
			s.Close()
		}
	}
}

func TestStart_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := sandbox.Start(ctx, sandbox.Options{Now: func() time.Time { return time.Time{} }})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	s.Close() // waits for the closing that ctx began
	s.Close() // a second one does nothing
	if res, err := http.Get(s.TwilioURL()); err == nil {
		res.Body.Close()
		t.Error("it still answers")
	}
}

func TestClose_DoesNotWaitForAProgramThatHangs(t *testing.T) {
	t.Parallel()
	w := start(t)
	called, release := make(chan struct{}), make(chan struct{})
	w.app.answer = func(http.ResponseWriter, *http.Request) {
		close(called)
		<-release
	}
	w.ReportUpTo(sandbox.SMS, "queued")
	w.create(t, w.sms())
	<-called
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.WaitCallbacks(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("wait = %v, want that the context ended", err)
	}
	w.Close()
	close(release)
	w.wantProblems(t)
}

func TestUnknownEndpointIsAProblem(t *testing.T) {
	t.Parallel()
	w := start(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.LineURL()+"/v2/bot/nothing", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := do(t, req); got != 404 {
		t.Errorf("status = %d, want 404", got)
	}
	w.wantProblems(t, "/v2/bot/nothing")
}

func TestLog_HoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var lines strings.Builder
	c := &clock{at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	s, err := sandbox.Start(t.Context(), sandbox.Options{Now: c.now, Log: func(line string) {
		mu.Lock()
		defer mu.Unlock()
		lines.WriteString(line + "\n")
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w := &world{Sandbox: s, clock: c, app: newApp(t, s.Credentials())}
	w.create(t, w.sms(func(p *params) { p.SetStatusCallback("https://shop.example/status?p=" + person[1:]) }))
	w.settle(t)
	mu.Lock()
	defer mu.Unlock()
	got := lines.String()
	if !strings.Contains(got, "sms SM") || !strings.Contains(got, "problem: ") || strings.Contains(got, person[1:]) {
		t.Errorf("log = %q", got)
	}
}

func TestWaitReceived(t *testing.T) {
	t.Parallel()
	w := start(t)
	go func() { _, _ = w.twilio().CreateMessage(w.sms()) }() // a failure shows as nothing received
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if got, err := w.WaitReceived(ctx, 1); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	cancel()
	if got, err := w.WaitReceived(ctx, 2); !errors.Is(err, context.Canceled) || len(got) != 1 {
		t.Errorf("got %v, %v; want one and that the context ended", got, err)
	}
}

// page is the handler of phones, as a browser meets it.
type page struct {
	t       *testing.T
	handler http.Handler
}

func (p page) ask(method, path, body string, header map[string]string) *http.Response {
	p.t.Helper()
	req := httptest.NewRequestWithContext(p.t.Context(), method, "http://127.0.0.1"+path, bytes.NewBufferString(body))
	for k, v := range header {
		req.Header.Set(k, v)
	}
	rec := httptest.NewRecorder()
	p.handler.ServeHTTP(rec, req)
	return rec.Result()
}

func (p page) shelf() shelf {
	p.t.Helper()
	var s shelf
	if err := json.NewDecoder(p.ask("GET", "/phones.json", "", nil).Body).Decode(&s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

type shelf struct {
	Phones []struct {
		Name, Zone string
		Threads    []struct {
			Channel, Person, Business string
			Bubbles                   []struct{ Direction, Title, Text, Clock, Status string }
		}
	}
	Mails []struct{ Person, To, Subject, HTML, Clock string }
}

func TestPhones_OnePersonHasOnePhone(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.registerContent(t)
	w.Name("Mei", person, lineUser, mailTo)
	w.create(t, w.sms())
	w.create(t, w.whatsapp())
	w.create(t, w.sms(func(p *params) { p.SetTo("+819012345678") }))
	w.push(t, retryKey, lineUser, text("こんにちは"))
	for range 2 {
		if err := w.mail(t, letterTo(t, mailTo)); err != nil {
			t.Fatal(err)
		}
	}
	w.settle(t)
	got := page{t, w.Phones()}.shelf()
	var seen []string
	for _, p := range got.Phones {
		for _, th := range p.Threads {
			seen = append(seen, strings.Join([]string{p.Name, th.Channel, th.Person, th.Bubbles[0].Status}, " "))
		}
	}
	equal(t, "threads", seen, []string{
		"Mei sms " + person + " delivered", "Mei whatsapp " + person + " read", "Mei line " + lineUser + " ",
		"+819012345678 sms +819012345678 delivered",
	})
	if len(got.Mails) != 2 || got.Mails[0].Person != "Mei" || got.Mails[0].HTML == "" {
		t.Errorf("mails = %+v", got.Mails)
	}
}

// At 21:15 in UTC it is the next morning in Tokyo. Whoever's zone nobody told gets no clock of their own.
func TestPhones_TimesAreThePersons(t *testing.T) {
	t.Parallel()
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	w := start(t)
	w.Name("Mei", person, mailTo)
	p := page{t, w.Phones()}
	w.create(t, w.sms())
	w.create(t, w.sms(func(p *params) { p.SetTo("+819012345678") }))
	if err := w.mail(t, letterTo(t, mailTo)); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	tag := p.ask("GET", "/phones.json", "", nil).Header.Get("ETag")
	w.Zone(person, tokyo)
	w.Zone(mailTo, tokyo)
	if got := p.ask("GET", "/phones.json", "", map[string]string{"If-None-Match": tag}).StatusCode; got != 200 {
		t.Errorf("a zone that was told changes nothing: status %d", got)
	}
	got := p.shelf()
	var seen []string
	for _, p := range got.Phones {
		seen = append(seen, strings.Join([]string{p.Name, p.Zone, p.Threads[0].Bubbles[0].Clock}, "|"))
	}
	equal(t, "phones", seen, []string{"Mei|Asia/Tokyo|2 Dec, 06:15", "+819012345678||"})
	if got := got.Mails[0].Clock; got != "2 Dec, 06:15 Asia/Tokyo" {
		t.Errorf("the mail came at %q", got)
	}
}

func TestPhones_ReplyReachesTheProgram(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.create(t, w.sms(func(p *params) { p.StatusCallback = nil }))
	p := page{t, w.Phones()}
	reply := `{"channel":"sms","person":"` + person + `","business":"` + shop + `","text":"STOP"}`
	if got := p.ask("POST", "/reply", reply, nil).StatusCode; got != 202 {
		t.Fatalf("status = %d, want 202", got)
	}
	w.settle(t)
	if last := w.app.last(t); last.Get("Body") != "STOP" || last.Get("OptOutType") != "STOP" {
		t.Errorf("inbound = %v", last)
	}
	var directions []string
	for _, b := range p.shelf().Phones[0].Threads[0].Bubbles {
		directions = append(directions, b.Direction)
	}
	equal(t, "bubbles", directions, []string{"in", "out", "note"})
}

func TestPhones_Refuses(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := page{t, w.Phones()}
	for _, c := range []struct {
		name, method, path, body string
		header                   map[string]string
		want                     int
	}{
		{"another site", "POST", "/reply", `{}`, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"no JSON", "POST", "/reply", `text`, nil, 400},
		{"nobody wrote", "POST", "/reply", `{"channel":"sms","person":"` + person + `","text":"a"}`, nil, 409},
		{"another page", "GET", "/other", "", nil, 404},
	} {
		if got := p.ask(c.method, c.path, c.body, c.header).StatusCode; got != c.want {
			t.Errorf("%s: status %d, want %d", c.name, got, c.want)
		}
	}
}

func TestPhones_UnchangedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := page{t, w.Phones()}
	tag := p.ask("GET", "/phones.json", "", nil).Header.Get("ETag")
	known := map[string]string{"If-None-Match": tag}
	if got := p.ask("GET", "/phones.json", "", known).StatusCode; got != 304 {
		t.Errorf("unchanged: status %d, want 304", got)
	}
	w.create(t, w.sms())
	if got := p.ask("GET", "/phones.json", "", known).StatusCode; got != 200 {
		t.Errorf("changed: status %d, want 200", got)
	}
}

func TestPhones_PageIsSelfContained(t *testing.T) {
	t.Parallel()
	w := start(t)
	res := page{t, w.Phones()}.ask("GET", "/", "", nil)
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, banned := range []string{"src=\"", "@import", "url(", "innerHTML", "<link"} {
		if bytes.Contains(body, []byte(banned)) {
			t.Errorf("the page holds %q", banned)
		}
	}
	if policy := res.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'; script-src 'sha256-") {
		t.Errorf("policy = %q", policy)
	}
	if h := res.Header; !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers %v", h)
	}
	if diff := cmp.Diff("text/html; charset=utf-8", res.Header.Get("Content-Type")); diff != "" {
		t.Error(diff)
	}
}
