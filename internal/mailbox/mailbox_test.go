package mailbox

import (
	"context"
	"errors"
	"log/slog"
	"net/smtp"
	"slices"
	"strings"
	"sync"
	"testing"

	"landfall/internal/notify"
)

// post is what a mailbox took, and how it goes on.
type post struct {
	mu      sync.Mutex
	took    []string
	counts  []string
	fail    error
	came    chan struct{} // told of each mail, when set
	longest int
}

// config takes mails to delivery-ours@.
func (p *post) config() Config {
	return Config{
		Delivery: func(local string) (notify.DeliveryID, bool) {
			id, ours := strings.CutSuffix(local, "-ours")
			return notify.DeliveryID(id), ours
		},
		Take: p.take,
		Count: func(result string) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.counts = append(p.counts, result)
		},
		Log: slog.New(slog.DiscardHandler),
	}
}

func (p *post) take(_ context.Context, id notify.DeliveryID, raw []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.took = append(p.took, string(id)+" "+strings.TrimSpace(string(raw[len(raw)-7:])))
	p.longest = max(p.longest, len(raw))
	if p.came != nil {
		p.came <- struct{}{}
	}
	return p.fail
}

// short are the mails it took, in their order.
func (p *post) short() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.took)
}

func open(t *testing.T, p *post) string {
	t.Helper()
	m, err := Listen("127.0.0.1:0", p.config())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- m.Serve() }()
	t.Cleanup(func() {
		if err := errors.Join(m.Close(), <-done); err != nil {
			t.Error(err)
		}
	})
	return m.Addr().String()
}

// send sends a mail as a server does that reports a failure: from nobody.
func send(address string, to ...string) error {
	return smtp.SendMail(address, nil, "", to, []byte("Subject: Undelivered\r\n\r\nhello\r\n"))
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	p := &post{}
	address := open(t, p)
	for _, to := range []string{"bounce+d1-ours@acme.example", "d2-ours@acme.example", `bounce+x+d3-ours@acme.example`} {
		if err := send(address, to); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
	for _, to := range []string{"postmaster@acme.example", "bounce+d1@acme.example", "d1-ours+x@acme.example"} {
		if err := send(address, to); err == nil || !strings.HasPrefix(err.Error(), "550") {
			t.Errorf("%s: %v", to, err)
		}
	}
	if want := []string{"d1 hello", "d2 hello", "d3 hello"}; !slices.Equal(p.took, want) {
		t.Errorf("took %v, want %v", p.took, want)
	}
	if want := []string{"accepted", "accepted", "accepted", "refused", "refused", "refused"}; !slices.Equal(p.counts, want) {
		t.Errorf("counted %v", p.counts)
	}
}

// What cannot be written down now is not said yes to, so that it comes again.
func TestMailbox_ComesAgain(t *testing.T) {
	t.Parallel()
	p := &post{fail: errors.New("the ledger does not answer")}
	if err := send(open(t, p), "d1-ours@acme.example"); err == nil || !strings.HasPrefix(err.Error(), "451") {
		t.Errorf("answered %v", err)
	}
}

func TestMailbox_TooLong(t *testing.T) {
	t.Parallel()
	p := &post{}
	err := smtp.SendMail(open(t, p), nil, "", []string{"d1-ours@acme.example"}, []byte("Subject: x\r\n\r\n"+strings.Repeat("x\r\n", maxMail/3+10)))
	if err == nil || len(p.took) > 0 {
		t.Errorf("answered %v, took %d", err, len(p.took))
	}
}

func TestListen_Taken(t *testing.T) {
	t.Parallel()
	address := open(t, &post{})
	if _, err := Listen(address, Config{}); err == nil || !strings.Contains(err.Error(), "LANDFALL_BOUNCE_LISTEN") {
		t.Errorf("answered %v", err)
	}
}
