package outbound

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// What a merchant writes leads to the internet alone, also by a name, and whatever proxy the environment names.
func TestTransportFor(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(srv.Close)
	t.Setenv("HTTP_PROXY", srv.URL)
	for _, url := range []string{srv.URL, "http://localhost:1", "http://10.0.0.1", "http://169.254.169.254/latest", "http://[::ffff:127.0.0.1]:1"} {
		res, err := NewClient(TransportFor(true)).Get(url)
		if err == nil {
			_ = res.Body.Close()
		}
		if !Inside(err) {
			t.Errorf("%s: %v", url, err)
		}
	}
	res, err := NewClient(TransportFor(false)).Get(srv.URL)
	if err != nil {
		t.Fatalf("what the operator means is not called: %v", err)
	}
	_ = res.Body.Close()
}
