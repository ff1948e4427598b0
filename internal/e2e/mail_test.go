//go:build mail

package e2e

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	netmail "net/mail"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"landfall/channels"
	"landfall/channels/email"
	"landfall/internal/config"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/play"
	"landfall/internal/report"
)

// TestMailServers sends through a real Postfix into a real Dovecot.
func TestMailServers(t *testing.T) {
	t.Parallel()
	m := startMail(t)
	for _, c := range []struct {
		name string
		try  func(*testing.T, *mailServers)
	}{
		{"a mail arrives whole", arrivesWhole},
		{"what servers refuse", refusals},
		{"an untrusted certificate", untrusted},
		{"greylisting", greylisting},
		{"the answer to DATA is lost", lostAnswer},
		{"a mail comes back by both", comesBackByBoth},
		{"a mail comes back by IMAP", comesBackByIMAP},
	} {
		t.Run(c.name, func(t *testing.T) { c.try(t, m) })
	}
}

// sender is one that Postfix takes mails from: by STARTTLS, with a certificate of its own authority and another name than its address.
func (m *mailServers) sender() email.Config {
	port, _ := strconv.Atoi(m.Submission)
	return email.Config{From: "Acme <orders@acme.example>", EnvelopeFrom: "bounce+{id}@acme.example", Host: "127.0.0.1", Port: port, TLS: email.StartTLS,
		User: mailUser, Password: mailPassword, CAFile: m.path("ca.pem"), ServerName: mailName}
}

// behind is the same sender without a login and TLS, through a wire.
func (m *mailServers) behind(t *testing.T, w *wire, port string) email.Config {
	t.Helper()
	cfg := m.sender()
	_, at, _ := strings.Cut(w.start(t, "127.0.0.1:"+port), ":")
	cfg.Port, _ = strconv.Atoi(at)
	return cfg
}

func letter(to string) channels.Message {
	return channels.Message{Merchant: "acme", Delivery: "d1", Attempt: 1, Key: uuid.NewString(), To: notify.Address{Channel: notify.Email, Value: notify.Secret(to)}, Thread: "A1",
		Unsubscribe: "https://notify.acme.example/v1/out/" + strings.Repeat("t", 60), Words: notify.Words{Locale: "de", Title: "Ihr Wollmantel ist unterwegs – bald da",
			Text: "Grüße,\nIhr Paket kommt morgen.\n.\nEnde", HTML: "<html lang=\"de\"><body><p>Grüße</p></body></html>"}}
}

func post(t *testing.T, cfg email.Config, msg channels.Message) (channels.Accepted, error) {
	t.Helper()
	s, err := email.New(cfg, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s.Send(t.Context(), msg)
}

// A signed mail passes both servers: its signature holds, and so do the headers of the one-click unsubscription.
func arrivesWhole(t *testing.T, m *mailServers) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	cfg, msg := m.sender(), letter("mei@customers.test")
	cfg.DKIM = &email.DKIM{Selector: "landfall", Key: notify.Secret(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))}
	if _, err := post(t, cfg, msg); err != nil {
		t.Fatalf("%v\n%s", err, m.said())
	}
	raw := m.arrival("mei@customers.test", 1)[0]
	head, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"List-Unsubscribe": "<" + msg.Unsubscribe + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Return-Path": "<bounce+d1@acme.example>", "Message-Id": "<" + msg.Key + "@acme.example>", "Delivered-To": "mei@customers.test"} {
		if got := head.Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if !strings.Contains(strings.Join(head.Header["Received"], " "), "with ESMTPSA ") {
		t.Errorf("it did not come by TLS and with a login: %q", head.Header["Received"])
	}
	verified(t, raw, key)
}

