package outbound_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"landfall/channels/internal/outbound"
)

func TestParseBase(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://api.twilio.com":       "",
		"http://127.0.0.1:8080":        "",
		"http://[::1]:8080/prefix":     "",
		"http://localhost":             "",
		"http://api.twilio.com":        "not encrypted",
		"http://127.0.0.1.example.com": "not encrypted",
		"http://10.0.0.1":              "not encrypted",
		"ftp://127.0.0.1":              "not encrypted",
		"https://user:pw@host":         "no base URL",
		"https://host?x=1":             "no base URL",
		"https://:443":                 "no base URL",
		"api.twilio.com":               "no base URL",
		"":                             "no base URL",
	} {
		_, err := outbound.ParseBase(base)
		if want == "" && err != nil {
			t.Errorf("ParseBase(%q): %v", base, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("ParseBase(%q) = %v, want an error with %q", base, err, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const date = "Tue, 01 Dec 2026 10:00:00 GMT"
	for _, c := range []struct {
		after, date string
		want        time.Duration
	}{
		{"7", "", 7 * time.Second},
		{"-7", "", 0},
		{"99999999999", "", 24 * time.Hour},
		{"Tue, 01 Dec 2026 10:01:30 GMT", date, 90 * time.Second},
		{"Tue, 01 Dec 2026 09:00:00 GMT", date, 0},
		{"Tue, 01 Dec 2026 10:01:30 GMT", "", 0},
		{"Tue, 01 Dec 2099 10:00:00 GMT", date, 24 * time.Hour},
		{"soon", date, 0},
		{"", date, 0},
	} {
		h := http.Header{"Retry-After": {c.after}, "Date": {c.date}}
		if got := outbound.RetryAfter(h); got != c.want {
			t.Errorf("RetryAfter(%q at %q) = %v, want %v", c.after, c.date, got, c.want)
		}
	}
}

func TestNewClient_StaysAndReadsWhole(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the redirect was followed")
	}))
	defer elsewhere.Close()
	srv := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer srv.Close()

	transport := outbound.NewTransport()
	defer transport.CloseIdleConnections()
	res, err := outbound.NewClient(transport).Post(srv.URL, "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	srv.Close() // the body must not need the connection any more
	if _, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("got %d and %v, want the redirect itself, whole", res.StatusCode, err)
	}
}
