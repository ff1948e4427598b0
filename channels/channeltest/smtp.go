package channeltest

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"landfall/channels"
)

// SMTPHarness is what the kit needs to know of the email channel.
type SMTPHarness struct {
	// New builds the sender under test against a server without encryption, with a timeout for one mail.
	New func(host string, port int, timeout time.Duration) (channels.Sender, error)
	// Message is a good message. Its address counts as a secret.
	Message channels.Message
	// Secrets must not appear in any error.
	Secrets []string
}

// RunSMTP puts the email channel through the kit.
func RunSMTP(t *testing.T, h SMTPHarness) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, SMTPHarness){
		"taken":                     testMailTaken,
		"refusals":                  testMailRefused,
		"broken connections":        testMailLost,
		"refused connection":        testMailNoServer,
		"cancelled before the call": testMailCancelledBefore,
		"cancelled during the call": testMailCancelledDuring,
		"no encryption off machine": testMailPlain,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, h)
		})
	}
}

func (h SMTPHarness) sender(t *testing.T, s *Server, timeout time.Duration) channels.Sender {
	t.Helper()
	sender, err := h.New(s.Host, s.Port, timeout)
	if err != nil {
		t.Fatalf("build sender: %v", err)
	}
	checkPrinted(t, sender, hidden(h.Secrets, h.Message))
	return sender
}

func (h SMTPHarness) refused(ctx context.Context, t *testing.T, s channels.Sender, want channels.Kind) {
	t.Helper()
	refused(ctx, t, s, h.Message, want, hidden(h.Secrets, h.Message))
}

// testMailTaken counts a mail as taken once the server said yes, whatever becomes of the connection then.
func testMailTaken(t *testing.T, h SMTPHarness) {
	for name, script := range map[string]Script{
		"politely":    {},
		"hung up on":  {HangUp: "yes"},
		"left silent": {Stall: "yes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := patience
			if script.Stall != "" {
				timeout = 10 * short
			}
			server := NewServer(t, script)
			got, err := h.sender(t, server, timeout).Send(t.Context(), h.Message)
			if err != nil || got.ProviderID == "" {
				t.Fatalf("Send = %+v, %v; want it taken", got, err)
			}
			if n := len(server.Mails()); n != 1 {
				t.Errorf("the server has %d mails, want 1", n)
			}
		})
	}
}

// reply is a server's refusal that repeats everything it was told.
func (h SMTPHarness) reply(code int, enhanced smtp.EnhancedCode) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "no <" + h.Message.To.Value.Reveal() + ">"}
}

func testMailRefused(t *testing.T, h SMTPHarness) {
	for _, c := range []struct {
		at       string
		code     int
		enhanced smtp.EnhancedCode
		want     channels.Kind
	}{
		{"mail", 451, smtp.EnhancedCode{4, 7, 0}, channels.Temporary},
		{"mail", 530, smtp.EnhancedCode{5, 7, 0}, channels.Misconfigured},
		{"mail", 550, smtp.EnhancedCode{5, 7, 1}, channels.Misconfigured},
		{"rcpt", 421, smtp.EnhancedCode{4, 4, 5}, channels.Temporary},
		{"rcpt", 450, smtp.EnhancedCode{4, 2, 0}, channels.Temporary},
		{"rcpt", 451, smtp.EnhancedCode{4, 7, 1}, channels.Temporary},
		{"rcpt", 452, smtp.EnhancedCode{4, 2, 2}, channels.Temporary},
		{"rcpt", 550, smtp.EnhancedCode{5, 1, 1}, channels.Unreachable},
		{"rcpt", 550, smtp.EnhancedCode{5, 1, 10}, channels.Unreachable},
		{"rcpt", 550, smtp.EnhancedCode{5, 2, 1}, channels.Unreachable},
		{"rcpt", 550, smtp.NoEnhancedCode, channels.Unreachable},
		{"rcpt", 553, smtp.EnhancedCode{5, 1, 7}, channels.Misconfigured},
		{"rcpt", 552, smtp.EnhancedCode{5, 2, 2}, channels.Temporary},
		{"rcpt", 554, smtp.EnhancedCode{5, 7, 1}, channels.Misconfigured},
		{"rcpt", 554, smtp.EnhancedCode{5, 0, 0}, channels.Rejected},
		{"data", 451, smtp.EnhancedCode{4, 3, 0}, channels.Temporary},
		{"data", 552, smtp.EnhancedCode{5, 3, 4}, channels.Rejected},
		{"data", 554, smtp.EnhancedCode{5, 7, 1}, channels.Rejected},
	} {
		no := h.reply(c.code, c.enhanced)
		script := map[string]Script{"mail": {Mail: no}, "rcpt": {Rcpt: no}, "data": {Data: no}}[c.at]
		h.refused(t.Context(), t, h.sender(t, NewServer(t, script), patience), c.want)
		if t.Failed() {
			t.Fatalf("that was %d %v at %s", c.code, c.enhanced, c.at)
		}
	}
}

func testMailLost(t *testing.T, h SMTPHarness) {
	for at, want := range map[string]channels.Kind{
		"greeting": channels.Temporary,
		"rcpt":     channels.Temporary,
		"data":     channels.Ambiguous,
	} {
		t.Run("hung up at "+at, func(t *testing.T) {
			t.Parallel()
			h.refused(t.Context(), t, h.sender(t, NewServer(t, Script{HangUp: at}), patience), want)
		})
		t.Run("silent at "+at, func(t *testing.T) {
			t.Parallel()
			h.refused(t.Context(), t, h.sender(t, NewServer(t, Script{Stall: at}), 10*short), want)
		})
	}
}

func testMailNoServer(t *testing.T, h SMTPHarness) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	_ = l.Close() // only its port was wanted
	s := h.sender(t, &Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}, patience)
	h.refused(t.Context(), t, s, channels.Temporary)
}

func testMailCancelledBefore(t *testing.T, h SMTPHarness) {
	server := NewServer(t, Script{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.refused(ctx, t, h.sender(t, server, patience), channels.Temporary)
	if n := len(server.Mails()); n != 0 {
		t.Errorf("the server has %d mails, want none", n)
	}
}

// testMailCancelledDuring ends the context while the server is silent: the sender must not wait for its own timeout.
func testMailCancelledDuring(t *testing.T, h SMTPHarness) {
	for at, want := range map[string]channels.Kind{"rcpt": channels.Temporary, "data": channels.Ambiguous} {
		ctx, cancel := context.WithCancel(t.Context())
		script := Script{Stall: at, Arrived: func(command string) {
			if command == at {
				cancel()
			}
		}}
		h.refused(ctx, t, h.sender(t, NewServer(t, script), time.Minute), want)
	}
}

func testMailPlain(t *testing.T, h SMTPHarness) {
	for _, host := range []string{"192.0.2.1", "mail.example.com", "127.0.0.1.example.com"} {
		if _, err := h.New(host, 25, patience); err == nil {
			t.Errorf("a sender was built that calls %s in the clear", host)
		}
	}
}