func verified(t *testing.T, raw string, key *rsa.PrivateKey) {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	results, err := dkim.VerifyWithOptions(bytes.NewReader([]byte(strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n"))),
		&dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			if name != "landfall._domainkey.acme.example" {
				return nil, fmt.Errorf("asked for %s", name)
			}
			return []string{"v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)}, nil
		}})
	if err != nil || len(results) != 1 || results[0].Err != nil || results[0].Domain != "acme.example" {
		t.Errorf("the signature does not hold after Postfix: %+v, %v\n%s", results, err, raw)
	}
}

// What servers refuse is told apart by what there is to do about it.
func refusals(t *testing.T, m *mailServers) {
	if _, err := post(t, m.sender(), letter("full@customers.test")); err != nil {
		t.Fatal(err)
	}
	m.arrival("full@customers.test", 1)
	for name, c := range map[string]struct {
		change func(*email.Config)
		to     string
		kind   channels.Kind
		code   string
	}{
		"wrong password":    {func(c *email.Config) { c.Password = "hunter2" }, "mei@customers.test", channels.Misconfigured, "535"},
		"no login":          {func(c *email.Config) { c.User, c.Password = "", "" }, "mei@customers.test", channels.Misconfigured, "5.7.1"},
		"unknown recipient": {func(*email.Config) {}, "nobody@customers.test", channels.Unreachable, "5.1.1"},
		"mailbox full":      {func(*email.Config) {}, "full@customers.test", channels.Temporary, "5.2.2"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := m.sender()
			c.change(&cfg)
			_, err := post(t, cfg, letter(c.to))
			e, ok := err.(*channels.Error)
			if !ok || e.Kind != c.kind || e.Code != c.code {
				t.Errorf("came to %+v, want %s %s\n%s", err, c.kind, c.code, m.said())
			}
			if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), c.to)) {
				t.Errorf("it tells %v", err)
			}
		})
	}
}

// A certificate of an unknown authority or for another name ends the connection: nothing is said in the clear but the wish for TLS.
func untrusted(t *testing.T, m *mailServers) {
	for name, change := range map[string]func(*email.Config){
		"unknown authority": func(c *email.Config) { c.CAFile = "" },
		"another name":      func(c *email.Config) { c.ServerName = "mail.other.test" },
	} {
		t.Run(name, func(t *testing.T) {
			w := &wire{}
			cfg := m.behind(t, w, m.Submission)
			change(&cfg)
			_, err := post(t, cfg, letter("mei@customers.test"))
			if e, ok := err.(*channels.Error); !ok || e.Kind != channels.Temporary || !strings.Contains(e.Detail, "certificate is not trusted") {
				t.Errorf("came to %v", err)
			}
			heard := w.heard()
			if !strings.HasPrefix(heard, "EHLO acme.example\r\nSTARTTLS\r\n") || strings.Contains(heard, "AUTH") || strings.Contains(heard, "MAIL FROM") {
				t.Errorf("the wire heard %q", heard)
			}
		})
	}
}

// A server that knows nobody yet asks to come again, and takes the same mail then.
func greylisting(t *testing.T, m *mailServers) {
	msg := letter("slow@customers.test")
	s, err := email.New(m.sender(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), msg); err == nil || err.(*channels.Error).Kind != channels.Temporary || err.(*channels.Error).Code != "4.2.0" {
		t.Fatalf("came to %v\n%s", err, m.said())
	}
	if _, err := s.Send(t.Context(), msg); err != nil {
		t.Fatalf("the second try came to %v", err)
	}
	if got := m.arrival("slow@customers.test", 1); !strings.Contains(got[0], "Message-ID: <"+msg.Key+"@acme.example>") {
		t.Errorf("got\n%s", got[0])
	}
}

// The connection breaks after the whole mail: nobody knows whether it was taken, and the second try bears the same name.
func lostAnswer(t *testing.T, m *mailServers) {
	w := &wire{cuts: 1}
	cfg := m.behind(t, w, m.Plain)
	cfg.TLS, cfg.User, cfg.Password = email.Plain, "", ""
	msg := letter("eva@customers.test")
	if _, err := post(t, cfg, msg); err == nil || err.(*channels.Error).Kind != channels.Ambiguous {
		t.Fatalf("came to %v", err)
	}
	m.arrival("eva@customers.test", 1)
	if _, err := post(t, cfg, msg); err != nil {
		t.Fatal(err)
	}
	copies := 0
	for _, raw := range m.arrival("eva@customers.test", 2) {
		copies += strings.Count(raw, "Message-ID: <"+msg.Key+"@acme.example>")
	}
	if copies != 2 {
		t.Errorf("%d mails have the one Message-ID, want both", copies)
	}
}

