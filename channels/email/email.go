// Package email sends mails through a merchant's own mail server: one recipient each, text with an HTML alternative, the
// same Message-ID on every try, updates about one order in one thread, signed with DKIM where the sender has a key. It reads what
// mails that came back say (bounce.go), and takes none: internal/mailbox does. Words and layout are the templates'.
package email

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/wneessen/go-mail"

	"landfall/channels"
	"landfall/internal/notify"
)

// Sender sends mails for one merchant.
type Sender struct {
	cfg    Config
	from   *netmail.Address
	domain string
	tls    *tls.Config
	signer *signer // nil when nobody signs
	pool   pool
	now    func() time.Time
}

var _ channels.Sender = (*Sender)(nil)

// New returns a sender for cfg, with defaults filled in; now dates the mails. The error is the first mistake in cfg.
func New(cfg Config, now func() time.Time) (*Sender, error) {
	cfg = cfg.WithDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	tlsConfig, err := cfg.tlsConfig()
	if err != nil {
		return nil, err
	}
	from, err := netmail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("email: read from: %w", err)
	}
	s := &Sender{cfg: cfg, from: from, tls: tlsConfig, now: now, domain: domainOf(from.Address)}
	if s.signer, err = newSigner(cfg.DKIM, s.domain); err != nil {
		return nil, err
	}
	return s, nil
}

func domainOf(address string) string { return address[strings.LastIndex(address, "@")+1:] }

// String names the sender without its credentials.
func (s *Sender) String() string { return "email sender" }

// Send hands m to the mail server, over a connection that is kept for the next one. Accepted.ProviderID is the Message-ID, which is the same
// on every try: when the server's answer was lost the error is Ambiguous, and a mail program that gets both copies
// can tell they are one. Every error is a *channels.Error.
func (s *Sender) Send(ctx context.Context, m channels.Message) (channels.Accepted, error) {
	msg, err := s.compose(m)
	if err != nil {
		return channels.Accepted{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	err = s.send(ctx, msg)
	// Asked first: when the connection breaks after the server's yes, there is an error and the mail is on its way.
	if msg.IsDelivered() {
		return channels.Accepted{ProviderID: msg.GetMessageID(), State: notify.Sent}, nil
	}
	return channels.Accepted{}, failure(err)
}

func (s *Sender) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.cfg.TLS == Implicit {
		return (&tls.Dialer{Config: s.tls}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// options leaves out NOOP, which is asked where a connection is used again, and RSET, which only follows a refusal. It greets with
// the merchant's domain rather than this machine's name.
func (s *Sender) options(dial mail.DialContextFunc) []mail.Option {
	options := []mail.Option{
		mail.WithPort(s.cfg.Port),
		mail.WithTimeout(s.cfg.Timeout),
		mail.WithHELO(s.domain),
		mail.WithTLSConfig(s.tls),
		mail.WithDialContextFunc(dial),
		mail.WithoutNoop(),
		mail.WithoutRset(),
	}
	switch s.cfg.TLS {
	case Plain:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case Implicit:
		options = append(options, mail.WithSSL())
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.cfg.User == "" {
		return options
	}
	return append(options, mail.WithUsername(s.cfg.User), mail.WithPassword(s.cfg.Password.Reveal()),
		mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthCramMD5,
			mail.SMTPAuthPlain, mail.SMTPAuthLogin))
}

func (s *Sender) compose(m channels.Message) (*mail.Msg, error) {
	to, err := netmail.ParseAddress(m.To.Value.Reveal())
	if err != nil {
		return nil, &channels.Error{Kind: channels.Unreachable, Detail: "the mail address is not one"}
	}
	if uuid.Validate(m.Key) != nil {
		return nil, &channels.Error{Kind: channels.Rejected, Detail: "the delivery has no UUID as its key; every try would be a new mail"}
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary("landfall-"+m.Key))
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(&netmail.Address{Address: to.Address})
	back := cmp.Or(m.Return, string(m.Delivery))
	if s.cfg.ReplyTo != "" && msg.ReplyTo(named(s.cfg.ReplyTo, back)) != nil {
		return nil, &channels.Error{Kind: channels.Misconfigured, Detail: "reply_to makes no address of this delivery's id"}
	}
	if s.cfg.EnvelopeFrom != "" && msg.EnvelopeFrom(named(s.cfg.EnvelopeFrom, back)) != nil {
		return nil, &channels.Error{Kind: channels.Misconfigured, Detail: "envelope_from makes no address of this delivery's id"}
	}
	s.setHeaders(msg, m)
	setBody(msg, m.Words)
	if s.signer.sign(msg) != nil {
		return nil, &channels.Error{Kind: channels.Rejected, Detail: "the mail could not be written or signed; mend its template"}
	}
	return msg, nil
}

func (s *Sender) setHeaders(msg *mail.Msg, m channels.Message) {
	msg.Subject(m.Words.Title)
	msg.SetDateWithValue(s.now())
	msg.SetMessageIDWithValue(m.Key + "@" + s.domain)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	msg.SetGenHeader("Feedback-ID", feedbackID(m))
	msg.SetGenHeader("List-Id", "<notices."+s.domain+">")
	if m.Words.Locale != "" {
		msg.SetGenHeader(mail.HeaderContentLang, m.Words.Locale)
	}
	if m.Unsubscribe != "" {
		msg.SetGenHeader(mail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		msg.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	switch {
	case m.Words.Answers != "":
		msg.SetGenHeader("Auto-Submitted", "auto-replied")
		msg.SetGenHeader(mail.HeaderReferences, "<"+m.Words.Answers+">")
		msg.SetGenHeader(mail.HeaderInReplyTo, "<"+m.Words.Answers+">")
	case m.Thread != "":
		root := s.threadID(m)
		msg.SetGenHeader(mail.HeaderReferences, root)
		msg.SetGenHeader(mail.HeaderInReplyTo, root)
	}
}

// feedbackID tells mailboxes' statistics which mails belong together, from the narrowest to the sender, which stays the same. It
// names nobody. Source: Gmail's "Feedback Loop", which takes up to three fields and the sender, and no characters but these.
func feedbackID(m channels.Message) string {
	return strings.Join([]string{plain(m.Notice), plain(m.Words.Locale), plain(string(m.Merchant)), "landfall"}, ":")
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, s)
}

// threadID is the id of a mail that never was, under which all mails of one thread gather. It is a hash, since an order's
// number may hold anything and is nobody else's business.
func (s *Sender) threadID(m channels.Message) string {
	sum := sha256.Sum256([]byte(string(m.Merchant) + "\x00" + m.Thread))
	return "<thread-" + hex.EncodeToString(sum[:16]) + "@" + s.domain + ">"
}

func setBody(msg *mail.Msg, w notify.Words) {
	msg.SetBodyString(mail.TypeTextPlain, w.Text)
	if w.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, w.HTML)
	}
}
