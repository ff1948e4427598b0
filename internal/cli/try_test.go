package cli_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"landfall/internal/cli"
)

func TestTryOnce(t *testing.T) {
	t.Parallel()
	r := landfall(t, "try", "--once")
	if r.code != 0 || r.err != "" {
		t.Fatalf("exit %d: %s", r.code, r.err)
	}
	for _, want := range []string{"Mei Schneider in Berlin", "Nok Saetang in Chiang Mai", "Grace Miller in Portland", "WhatsApp · ", "LINE · ", "SMS · ", "Email · ", "In-app · ",
		"why: rule “out for delivery”", "WhatsApp · superseded", "QUIET_COURTESY", "Grace writes on SMS: STOP", "not on SMS: the person said STOP",
		"15 messages sent to 3 people; 0 problems. Nothing left this machine"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("it does not tell %q", want)
		}
	}
	for line := range strings.Lines(r.out) {
		if strings.TrimRight(line, " \n")+"\n" != line {
			t.Errorf("blanks at the end of %q", line)
		}
	}
}

// A landfall.yaml that sets up the server beside it does not make the play use the server's Redis.
func TestTryOnce_JSON(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "landfall.yaml", "redis: redis://127.0.0.1:1\nlisten: nonsense\n")
	r := landfall(t, "try", "--once", "--json")
	var got struct {
		People []struct {
			Person   string
			Messages []struct{ Outcome, Channel, Say, Reason, Text string }
			Timeline []struct{ What string }
		}
		Problems []string
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != 0 || r.err != "" {
		t.Fatalf("exit %d, %v: %s", r.code, err, r.err)
	}
	if len(got.People) != 3 || got.Problems == nil || len(got.Problems) != 0 {
		t.Fatalf("%d people, problems %v", len(got.People), got.Problems)
	}
	for _, p := range got.People {
		if len(p.Messages) == 0 || len(p.Timeline) == 0 {
			t.Errorf("%s has %d messages and %d entries", p.Person, len(p.Messages), len(p.Timeline))
		}
		for _, m := range p.Messages {
			if m.Outcome == "" || m.Channel == "" || m.Say == "" || m.Reason == "" || m.Outcome == "sent" && m.Text == "" {
				t.Errorf("%s: a message lacks something: %+v", p.Person, m)
			}
		}
	}
}

func TestTry_AddressTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	landfall(t, "try", "--listen="+l.Addr().String()).sentence(t, 1,
		"show the phones on "+l.Addr().String()+": bind: address already in use; choose another address with --listen")
}

// Without --once it shows the phones until it is told to stop.
func TestTry_ShowsThePhones(t *testing.T) {
	t.Parallel()
	stdout := &bell{words: "The phones: http://", rung: make(chan struct{})}
	ctx, stop := contextOf(t)
	ended := make(chan int)
	go func() {
		ended <- cli.Run(ctx, cli.Env{Args: []string{"try", "--listen=127.0.0.1:0"}, Stdout: stdout, Stderr: stdout, Getenv: func(string) string { return "" }, Version: "1"})
	}()
	<-stdout.rung
	_, rest, _ := strings.Cut(stdout.text.String(), "The phones: ")
	res, err := http.Get(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the phones answer %s", res.Status)
	}
	shopPage(t, strings.Fields(rest)[0])
	http.DefaultClient.CloseIdleConnections()
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("exit %d: %s", code, &stdout.text)
	}
}

// shopPage looks at the page with the inbox, orders something there, and asks its server for a token.
func shopPage(t *testing.T, phones string) {
	t.Helper()
	for _, c := range []struct {
		method, path string
		status       int
		holds        string
	}{
		{http.MethodGet, "inbox?locale=ar&dir=rtl&theme=dark", http.StatusOK, `locale="ar" dir="rtl" theme="dark"></landfall-inbox>`},
		{http.MethodPost, "inbox/order?locale=ar", http.StatusNoContent, ""},
		{http.MethodGet, "inbox/token?locale=ar", http.StatusOK, "."},
		{http.MethodGet, "inbox/push.js", http.StatusOK, `/inbox/landfall-push.js");`},
		{http.MethodGet, "inbox?locale=%22%3E%3Cscript%3E", http.StatusOK, `locale="en" dir="auto"></landfall-inbox>`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, phones+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != c.status || !strings.Contains(string(body), c.holds) {
			t.Errorf("%s %s answers %s, %v:\n%s", c.method, c.path, res.Status, err, body)
		}
	}
}
