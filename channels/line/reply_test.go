package line_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"landfall/channels"
	"landfall/channels/channeltest"
	"landfall/channels/line"
)

func answer() channels.Message {
	m := message()
	m.ReplyToken = "reply-token"
	return m
}

// A token that LINE clearly does not take leaves the push, so that its answers are a push's; what may have been taken goes no other way.
func TestReply_Kit(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Harness{
		New: func(base string, timeout time.Duration) (channels.Sender, error) {
			cfg := config(base)
			cfg.Timeout = timeout
			return line.New(cfg)
		},
		Message:  answer(),
		Yes:      yes,
		Lost:     channels.Ambiguous,
		Statuses: map[int]channels.Kind{http.StatusConflict: channels.Temporary},
		Secrets:  []string{token, secret, user, "reply-token"},
	})
}

func TestReply_ByTokenElseByPush(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		want   []string // what LINE is called for
		kind   channels.Kind
	}{
		"taken":            {http.StatusOK, []string{"/v2/bot/message/reply"}, ""},
		"an expired token": {http.StatusBadRequest, []string{"/v2/bot/message/reply", "/v2/bot/message/push"}, ""},
		"too many":         {http.StatusTooManyRequests, []string{"/v2/bot/message/reply", "/v2/bot/message/push"}, ""},
		"in doubt":         {http.StatusBadGateway, []string{"/v2/bot/message/reply"}, channels.Ambiguous},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var called []string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				called = append(called, r.URL.Path)
				if r.URL.Path == "/v2/bot/message/push" {
					yes(w, r)
					return
				}
				var body map[string]any
				if json.NewDecoder(r.Body).Decode(&body) != nil || body["replyToken"] != "reply-token" || body["to"] != nil || r.Header.Get("X-Line-Retry-Key") != "" {
					t.Errorf("LINE is sent %v with %v", body, r.Header)
				}
				w.Header().Set("X-Line-Request-Id", "request-1")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, `{"sentMessages": [{"id": "461230966842064897"}]}`)
			}))
			t.Cleanup(srv.Close)
			s, err := line.New(config(srv.URL))
			if err != nil {
				t.Fatal(err)
			}
			a, err := s.Send(t.Context(), answer())
			if !slices.Equal(called, c.want) || (err == nil) != (c.kind == "") || err != nil && channels.AsError(err).Kind != c.kind {
				t.Errorf("called %v, want %v: %+v, %v", called, c.want, a, err)
			}
			if err == nil && a.ProviderID != "request-1" {
				t.Errorf("taken as %q", a.ProviderID)
			}
		})
	}
}
