package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// largestMail is the most the mail server takes, in bytes.
const largestMail = 25 << 20

// mailbox stands in for a mail server and all mailboxes behind it.
type mailbox struct {
	now    func() time.Time
	book   *book
	faults *faults
	server *smtp.Server
	addr   string
	ln     *trackedListener

	mu      sync.Mutex
	refused map[string]bool
	grey    map[string]bool
	// bounceTo is the server that mails are returned to.
	bounceTo string
}

func newMailbox(o Options, b *book, f *faults) *mailbox {
	m := &mailbox{now: o.Now, book: b, faults: f, refused: map[string]bool{}, grey: map[string]bool{}}
	m.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &mailSession{mailbox: m, conn: c.Conn()}, nil
	}))
	m.server.Domain = "sandbox.invalid"
	m.server.MaxMessageBytes = largestMail
	m.server.MaxRecipients = 50
	m.server.EnableSMTPUTF8 = true
	m.server.ReadTimeout, m.server.WriteTimeout = time.Minute, time.Minute
	m.server.ErrorLog = quiet()
	return m
}

// RefuseMail makes the mail server refuse an address for good: 550 5.1.1.
func (s *Sandbox) RefuseMail(address string) { s.mail.mark(s.mail.refused, address) }

// GreylistMail makes the mail server refuse the next message to an address for now: 451 4.7.1.
func (s *Sandbox) GreylistMail(address string) { s.mail.mark(s.mail.grey, address) }

func (m *mailbox) mark(set map[string]bool, address string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	set[strings.ToLower(address)] = true
}

func (m *mailbox) listen(ln net.Listener) {
	m.addr = ln.Addr().String()
	m.ln = &trackedListener{Listener: ln, open: map[net.Conn]struct{}{}}
}

func (m *mailbox) serve() { _ = m.server.Serve(m.ln) } // always an error: that it was closed

// stop hangs up on everybody and waits until their sessions have ended.
func (m *mailbox) stop(ctx context.Context) {
	m.ln.hangUp()
	_ = m.server.Shutdown(ctx) // the listener is closed already, which is all it could complain about
}

// judge says whether mail to an address is taken now.
func (m *mailbox) judge(address string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	address = strings.ToLower(address)
	switch {
	case m.refused[address]:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	case m.grey[address]:
		delete(m.grey, address)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, try again"}
	}
	return nil
}

// mailSession is one conversation of the mail server.
type mailSession struct {
	mailbox *mailbox
	conn    net.Conn
	from    string
	to      []string
	fault   Fault
}

// Mail begins a message.
func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.Reset()
	s.from = from
	s.fault, _ = s.mailbox.faults.next(Email)
	return nil
}

// Rcpt takes or refuses one recipient.
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if failing := s.fault != (Fault{}); failing && !s.fault.takes() {
		return s.fault.smtp()
	}
	if err := s.mailbox.judge(to); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// smtp is the fault as a mail server says it.
func (f Fault) smtp() *smtp.SMTPError {
	status := f.status(451)
	enhanced := smtp.EnhancedCode{f.Code / 100, f.Code / 10 % 10, f.Code % 10}
	if f.Code == 0 {
		enhanced = smtp.EnhancedCode{status / 100, 0, 0}
	}
	return &smtp.SMTPError{Code: status, EnhancedCode: enhanced, Message: f.message()}
}

// Data takes the message itself.
func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mailbox.take(s.from, s.to, raw)
	if s.fault.CutAnswer {
		_ = s.conn.Close() // the client never learns that its mail was taken
	}
	return nil
}

// Reset forgets the message that was begun.
func (s *mailSession) Reset() { s.from, s.to, s.fault = "", nil, Fault{} }

// Logout ends the conversation; there is nothing to give back.
func (s *mailSession) Logout() error { return nil }

// take puts a mail into the mailbox of each recipient.
func (m *mailbox) take(from string, to []string, raw []byte) {
	letter, problems := readMail(raw)
	problems = append(problems, letter.misaddressed(to)...)
	for _, p := range problems {
		m.book.problem("mail %s: %s", cmp.Or(letter.id, "without Message-ID"), p)
	}
	envelope, _ := json.Marshal(map[string]any{"from": from, "to": to, "size": len(raw)}) // always marshals
	for _, address := range to {
		m.book.receive(Received{
			Channel: Email, To: address, From: letter.from, Title: letter.subject, Text: letter.text, HTML: letter.html,
			At: m.now(), ProviderID: letter.id, Headers: letter.headers, Raw: envelope,
		})
	}
}

// trackedListener knows its open connections, so that they can be hung up on and waited for.
type trackedListener struct {
	net.Listener
	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

// Accept waits for the next connection.
func (l *trackedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	tracked := &trackedConn{Conn: conn, from: l}
	l.open[tracked] = struct{}{}
	return tracked, nil
}

func (l *trackedListener) hangUp() {
	l.mu.Lock()
	l.closed = true
	open := l.open
	l.open = map[net.Conn]struct{}{}
	l.mu.Unlock()
	_ = l.Listener.Close()
	for conn := range open {
		_ = conn.Close()
	}
}

// trackedConn leaves its listener's list when it is closed.
type trackedConn struct {
	net.Conn
	from *trackedListener
}

// Close ends the connection.
func (c *trackedConn) Close() error {
	c.from.mu.Lock()
	delete(c.from.open, c)
	c.from.mu.Unlock()
	return c.Conn.Close()
}

// trimmed is a part's text with the line ends of this machine and none at the end.
func trimmed(b []byte) string {
	return strings.TrimRight(string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))), "\n")
}
