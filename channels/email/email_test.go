package email_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/channels/channeltest"
	"landfall/channels/email"
	"landfall/internal/notify"
)

const (
	password = "pass w0rd"
	key      = "123e4567-e89b-12d3-a456-426614174000"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func config(s *channeltest.Server) email.Config {
	return email.Config{From: "Acmé Mode <orders@acme.example>", Host: s.Host, Port: s.Port, TLS: email.Plain}
}

func message() channels.Message {
	return channels.Message{
		Merchant: "acme",
		Delivery: "d1",
		Attempt:  1,
		Key:      key,
		To:       notify.Address{Channel: notify.Email, Value: "mei@example.com"},
		Thread:   "A1",
		Words: notify.Words{
			Locale: "de",
			Title:  "Ihr Paket ist unterwegs – bald da",
			Text:   "Grüße,\nIhr Paket kommt morgen.",
			HTML:   `<html lang="de"><body><p>Grüße</p></body></html>`,
		},
	}
}

func TestSender_Kit(t *testing.T) {
	t.Parallel()
	channeltest.RunSMTP(t, channeltest.SMTPHarness{
		New: func(host string, port int, timeout time.Duration) (channels.Sender, error) {
			cfg := email.Config{From: "orders@acme.example", Host: host, Port: port, TLS: email.Plain, Timeout: timeout}
			return email.New(cfg, clock)
		},
		Message: message(),
		Secrets: []string{password},
	})
}

func send(t *testing.T, cfg email.Config, m channels.Message) (channels.Accepted, error) {
	t.Helper()
	s, err := email.New(cfg, clock)
	if err != nil {
		t.Fatal(err)
	}
	return s.Send(t.Context(), m)
}

// taken sends m and returns the one mail the server then has.
func taken(t *testing.T, server *channeltest.Server, cfg email.Config, m channels.Message) (channels.Accepted, channeltest.Mail) {
	t.Helper()
	got, err := send(t, cfg, m)
	mails := server.Mails()
	if err != nil || len(mails) == 0 {
		t.Fatalf("Send = %v, and the server has %d mails", err, len(mails))
	}
	return got, mails[len(mails)-1]
}

var threadID = regexp.MustCompile(`^<thread-[0-9a-f]{32}@acme\.example>$`)

func TestSend_Headers(t *testing.T) {
	t.Parallel()
	server := channeltest.NewServer(t, channeltest.Script{})
	cfg := config(server)
	cfg.ReplyTo, cfg.EnvelopeFrom = "Hilfe <help@acme.example>", "bounce+{id}@bounces.acme.example"
	got, sent := taken(t, server, cfg, message())
	if want := (channels.Accepted{ProviderID: "<" + key + "@acme.example>", State: notify.Sent}); got != want {
		t.Errorf("Send = %+v, want %+v", got, want)
	}
	if sent.Client != "acme.example" {
		t.Errorf("greeted as %q, want the sender's domain", sent.Client)
	}
	if sent.From != "bounce+d1@bounces.acme.example" || sent.To != "mei@example.com" {
		t.Errorf("envelope from %s to %s", sent.From, sent.To)
	}
	read := readMail(t, sent)
	for name, want := range map[string]string{
		"From": "Acmé Mode <orders@acme.example>", "To": "<mei@example.com>", "Reply-To": `"Hilfe" <help@acme.example>`,
		"Subject": message().Words.Title, "Date": "Tue, 01 Dec 2026 12:00:00 +0000",
		"Message-ID": "<" + key + "@acme.example>", "Content-Language": "de",
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All",
		"User-Agent": "", "X-Mailer": "", "Bcc": "", "Cc": "",
	} {
		if value := decode(t, read.Header.Get(name)); strings.ReplaceAll(value, `"`, "") != strings.ReplaceAll(want, `"`, "") {
			t.Errorf("%s: %q, want %q", name, value, want)
		}
	}
	if r := read.Header.Get("References"); !threadID.MatchString(r) || r != read.Header.Get("In-Reply-To") {
		t.Errorf("References %q, In-Reply-To %q; want the same id of a thread", r, read.Header.Get("In-Reply-To"))
	}
	if host, err := os.Hostname(); err == nil && len(host) > 3 && bytes.Contains(sent.Data, []byte(host)) {
		t.Error("the mail names this machine")
	}
}

// SMTPUTF8 is asked for only where an address needs it, mail by mail: elsewhere it would only cost the way over older servers.
func TestSend_International(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to   notify.Secret
		from string
		want bool
	}{
		"plain addresses":         {"mei@example.com", "Acmé Mode <orders@acme.example>", false},
		"an international person": {"møi@example.com", "orders@acme.example", true},
		"an international sender": {"mei@example.com", "bestellung@möbel.example", true},
	} {
		server := channeltest.NewServer(t, channeltest.Script{})
		cfg, m := config(server), message()
		cfg.From, m.To.Value = c.from, c.to
		if _, sent := taken(t, server, cfg, m); sent.UTF8 != c.want {
			t.Errorf("%s: SMTPUTF8 was asked for: %v", name, sent.UTF8)
		}
	}
}

