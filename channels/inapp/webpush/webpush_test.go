package webpush

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"landfall/channels"
	"landfall/channels/inapp"
	"landfall/internal/internet"
	"landfall/internal/notify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is a push service with one browser behind it, which decrypts what it gets by RFC 8291 and nothing of ours.
type service struct {
	*httptest.Server
	t      *testing.T
	key    *ecdh.PrivateKey
	auth   []byte
	answer int
	retry  string
	heads  []http.Header
	read   []string
}

func newService(t *testing.T) *service {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{t: t, key: key, auth: make([]byte, 16), answer: http.StatusCreated}
	if _, err := rand.Read(s.auth); err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (s *service) browser() inapp.Browser {
	return inapp.Browser{Endpoint: notify.Secret(s.URL + "/push/1"), Key: notify.Secret(encode(s.key.PublicKey().Bytes())), Auth: notify.Secret(encode(s.auth))}
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) > 4096 {
		s.t.Errorf("%d bytes came, %v", len(body), err)
	}
	text, err := s.decrypt(body)
	if err != nil {
		s.t.Error(err)
	}
	s.heads, s.read = append(s.heads, r.Header), append(s.read, text)
	if s.retry != "" {
		w.Header().Set("Retry-After", s.retry)
	}
	if s.answer == http.StatusFound {
		w.Header().Set("Location", s.URL+"/elsewhere")
	}
	w.WriteHeader(s.answer)
}

// decrypt opens one record of aes128gcm (RFC 8188) as a browser does.
func (s *service) decrypt(body []byte) (string, error) {
	if len(body) < 21+65 || body[20] != 65 {
		return "", fmt.Errorf("%d bytes are no message", len(body))
	}
	salt, theirs := body[:16], body[21:21+65]
	if size := binary.BigEndian.Uint32(body[16:20]); len(body)-86 > int(size) {
		return "", fmt.Errorf("a record of %d bytes is said to have %d", len(body)-86, size)
	}
	public, err := ecdh.P256().NewPublicKey(theirs)
	if err != nil {
		return "", err
	}
	shared, err := s.key.ECDH(public)
	if err != nil {
		return "", err
	}
	ikm, err := hkdf.Key(sha256.New, shared, s.auth, "WebPush: info\x00"+string(s.key.PublicKey().Bytes())+string(theirs), 32)
	if err != nil {
		return "", err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return "", err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return "", err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return "", err
	}
	plain, err := gcm.Open(nil, nonce, body[86:], nil)
	if err != nil {
		return "", err
	}
	text := strings.TrimRight(string(plain), "\x00")
	if !strings.HasSuffix(text, "\x02") {
		return "", fmt.Errorf("the last record ends with %q", text[max(0, len(text)-1):])
	}
	return text[:len(text)-1], nil
}

// pusher is one with new keys, that may push to this machine.
func pusher(t *testing.T) *Pusher {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := New(Config{PublicKey: encode(key.PublicKey().Bytes()), PrivateKey: notify.Secret(encode(key.Bytes())), Subject: "ops@shop.example", Loopback: true})
	t.Cleanup(p.Close)
	return p
}

func news() inapp.Push {
	return inapp.Push{Card: "n_1.inapp", Title: "Unterwegs", Text: "Ihr Wollmantel ist unterwegs.", Link: "https://shop.example/t/1", Urgency: notify.High,
		Collapse: "p_1/eta", TTL: 90 * time.Minute}
}