// stage is a world whose mails go through the servers, and come back from them.
func (m *mailServers) stage(t *testing.T, envelope string) *stage {
	s := begin(t, play.Options{Start: instant(t, "2026-12-01T10:00:00Z"), Operator: func(c *config.Settings) {
		cfg := m.sender()
		c.SMTPPort, c.SMTPTLS, c.SMTPUser, c.SMTPPassword, c.SMTPCAFile, c.SMTPServerName = cfg.Port, string(cfg.TLS), cfg.User, cfg.Password, cfg.CAFile, cfg.ServerName
		c.SMTPHost, c.SMTPEnvelopeFrom, c.BounceOn = cfg.Host, envelope, "127.0.0.1:"+m.Listener
		c.BounceIMAP, c.BounceIMAPPassword, c.BounceIMAPCAFile = "imaps://bounce@box.test@127.0.0.1:"+m.IMAPS+"/INBOX", mailPassword, m.path("ca.pem")
	}})
	s.must(s.Put(t.Context(), "people/mei", map[string]any{"name": "Mei", "market": "DE", "locale": "de", "phone": phone, "email": "mei@elsewhere.test",
		"address": map[string]any{"country": "DE"}}))
	s.coat()
	return s
}

// counted is what Landfall counted of returned mails on a route.
func (s *stage) counted(route, result string) int {
	s.t.Helper()
	res, err := http.Get(s.App.URL() + "/metrics")
	s.must(err)
	defer res.Body.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(res.Body)
	s.must(err)
	_, rest, _ := strings.Cut(text.String(), fmt.Sprintf("landfall_intake_total{result=%q,route=%q} ", result, route))
	n, _ := strconv.Atoi(strings.SplitN(rest, "\n", 2)[0])
	return n
}

// told is everything that is known of what was told.
func (s *stage) told() []report.Told {
	s.t.Helper()
	all, err := s.App.Ledger.Notifications(s.t.Context(), "acme", ledger.Filter{})
	s.must(err)
	return all
}

// Postfix takes the mail, finds that it is for nobody, and returns it, to the listener and into a mailbox: it is applied once, and the
// news goes another way.
func comesBackByBoth(t *testing.T, m *mailServers) {
	s := m.stage(t, "bounce+{id}@acme.example")
	s.hear("2026-12-01T10:01:00Z", "departed_origin")
	m.wait("the report by SMTP", func() bool { return s.counted("SMTP", "accepted") == 1 })
	s.must(s.Work(t.Context()))
	s.ended("departed", notify.Email, "failed", notify.SaidFailed)
	before := s.told()
	m.arrival("bounce@box.test", 1)
	s.again()
	m.wait("the report by IMAP", func() bool { return s.counted("IMAP", "accepted") == 1 })
	s.must(s.Work(t.Context()))
	if diff := cmp.Diff(before, s.told()); diff != "" {
		t.Errorf("the second copy changed something (-before +after):\n%s", diff)
	}
	s.read(m)
}

// The same with a mailbox alone.
func comesBackByIMAP(t *testing.T, m *mailServers) {
	s := m.stage(t, "bounce+{id}@box.test")
	s.hear("2026-12-01T10:01:00Z", "departed_origin")
	m.wait("a report in the mailbox", func() bool { return len(unseen(t, m)) == 1 })
	s.ended("departed", notify.Email, "sent", notify.WasSent)
	s.again()
	m.wait("the report by IMAP", func() bool { return s.counted("IMAP", "accepted") == 1 })
	s.must(s.Work(t.Context()))
	s.ended("departed", notify.Email, "failed", notify.SaidFailed)
	s.read(m)
}

// again stops Landfall and starts it anew on the same ground: a mailbox is looked into at the start, and then every minute.
func (s *stage) again() {
	s.t.Helper()
	s.must(s.Leave())
	s.enter()
}

// read insists that nothing in the mailbox is unread.
func (s *stage) read(m *mailServers) {
	s.t.Helper()
	m.wait("the mailbox to be read", func() bool { return len(unseen(s.t, m)) == 0 })
}

// unseen are the mails in the mailbox that nobody marked as read: Maildir has it in their names.
func unseen(t *testing.T, m *mailServers) (out []string) {
	t.Helper()
	for _, part := range []string{"cur", "new"} {
		files, err := os.ReadDir(m.path("mail/bounce@box.test/" + part))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, f := range files {
			if _, flags, _ := strings.Cut(f.Name(), ":2,"); !strings.Contains(flags, "S") {
				out = append(out, f.Name())
			}
		}
	}
	return out
}
