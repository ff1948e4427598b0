package email_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"

	"landfall/channels"
	"landfall/channels/channeltest"
	"landfall/channels/email"
)

// counted is a mail server that counts connections.
func counted(t testing.TB, script channeltest.Script) (*email.Sender, *atomic.Int32) {
	t.Helper()
	greeted := new(atomic.Int32)
	script.Arrived = func(command string) {
		if command == "greeting" {
			greeted.Add(1)
		}
	}
	sender, err := email.New(config(channeltest.NewServer(t, script)), clock)
	if err != nil {
		t.Fatal(err)
	}
	return sender, greeted
}

func TestSend_KeepsItsConnection(t *testing.T) {
	t.Parallel()
	sender, greeted := counted(t, channeltest.Script{})
	for range 20 {
		if _, err := sender.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	if n := greeted.Load(); n != 1 {
		t.Errorf("20 mails took %d connections", n)
	}
}

// A long row of mails goes over several connections, since servers end long ones.
func TestSend_ChangesItsConnection(t *testing.T) {
	t.Parallel()
	sender, greeted := counted(t, channeltest.Script{})
	for range 150 {
		if _, err := sender.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	if n := greeted.Load(); n != 2 {
		t.Errorf("150 mails took %d connections", n)
	}
}

func TestSend_ManyAtOnce(t *testing.T) {
	t.Parallel()
	sender, greeted := counted(t, channeltest.Script{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				if _, err := sender.Send(t.Context(), message()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := greeted.Load(); n > 80 || n < 1 {
		t.Errorf("80 mails took %d connections", n)
	}
}

// A refused mail costs no connection.
func TestSend_ARefusalKeepsTheConnection(t *testing.T) {
	t.Parallel()
	sender, greeted := counted(t, channeltest.Script{Rcpt: &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no"}})
	for range 5 {
		if _, err := sender.Send(t.Context(), message()); channels.AsError(err).Kind != channels.Unreachable {
			t.Errorf("it ends with %v", err)
		}
	}
	if n := greeted.Load(); n != 1 {
		t.Errorf("5 refused mails took %d connections", n)
	}
}

// A server that hangs up after each mail is met with a new connection each time, and every mail arrives.
func TestSend_AServerThatHangsUp(t *testing.T) {
	t.Parallel()
	sender, greeted := counted(t, channeltest.Script{HangUp: "yes"})
	for range 3 {
		if _, err := sender.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	if n := greeted.Load(); n != 3 {
		t.Errorf("3 mails took %d connections", n)
	}
}

// What ends a call leaves nothing behind for the next.
func TestSend_ACancelledCallGivesNoConnectionBack(t *testing.T) {
	t.Parallel()
	sender, _ := counted(t, channeltest.Script{})
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := sender.Send(ctx, message()); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := sender.Send(t.Context(), message()); err != nil {
		t.Error(err)
	}
}

// The second figure divided by the first is what keeping connections is worth.
func BenchmarkSend(b *testing.B) {
	kept, _ := counted(b, channeltest.Script{})
	for name, sender := range map[string]func() *email.Sender{
		"kept": func() *email.Sender { return kept },
		"new":  func() *email.Sender { one, _ := counted(b, channeltest.Script{HangUp: "yes"}); return one },
	} {
		b.Run(name, func(b *testing.B) {
			s := sender()
			for b.Loop() {
				if _, err := s.Send(b.Context(), message()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