func TestPush_ReachesTheBrowser(t *testing.T) {
	t.Parallel()
	s, p := newService(t), pusher(t)
	if err := p.Push(t.Context(), s.browser(), news()); err != nil {
		t.Fatal(err)
	}
	var got note
	if err := json.Unmarshal([]byte(s.read[0]), &got); err != nil {
		t.Fatal(err)
	}
	want := note{Landfall: 1, Title: "Unterwegs", Body: "Ihr Wollmantel ist unterwegs.", Link: "https://shop.example/t/1", Tag: topic("p_1/eta")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	h := s.heads[0]
	if h.Get("TTL") != "5400" || h.Get("Urgency") != "high" || h.Get("Topic") != want.Tag || len(want.Tag) != 32 || h.Get("Content-Encoding") != "aes128gcm" {
		t.Errorf("the headers are %v", h)
	}
	if claims := signed(t, h.Get("Authorization"), p.PublicKey); claims["aud"] != s.URL || claims["sub"] != "mailto:ops@shop.example" {
		t.Errorf("the token claims %v", claims)
	}
}

// signed opens a VAPID header with the public key alone.
func signed(t *testing.T, header, public string) map[string]any {
	t.Helper()
	token, key, _ := strings.Cut(strings.TrimPrefix(header, "vapid t="), ", k=")
	parts := strings.Split(token, ".")
	if key != public || len(parts) != 3 {
		t.Fatalf("the header is %q", header)
	}
	raw, err := base64.RawURLEncoding.DecodeString(public)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		t.Fatalf("a signature of %d bytes, %v", len(signature), err)
	}
	verifier, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(verifier, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the signature does not hold")
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(data, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// What does not fit is cut at a character, and the link goes before the title.
func TestPush_FitsIntoOneRecord(t *testing.T) {
	t.Parallel()
	s, p := newService(t), pusher(t)
	for name, m := range map[string]inapp.Push{
		"a long text":        {Card: "d1", Title: "Neu", Text: strings.Repeat("ひつじ", 3000), Link: "https://shop.example/t/1"},
		"a text to escape":   {Card: "d1", Title: "Neu", Text: strings.Repeat("<\n", 5000), Link: "https://shop.example/t/1"},
		"a long link":        {Card: "d1", Title: "Neu", Link: "https://shop.example/" + strings.Repeat("x", 5000)},
		"a long title":       {Card: "d1", Title: strings.Repeat("ü", 5000), Text: "x"},
		"a text and no more": {Card: "d1", Text: strings.Repeat("x", 5000)},
	} {
		if err := p.Push(t.Context(), s.browser(), m); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text := s.read[len(s.read)-1]
		var got note
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if len(text) > maxPayload || got.Title == "" || strings.ContainsRune(text, '\uFFFD') || got.Link != "" && got.Link != m.Link {
			t.Errorf("%s: %d bytes: %.100s", name, len(text), text)
		}
		if got.Tag != "d1" || s.heads[len(s.heads)-1].Get("Topic") != "" {
			t.Errorf("%s: the tag is %q", name, got.Tag)
		}
	}
}

func TestPush_Answers(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]channels.Kind{
		200: "", 201: "", 202: "", 204: "", 302: channels.Rejected, 400: channels.Rejected, 401: channels.Misconfigured, 403: channels.Misconfigured,
		404: channels.Unreachable, 408: channels.Temporary, 410: channels.Unreachable, 413: channels.Rejected, 429: channels.Throttled, 500: channels.Temporary, 503: channels.Temporary,
	} {
		s, p := newService(t), pusher(t)
		s.answer, s.retry = code, "7"
		err := p.Push(t.Context(), s.browser(), news())
		if want == "" {
			if err != nil {
				t.Errorf("%d: %v", code, err)
			}
			continue
		}
		e := channels.AsError(err)
		if e.Kind != want || e.Code != fmt.Sprint(code) || e.RetryAfter != 7*time.Second || len(s.read) != 1 {
			t.Errorf("%d is %+v after %d calls", code, e, len(s.read))
		}
		if strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("the error names the endpoint: %v", err)
		}
	}
}

// A name that leads to an inner address is found out when the connection is made, and nothing is sent there.
func TestPush_CallsNothingInside(t *testing.T) {
	t.Parallel()
	s, p := newService(t), pusher(t)
	p.Loopback = false
	b := s.browser()
	b.Endpoint = "https://push.shop.example/x"
	p.transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) { // the name leads here
		return internet.Dialer(callTimeout, p.also)(ctx, network, strings.TrimPrefix(s.URL, "http://"))
	}
	if e := channels.AsError(p.Push(t.Context(), b, news())); e.Kind != channels.Rejected || e.Code != "address" {
		t.Errorf("a name that leads here is %v", e)
	}
	for _, endpoint := range []string{s.URL, "https://" + strings.TrimPrefix(s.URL, "http://"), "https://10.0.0.1/x", "https://[::1]/x", "https://[::ffff:169.254.169.254]/x", "https://localhost/x"} {
		b.Endpoint = notify.Secret(endpoint)
		if e := channels.AsError(p.Push(t.Context(), b, news())); e.Kind != channels.Rejected {
			t.Errorf("%s is %v", endpoint, e)
		}
	}
	if len(s.read) > 0 {
		t.Errorf("%d calls came through", len(s.read))
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s, p := newService(t), pusher(t)
	inside := New(Config{})
	good := s.browser()
	with := func(endpoint, key, auth string) inapp.Browser {
		b := good
		if endpoint != "" {
			b.Endpoint = notify.Secret(endpoint)
		}
		if key != "" {
			b.Key = notify.Secret(key)
		}
		if auth != "" {
			b.Auth = notify.Secret(auth)
		}
		return b
	}
	for name, c := range map[string]struct {
		p    *Pusher
		b    inapp.Browser
		want string
	}{
		"on a stage":          {p, good, ""},
		"a real one":          {inside, with("https://fcm.googleapis.com/fcm/send/abc", "", ""), ""},
		"padded":              {inside, with("https://push.example/1", string(good.Key)+"=", string(good.Auth)+"=="), ""},
		"this machine":        {inside, good, "not encrypted"},
		"in the clear":        {p, with("http://push.example/1", "", ""), "not encrypted"},
		"another scheme":      {inside, with("ftp://push.example/1", "", ""), "not encrypted"},
		"a network behind":    {inside, with("https://192.168.1.1/1", "", ""), "no public address"},
		"this machine's name": {inside, with("https://localhost/1", "", ""), "no public address"},
		"no host":             {inside, with("https:///1", "", ""), "no address"},
		"a password":          {inside, with("https://a:b@push.example/1", "", ""), "no address"},
		"too long":            {inside, with("https://push.example/"+strings.Repeat("x", 1000), "", ""), "no address"},
		"a key off the curve": {inside, with("https://push.example/1", encode(append([]byte{4}, make([]byte, 64)...)), ""), "keys.p256dh"},
		"no key":              {inside, with("https://push.example/1", "%%", ""), "keys.p256dh"},
		"a short secret":      {inside, with("https://push.example/1", "", encode(make([]byte, 15))), "keys.auth"},
	} {
		err := c.p.Check(c.b)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
