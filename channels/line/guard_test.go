package line_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"landfall/channels"
	"landfall/channels/line"
)

// A base_url that a merchant wrote and that leads into the network is not called, to friends or to numbers.
func TestSend_GuardedAddress(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it is called") }))
	t.Cleanup(srv.Close)
	c := config(srv.URL)
	c.Guarded, c.Phone = true, true
	s, err := line.New(c)
	if err != nil {
		t.Fatal(err)
	}
	number := message()
	number.To.Value, number.Delivery = "+819012345678", "n_1234567890123456.line"
	for _, m := range []channels.Message{message(), number} {
		_, err := s.Send(t.Context(), m)
		if e, ok := errors.AsType[*channels.Error](err); !ok || e.Kind != channels.Misconfigured {
			t.Errorf("%v", err)
		}
	}
}
