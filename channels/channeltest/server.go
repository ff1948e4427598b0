package channeltest

import (
	"cmp"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Script tells a mail server what to do. The zero Script takes every mail.
type Script struct {
	Mail, Rcpt, Data *smtp.SMTPError // what the command is refused with
	// HangUp closes the connection, and Stall answers nothing more: "greeting", "rcpt", "data" (once the mail
	// is whole), or "yes" (after the mail was taken).
	HangUp, Stall string
	// User and Password ask for a login.
	User, Password string
	// Mechanism is the way to log in that is offered. Default: PLAIN, the only one that works.
	Mechanism string
	// StartTLS or ImplicitTLS encrypt.
	StartTLS, ImplicitTLS *tls.Config
	// Arrived, when set, is called when a command named as in HangUp comes in.
	Arrived func(command string)
}

// Mail is one mail a Server took.
type Mail struct {
	Client   string // the name the sender greeted with
	From, To string // of the envelope
	Data     []byte
	UTF8     bool // whether the sender asked for addresses outside of ASCII
}

// Server is a mail server on this machine.
type Server struct {
	Host string
	Port int

	script Script
	gone   chan struct{}
	mu     sync.Mutex
	mails  []Mail
}

// NewServer starts a mail server that follows script until the test ends.
func NewServer(t testing.TB, script Script) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	s := &Server{script: script, gone: make(chan struct{}), Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}
	l = greeter{l, s}
	if script.ImplicitTLS != nil {
		l = tls.NewListener(l, script.ImplicitTLS)
	}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return s.session(c), nil }))
	srv.Domain, srv.AllowInsecureAuth, srv.TLSConfig = "mail.test", true, script.StartTLS
	srv.EnableSMTPUTF8 = true
	srv.ErrorLog = log.New(io.Discard, "", 0)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = srv.Serve(l) // ends with the listener
	}()
	t.Cleanup(func() {
		close(s.gone)
		_ = srv.Close() // closes the listener too, if Serve has come to know it yet
		_ = l.Close()
		<-served
	})
	return s
}

// Mails returns the mails taken so far.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

func (s *Server) take(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
}

// at follows the script at one command. It returns whether the connection was ended.
func (s *Server) at(command string, conn net.Conn) bool {
	if s.script.Arrived != nil {
		s.script.Arrived(command)
	}
	if s.script.Stall == command {
		<-s.gone
	}
	if s.script.HangUp == command {
		_ = conn.Close() // a connection the other side has closed is as closed
	}
	return s.script.HangUp == command || s.script.Stall == command
}

// greeter follows the script before the server has said a word.
type greeter struct {
	net.Listener
	server *Server
}

// Accept returns the next connection; one the script ends is returned ended.
func (g greeter) Accept() (net.Conn, error) {
	conn, err := g.Listener.Accept()
	if err == nil {
		g.server.at("greeting", conn)
	}
	return conn, err
}

func (s *Server) session(c *smtp.Conn) smtp.Session {
	plain := &session{server: s, conn: c.Conn(), client: c.Hostname()}
	if s.script.User == "" {
		return plain
	}
	return &guarded{session: plain}
}

// session is one connection; between a mail's end and the next command it holds the mail just taken.
type session struct {
	server   *Server
	conn     net.Conn
	client   string
	from, to string
	utf8     bool
	taken    bool
}

var errGone = errors.New("the test's server has hung up")

// Mail begins a mail.
func (s *session) Mail(from string, o *smtp.MailOptions) error {
	s.from, s.utf8 = from, o.UTF8
	return said(s.server.script.Mail)
}

// Rcpt adds the recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.server.at("rcpt", s.conn) {
		return errGone
	}
	s.to = to
	return said(s.server.script.Rcpt)
}

// Data takes the mail, unless the script says otherwise.
func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.at("data", s.conn) {
		return errGone
	}
	if s.server.script.Data != nil {
		return s.server.script.Data
	}
	s.server.take(Mail{Client: s.client, From: s.from, To: s.to, Data: data, UTF8: s.utf8})
	s.taken = true
	return nil
}

// Reset follows a mail's end, once the server has answered it.
func (s *session) Reset() {
	if s.taken {
		s.taken = false
		s.server.at("yes", s.conn)
	}
}

// Logout ends the session.
func (s *session) Logout() error { return nil }

// said avoids an error that is a nil pointer in an interface.
func said(e *smtp.SMTPError) error {
	if e == nil {
		return nil
	}
	return e
}

// guarded is a session that asks for a login.
type guarded struct {
	*session
	in bool
}

// AuthMechanisms offers the script's way to log in.
func (g *guarded) AuthMechanisms() []string {
	return []string{cmp.Or(g.server.script.Mechanism, sasl.Plain)}
}

// Auth checks the login against the script's.
func (g *guarded) Auth(string) (sasl.Server, error) {
	want := g.server.script
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != want.User || password != want.Password {
			return smtp.ErrAuthFailed
		}
		g.in = true
		return nil
	}), nil
}

// Mail begins a mail for who has logged in.
func (g *guarded) Mail(from string, o *smtp.MailOptions) error {
	if !g.in {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	return g.session.Mail(from, o)
}
