package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"landfall/internal/play"
	"landfall/internal/token"
)

type message struct {
	ID     string
	Text   string
	ReadAt time.Time `json:"read_at"`
}

func (s *stage) inbox(key string) []message {
	s.t.Helper()
	var out struct{ Messages []message }
	s.must(json.Unmarshal([]byte(s.good(request{method: http.MethodGet, path: "/v1/inbox", key: key}, http.StatusOK)), &out))
	return out.Messages
}

func TestInbox_ListAndRead(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.put("people/nok", `{"market":"TH","in_app":true}`)
	s.post("/v1/events", event("e1", "departed_origin", "2026-12-01T09:00:00Z"), http.StatusAccepted)
	s.must(s.Work(t.Context()))
	mei, nok := s.token(play.APIKey, "mei"), s.token(play.APIKey, "nok")
	got := s.inbox(mei)
	if len(got) != 1 || !strings.Contains(got[0].Text, "Wollmantel") || !got[0].ReadAt.IsZero() || len(s.inbox(nok)) != 0 {
		t.Fatalf("Mei has %+v, Nok has %+v", got, s.inbox(nok))
	}
	read := request{method: http.MethodPost, path: "/v1/inbox/" + got[0].ID + "/read", key: nok}
	s.problem(s.ask(read), http.StatusNotFound)
	if !s.inbox(mei)[0].ReadAt.IsZero() {
		t.Error("somebody else marked Mei's message read")
	}
	read.key = mei
	s.good(read, http.StatusNoContent)
	if s.inbox(mei)[0].ReadAt.IsZero() {
		t.Error("it is not read")
	}
}

func TestInbox_TokenOfAnotherUseOrTime(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	signer, now := token.NewSigner(s.Settings().SecretKey.Reveal()), s.Clock.Now()
	good := signer.Sign(token.Inbox, "acme/mei", now.Add(time.Hour))
	for name, bad := range map[string]string{
		"expired":     signer.Sign(token.Inbox, "acme/mei", now.Add(-time.Minute)),
		"other use":   signer.Sign(token.Track, "acme/mei", now.Add(time.Hour)),
		"other key":   token.NewSigner("another key of thirty-two letters").Sign(token.Inbox, "acme/mei", now.Add(time.Hour)),
		"cut off":     good[:len(good)-1],
		"not a token": "%%%",
	} {
		for _, path := range []string{"/v1/inbox", "/v1/inbox/stream"} {
			if detail := s.problem(s.ask(request{method: http.MethodGet, path: path, key: bad}), http.StatusUnauthorized); !strings.Contains(detail, "fetch a new inbox token") {
				t.Errorf("%s on %s says %q", name, path, detail)
			}
		}
	}
	s.inbox(good)
}

// A stream brings what comes while it is open; one that resumes with Last-Event-ID brings what was missed. The token may
// stand in the address, since browsers' EventSource sends no headers.
func TestInbox_Stream(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	mei := s.token(play.APIKey, "mei")
	live := s.stream("/v1/inbox/stream?token="+mei, "")
	s.post("/v1/events", event("e1", "departed_origin", "2026-12-01T09:00:00Z"), http.StatusAccepted)
	s.must(s.Work(t.Context()))
	if data := live(); !strings.Contains(data, "Wollmantel") {
		t.Errorf("live: %s", data)
	}
	if data := s.stream("/v1/inbox/stream?token="+mei, "0")(); !strings.Contains(data, "Wollmantel") {
		t.Errorf("resumed: %s", data)
	}
}

// stream opens a stream and returns a function that waits for its next message.
func (s *stage) stream(path, last string) func() string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	s.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.App.URL()+path, nil)
	s.must(err)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	s.must(err)
	s.t.Cleanup(func() { res.Body.Close() })
	if res.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatalf("%s answers %s", path, res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	return func() string {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && strings.HasPrefix(data, `{"id"`) {
				return data
			}
		}
		return "the stream ended"
	}
}

