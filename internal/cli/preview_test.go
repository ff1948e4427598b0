package cli_test

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"landfall/internal/cli"
)

func TestPreview(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "all.html")
	r := landfall(t, "preview", "--config=../play/acme", "--locale=de,ja", "--out="+out)
	if r.code != 0 || !strings.Contains(r.out, "all.html shows ") || !strings.Contains(r.out, " messages in 2 languages") {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
	page, err := os.ReadFile(out)
	if err != nil || !strings.HasPrefix(string(page), "<!DOCTYPE html>") {
		t.Errorf("no page: %v", err)
	}
}

func TestPreview_Event(t *testing.T) {
	t.Parallel()
	file := write(t, filepath.Join(t.TempDir(), "event.json"), event("e1", "damaged", "2026-12-01T10:00:00Z"))
	r := landfall(t, "preview", "--event="+file, "--at=2026-12-01T10:05:00Z", "--locale=en", "--out="+filepath.Join(t.TempDir(), "p.html"))
	if r.code != 0 || !strings.Contains(r.out, " shows 6 messages in 1 languages") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
}

func TestPreview_Mistakes(t *testing.T) {
	t.Parallel()
	unsaid := write(t, filepath.Join(t.TempDir(), "event.json"), event("e1", "expired", "2026-12-01T10:00:00Z"))
	for name, tt := range map[string]struct {
		args []string
		code int
		want string
	}{
		"language": {[]string{"--locale=dee"}, 2, `there are no words in "dee"; did you mean "de"?`},
		"event":    {[]string{"--event=" + unsaid}, 1, "no rule tells anything of expired; show another event, or write a rule for it"},
		"file":     {[]string{"--locale=en", "--out=/nowhere/at/all.html"}, 1, "/nowhere/at/all.html cannot be written; name another file with --out"},
		"folder":   {[]string{"--config=/nowhere"}, 1, "/nowhere"},
	} {
		if r := landfall(t, append([]string{"preview"}, tt.args...)...); r.code != tt.code || !strings.Contains(r.err, tt.want) {
			t.Errorf("%s: exit %d, %q, want %d and %q", name, r.code, r.err, tt.code, tt.want)
		}
	}
}

// The served page follows the folder: a change reaches whoever has it open, and so does a mistake.
func TestPreview_Watch(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "acme")
	if err := os.CopyFS(dir, os.DirFS("../play/acme")); err != nil {
		t.Fatal(err)
	}
	ctx, stop := contextOf(t)
	defer stop()
	stdout, printed := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, cli.Env{Args: []string{"preview", "--watch", "--listen=127.0.0.1:0", "--locale=en", "--config=" + dir},
			Stdout: printed, Stderr: io.Discard, Getenv: func(string) string { return "" }})
	}()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address, _, _ := strings.Cut(line, " ")
	events, err := http.Get(address + "events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	write(t, filepath.Join(dir, "locales", "en.yaml"), "notice: {shipped: {title: '{{'}}\n")
	if _, err := bufio.NewReader(events.Body).ReadString('\n'); err != nil {
		t.Fatalf("the change was not told: %v", err)
	}
	page, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	if text, err := io.ReadAll(page.Body); err != nil || !strings.Contains(string(text), "acme/locales/en.yaml:1:") {
		t.Errorf("the mistake is not shown: %v %.300s", err, text)
	}
	stop()
	select {
	case code := <-ended:
		if code != 0 {
			t.Errorf("exit %d", code)
		}
	case <-time.After(10 * time.Second):
		t.Error("it does not stop")
	}
}
