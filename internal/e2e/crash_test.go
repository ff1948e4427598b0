package e2e

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"landfall/internal/config"
	"landfall/internal/play"
	"landfall/internal/sandbox"
)

// child is what the process to be killed is told.
type child struct {
	Settings config.Settings
	Start    time.Time
}

func readSettings(file string) (c child, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(data, &c)
}

// killed is the end, as a power cut would bring it: nothing runs after it, no deferred call, no flush.
func killed() error {
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		return err
	}
	select {}
}

// A process dies by SIGKILL after it has committed an event and before it hands the delivery to Redis. The next process
// finds it and sends it, once.
func TestProcessKilledBetweenCommitAndEnqueue(t *testing.T) {
	everywhere(t, "2026-12-01T10:00:00Z", func(s *stage) {
		s.mei()
		s.must(s.Leave())
		s.dieAccepting(event("e1", "2026-12-01T10:00:01Z", "departed_origin"))
		s.silent()
		s.enter()
		s.must(s.Work(t.Context()))
		s.until("2026-12-01T10:05:00Z")
		s.one(sandbox.WhatsApp, "2026-12-01T10:00:00Z", "Wollmantel")
		s.content()
	})
}

// dieAccepting starts a process of its own on this stage's ground, posts an event to it, and sees it die of it.
func (s *stage) dieAccepting(event any) {
	s.t.Helper()
	data, err := json.Marshal(child{Settings: s.Settings(), Start: s.Clock.Now()})
	s.must(err)
	s.must(os.WriteFile(filepath.Join(s.options.Dir, "settings.json"), data, 0o600))
	cmd := exec.CommandContext(s.t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crashVariable+"="+s.options.Dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	s.must(err)
	s.must(cmd.Start())
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		s.t.Fatal("the process to be killed did not start")
	}
	body, err := json.Marshal(event)
	s.must(err)
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, lines.Text()+"/v1/events", strings.NewReader(string(body)))
	s.must(err)
	req.Header.Set("Authorization", "Bearer "+play.APIKey)
	if res, err := http.DefaultClient.Do(req); err == nil {
		res.Body.Close()
		s.t.Fatalf("the process answered %s; it should have died", res.Status)
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		s.t.Fatalf("the process ended with %v", err)
	}
}
