package twilio

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"landfall/channels"
)

// A base_url that a merchant wrote and that leads into the network is not called.
func TestSend_GuardedAddress(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it is called") }))
	t.Cleanup(srv.Close)
	c, err := NewClient(Config{AccountSID: "AC1", AuthToken: "t", From: "+12025550123", BaseURL: srv.URL, Guarded: true}.WithDefaults())
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Send(t.Context(), Text{To: "+12025550124", Body: "hello"})
	if e, ok := errors.AsType[*channels.Error](err); !ok || e.Kind != channels.Misconfigured {
		t.Errorf("%v", err)
	}
}
