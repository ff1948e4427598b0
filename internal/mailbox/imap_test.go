package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/google/go-cmp/cmp"
)

// box is a mailbox on a mail server that a test started.
type box struct {
	t       *testing.T
	user    *imapmemserver.User
	account Account
}

// newBox starts a mail server; with a configuration for TLS it speaks nothing else.
func newBox(t *testing.T, secure *tls.Config) *box {
	t.Helper()
	user := imapmemserver.NewUser("bounce", "secret")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &box{t: t, user: user, account: Account{Address: l.Addr().String(), User: "bounce", Password: "secret", Folder: "INBOX"}}
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-done }) // it says only that it was closed
	return b
}

// put lays a mail into the box.
func (b *box) put(headers, body string) {
	b.t.Helper()
	raw := strings.ReplaceAll(headers, "\n", "\r\n") + "\r\n\r\n" + body + "\r\n"
	if _, err := b.user.Append("INBOX", strings.NewReader(raw), &imap.AppendOptions{}); err != nil {
		b.t.Fatal(err)
	}
}

// unread is how many mails are not marked as read.
func (b *box) unread() uint32 {
	b.t.Helper()
	data, err := b.user.Status("INBOX", &imap.StatusOptions{NumUnseen: true})
	if err != nil {
		b.t.Fatal(err)
	}
	return *data.NumUnseen
}

// reader reads the box into p.
func (b *box) reader(p *post) *Reader { return NewReader(b.account, p.config()) }

func (b *box) look(r *Reader) {
	b.t.Helper()
	if err := r.Look(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	b, p := newBox(t, nil), &post{}
	b.put("Delivered-To: bounce+d1-ours@acme.example\nTo: somebody@acme.example", "one")
	b.put("Delivered-To: all@acme.example\nX-Original-To: BOUNCE+d2-ours@acme.example", "two")
	b.put("To: Undelivered <bounce+d3-ours@acme.example>, x@acme.example", "thr")
	b.put("To: Undelivered <bounce+d4@acme.example>", "forged")
	b.put("Subject: d5-ours@acme.example", "a letter")
	b.put("To: nonsense <<<\nEnvelope-To: d6-ours@acme.example", "six")
	r := b.reader(p)
	b.look(r)
	if diff := cmp.Diff([]string{"d1 one", "d2 two", "d3 thr", "d6 six"}, p.short()); diff != "" {
		t.Errorf("took (-want +got):\n%s", diff)
	}
	if n := b.unread(); n != 2 {
		t.Errorf("%d are unread; the two that are not ours must be left as they are", n)
	}
	b.put("Delivered-To: bounce+d7-ours@acme.example", "new")
	b.look(r)
	b.look(b.reader(p))
	if diff := cmp.Diff([]string{"d1 one", "d2 two", "d3 thr", "d6 six", "d7 new"}, p.short()); diff != "" {
		t.Errorf("took (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"accepted", "accepted", "accepted", "accepted", "accepted"}, p.counts); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

// What could not be written down stays unread, and is taken once it can be.
func TestReader_ComesAgain(t *testing.T) {
	t.Parallel()
	b, p := newBox(t, nil), &post{fail: errors.New("the ledger does not answer")}
	b.put("Delivered-To: d1-ours@acme.example", "one")
	r := b.reader(p)
	if err := r.Look(t.Context()); err == nil || !strings.Contains(err.Error(), "stays unread: the ledger does not answer") {
		t.Errorf("answered %v", err)
	}
	p.fail = nil
	b.look(r)
	if n := b.unread(); n != 0 || len(p.took) != 2 {
		t.Errorf("%d are unread, offered %d times", n, len(p.took))
	}
}

// Of a long mail the beginning is read: that is where a report says what became of ours.
func TestReader_LongMail(t *testing.T) {
	t.Parallel()
	b, p := newBox(t, nil), &post{}
	b.put("Delivered-To: d1-ours@acme.example", strings.Repeat("x\r\n", maxMail/3+1000))
	b.look(b.reader(p))
	if b.unread() != 0 || p.longest != maxMail {
		t.Errorf("took %d bytes", p.longest)
	}
}

// Two processes may look at the same time: both may offer a mail, and none is lost.
func TestReader_TwoAtATime(t *testing.T) {
	t.Parallel()
	const mails = 20
	b, p := newBox(t, nil), &post{}
	for range mails {
		b.put("Delivered-To: d1-ours@acme.example", "one")
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := b.reader(p).Look(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if n := len(p.took); b.unread() != 0 || n < mails || n > 2*mails {
		t.Errorf("%d are unread, %d were taken", b.unread(), n)
	}
}

// A certificate is trusted or not; there is no way back to the clear.
func TestReader_TLS(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(nil) // brings a certificate for 127.0.0.1
	t.Cleanup(web.Close)
	b, p := newBox(t, &tls.Config{Certificates: web.TLS.Certificates}), &post{}
	b.put("Delivered-To: d1-ours@acme.example", "one")
	trusted := x509.NewCertPool()
	trusted.AddCert(web.Certificate())
	for name, c := range map[string]struct {
		config *tls.Config
		want   string
	}{
		"unknown":    {&tls.Config{ServerName: "127.0.0.1"}, "is not trusted"},
		"other name": {&tls.Config{ServerName: "mail.acme.example", RootCAs: trusted}, "is not trusted"},
		"trusted":    {&tls.Config{ServerName: "127.0.0.1", RootCAs: trusted}, ""},
	} {
		b.account.TLS = c.config
		err := b.reader(p).Look(t.Context())
		if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: answered %v", name, err)
		}
	}
	if diff := cmp.Diff([]string{"d1 one"}, p.short()); diff != "" {
		t.Errorf("took (-want +got):\n%s", diff)
	}
}

func TestReader_Mistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*Account)
		want   string
	}{
		"wrong password": {func(a *Account) { a.Password = "hunter2" }, "does not accept the login; check the user in LANDFALL_BOUNCE_IMAP and LANDFALL_BOUNCE_IMAP_PASSWORD"},
		"no folder":      {func(a *Account) { a.Folder = "Bounces" }, "does not open the folder Bounces; check the path in LANDFALL_BOUNCE_IMAP"},
		"nobody there":   {func(a *Account) { a.Address = "127.0.0.1:1" }, "cannot be reached, or does not speak TLS there; check LANDFALL_BOUNCE_IMAP"},
		"no TLS":         {func(a *Account) { a.TLS = &tls.Config{ServerName: "127.0.0.1"} }, "cannot be reached, or does not speak TLS there; check LANDFALL_BOUNCE_IMAP"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t, nil)
			tt.change(&b.account)
			err := b.reader(&post{}).Look(t.Context())
			if err == nil || err.Error() != "the mail server at "+b.account.Address+" "+tt.want {
				t.Errorf("answered %v", err)
			}
		})
	}
}

