package sms_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"landfall/channels"
	"landfall/channels/sms"
)

const (
	apiKey    = "SK0123456789abcdef0123456789abcdef"
	apiSecret = "abcdefabcdefabcdefabcdefabcdefab"
)

// answers is a Twilio that says so of the account and of the list of messages; each login opens its own alone.
func answers(t *testing.T, status int, body, listed string) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case r.Method != http.MethodGet:
			t.Errorf("a probe calls %s %s", r.Method, r.URL.Path)
		case r.URL.Path == "/2010-04-01/Accounts/"+account+".json" && user == account && password == token:
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		case strings.HasSuffix(r.URL.Path, "/Messages.json") && user == apiKey && password == apiSecret && listed != "":
			_, _ = w.Write([]byte(listed))
		default:
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"code": 20003, "message": "Authenticate"}`))
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

func TestProbe(t *testing.T) {
	t.Parallel()
	const active, none = `{"status": "active"}`, `{"messages": []}`
	for name, c := range map[string]struct {
		status       int
		body, listed string
		key          bool
		kind         channels.Kind // "" for good
		says         string
	}{
		"active":               {200, active, "", false, "", ""},
		"active, and a key":    {200, active, none, true, "", ""},
		"active, a wrong key":  {200, active, "", true, channels.Misconfigured, "does not accept the credentials"},
		"suspended":            {200, `{"status": "suspended"}`, "", false, channels.Misconfigured, "suspended or closed"},
		"nobody's":             {404, `{"code": 20404, "message": "x"}`, "", false, channels.Misconfigured, "check account_sid"},
		"a wrong token":        {401, `{"code": 20003, "message": "x"}`, "", false, channels.Misconfigured, "does not accept the credentials"},
		"too often":            {429, `{"code": 20429, "message": "x"}`, "", false, channels.Throttled, ""},
		"refused":              {400, `{"code": 20001, "message": "x"}`, "", false, channels.Misconfigured, "refused the question"},
		"down":                 {503, "", "", false, channels.Temporary, "did not answer as it should"},
		"somebody else's page": {200, "<html>", "", false, channels.Temporary, "did not answer as it should"},
		"no status":            {200, "{}", "", false, channels.Temporary, "did not answer as it should"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(answers(t, c.status, c.body, c.listed).URL)
			if c.key {
				cfg.APIKey, cfg.APISecret = apiKey, apiSecret
			}
			s, err := sms.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			err = s.Probe(t.Context())
			if c.kind == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || channels.AsError(err).Kind != c.kind || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), account) {
				t.Errorf("Probe = %v, want %s: …%s…", err, c.kind, c.says)
			}
		})
	}
}

func TestProbe_NobodyThere(t *testing.T) {
	t.Parallel()
	srv := answers(t, 200, "", "")
	srv.Close()
	s, err := sms.New(config(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Probe(t.Context()); err == nil || channels.AsError(err).Kind != channels.Temporary || !strings.Contains(err.Error(), "could not be reached") {
		t.Errorf("Probe = %v", err)
	}
}
