package line_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/channels/channeltest"
	"landfall/channels/line"
	"landfall/internal/notify"
)

const (
	number = "+818000001234"
	tag    = "n_abcdefghijklmnopqrst.line"
	// Computed apart from this code, with sha256sum.
	numberHash = "d41e0ad70dddfeb68f149ad6fc61574b9c5780ab7bcb2fba5517771ffbb2409c"
)

func toNumber() channels.Message {
	m := message()
	m.To.Value, m.Delivery = number, tag
	return m
}

func taken(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Line-Request-Id", "request-1")
	_, _ = io.WriteString(w, `{}`)
}

func TestNumber_Kit(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Harness{
		New: func(base string, timeout time.Duration) (channels.Sender, error) {
			cfg := config(base)
			cfg.Timeout = timeout
			return line.New(cfg)
		},
		Message:  toNumber(),
		Yes:      taken,
		Lost:     channels.Ambiguous,
		Statuses: map[int]channels.Kind{http.StatusUnprocessableEntity: channels.NotAllowedNow},
		Secrets:  []string{token, secret, numberHash},
	})
}

func TestNumber_Sent(t *testing.T) {
	t.Parallel()
	var sent map[string]any
	var header http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		if r.URL.Path != "/bot/pnp/push" {
			t.Errorf("call %s", r.URL.Path)
		}
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Errorf("read push: %v", err)
		}
		taken(w, r)
	}))
	defer srv.Close()
	s, err := line.New(config(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Send(t.Context(), toNumber())
	if want := (channels.Accepted{ProviderID: "request-1", State: notify.Sent}); err != nil || got != want {
		t.Errorf("Send = %+v, %v; want %+v", got, err, want)
	}
	if _, keyed := header["X-Line-Retry-Key"]; keyed || header.Get("X-Line-Delivery-Tag") != tag {
		t.Errorf("headers %v, want the tag and no key", header)
	}
	want := map[string]any{"to": numberHash, "notificationDisabled": false,
		"messages": []any{map[string]any{"type": "text", "text": message().Words.Text}}}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Error(diff)
	}
}

func TestNumber_TagOfNoLength(t *testing.T) {
	t.Parallel()
	s, err := line.New(config("http://127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", strings.Repeat("a", 15), strings.Repeat("a", 101)} {
		m := toNumber()
		m.Delivery = notify.DeliveryID(id)
		if _, err := s.Send(t.Context(), m); channels.AsError(err).Kind != channels.Rejected {
			t.Errorf("%d characters: %v, want rejected", len(id), err)
		}
	}
}

func TestReceive_Arrival(t *testing.T) {
	t.Parallel()
	const event = `{"type":"delivery","webhookEventId":"E9",` + fromUser + `,"delivery":{"data":"` + tag + `"}}`
	got, err := line.Receive(envelope(event, strings.Replace(event, tag, "", 1)), heard)
	want := []channels.Signal{{Receipt: &notify.Receipt{ID: "E9", Delivery: tag, Channel: notify.LINE, State: notify.Arrived, At: noon}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}