func TestSend_Threads(t *testing.T) {
	t.Parallel()
	server := channeltest.NewServer(t, channeltest.Script{})
	root := func(merchant notify.MerchantID, thread string) string {
		m := message()
		m.Merchant, m.Thread = merchant, thread
		_, sent := taken(t, server, config(server), m)
		return readMail(t, sent).Header.Get("References")
	}
	first := root("acme", "A1")
	if again := root("acme", "A1"); again != first {
		t.Errorf("one order has the threads %s and %s", first, again)
	}
	if other := root("acme", "A2"); other == first {
		t.Error("two orders share a thread")
	}
	if other := root("zeta", "A1"); other == first {
		t.Error("two merchants share a thread")
	}
	if none := root("acme", ""); none != "" {
		t.Errorf("a mail without a thread has %s", none)
	}
	if odd := root("acme", "№ 1>\r\nBcc: x@example.com"); !threadID.MatchString(odd) {
		t.Errorf("an odd order number makes %q", odd)
	}
}

// The headers of RFC 8058 arrive as one line each: mail programs post to the address as it stands there.
func TestSend_OneClickUnsubscribe(t *testing.T) {
	t.Parallel()
	server := channeltest.NewServer(t, channeltest.Script{})
	m := message()
	m.Unsubscribe = "https://parcels.acme.example/u/" + strings.Repeat("Zk3vQ9xT7bW2mN5cR8yL1pD4sH6", 12)
	_, sent := taken(t, server, config(server), m)
	want := map[string]string{"List-Unsubscribe": "<" + m.Unsubscribe + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
	for name, value := range want {
		if got := readMail(t, sent).Header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	_, sent = taken(t, server, config(server), message())
	for name := range want {
		if got := readMail(t, sent).Header.Get(name); got != "" {
			t.Errorf("a mail without an address has %s: %q", name, got)
		}
	}
}

func TestSend_Body(t *testing.T) {
	t.Parallel()
	server := channeltest.NewServer(t, channeltest.Script{})
	w := message().Words
	_, both := taken(t, server, config(server), message())
	want := map[string]string{"text/plain": w.Text, "text/html": w.HTML}
	if diff := cmp.Diff(want, parts(t, readMail(t, both))); diff != "" {
		t.Error(diff)
	}
	m := message()
	m.Words.HTML = ""
	_, plain := taken(t, server, config(server), m)
	read := readMail(t, plain)
	if diff := cmp.Diff(map[string]string{"text/plain": w.Text}, parts(t, read)); diff != "" {
		t.Error(diff)
	}
}

func TestSend_NoHeaderIsSmuggledIn(t *testing.T) {
	t.Parallel()
	server := channeltest.NewServer(t, channeltest.Script{})
	m := message()
	m.Words.Title = "Hello\r\nBcc: all@example.com"
	m.Words.Locale = "de\r\nX-Evil: 1"
	_, sent := taken(t, server, config(server), m)
	h := readMail(t, sent).Header
	if h.Get("Bcc") != "" || h.Get("X-Evil") != "" {
		t.Errorf("the mail has headers it was not given: %v", h)
	}
}

func TestSend_NotEvenTried(t *testing.T) {
	t.Parallel()
	server := channeltest.NewServer(t, channeltest.Script{})
	for name, c := range map[string]struct {
		change func(*channels.Message)
		want   channels.Kind
	}{
		"no address":        {func(m *channels.Message) { m.To.Value = "mei" }, channels.Unreachable},
		"two addresses":     {func(m *channels.Message) { m.To.Value = "mei@example.com, tom@example.com" }, channels.Unreachable},
		"a line in between": {func(m *channels.Message) { m.To.Value = "mei@example.com>\r\nRCPT TO:<tom@example.com" }, channels.Unreachable},
		"no key":            {func(m *channels.Message) { m.Key = "" }, channels.Rejected},
		"id of no form":     {func(m *channels.Message) { m.Delivery = "d 1>" }, channels.Misconfigured},
	} {
		m := message()
		c.change(&m)
		cfg := config(server)
		cfg.EnvelopeFrom = "bounce+{id}@acme.example"
		_, err := send(t, cfg, m)
		if e := channels.AsError(err); e.Kind != c.want || strings.Contains(e.Error(), "example.com") {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if n := len(server.Mails()); n != 0 {
		t.Errorf("the server has %d mails, want none", n)
	}
}

func TestSend_Login(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mechanism, user string
		password        notify.Secret
		want            channels.Kind // "" for taken
	}{
		"right":       {"", "acme", password, ""},
		"wrong":       {"", "acme", "pass word", channels.Misconfigured},
		"none":        {"", "", "", channels.Misconfigured},
		"unknown way": {"GSSAPI", "acme", password, channels.Misconfigured},
	} {
		server := channeltest.NewServer(t, channeltest.Script{User: "acme", Password: password, Mechanism: c.mechanism})
		cfg := config(server)
		cfg.User, cfg.Password = c.user, c.password
		_, err := send(t, cfg, message())
		if (err == nil) != (c.want == "") || err != nil && channels.AsError(err).Kind != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err != nil && c.password != "" && strings.Contains(err.Error(), c.password.Reveal()) {
			t.Errorf("%s: %v tells the password", name, err)
		}
	}
}

func TestSender_PrintsNoPassword(t *testing.T) {
	t.Parallel()
	s, err := email.New(email.Config{From: "orders@acme.example", Host: "mail.acme.example", User: "acme", Password: password}, clock)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v", s, s); strings.Contains(text, password) {
		t.Errorf("a sender prints as %s", text)
	}
}

// A server that does not encrypt, or that nobody vouches for, gets neither the mail nor the password.
func TestSend_Encryption(t *testing.T) {
	t.Parallel()
	pair, ca := certificate(t)
	for name, c := range map[string]struct {
		script channeltest.Script
		change func(*email.Config)
		taken  bool
		detail string
	}{
		"starttls":             {channeltest.Script{StartTLS: pair}, func(c *email.Config) { c.TLS = email.StartTLS }, true, ""},
		"tls":                  {channeltest.Script{ImplicitTLS: pair}, func(c *email.Config) { c.TLS = email.Implicit }, true, ""},
		"starttls not offered": {channeltest.Script{}, func(c *email.Config) { c.TLS = email.StartTLS }, false, "would not encrypt"},
		"starttls, unknown CA": {channeltest.Script{StartTLS: pair}, func(c *email.Config) { c.TLS, c.CAFile = email.StartTLS, "" }, false, "certificate is not trusted"},
		"tls, unknown CA":      {channeltest.Script{ImplicitTLS: pair}, func(c *email.Config) { c.TLS, c.CAFile = email.Implicit, "" }, false, "certificate is not trusted"},
		"starttls, another's":  {channeltest.Script{StartTLS: pair}, func(c *email.Config) { c.TLS, c.ServerName = email.StartTLS, "mail.other.example" }, false, "certificate is not trusted"},
		"tls against starttls": {channeltest.Script{StartTLS: pair}, func(c *email.Config) { c.TLS = email.Implicit }, false, "would not encrypt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.script.User, c.script.Password = "acme", password
			server := channeltest.NewServer(t, c.script)
			cfg := config(server)
			cfg.CAFile, cfg.ServerName, cfg.User, cfg.Password = ca, "mail.acme.example", "acme", password
			c.change(&cfg)
			_, err := send(t, cfg, message())
			if c.taken && err != nil {
				t.Errorf("Send: %v", err)
			}
			if e := channels.AsError(err); !c.taken && (err == nil || e.Kind != channels.Temporary || !strings.Contains(e.Detail, c.detail)) {
				t.Errorf("Send: %v, want temporary, and %q", err, c.detail)
			}
			if n := len(server.Mails()); (n == 1) != c.taken {
				t.Errorf("the server has %d mails", n)
			}
		})
	}
}

func TestSend_GreetedWithNo(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]channels.Kind{421: channels.Temporary, 554: channels.Misconfigured} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := l.Accept()
			if err == nil {
				_, _ = io.WriteString(conn, map[int]string{421: "421 busy\r\n", 554: "554 no\r\n"}[code])
				_ = conn.Close()
			}
		}()
		_, err = send(t, config(&channeltest.Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}), message())
		_ = l.Close()
		if e := channels.AsError(err); e.Kind != want {
			t.Errorf("%d: %v, want %s", code, err, want)
		}
	}
}

