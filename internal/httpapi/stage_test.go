package httpapi_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"landfall/internal/play"
)

// strangerKey is the API key of the second merchant on the stage.
const strangerKey = "stranger-key"

// stranger is another merchant's folder: it must see nothing of the first one's.
const stranger = `name: Stranger
api_keys:
  - {name: shop, sha256: 96fbe991904da033d08b8e7a208f893914d56cc10d96503b7a5d4bd0b3ea0101}
`

// stage is the whole of Landfall with two merchants, asked over HTTP.
type stage struct {
	*play.World
	t   *testing.T
	dir string
	log *logged
}

func begin(t *testing.T) *stage { return beginOn(t, "embedded") }

func beginOn(t *testing.T, redis string) *stage { return beginWith(t, play.Options{Redis: redis}) }

// beginWith sets a stage; prepare, if given, changes the merchants before they are read.
func beginWith(t *testing.T, o play.Options, prepare ...func(*stage)) *stage {
	t.Helper()
	s := &stage{t: t, dir: t.TempDir(), log: &logged{}}
	s.merchants()
	for _, change := range prepare {
		change(s)
	}
	o.Dir, o.Start, o.Version, o.Log = s.dir, time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC), "1.2.3", slog.New(slog.NewTextHandler(s.log, nil))
	w, err := play.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s.World = w
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// merchants writes the sample merchant and a second one.
func (s *stage) merchants() {
	s.t.Helper()
	dir := filepath.Join(s.dir, "merchants")
	s.must(os.CopyFS(filepath.Join(dir, "acme"), os.DirFS("../play/acme")))
	s.must(os.Mkdir(filepath.Join(dir, "stranger"), 0o700))
	s.must(os.WriteFile(filepath.Join(dir, "stranger", "merchant.yaml"), []byte(stranger), 0o600))
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// logged keeps what was logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// request is a call to Landfall; the zero header set is a merchant's program with its key.
type request struct {
	method, path, body string
	key                string
	header             http.Header
}

// patience is longer than any answer takes; only a stream that should have been refused takes longer.
const patience = 20 * time.Second

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (s *stage) ask(r request) answer {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, s.App.URL()+r.path, strings.NewReader(r.body))
	s.must(err)
	if r.header != nil {
		req.Header = r.header.Clone()
	}
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	if req.Header.Get("Content-Type") == "" && r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	s.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	s.must(err)
	return answer{res.StatusCode, res.Header, string(b)}
}

// rows counts the rows of every table of the ledger.
func (s *stage) rows() map[string]int {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "landfall.db")+"?mode=ro")
	s.must(err)
	defer db.Close()
	out := map[string]int{}
	for _, table := range s.tables(db) {
		var n int
		s.must(db.QueryRowContext(context.WithoutCancel(s.t.Context()), "select count(*) from "+table).Scan(&n))
		out[table] = n
	}
	return out
}

func (s *stage) tables(db *sql.DB) (names []string) {
	s.t.Helper()
	rows, err := db.QueryContext(s.t.Context(), "select name from sqlite_master where type = 'table'")
	s.must(err)
	defer rows.Close()
	for rows.Next() {
		var name string
		s.must(rows.Scan(&name))
		names = append(names, name)
	}
	s.must(rows.Err())
	return names
}

// put stores a person or an order of the sample merchant.
func (s *stage) put(path, body string) {
	s.t.Helper()
	s.good(request{method: http.MethodPut, path: "/v1/" + path, body: body, key: play.APIKey}, http.StatusOK)
}

// good insists on a status that is no refusal, and returns the body.
func (s *stage) good(r request, status int) string {
	s.t.Helper()
	a := s.ask(r)
	if a.status != status {
		s.t.Fatalf("%s %s: %d %s", r.method, r.path, a.status, a.body)
	}
	return a.body
}

// read decodes the answer to a GET with the sample merchant's key.
func (s *stage) read(path string, into any) {
	s.t.Helper()
	s.must(json.Unmarshal([]byte(s.good(request{method: http.MethodGet, path: path, key: play.APIKey}, http.StatusOK)), into))
}

// problem insists on RFC 9457 problem details with one sentence, and returns it.
func (s *stage) problem(a answer, status int) string {
	s.t.Helper()
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		s.t.Errorf("the problem is sent as %s", got)
	}
	var p map[string]any
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		s.t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	detail, _ := p["detail"].(string)
	if a.status != status || p["status"] != float64(status) || p["title"] != http.StatusText(status) || p["errors"] != nil {
		s.t.Errorf("got %d %s, want problem details of %d", a.status, a.body, status)
	}
	if detail == "" || strings.ContainsAny(detail, "\n") || strings.Contains(detail, ". ") {
		s.t.Errorf("the detail is not one sentence: %q", detail)
	}
	return detail
}

// coat stores Mei of Berlin, reached by email and in the app, and the coat she waits for.
func (s *stage) coat() {
	s.t.Helper()
	s.put("people/mei", `{"name":"Mei","market":"DE","locale":"de","phone":"+4915112345678","email":"mei@example.com","in_app":true}`)
	s.good(request{method: http.MethodPost, path: "/v1/people/mei/consents", key: play.APIKey,
		body: `[{"id":"c1","channel":"whatsapp","action":"granted","occurred_at":"2026-11-01T10:00:00Z","method":"checkbox"}]`}, http.StatusOK)
	s.put("orders/A1", `{"person":"mei","items":[{"title":"Wollmantel"}],"parcels":[{"carrier":"dhl","number":"0034"}]}`)
}

// event is the body of an event about the coat.
func event(id, kind, happened string) string {
	return fmt.Sprintf(`{"id":%q,"parcel":"0034","carrier":"dhl","kind":%q,"happened_at":%q}`, id, kind, happened)
}
