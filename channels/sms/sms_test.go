package sms_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/channels/channeltest"
	"landfall/channels/sms"
	"landfall/internal/notify"
)

const (
	account = "AC0123456789abcdef0123456789abcdef"
	token   = "0123456789abcdef0123456789abcdef"
	sid     = "SM0123456789abcdef0123456789abcdef"
)

func config(base string) sms.Config {
	return sms.Config{AccountSID: account, AuthToken: token, From: "+15005550006", BaseURL: base}
}

func message() channels.Message {
	return channels.Message{
		Merchant: "acme",
		Delivery: "d 1&2",
		Attempt:  1,
		To:       notify.Address{Channel: notify.SMS, Value: "+4915112345678"},
		Words:    notify.Words{Text: "Ihr Paket ist da: 5 € & mehr"},
		Callback: "https://hooks.acme.example/v1/hooks/twilio/acme/status",
	}
}

func yes(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"sid": %q, "status": "queued", "error_code": null}`, sid)
}

func TestSender_Kit(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Harness{
		New: func(base string, timeout time.Duration) (channels.Sender, error) {
			cfg := config(base)
			cfg.Timeout = timeout
			return sms.New(cfg)
		},
		Message: message(),
		Yes:     yes,
		Lost:    channels.Ambiguous,
		Secrets: []string{token, account},
	})
}

func TestSend(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg      func(*sms.Config)
		callback string
		user     string
		want     url.Values
	}{
		"from a number": {
			cfg: func(*sms.Config) {}, callback: message().Callback, user: account,
			want: url.Values{"From": {"+15005550006"}, "StatusCallback": {"https://hooks.acme.example/v1/hooks/twilio/acme/status?delivery=d+1%262#rc=5&rp=all"}},
		},
		"from a service, by API key": {
			cfg: func(c *sms.Config) {
				c.From, c.MessagingServiceSID, c.APIKey, c.APISecret = "", "MG1", "SK1", "s3cret"
			},
			callback: message().Callback + "?merchant=acme", user: "SK1",
			want: url.Values{"MessagingServiceSid": {"MG1"}, "StatusCallback": {"https://hooks.acme.example/v1/hooks/twilio/acme/status?delivery=d+1%262&merchant=acme#rc=5&rp=all"}},
		},
		"without callback": {cfg: func(*sms.Config) {}, user: account, want: url.Values{"From": {"+15005550006"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.want["To"], c.want["Body"] = []string{"+4915112345678"}, []string{message().Words.Text}
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				checkCall(t, r, c.user, c.want)
				yes(w, r)
			}))
			defer srv.Close()
			cfg := config(srv.URL + "/behind")
			c.cfg(&cfg)
			m := message()
			m.Callback = c.callback
			got, err := send(t, cfg, m)
			if want := (channels.Accepted{ProviderID: sid, State: notify.Sent}); err != nil || got != want {
				t.Errorf("Send = %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func checkCall(t *testing.T, r *http.Request, user string, want url.Values) {
	t.Helper()
	if path := "/behind/2010-04-01/Accounts/" + account + "/Messages.json"; r.Method != http.MethodPost || r.URL.Path != path {
		t.Errorf("call %s %s, want POST %s", r.Method, r.URL.Path, path)
	}
	if got, password, ok := r.BasicAuth(); !ok || got != user || password == "" {
		t.Errorf("signed by %q, want %q", got, user)
	}
	if err := r.ParseForm(); err != nil {
		t.Errorf("read form: %v", err)
	}
	if diff := cmp.Diff(want, r.PostForm); diff != "" {
		t.Error(diff)
	}
}

func send(t *testing.T, cfg sms.Config, m channels.Message) (channels.Accepted, error) {
	t.Helper()
	s, err := sms.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s.Send(t.Context(), m)
}

// Twilio repeats the number in its texts; only its code may come through.
func TestSend_Refused(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]channels.Kind{
		21211: channels.Unreachable, 21610: channels.OptedOut, 21408: channels.NotAllowedNow,
		21606: channels.Misconfigured, 21617: channels.Rejected, 21611: channels.Throttled, 29999: channels.Rejected,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "message": "To +4915112345678 of " + account, "status": 400})
		}))
		_, err := send(t, config(srv.URL), message())
		srv.Close()
		if e := channels.AsError(err); e.Kind != want || e.Code != fmt.Sprint(code) || strings.Contains(e.Error(), "4915") || strings.Contains(e.Error(), account) {
			t.Errorf("%d: %v, want %s", code, err, want)
		}
	}
}

// An answer that looks like a yes under a status that is none is not Twilio's.
func TestSend_YesUnderARedirect(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusMultipleChoices)
		fmt.Fprintf(w, `{"sid": %q}`, sid)
	}))
	defer srv.Close()
	got, err := send(t, config(srv.URL), message())
	if e := channels.AsError(err); err == nil || e.Kind != channels.Misconfigured {
		t.Errorf("Send = %+v, %v; want misconfigured", got, err)
	}
}

func TestSend_CallbackTwilioWouldRefuse(t *testing.T) {
	t.Parallel()
	for _, callback := range []string{"://", "/v1/hooks", "https://my_host.example/hook"} {
		m := message()
		m.Callback = callback
		_, err := send(t, config("http://127.0.0.1:1"), m)
		if e := channels.AsError(err); e.Kind != channels.Misconfigured || !strings.Contains(e.Detail, "public URL") {
			t.Errorf("%q: %v, want the public URL blamed", callback, err)
		}
	}
}

func TestConfig_Mistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*sms.Config)
		want   string // "" for none
	}{
		"none":              {func(*sms.Config) {}, ""},
		"short code":        {func(c *sms.Config) { c.From = "12345" }, ""},
		"name":              {func(c *sms.Config) { c.From = "Acme Ltd" }, ""},
		"long name":         {func(c *sms.Config) { c.From = "Acme Limited" }, "from is no sender"},
		"number without +":  {func(c *sms.Config) { c.From = "4915112345678" }, "from is no sender"},
		"spaces in number":  {func(c *sms.Config) { c.From = "+49 151 12345" }, "from is no sender"},
		"no account":        {func(c *sms.Config) { c.AccountSID = "" }, "account_sid"},
		"dashed account":    {func(c *sms.Config) { c.AccountSID = "AC-1" }, "account_sid"},
		"no token":          {func(c *sms.Config) { c.AuthToken = "" }, "auth_token"},
		"token with a line": {func(c *sms.Config) { c.AuthToken += "\n" }, "auth_token"},
		"half a key":        {func(c *sms.Config) { c.APIKey = "SK1" }, "belong together"},
		"dashed key":        {func(c *sms.Config) { c.APIKey, c.APISecret = "SK-1", "x" }, "only letters and digits"},
		"no sender":         {func(c *sms.Config) { c.From = "" }, "either from or messaging_service_sid"},
		"two senders":       {func(c *sms.Config) { c.MessagingServiceSID = "MG1" }, "either from or messaging_service_sid"},
		"plain http":        {func(c *sms.Config) { c.BaseURL = "http://api.twilio.com" }, "base_url is not encrypted"},
		"negative timeout":  {func(c *sms.Config) { c.Timeout = -1 }, "timeout"},
	} {
		cfg := config("")
		c.change(&cfg)
		err := cfg.WithDefaults().Validate()
		_, built := sms.New(cfg)
		if (built == nil) != (err == nil) {
			t.Errorf("%s: Validate says %v, New says %v", name, err, built)
		}
		if (err == nil) != (c.want == "") || err != nil && !(strings.HasPrefix(err.Error(), "sms: ") && strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: Validate = %v, want %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v tells the token", name, err)
		}
	}
}

func TestConfig_Defaults(t *testing.T) {
	t.Parallel()
	got := sms.Config{}.WithDefaults()
	if got.BaseURL != "https://api.twilio.com" || got.Timeout != 15*time.Second {
		t.Errorf("defaults are %q and %v", got.BaseURL, got.Timeout)
	}
	tokens := sms.Config{AuthToken: "a", AuthTokenOld: "b"}.Tokens()
	if diff := cmp.Diff([]notify.Secret{"a", "b"}, tokens, cmp.Comparer(func(a, b notify.Secret) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestCallback(t *testing.T) {
	t.Parallel()
	if err := sms.Verify(sms.Config{AuthToken: token}.Tokens(), "https://x.example", nil, "AAAA"); err == nil {
		t.Error("a forged signature was believed")
	}
	got, err := sms.Receive("https://x.example?delivery=d1", []byte("MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30005&To=%2B49151"), time.Time{})
	if err != nil || len(got) != 1 || got[0].Receipt.Channel != notify.SMS {
		t.Fatalf("Receive = %v, %v; want a receipt on sms", got, err)
	}
}