func TestSend_Code(t *testing.T) {
	t.Parallel()
	no := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no"}
	server := channeltest.NewServer(t, channeltest.Script{Rcpt: no})
	_, err := send(t, config(server), message())
	if e := channels.AsError(err); e.Code != "5.1.1" {
		t.Errorf("Send: %v, want the code 5.1.1", err)
	}
}

func TestConfig_Mistakes(t *testing.T) {
	t.Parallel()
	notPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(notPEM, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*email.Config)
		want   string // "" for none
	}{
		"none":              {func(*email.Config) {}, ""},
		"none, local":       {func(c *email.Config) { c.Host, c.TLS = "localhost", email.Plain }, ""},
		"no host":           {func(c *email.Config) { c.Host = "" }, "host is missing"},
		"socket":            {func(c *email.Config) { c.Host = "unix:///run/mail" }, "host is missing or no host name"},
		"unknown tls":       {func(c *email.Config) { c.TLS = "ssl" }, `tls "ssl" is unknown`},
		"port":              {func(c *email.Config) { c.Port = 70000 }, "port 70000"},
		"in the clear":      {func(c *email.Config) { c.TLS = email.Plain }, "tls none is for"},
		"user only":         {func(c *email.Config) { c.User = "acme" }, "user and password belong together"},
		"password only":     {func(c *email.Config) { c.Password = password }, "user and password belong together"},
		"no from":           {func(c *email.Config) { c.From = "" }, "from is no mail address"},
		"from a name":       {func(c *email.Config) { c.From = "Acme" }, "from is no mail address"},
		"reply to":          {func(c *email.Config) { c.ReplyTo = "help" }, "reply_to is no mail address"},
		"envelope":          {func(c *email.Config) { c.EnvelopeFrom = "bounce@acme.example" }, "envelope_from is no pattern"},
		"envelope, no form": {func(c *email.Config) { c.EnvelopeFrom = "bounce+{id}" }, "envelope_from is no pattern"},
		"timeout":           {func(c *email.Config) { c.Timeout = -1 }, "timeout is negative"},
		"no CA file":        {func(c *email.Config) { c.CAFile = notPEM + ".missing" }, "ca_file cannot be read"},
		"CA file of no CA":  {func(c *email.Config) { c.CAFile = notPEM }, "ca_file holds no certificate"},
	} {
		cfg := email.Config{From: "orders@acme.example", Host: "mail.acme.example"}
		c.change(&cfg)
		_, err := email.New(cfg, clock)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), "email: "+c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestConfig_Defaults(t *testing.T) {
	t.Parallel()
	for security, port := range map[email.Security]int{"": 587, email.StartTLS: 587, email.Implicit: 465, email.Plain: 25} {
		got := email.Config{Host: "mail.acme.example", TLS: security}.WithDefaults()
		if got.Port != port || got.TLS == "" || got.ServerName != "mail.acme.example" || got.Timeout != 30*time.Second {
			t.Errorf("tls %q: %+v, want port %d", security, got, port)
		}
	}
}