// told has three messages in Mei's inbox, and returns her token.
func (s *stage) told() string {
	s.t.Helper()
	s.coat()
	for i, kind := range []string{"picked_up", "departed_origin", "arrived_destination_country"} {
		at := time.Date(2026, 12, 1, 9, i, 0, 0, time.UTC).Format(time.RFC3339)
		s.post("/v1/events", event("e"+kind, kind, at), http.StatusAccepted)
		s.must(s.Work(s.t.Context()))
	}
	return s.token(play.APIKey, "mei")
}

type inboxPage struct {
	Messages []message
	Next     string
	Counts   struct{ Total, Unread, Unseen int }
}

func (s *stage) page(key, query string) inboxPage {
	s.t.Helper()
	var out inboxPage
	s.must(json.Unmarshal([]byte(s.good(request{method: http.MethodGet, path: "/v1/inbox" + query, key: key}, http.StatusOK)), &out))
	return out
}

func TestInbox_PagesFiltersAndCounts(t *testing.T) {
	t.Parallel()
	s := begin(t)
	mei := s.told()
	all := s.page(mei, "")
	if n := len(all.Messages); n < 3 || all.Counts.Total != n || all.Counts.Unseen != n || all.Counts.Unread != n || all.Next != "" {
		t.Fatalf("the inbox is %+v", all)
	}
	first := s.page(mei, "?limit=2")
	second := s.page(mei, "?limit=2&cursor="+first.Next)
	if first.Next == "" || second.Messages[0].ID != all.Messages[2].ID {
		t.Errorf("the second page begins with %+v, want %s", second, all.Messages[2].ID)
	}
	s.do(mei, "/v1/inbox/seen", `{"up_to":"`+all.Messages[1].ID+`"}`)
	s.do(mei, "/v1/inbox/read", `{"up_to":"`+all.Messages[2].ID+`"}`)
	s.do(mei, "/v1/inbox/"+all.Messages[2].ID+"/unread", "")
	s.do(mei, "/v1/inbox/"+all.Messages[1].ID+"/archive", "")
	if got := s.page(mei, ""); got.Counts.Total != all.Counts.Total-1 || got.Counts.Unseen != 1 {
		t.Errorf("after seeing and archiving it is %+v", got.Counts)
	}
	if got := s.page(mei, "?archived=true"); len(got.Messages) != 1 || got.Messages[0].ID != all.Messages[1].ID {
		t.Errorf("the archive is %+v", got)
	}
	if got := s.page(mei, "?unread=true"); len(got.Messages) != 2 || got.Messages[1].ID != all.Messages[2].ID {
		t.Errorf("unread is %+v", got)
	}
	s.do(mei, "/v1/inbox/"+all.Messages[1].ID+"/unarchive", "")
	if got := s.page(mei, ""); got.Counts.Total != all.Counts.Total {
		t.Errorf("taken out of the archive it is %+v", got.Counts)
	}
}

// do posts with an inbox token and insists that it worked.
func (s *stage) do(key, path, body string) {
	s.t.Helper()
	s.good(request{method: http.MethodPost, path: path, body: body, key: key}, http.StatusNoContent)
}

func TestInbox_RefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := begin(t)
	mei := s.told()
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{http.MethodGet, "/v1/inbox?cursor=nonsense", "", 422, "query.cursor is none that a page gave"},
		{http.MethodGet, "/v1/inbox?limit=101", "", 422, "query.limit"},
		{http.MethodPost, "/v1/inbox/seen", `{"up_to":"n_1"}`, 404, "there is no such message in this inbox"},
		{http.MethodPost, "/v1/inbox/seen", `{}`, 422, "up_to is missing"},
		{http.MethodPost, "/v1/inbox/n_1/archive", "", 404, "there is no such message in this inbox"},
	} {
		if said := s.problem(s.ask(request{method: c.method, path: c.path, body: c.body, key: mei}), c.status); !strings.Contains(said, c.says) {
			t.Errorf("%s %s %s says %q", c.method, c.path, c.body, said)
		}
	}
}

func TestInbox_ReadingReadsTheDelivery(t *testing.T) {
	t.Parallel()
	s := begin(t)
	mei := s.told()
	newest := s.page(mei, "").Messages[0]
	s.do(mei, "/v1/inbox/"+newest.ID+"/read", "")
	s.do(mei, "/v1/inbox/"+newest.ID+"/unread", "")
	s.do(mei, "/v1/inbox/seen", `{"up_to":"`+newest.ID+`"}`)
	rows, err := s.Rows(t.Context())
	s.must(err)
	for _, r := range rows {
		if string(r.Delivery) == newest.ID && r.State != "read" {
			t.Errorf("its delivery is %s, want read", r.State)
		}
	}
}

