package email

import (
	"context"
	"errors"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

const (
	// maxIdle is how many connections wait for the next mail.
	maxIdle = 4
	// maxMails is how many mails go over one connection: servers end long ones of their own accord.
	maxMails = 100
	// idleFor is how long a connection waits; servers give up after five minutes at the earliest (RFC 5321, section 4.5.3.2.7), and
	// those in practice sooner.
	idleFor = 30 * time.Second
)

// conn is one connection to the mail server, logged in. Only one goroutine has it at a time.
type conn struct {
	client *mail.Client
	smtp   *smtp.Client
	net    net.Conn
	mails  int
	timer  *time.Timer // closes it when nobody needs it for a while
}

// close hangs up; a second time does no harm.
func (c *conn) close() { _ = c.net.Close() }

// pool keeps connections between mails.
type pool struct {
	mu   sync.Mutex
	idle []*conn // the one used last at the end; each closes itself after a while
}

// get takes the connection that was used last; nil when there is none.
func (p *pool) get() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		c := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if c.timer.Stop() {
			return c
		}
	}
	return nil
}

// put keeps a connection for the next mail, or closes it.
func (p *pool) put(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) >= maxIdle || c.mails >= maxMails {
		c.close()
		return
	}
	c.timer = time.AfterFunc(idleFor, c.close)
	p.idle = append(p.idle, c)
}

// connect takes a connection that still answers, or makes one. ctx closes it when it ends before release is called.
func (s *Sender) connect(ctx context.Context) (c *conn, release func() bool, err error) {
	for c := s.pool.get(); c != nil; c = s.pool.get() {
		release := context.AfterFunc(ctx, c.close)
		if c.smtp.UpdateDeadline(s.cfg.Timeout) == nil && c.smtp.Noop() == nil {
			return c, release, nil
		}
		release()
		c.close()
	}
	return s.dialUp(ctx)
}

func (s *Sender) dialUp(ctx context.Context) (*conn, func() bool, error) {
	c := &conn{}
	var release func() bool
	client, err := mail.NewClient(s.cfg.Host, s.options(func(dialing context.Context, network, address string) (net.Conn, error) {
		link, err := s.dial(dialing, network, address)
		if err == nil {
			c.net = link
			release = context.AfterFunc(ctx, c.close)
		}
		return link, err
	})...)
	if err != nil {
		return nil, nil, err
	}
	c.client = client
	if c.smtp, err = client.DialToSMTPClientWithContext(ctx); err != nil {
		if c.net != nil {
			release()
			c.close()
		}
		return nil, nil, err
	}
	return c, release, nil
}

// send sends msg over a connection, and keeps that when the server has had its say.
func (s *Sender) send(ctx context.Context, msg *mail.Msg) error {
	c, release, err := s.connect(ctx)
	if err != nil {
		return err
	}
	c.mails++
	c.smtp.SkipSMTPUTF8(!international(msg))
	err = c.client.SendWithSMTPClient(c.smtp, msg)
	whole := err == nil || answered(err)
	if !release() || !whole || err != nil && c.smtp.Reset() != nil {
		c.close()
		return err
	}
	s.pool.put(c)
	return err
}

// answered reports whether a refusal came from a server that goes on talking.
func answered(err error) bool {
	refused, ok := errors.AsType[*mail.SendError](err)
	return ok && refused.ErrorCode() >= 400 && refused.ErrorCode() != 421
}

// international reports whether an address of the mail has characters outside of ASCII. Only then is SMTPUTF8 asked for: a server on
// the way that does not know it has to return what was sent with it (RFC 6531, section 3.2).
func international(msg *mail.Msg) bool {
	addresses := slices.Concat(msg.GetAddrHeader(mail.HeaderEnvelopeFrom), msg.GetFrom(), msg.GetTo(), msg.GetAddrHeader(mail.HeaderReplyTo))
	return slices.ContainsFunc(addresses, func(a *netmail.Address) bool {
		return strings.ContainsFunc(a.Address, func(r rune) bool { return r >= utf8.RuneSelf })
	})
}