func readMail(t *testing.T, m channeltest.Mail) *mail.Message {
	t.Helper()
	read, err := mail.ReadMessage(bytes.NewReader(m.Data))
	if err != nil {
		t.Fatalf("read mail: %v", err)
	}
	return read
}

func decode(t *testing.T, value string) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		t.Errorf("decode %q: %v", value, err)
	}
	return text
}

// parts returns what a mail says by media type, and fails unless several parts are alternatives, the text first.
func parts(t *testing.T, m *mail.Message) map[string]string {
	t.Helper()
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("read media type: %v", err)
	}
	if !strings.HasPrefix(media, "multipart/") {
		return map[string]string{media: body(t, quotedprintable.NewReader(m.Body))}
	}
	if media != "multipart/alternative" {
		t.Errorf("the mail is %s, want alternatives", media)
	}
	found := map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextPart()
		if err == io.EOF {
			return found
		}
		if err != nil {
			t.Fatalf("read part: %v", err)
		}
		media, _, _ := strings.Cut(part.Header.Get("Content-Type"), ";")
		if media == "text/plain" && len(found) > 0 {
			t.Error("the text comes after the HTML; mail programs show the last part they can")
		}
		found[media] = body(t, part)
	}
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Errorf("read body: %v", err)
	}
	return strings.TrimRight(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
}

// certificate returns a server's TLS for mail.acme.example, and a file with the CA to trust for it.
func certificate(t *testing.T) (server *tls.Config, caFile string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		DNSNames:     []string{"mail.acme.example"},
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA:         true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}, MinVersion: tls.VersionTLS12}, caFile
}
