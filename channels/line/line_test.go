package line_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/channels/channeltest"
	"landfall/channels/line"
	"landfall/internal/notify"
)

const (
	token  = "channel+token/0123456789="
	secret = "channelsecret0123"
	user   = "U0123456789abcdef0123456789abcdef"
	key    = "123e4567-e89b-12d3-a456-426614174000"
)

func config(base string) line.Config {
	return line.Config{ChannelToken: token, ChannelSecret: secret, BaseURL: base}
}

func message() channels.Message {
	return channels.Message{
		Merchant: "acme",
		Delivery: "d1",
		Key:      key,
		To:       notify.Address{Channel: notify.LINE, Value: user},
		Words:    notify.Words{Text: "พัสดุของคุณมาถึงแล้ว"},
	}
}

func yes(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Line-Request-Id", "request-1")
	_, _ = io.WriteString(w, `{"sentMessages": [{"id": "461230966842064897", "quoteToken": "q"}]}`)
}

func TestSender_Kit(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Harness{
		New: func(base string, timeout time.Duration) (channels.Sender, error) {
			cfg := config(base)
			cfg.Timeout = timeout
			return line.New(cfg)
		},
		Message: message(),
		Yes:     yes,
		Lost:    channels.Temporary,
		// A conflict without LINE's header is somebody else's; the key makes trying again safe.
		Statuses: map[int]channels.Kind{http.StatusConflict: channels.Temporary},
		Secrets:  []string{token, secret},
	})
}

// push sends m to a LINE that answers with handler, and returns what LINE was sent.
func push(t *testing.T, m channels.Message, handler http.HandlerFunc) (sent map[string]any, got channels.Accepted, err error) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/behind/v2/bot/message/push" {
			t.Errorf("call %s %s", r.Method, r.URL.Path)
		}
		if r.Header.Get("Authorization") != "Bearer "+token || r.Header.Get("X-Line-Retry-Key") != key {
			t.Errorf("headers %v, want the token and the key", r.Header)
		}
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Errorf("read push: %v", err)
		}
		handler(w, r)
	}))
	defer srv.Close()
	s, err := line.New(config(srv.URL + "/behind"))
	if err != nil {
		t.Fatal(err)
	}
	got, err = s.Send(t.Context(), m)
	return sent, got, err
}

func TestSend_Text(t *testing.T) {
	t.Parallel()
	sent, got, err := push(t, message(), yes)
	if want := (channels.Accepted{ProviderID: "request-1", State: notify.Sent}); err != nil || got != want {
		t.Errorf("Send = %+v, %v; want %+v", got, err, want)
	}
	want := map[string]any{"to": user, "notificationDisabled": false, "customAggregationUnits": nil,
		"messages": []any{map[string]any{"type": "text", "text": message().Words.Text}}}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Error(diff)
	}
}

