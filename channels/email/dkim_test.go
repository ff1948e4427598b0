package email_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"landfall/channels"
	"landfall/channels/channeltest"
	"landfall/channels/email"
	"landfall/internal/notify"
)

// rsaKey is made once, since that takes long.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pemOf(kind string, der []byte) notify.Secret {
	return notify.Secret(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// record is what the domain's DNS says of the key.
func record(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// signedMail is a mail as it went over the wire.
func signedMail(t *testing.T, m channels.Message) []byte {
	t.Helper()
	server := channeltest.NewServer(t, channeltest.Script{})
	cfg := config(server)
	cfg.ReplyTo = "help@acme.example"
	cfg.DKIM = &email.DKIM{Selector: "landfall", Key: pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()))}
	_, sent := taken(t, server, cfg, m)
	return sent.Data
}

// verify asks the library whether a mail's only signature holds.
func verify(t *testing.T, raw []byte) error {
	t.Helper()
	got, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "landfall._domainkey.acme.example" {
			return nil, errors.New("no such record")
		}
		return []string{record(t)}, nil
	}})
	if err != nil {
		return err
	}
	if len(got) != 1 || got[0].Domain != "acme.example" {
		t.Fatalf("%d signatures", len(got))
	}
	return got[0].Err
}

func TestDKIM_Verifies(t *testing.T) {
	t.Parallel()
	m := message()
	m.Unsubscribe = "https://parcels.acme.example/u/" + strings.Repeat("Zk3vQ9xT7bW2mN5cR8yL1pD4sH6", 12)
	raw := signedMail(t, m)
	if err := verify(t, raw); err != nil {
		t.Fatalf("the library: %v", err)
	}
	if err := byHand(t, raw); err != nil {
		t.Fatalf("by hand: %v", err)
	}
	for name, change := range map[string][2]string{
		"subject": {"Subject: ", "Subject: x"}, "to": {"mei@example.com", "tom@example.com"}, "body": {"morgen", "gestern"}, "added": {"Date: ", "Subject: other\r\nDate: "},
		"unsubscribe": {"<https://parcels", "<https://evil"}, "feedback": {"Feedback-ID: ", "Feedback-ID: x"},
	} {
		changed := bytes.Replace(raw, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(changed, raw) {
			t.Fatalf("%s: there is no %q to change in\n%s", name, change[0], raw)
		}
		if verify(t, changed) == nil {
			t.Errorf("%s: a changed mail passes", name)
		}
	}
}

func TestDKIM_EveryTryIsSigned(t *testing.T) {
	t.Parallel()
	first, second := signedMail(t, message()), signedMail(t, message())
	if err := errors.Join(verify(t, first), verify(t, second)); err != nil {
		t.Error(err)
	}
}

var fold = regexp.MustCompile(`\r\n[ \t]+`)
var blank = regexp.MustCompile(`[ \t]+`)

// byHand verifies a relaxed/relaxed RSA-SHA256 signature as RFC 6376 describes it, without the library that made it.
func byHand(t *testing.T, raw []byte) error {
	t.Helper()
	head, body, _ := strings.Cut(string(raw), "\r\n\r\n")
	headers := map[string]string{}
	for line := range strings.SplitSeq(fold.ReplaceAllString(head, " "), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		headers[strings.ToLower(name)] = strings.ToLower(name) + ":" + strings.TrimSpace(blank.ReplaceAllString(value, " "))
	}
	signature := headers["dkim-signature"]
	tags := map[string]string{}
	for tag := range strings.SplitSeq(strings.TrimPrefix(signature, "dkim-signature:"), ";") {
		name, value, _ := strings.Cut(tag, "=")
		tags[strings.TrimSpace(name)] = strings.ReplaceAll(value, " ", "")
	}
	var lines []string
	for line := range strings.SplitSeq(body, "\r\n") {
		lines = append(lines, strings.TrimRight(blank.ReplaceAllString(line, " "), " "))
	}
	sum := sha256.Sum256([]byte(strings.TrimRight(strings.Join(lines, "\r\n"), "\r\n") + "\r\n"))
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != tags["bh"] {
		return errors.New("the body's hash is " + got + ", signed is " + tags["bh"])
	}
	var over strings.Builder
	names := strings.Split(strings.ToLower(tags["h"]), ":")
	for _, must := range []string{"from", "list-unsubscribe", "list-unsubscribe-post", "message-id", "references", "feedback-id"} {
		if !slices.Contains(names, must) {
			return errors.New(must + " is not signed")
		}
	}
	for i, name := range names {
		if header, there := headers[name]; there && slices.Index(names, name) == i { // named again it stands for none
			over.WriteString(header + "\r\n")
		}
	}
	over.WriteString(regexp.MustCompile(`\bb=[^;]*`).ReplaceAllString(signature, "b="))
	digest := sha256.Sum256([]byte(over.String()))
	sig, err := base64.StdEncoding.DecodeString(tags["b"])
	if err != nil {
		return err
	}
	return rsa.VerifyPKCS1v15(&rsaKey().PublicKey, crypto.SHA256, digest[:], sig)
}

func TestDKIM_Mistakes(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := x509.MarshalPKCS8PrivateKey(rsaKey())
	if err != nil {
		t.Fatal(err)
	}
	good := pemOf("PRIVATE KEY", whole)
	for name, c := range map[string]struct {
		dkim email.DKIM
		want string
	}{
		"good, PKCS 8": {email.DKIM{Selector: "2026.landfall", Key: good}, ""},
		"no selector":  {email.DKIM{Key: good}, "email: dkim.selector is missing or no name in DNS"},
		"bad selector": {email.DKIM{Selector: "a b", Key: good}, "email: dkim.selector is missing or no name in DNS"},
		"no key":       {email.DKIM{Selector: "s"}, "email: dkim.key is no PEM"},
		"no RSA":       {email.DKIM{Selector: "s", Key: pemOf("PRIVATE KEY", other)}, "email: dkim.key is no RSA key"},
		"nonsense":     {email.DKIM{Selector: "s", Key: pemOf("PRIVATE KEY", []byte("x"))}, "email: dkim.key is no RSA key"},
		"too short":    {email.DKIM{Selector: "s", Key: pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(short))}, "email: dkim.key has 1024 bits"},
	} {
		cfg := email.Config{From: "orders@acme.example", Host: "mail.acme.example", DKIM: &c.dkim}
		_, err := email.New(cfg, clock)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A signature speaks for the addresses of one organization, wherever below its domain they are.
func TestDKIM_SignsFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		domain, from string
		want         bool
	}{
		"the same":             {"acme.example", "Acme <orders@acme.example>", true},
		"other case":           {"Acme.Example.", "orders@ACME.example", true},
		"below":                {"acme.example", "orders@mail.acme.example", true},
		"above":                {"mail.acme.example", "orders@acme.example", true},
		"a stranger":           {"acme.example", "orders@other.example", false},
		"ends alike":           {"acme.example", "orders@notacme.example", false},
		"one registry":         {"acme.co.uk", "orders@other.co.uk", false},
		"below one registry":   {"acme.co.uk", "orders@mail.acme.co.uk", true},
		"a name that pretends": {"acme.example", `"acme.example" <orders@other.example>`, false},
		"no address":           {"acme.example", "acme.example", false},
		"no domain":            {"", "orders@acme.example", false},
	} {
		if got := (email.DKIM{Domain: c.domain}).SignsFor(c.from); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