// own signs a token as the sample merchant's server would.
func own(t *testing.T, s token.Session) string {
	t.Helper()
	text, err := token.SignJWT(s, play.Getenv("ACME_INBOX_SECRET"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestInbox_TokenOfTheMerchantsServer(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.told()
	hour := s.Clock.Now().Add(time.Hour)
	if got := s.page(own(t, token.Session{Merchant: "acme", Person: "mei", Expires: hour}), ""); len(got.Messages) < 3 {
		t.Errorf("Mei reads %+v", got)
	}
	if got := s.page(own(t, token.Session{Merchant: "acme", Person: "tom", Expires: hour}), ""); len(got.Messages) != 0 {
		t.Errorf("Tom reads %+v", got)
	}
	for name, bad := range map[string]token.Session{
		"expired":               {Merchant: "acme", Person: "mei", Expires: s.Clock.Now().Add(-time.Second)},
		"too long":              {Merchant: "acme", Person: "mei", Expires: s.Clock.Now().Add(25 * time.Hour)},
		"of another merchant":   {Merchant: "stranger", Person: "mei", Expires: hour},
		"of no merchant":        {Merchant: "nobody", Person: "mei", Expires: hour},
		"of the shop's staff":   {Merchant: "acme", Person: "@merchant", Expires: hour},
		"of somebody forgotten": {Merchant: "acme", Person: "erased-c3ab2d6b0006", Expires: hour},
	} {
		a := s.ask(request{method: http.MethodGet, path: "/v1/inbox", key: own(t, bad)})
		if said := s.problem(a, http.StatusUnauthorized); !strings.Contains(said, "fetch a new inbox token") {
			t.Errorf("%s: it says %q", name, said)
		}
	}
}

const shopSite = "http://127.0.0.1:8080" // an origin of the sample merchant's

func TestInbox_OtherSites(t *testing.T) {
	t.Parallel()
	s := begin(t)
	mei := s.told()
	s.good(request{method: http.MethodPut, path: "/v1/people/mei", body: `{"name":"Another"}`, key: strangerKey}, http.StatusOK)
	for _, c := range []struct {
		name, method, path, key, origin string
		want                            string // the origin that is let in
	}{
		{"the shop's page", http.MethodGet, "/v1/inbox", mei, shopSite, shopSite},
		{"its question beforehand", http.MethodOptions, "/v1/inbox/n_1/read", "", shopSite, shopSite},
		{"its expired token", http.MethodGet, "/v1/inbox", "nonsense", shopSite, shopSite},
		{"another site", http.MethodGet, "/v1/inbox", mei, "https://evil.example", ""},
		{"another site's question", http.MethodOptions, "/v1/inbox", "", "https://evil.example", ""},
		{"another merchant's person", http.MethodGet, "/v1/inbox", s.token(strangerKey, "mei"), shopSite, ""},
		{"a sandboxed page", http.MethodGet, "/v1/inbox", mei, "null", ""},
		{"the rest of the API", http.MethodGet, "/v1/notifications", play.APIKey, shopSite, ""},
		{"a program", http.MethodGet, "/v1/inbox", mei, "", ""},
	} {
		h := http.Header{}
		if c.origin != "" {
			h.Set("Origin", c.origin)
		}
		if c.method == http.MethodOptions {
			h.Set("Access-Control-Request-Method", http.MethodPost)
		}
		a := s.ask(request{method: c.method, path: c.path, key: c.key, header: h})
		if got := a.header.Get("Access-Control-Allow-Origin"); got != c.want {
			t.Errorf("%s: %d lets in %q, want %q", c.name, a.status, got, c.want)
		}
		if c.method == http.MethodOptions && a.status != http.StatusNoContent {
			t.Errorf("%s: it answers %d", c.name, a.status)
		}
		if a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: cookies are let in", c.name)
		}
	}
}
