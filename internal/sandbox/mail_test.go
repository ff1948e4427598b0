package sandbox_test

import (
	"errors"
	"fmt"
	"net/smtp"
	"strings"
	"testing"

	gomail "github.com/wneessen/go-mail"

	"landfall/internal/sandbox"
)

const (
	mailFrom = "shop@acme.example"
	mailTo   = "mei@example.com"
)

// letterTo is a sound mail; change may spoil it.
func letterTo(t *testing.T, to string, change ...func(*gomail.Msg)) *gomail.Msg {
	t.Helper()
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := errors.Join(m.From("Acme Köln <"+mailFrom+">"), m.To(to), m.EnvelopeFrom("bounce+1@acme.example")); err != nil {
		t.Fatal(err)
	}
	m.Subject("Deine Sendung kommt morgen — ぜひ")
	m.SetMessageIDWithValue("d1@acme.example")
	m.SetDate()
	m.SetBodyString(gomail.TypeTextPlain, "Guten Tag,\nsie kommt morgen. พรุ่งนี้")
	m.AddAlternativeString(gomail.TypeTextHTML, "<p dir=\"auto\">غدًا</p>")
	for _, c := range change {
		c(m)
	}
	return m
}

func (w *world) mail(t *testing.T, m *gomail.Msg) error {
	t.Helper()
	c, err := gomail.NewClient(w.SMTPHost(), gomail.WithPort(w.SMTPPort()), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithHELO("acme.example"))
	if err != nil {
		t.Fatal(err)
	}
	return c.DialAndSendWithContext(t.Context(), m)
}

func TestMail_IsReadAsAPersonWould(t *testing.T) {
	t.Parallel()
	w := start(t)
	if err := w.mail(t, letterTo(t, mailTo)); err != nil {
		t.Fatal(err)
	}
	got := w.Received()
	if len(got) != 1 {
		t.Fatalf("received %d mails", len(got))
	}
	r := got[0]
	if r.Channel != sandbox.Email || r.To != mailTo || r.From != mailFrom || r.ProviderID != "<d1@acme.example>" {
		t.Errorf("received = %+v", r)
	}
	if r.Title != "Deine Sendung kommt morgen — ぜひ" || r.Text != "Guten Tag,\nsie kommt morgen. พรุ่งนี้" || r.HTML != "<p dir=\"auto\">غدًا</p>" {
		t.Errorf("words = %q, %q, %q", r.Title, r.Text, r.HTML)
	}
	if from := r.Headers["From"]; len(from) != 1 || !strings.Contains(from[0], "Acme Köln") {
		t.Errorf("From header = %q", from)
	}
	if !strings.Contains(string(r.Raw), "bounce+1@acme.example") {
		t.Errorf("envelope = %s", r.Raw)
	}
	w.wantProblems(t)
}

func TestMail_EncodingsAreUndone(t *testing.T) {
	t.Parallel()
	for _, e := range []gomail.Encoding{gomail.EncodingQP, gomail.EncodingB64, gomail.NoEncoding} {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			w := start(t)
			m := letterTo(t, mailTo, func(m *gomail.Msg) { m.SetEncoding(e) })
			if err := w.mail(t, m); err != nil {
				t.Fatal(err)
			}
			if got := w.Received()[0].Text; got != "Guten Tag,\nsie kommt morgen. พรุ่งนี้" {
				t.Errorf("text = %q", got)
			}
		})
	}
}

func TestMail_RefusedAndGreylisted(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.RefuseMail("Gone@example.com")
	w.GreylistMail(mailTo)
	sent := func(to string) (code int, enhanced string, temporary bool) {
		t.Helper()
		err := w.mail(t, letterTo(t, to))
		e, ok := errors.AsType[*gomail.SendError](err)
		if !ok {
			return 0, fmt.Sprint(err), false
		}
		return e.ErrorCode(), e.EnhancedStatusCode(), e.IsTemp()
	}
	if code, enhanced, temporary := sent("gone@example.com"); code != 550 || enhanced != "5.1.1" || temporary {
		t.Errorf("refused: %d %s %t", code, enhanced, temporary)
	}
	if code, enhanced, temporary := sent(mailTo); code != 451 || enhanced != "4.7.1" || !temporary {
		t.Errorf("greylisted: %d %s %t", code, enhanced, temporary)
	}
	if code, why, _ := sent(mailTo); code != 0 || why != "<nil>" {
		t.Errorf("second try: %d %s", code, why)
	}
	if len(w.Received()) != 1 {
		t.Errorf("received %d mails, want 1", len(w.Received()))
	}
	w.wantProblems(t)
}

