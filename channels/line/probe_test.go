package line_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"landfall/channels"
	"landfall/channels/line"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		kind   channels.Kind // "" for good
		says   string
	}{
		"a good token":   {200, `{"userId": "U1", "displayName": "Acme"}`, "", ""},
		"a wrong token":  {401, `{"message": "x"}`, channels.Misconfigured, "channel_token"},
		"too often":      {429, `{"message": "x"}`, channels.Throttled, ""},
		"a strange no":   {400, `{"message": "x"}`, channels.Misconfigured, "refused the question"},
		"down":           {500, "", channels.Temporary, "did not answer as it should"},
		"another's page": {200, "<html>", channels.Temporary, "did not answer as it should"},
		"no answer":      {0, "", channels.Temporary, "did not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method+r.URL.Path != "GET/v2/bot/info" || r.Header.Get("Authorization") != "Bearer "+token {
					t.Errorf("%s %s with %q", r.Method, r.URL.Path, r.Header.Get("Authorization"))
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			defer srv.Close()
			if c.status == 0 {
				srv.Close()
			}
			s, err := line.New(config(srv.URL))
			if err != nil {
				t.Fatal(err)
			}
			err = s.Probe(t.Context())
			if c.kind == "" && err != nil || c.kind != "" && (err == nil || channels.AsError(err).Kind != c.kind || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("Probe = %v, want %s: …%s…", err, c.kind, c.says)
			}
		})
	}
}