// It looks at once, says that looks fail and that they work again, and ends with its context.
func TestReader_Run(t *testing.T) {
	t.Parallel()
	b, p := newBox(t, nil), &post{came: make(chan struct{}, 1)}
	b.put("Delivered-To: d1-ours@acme.example", "one")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { b.reader(p).Run(ctx); close(done) }()
	<-p.came
	cancel()
	<-done
}

func TestReader_Tell(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	p := &post{}
	c := p.config()
	c.Log = slog.New(slog.NewTextHandler(&told, nil))
	r := NewReader(Account{Password: "hunter2"}, c)
	failed := 0
	for _, err := range []error{nil, errors.New("the server is away"), errors.New("the server is away"), nil, nil} {
		failed = r.tell(failed, err)
	}
	text := told.String()
	if strings.Count(text, "level=ERROR") != 2 || strings.Count(text, "level=INFO") != 1 || !strings.Contains(text, "again_in=4m0s") || strings.Contains(text, "hunter2") {
		t.Errorf("logged:\n%s", text)
	}
	if diff := cmp.Diff([]string{"failed", "failed"}, p.counts); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	for failed, want := range map[int]time.Duration{0: time.Minute, 1: 2 * time.Minute, 2: 4 * time.Minute, 3: 8 * time.Minute, 4: 15 * time.Minute, 1000: 15 * time.Minute} {
		if got := pause(failed); got != want {
			t.Errorf("after %d: %s, want %s", failed, got, want)
		}
	}
}
