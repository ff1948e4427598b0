package line_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"landfall/channels/line"
)

func TestQuota(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		quota, sent string
		used        float64
		limited     bool
		fails       bool
	}{
		"three quarters": {`{"type":"limited","value":1000}`, `{"totalUsage":750}`, 0.75, true, false},
		"no limit":       {`{"type":"none"}`, `{"totalUsage":750}`, 0, false, false},
		"quota of zero":  {`{"type":"limited","value":0}`, `{"totalUsage":0}`, 0, false, false},
		"no quota":       {"", "", 0, false, true},
		"no consumption": {`{"type":"limited","value":1000}`, "", 0, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := map[string]string{"/v2/bot/message/quota": c.quota, "/v2/bot/message/quota/consumption": c.sent}
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if answers[r.URL.Path] == "" || r.Header.Get("Authorization") != "Bearer "+token {
					w.WriteHeader(http.StatusUnauthorized)
				}
				_, _ = io.WriteString(w, answers[r.URL.Path])
			}))
			defer srv.Close()
			s, err := line.New(config(srv.URL))
			if err != nil {
				t.Fatal(err)
			}
			used, limited, err := s.Quota(t.Context())
			if used != c.used || limited != c.limited || (err != nil) != c.fails {
				t.Errorf("Quota = %v, %v, %v", used, limited, err)
			}
		})
	}
}
