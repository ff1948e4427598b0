// Package mailbox takes mails that come back to the return addresses of those Landfall sent, in two ways. It speaks SMTP, as the last
// hop behind the operator's own mail server, and takes nothing that is addressed to anything else (Listen). And it looks into a mailbox
// where a mail server keeps them, by IMAP (NewReader). What a mail says is read by channels/email; what follows is decided elsewhere.
package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"

	"landfall/internal/notify"
)

const (
	maxMail        = 1 << 20 // a report holds at most the mail it is about
	maxRecipients  = 10
	maxConnections = 50
	idle           = time.Minute
)

// Config is what a mailbox is made of. All fields are required.
type Config struct {
	// Delivery is whose return address has this local part, without what comes before its last plus; ok is false for nobody's.
	Delivery func(local string) (id notify.DeliveryID, ok bool)
	// Take is given a mail. On an error the sender is asked to come again.
	Take  func(ctx context.Context, id notify.DeliveryID, raw []byte) error
	Count func(result string) // accepted, refused, failed
	Log   *slog.Logger
}

// of is whose return address this is.
func (c Config) of(address string) (notify.DeliveryID, bool) {
	local := address[:max(strings.LastIndexByte(address, '@'), 0)]
	return c.Delivery(local[strings.LastIndexByte(local, '+')+1:])
}

// Mailbox is a mail server for returned mails.
type Mailbox struct {
	server   *smtp.Server
	listener net.Listener
}

// Listen opens a mailbox on an address. Serve works on it, Close ends it.
func Listen(address string, c Config) (*Mailbox, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for returned mail on %s: %w; set LANDFALL_BOUNCE_LISTEN to a free address", address, errors.Unwrap(err))
	}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{Config: c}, nil }))
	s.Domain, s.MaxMessageBytes, s.MaxRecipients = "landfall", maxMail, maxRecipients
	s.ReadTimeout, s.WriteTimeout, s.EnableSMTPUTF8 = idle, idle, true
	s.ErrorLog = log.New(io.Discard, "", 0) // they repeat what strangers say
	return &Mailbox{server: s, listener: netutil.LimitListener(l, maxConnections)}, nil
}

// Addr is where it listens.
func (m *Mailbox) Addr() net.Addr { return m.listener.Addr() }

// Serve takes mails until Close.
func (m *Mailbox) Serve() error {
	if err := m.server.Serve(m.listener); err != nil && !ended(err) {
		return fmt.Errorf("serve returned mail: %w", err)
	}
	return nil
}

// Close ends it, with the connections there are. What was not said yes to comes again.
func (m *Mailbox) Close() error {
	for _, err := range []error{m.listener.Close(), m.server.Close()} {
		if err != nil && !ended(err) {
			return fmt.Errorf("close mailbox: %w", err)
		}
	}
	return nil
}

// ended reports whether an error says no more than that the mailbox is closed.
func ended(err error) bool {
	return errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed)
}

// session is one connection. Anybody may be the sender; reports have none at all.
type session struct {
	Config
	to []notify.DeliveryID
}

// Mail begins a mail.
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes the return addresses we made.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	id, ok := s.of(to)
	if !ok {
		s.Count("refused")
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no mail of ours comes back to this address"}
	}
	s.to = append(s.to, id)
	return nil
}

// Data takes the mail.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), idle)
	defer cancel()
	for _, id := range s.to {
		if err := s.Take(ctx, id, raw); err != nil {
			s.Count("failed")
			s.Log.Error("take returned mail", "delivery", id, "error", err)
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "come again later"}
		}
		s.Count("accepted")
	}
	return nil
}

// Reset forgets the mail.
func (s *session) Reset() { s.to = nil }

// Logout ends the connection.
func (s *session) Logout() error { return nil }