// A flex container must arrive as it was written: the SDK's types would add flex: 0 and change its layout.
func TestSend_Flex(t *testing.T) {
	t.Parallel()
	flex := `{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[{"type":"text","text":"a < b & c","x-new":1}]}}`
	for name, c := range map[string]struct{ title, text, alt string }{
		"title":            {"Paket da", "Ihr Paket ist da", "Paket da"},
		"no title":         {"", "Ihr Paket ist da", "Ihr Paket ist da"},
		"long title":       {strings.Repeat("あ", 500), "", strings.Repeat("あ", 400)},
		"emoji at the end": {strings.Repeat("a", 399) + "📦📦", "", strings.Repeat("a", 399)},
	} {
		m := message()
		m.Words = notify.Words{Title: c.title, Text: c.text, Flex: json.RawMessage(flex)}
		sent, _, err := push(t, m, yes)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var contents any
		if err := json.Unmarshal([]byte(flex), &contents); err != nil {
			t.Fatal(err)
		}
		want := []any{map[string]any{"type": "flex", "altText": c.alt, "contents": contents}}
		if diff := cmp.Diff(want, sent["messages"]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if n := len(utf16.Encode([]rune(c.alt))); n > 400 {
			t.Errorf("%s: the test wants %d units", name, n)
		}
	}
}

func TestSend_Answers(t *testing.T) {
	t.Parallel()
	const invalidTo = `{"message":"The property, 'to', in the request body is invalid (line: -, column: -)"}`
	for name, c := range map[string]struct {
		status int
		header http.Header
		body   string
		want   channels.Kind // "" for accepted
		detail string
		id     string
	}{
		"taken, no request id":  {status: 200, body: `{"sentMessages":[{"id":"46"}]}`, id: "46"},
		"taken before":          {status: 409, header: http.Header{"X-Line-Accepted-Request-Id": {"request-0"}}, body: `{"message":"The retry key is already accepted"}`, id: "request-0"},
		"unknown user":          {status: 400, body: `{"message":"Failed to send messages"}`, want: channels.Unreachable},
		"no user id":            {status: 400, body: invalidTo, want: channels.Unreachable},
		"no user id, in detail": {status: 400, body: `{"message":"The request body has 1 error(s)","details":[{"message":"May not be empty","property":"to"}]}`, want: channels.Unreachable},
		"bad message":           {status: 400, body: `{"message":"A message (messages[0]) in the request body is invalid","details":[{"message":"x","property":"/contents"}]}`, want: channels.Rejected},
		"token":                 {status: 401, body: `{"message":"Authentication failed"}`, want: channels.Misconfigured},
		"plan":                  {status: 403, body: `{"message":"Not available"}`, want: channels.Misconfigured},
		"month":                 {status: 429, body: `{"message":"You have reached your monthly limit."}`, want: channels.Misconfigured, detail: "monthly limit reached"},
		"rate":                  {status: 429, body: `{"message":"The API rate limit has been exceeded. Try again later."}`, want: channels.Throttled},
		"server error":          {status: 500, body: `{"message":"Internal server error"}`, want: channels.Temporary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got, err := push(t, message(), func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range c.header {
					w.Header()[k] = v
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			if c.want == "" {
				if err != nil || got.ProviderID != c.id || got.State != notify.Sent {
					t.Errorf("Send = %+v, %v; want %s accepted", got, err, c.id)
				}
				return
			}
			if e := channels.AsError(err); e.Kind != c.want || !strings.Contains(e.Detail, c.detail) {
				t.Errorf("Send: %v, want %s %s", err, c.want, c.detail)
			}
		})
	}
}

func TestSend_NotEvenTried(t *testing.T) {
	t.Parallel()
	s, err := line.New(config("http://127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*channels.Message){
		"no key":          func(m *channels.Message) { m.Key = "" },
		"key of no form":  func(m *channels.Message) { m.Key = "d1" },
		"flex of no form": func(m *channels.Message) { m.Words.Flex = json.RawMessage(`{"type":`) },
	} {
		m := message()
		change(&m)
		_, err := s.Send(t.Context(), m)
		if e := channels.AsError(err); e.Kind != channels.Rejected {
			t.Errorf("%s: %v, want rejected", name, err)
		}
	}
}

func TestConfig_Mistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*line.Config)
		want   string // "" for none
	}{
		"none":               {func(*line.Config) {}, ""},
		"no token":           {func(c *line.Config) { c.ChannelToken = "" }, "channel_token is missing"},
		"token with a line":  {func(c *line.Config) { c.ChannelToken += "\n" }, "channel_token is missing or holds"},
		"no secret":          {func(c *line.Config) { c.ChannelSecret = "" }, "channel_secret is missing"},
		"plain http":         {func(c *line.Config) { c.BaseURL = "http://api.line.me" }, "base_url is not encrypted"},
		"address without //": {func(c *line.Config) { c.BaseURL = "api.line.me" }, "base_url is no base URL"},
		"negative timeout":   {func(c *line.Config) { c.Timeout = -1 }, "timeout"},
	} {
		cfg := config("")
		c.change(&cfg)
		_, err := line.New(cfg)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), "line: "+c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if got := (line.Config{}).WithDefaults(); got.BaseURL != "https://api.line.me" || got.Timeout != 15*time.Second {
		t.Errorf("defaults are %q and %v", got.BaseURL, got.Timeout)
	}
}