func TestMail_Faults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		fault    sandbox.Fault
		code     int
		enhanced string
		received int
	}{
		{"default", sandbox.Fault{}, 0, "", 1},
		{"mailbox full", sandbox.Fault{Status: 552, Code: 522}, 552, "5.2.2", 0},
		{"status alone", sandbox.Fault{Status: 450}, 450, "4.0.0", 0},
		{"cut", sandbox.Fault{CutAnswer: true}, 0, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			if c.name != "default" {
				w.Fail(sandbox.Email, c.fault)
			}
			err := w.mail(t, letterTo(t, mailTo))
			e, ok := errors.AsType[*gomail.SendError](err)
			if ok && (e.ErrorCode() != c.code || e.EnhancedStatusCode() != c.enhanced) {
				t.Errorf("error = %d %s", e.ErrorCode(), e.EnhancedStatusCode())
			}
			if (err == nil) != (c.name == "default") || len(w.Received()) != c.received {
				t.Errorf("error %v, received %d", err, len(w.Received()))
			}
			w.wantProblems(t)
		})
	}
}

func TestMail_AFaultLastsOneMessage(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.Fail(sandbox.Email, sandbox.Fault{})
	first, second := w.mail(t, letterTo(t, mailTo)), w.mail(t, letterTo(t, mailTo))
	if e, ok := errors.AsType[*gomail.SendError](first); !ok || e.ErrorCode() != 451 || second != nil {
		t.Errorf("first %v, second %v", first, second)
	}
}

// sound is the text of a mail without problems, whose parts a case replaces.
const sound = "From: shop@acme.example\r\nTo: mei@example.com\r\nSubject: Hello\r\nDate: Tue, 01 Dec 2026 21:15:00 +0000\r\n" +
	"Message-ID: <1@acme.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n"

func TestMail_Problems(t *testing.T) {
	t.Parallel()
	part := func(headers, body string) string {
		return "multipart/mixed; boundary=b\r\n\r\n--b\r\n" + headers + "\r\n\r\n" + body + "\r\n--b--\r\n"
	}
	const plain = "text/plain; charset=utf-8\r\n\r\nHello\r\n"
	deep := plain
	for i := range 12 {
		deep = fmt.Sprintf("multipart/mixed; boundary=b%dx\r\n\r\n--b%dx\r\nContent-Type: %s\r\n--b%dx--\r\n", i, i, deep, i)
	}
	for _, c := range []struct{ name, old, new, problem string }{
		{"sound", "", "", ""},
		{"no sender", "From: shop@acme.example\r\n", "", "From is missing"},
		{"no recipient", "To: mei@example.com\r\n", "", "To is missing"},
		{"no subject", "Subject: Hello\r\n", "", "Subject is missing"},
		{"no date", "Date: Tue, 01 Dec 2026 21:15:00 +0000\r\n", "", "Date is missing"},
		{"no id", "Message-ID: <1@acme.example>\r\n", "", "Message-Id is missing"},
		{"no version", "MIME-Version: 1.0\r\n", "", "Mime-Version is missing"},
		{"date is none", "Tue, 01 Dec", "Someday, 01 Dec", "no date"},
		{"sender is none", "From: shop@acme.example", "From: shop", "From holds no addresses"},
		{"somebody else", "To: mei@example.com", "To: tom@example.com", "does not name the recipient"},
		{"raw header", "Subject: Hello", "Subject: Grüße", "Subject is not encoded"},
		{"other charset", "charset=utf-8", "charset=iso-8859-1", "not UTF-8"},
		{"not in its charset", "\r\nHello\r\n", "\r\nGr\xfc\xdfe\r\n", "not UTF-8"},
		{"no text", plain, "text/html; charset=utf-8\r\n\r\n<p>Hello</p>\r\n", "no plain text part"},
		{"only an attachment", plain, part("Content-Type: text/plain\r\nContent-Disposition: attachment", "x"), "no plain text part"},
		{"unknown kind", plain, ";;\r\n\r\nHello\r\n", "Content-Type"},
		{"broken transfer", "\r\n\r\nHello", "\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!", "decode text part"},
		{"cut short", plain, "multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello", "decode text part"},
		{"broken part", plain, part("no header", "Hello"), "read part"},
		{"nested too deeply", plain, deep, "nested too deeply"},
		{"no headers", sound, "Hello\r\n", "headers cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			raw := strings.Replace(sound, c.old, c.new, 1)
			address := fmt.Sprintf("%s:%d", w.SMTPHost(), w.SMTPPort())
			if err := smtp.SendMail(address, nil, mailFrom, []string{mailTo}, []byte(raw)); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(w.Problems(), "\n")
			if !strings.Contains(got, c.problem) || c.name == "sound" && got != "" {
				t.Errorf("problems = %q, want %q", got, c.problem)
			}
			if strings.Contains(got, mailTo) {
				t.Errorf("problems name a person: %q", got)
			}
		})
	}
}
