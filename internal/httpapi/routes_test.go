package httpapi_test

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"landfall/internal/config"
	"landfall/internal/httpapi"
	"landfall/internal/parcel"
	"landfall/internal/play"
	"landfall/internal/token"
)

// door is what opens a route.
type door string

const (
	byKey    door = "key"    // a merchant's API key
	byInbox  door = "inbox"  // a token for one person's inbox
	byLink   door = "link"   // the signed token in the address
	bySender door = "sender" // a signature over the body
	open     door = "open"   // nothing: it holds nobody's data
)

// route is how one of the server's routes is asked.
type route struct {
	door   door
	path   string // with what there is of the sample merchant's; {in braces} stands for an id that only the stage knows
	body   string
	kind   string                                               // of the body; JSON if empty
	sign   func(s *stage, path string, body string) http.Header // for senders
	status int                                                  // with what opens it
	theirs int                                                  // with what opens the other merchant's
	large  int                                                  // with too large a body, if not 413
	last   int                                                  // how late it comes, since it takes away what other rows ask for
}

// The routes, each with a row. A new one without a row fails the tests below.
func everyRoute() map[string]route {
	all := map[string]route{}
	for _, part := range []map[string]route{merchantRoutes(), inboxRoutes(), hookRoutes(), publicRoutes()} {
		maps.Copy(all, part)
	}
	return all
}

func merchantRoutes() map[string]route {
	const happened = `{"id":"e9","parcel":"0034","carrier":"dhl","kind":"departed_origin","happened_at":"2026-12-01T09:30:00Z"}`
	return map[string]route{
		"POST /v1/events":                  {door: byKey, path: "/v1/events", body: happened, status: 202, theirs: 202},                                                // as an event of their own, of a parcel nobody of theirs knows
		"PUT /v1/orders/{id}":              {door: byKey, path: "/v1/orders/A2", body: `{"person":"tom","items":[{"title":"canary coat"}]}`, status: 200, theirs: 200}, // an order of their own
		"GET /v1/orders/{id}/timeline":     {door: byKey, path: "/v1/orders/A1/timeline", status: 200, theirs: 404},
		"PUT /v1/people/{id}":              {door: byKey, path: "/v1/people/tom", body: `{"name":"Tom","in_app":true}`, status: 200, theirs: 200}, // a person of their own
		"POST /v1/people/{id}/consents":    {door: byKey, path: "/v1/people/mei/consents", body: `[{"channel":"sms","action":"granted"}]`, status: 200, theirs: 404},
		"GET /v1/people/{id}/consents":     {door: byKey, path: "/v1/people/mei/consents", status: 200, theirs: 404},
		"POST /v1/people/{id}/inbox-token": {door: byKey, path: "/v1/people/mei/inbox-token", status: 200, theirs: 404},
		"DELETE /v1/people/{id}":           {door: byKey, path: "/v1/people/mei", status: 200, theirs: 404, last: 2},
		"GET /v1/people/{id}/export":       {door: byKey, path: "/v1/people/mei/export", status: 200, theirs: 404},
		"GET /v1/notifications/{id}/proof": {door: byKey, path: "/v1/notifications/{notification}/proof", status: 200, theirs: 404},
		"GET /v1/notifications":            {door: byKey, path: "/v1/notifications?person=mei", status: 200, theirs: 200}, // none
		"GET /v1/notifications/{id}":       {door: byKey, path: "/v1/notifications/{notification}", status: 200, theirs: 404},
		"GET /v1/dead":                     {door: byKey, path: "/v1/dead?person=mei", status: 200, theirs: 200},                                // none
		"POST /v1/dead/retry":              {door: byKey, path: "/v1/dead/retry", body: `{"ids":["{notification}"]}`, status: 200, theirs: 200}, // not_dead, as of any id that is not
		"GET /v1/handoffs":                 {door: byKey, path: "/v1/handoffs", status: 200, theirs: 200},                                       // none
		"GET /v1/handoffs/{id}":            {door: byKey, path: "/v1/handoffs/{handoff}", status: 200, theirs: 404},
		"POST /v1/handoffs/{id}/messages":  {door: byKey, path: "/v1/handoffs/{handoff}/messages", body: `{"id":"1","text":"hello"}`, status: 204, theirs: 404},
		"GET /v1/assistant/report":         {door: byKey, path: "/v1/assistant/report", status: 200, theirs: 200}, // nothing heard
		"POST /v1/handoffs/{id}/close":     {door: byKey, path: "/v1/handoffs/{handoff}/close", status: 204, theirs: 404, last: 1},
		"GET /v1/senders":                  {door: byKey, path: "/v1/senders", status: 200, theirs: 200},                                                // their own
		"POST /v1/explain":                 {door: byKey, path: "/v1/explain", body: `{"given":{},"event":` + happened + `}`, status: 200, theirs: 200}, // a world of its own
	}
}

func inboxRoutes() map[string]route {
	all := map[string]route{
		"GET /v1/inbox":              {door: byInbox, path: "/v1/inbox", status: 200, theirs: 200}, // their own, which is empty
		"POST /v1/inbox/seen":        {door: byInbox, path: "/v1/inbox/seen", body: `{"up_to":"{message}"}`, status: 204, theirs: 404},
		"POST /v1/inbox/read":        {door: byInbox, path: "/v1/inbox/read", body: `{"up_to":"{message}"}`, status: 204, theirs: 404},
		"POST /v1/inbox/messages":    {door: byInbox, path: "/v1/inbox/messages", body: `{"id":"q9","text":"hello"}`, status: 202, theirs: 409}, // nobody answers there
		"GET /v1/inbox/push":         {door: byInbox, path: "/v1/inbox/push", status: 200, theirs: 200},                                         // their own browsers: none
		"POST /v1/inbox/push":        {door: byInbox, path: "/v1/inbox/push", body: `{"endpoint":"https://push.example/1","keys":{"p256dh":"x","auth":"y"}}`, status: 422, theirs: 422},
		"DELETE /v1/inbox/push/{id}": {door: byInbox, path: "/v1/inbox/push/{browser}", status: 204, theirs: 404, last: 1},
		"GET /v1/inbox/stream":       {door: byInbox, path: "/v1/inbox/stream", status: 200, theirs: 200}, // their own
	}
	for _, mark := range []string{"read", "unread", "archive", "unarchive"} {
		all["POST /v1/inbox/{id}/"+mark] = route{door: byInbox, path: "/v1/inbox/{message}/" + mark, status: 204, theirs: 404}
	}
	return all
}

func hookRoutes() map[string]route {
	const form = "application/x-www-form-urlencoded"
	return map[string]route{
		"POST /v1/hooks/tracking/{merchant}/{feed}": {door: bySender, path: "/v1/hooks/tracking/acme/aftership", body: pickedUp, sign: bySecret("aftership-hmac-sha256", "acme-aftership-secret"), status: 202, theirs: 404},
		"POST /v1/hooks/twilio/{merchant}/inbound":  {door: bySender, path: "/v1/hooks/twilio/acme/inbound", kind: form, sign: byTwilio, body: "MessageSid=SM1&From=%2B4915199988877&To=%2B12025550123&Body=hello", status: 200, theirs: 401},
		"POST /v1/hooks/twilio/{merchant}/status":   {door: bySender, path: "/v1/hooks/twilio/acme/status", kind: form, sign: byTwilio, body: "MessageSid=SM1&MessageStatus=delivered", status: 200, theirs: 401},
		"POST /v1/hooks/desk/{merchant}":            {door: bySender, path: "/v1/hooks/desk/acme", body: `{"type":"handoff.reply","data":{"handoff":"none","id":"1","text":"hello"}}`, sign: byDesk, status: 404, theirs: 404},
		"POST /v1/hooks/line/{merchant}":            {door: bySender, path: "/v1/hooks/line/acme", body: `{"destination":"U0","events":[]}`, sign: byLINE, status: 200, theirs: 401},
	}
}

func publicRoutes() map[string]route {
	const form = "application/x-www-form-urlencoded"
	all := map[string]route{
		"GET /t/{token}":  {door: byLink, path: "/t/{track}", status: 200, theirs: 404},
		"GET /p/{token}":  {door: byLink, path: "/p/{preferences}", status: 200, theirs: 404},
		"POST /p/{token}": {door: byLink, path: "/p/{preferences}", kind: form, body: "locale=&channel=&from=&to=", status: 303, theirs: 404},
		"GET /u/{token}":  {door: byLink, path: "/u/{leave}", status: 200, theirs: 404},
		// An opt-out is obeyed whatever comes with it.
		"POST /u/{token}": {door: byLink, path: "/u/{leave}", kind: form, body: "List-Unsubscribe=One-Click", status: 200, theirs: 404, large: 200},
	}
	for _, path := range []string{"/openapi.json", "/openapi-3.0.json", "/openapi.yaml", "/openapi-3.0.yaml", "/healthz", "/readyz", "/metrics", "/inbox/landfall-inbox.js", "/inbox/landfall-push.js"} {
		all["GET "+path] = route{door: open, path: path, status: 200, theirs: 200}
	}
	return all
}

// pickedUp stands for a file of a carrier's webhook.
const pickedUp = "../play/journeys/aftership_de_1_picked_up.json"

func hashed(of func() hash.Hash, secret, text string) string {
	m := hmac.New(of, []byte(secret))
	_, _ = io.WriteString(m, text) // a hash never fails to write
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// bySecret signs a body in a header.
func bySecret(header, secret string) func(*stage, string, string) http.Header {
	return func(_ *stage, _, body string) http.Header {
		h := http.Header{}
		h.Set(header, hashed(sha256.New, secret, body))
		return h
	}
}

func byLINE(s *stage, path, body string) http.Header {
	return bySecret("X-Line-Signature", s.Sandbox.Credentials().LineChannelSecret)(s, path, body)
}

func byTwilio(s *stage, path, body string) http.Header {
	form, err := url.ParseQuery(body)
	s.must(err)
	signed := s.App.URL() + path
	for _, name := range slices.Sorted(maps.Keys(form)) {
		signed += name + form.Get(name)
	}
	return http.Header{"X-Twilio-Signature": {hashed(sha1.New, s.Sandbox.Credentials().TwilioAuthToken, signed)}}
}

const deskSecret = "0123456789abcdef"

func byDesk(s *stage, _, body string) http.Header {
	at := strconv.FormatInt(s.Clock.Now().Unix(), 10)
	return http.Header{"Webhook-Id": {"1"}, "Webhook-Timestamp": {at}, "Webhook-Signature": {"v1," + hashed(sha256.New, deskSecret, "1."+at+"."+body)}}
}

// withDesk gives the sample merchant a desk, which nobody answers at.
func withDesk(s *stage) {
	s.t.Helper()
	name := filepath.Join(s.dir, "merchants", "acme", "merchant.yaml")
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	s.must(err)
	_, err = f.WriteString("desk: {kind: webhook, url: http://127.0.0.1:1, secret: " + deskSecret + "}\n")
	s.must(err)
	s.must(f.Close())
}

// site is a stage on which the sample merchant has something of everything that routes show.
type site struct {
	*stage
	names  map[string]string // of what stands in braces
	tokens token.Signer
}

func settled(t *testing.T) *site {
	t.Helper()
	public, private, err := config.NewVAPID()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{names: map[string]string{}, stage: beginWith(t, play.Options{Operator: func(s *config.Settings) {
		s.VAPIDPublicKey, s.VAPIDPrivateKey, s.VAPIDSubject = public, private, "ops@acme.example"
	}}, withDesk)}
	s.tokens = token.NewSigner(s.Settings().SecretKey.Reveal())
	s.put("people/mei", `{"name":"Canary Name","market":"DE","locale":"de","phone":"+4915199988877","email":"canary@example.com","in_app":true}`)
	s.put("orders/A1", `{"person":"mei","items":[{"title":"canary coat"}],"parcels":[{"carrier":"dhl","number":"0034"}]}`)
	s.post("/v1/events", event("e1", "departed_origin", "2026-12-01T09:00:00Z"), http.StatusAccepted)
	s.must(s.Work(t.Context()))
	s.good(request{method: http.MethodPut, path: "/v1/people/tom", body: `{"in_app":true}`, key: strangerKey}, http.StatusOK)
	mei := s.session("acme", "mei")
	s.good(request{method: http.MethodPost, path: "/v1/inbox/messages", key: mei, body: `{"id":"q1","text":"Ich möchte mit einem Menschen sprechen, canary"}`}, http.StatusAccepted)
	s.find()
	return s
}

// session is a token for somebody's inbox.
func (s *site) session(merchant, person string) string {
	return s.tokens.Sign(token.Inbox, merchant+"/"+person, s.Clock.Now().Add(24*time.Hour))
}

// find learns the ids of what there is.
func (s *site) find() {
	s.t.Helper()
	rows, err := s.Rows(s.t.Context())
	s.must(err)
	s.names["notification"] = string(rows[0].Notification)
	s.names["message"] = s.inbox(s.session("acme", "mei"))[0].ID
	var told struct{ Entries []struct{ Parcel string } }
	s.read("/v1/orders/A1/timeline", &told)
	for _, e := range told.Entries {
		s.names["parcel"] = cmp.Or(s.names["parcel"], e.Parcel)
	}
	var handed struct{ Handoffs []struct{ ID string } }
	s.read("/v1/handoffs", &handed)
	if len(handed.Handoffs) != 1 {
		s.t.Fatalf("%d handoffs are open", len(handed.Handoffs))
	}
	s.names["handoff"] = handed.Handoffs[0].ID
	var browser struct{ ID string }
	made := s.good(request{method: http.MethodPost, path: "/v1/inbox/push", key: s.session("acme", "mei"), body: subscription(s.t, "https://127.0.0.1:1/canary")}, http.StatusCreated)
	s.must(json.Unmarshal([]byte(made), &browser))
	s.names["browser"] = browser.ID
}

// links are the tokens of the pages of somebody's.
func (s *site) links(merchant string) map[string]string {
	until := s.Clock.Now().Add(24 * time.Hour)
	return map[string]string{
		"track":       s.tokens.Sign(token.Track, merchant+"/"+parcel.ID(s.names["parcel"]).Compact(), until),
		"preferences": s.tokens.Sign(token.Preferences, merchant+"/mei", until),
		"leave":       s.tokens.Sign(token.Unsubscribe, merchant+"/mei/sms/order_status", until),
	}
}

// as is how somebody asks: the sample merchant or its customer, the stranger, or nobody.
type as string

const (
	owner    as = "acme"
	other    as = "stranger"
	somebody as = ""
)

// call makes the request that a row describes.
func (s *site) call(pattern string, r route, who as) call {
	s.t.Helper()
	method, _, _ := strings.Cut(pattern, " ")
	links := s.links(string(who))
	if who == somebody {
		links = map[string]string{"track": "none", "preferences": "none", "leave": "none"}
	}
	fill := func(text string) string {
		for name, value := range s.names {
			text = strings.ReplaceAll(text, "{"+name+"}", value)
		}
		for name, value := range links {
			text = strings.ReplaceAll(text, "{"+name+"}", value)
		}
		return text
	}
	c := call{method: method, path: fill(r.path), body: fill(r.body), header: http.Header{}}
	if r.body == pickedUp {
		b, err := os.ReadFile(pickedUp)
		s.must(err)
		c.body = string(b)
	}
	s.open(&c, r, who)
	c.header.Set("Content-Type", "application/json")
	if r.kind != "" {
		c.header.Set("Content-Type", r.kind)
	}
	return c
}

// open adds what opens a route.
func (s *site) open(c *call, r route, who as) {
	s.t.Helper()
	if r.door == bySender && who == other {
		c.path = strings.Replace(c.path, "/acme", "/stranger", 1)
	}
	switch {
	case who == somebody:
	case r.door == bySender:
		c.header = r.sign(s.stage, c.path, c.body)
	case r.door == byKey:
		c.header.Set("Authorization", "Bearer "+map[as]string{owner: play.APIKey, other: strangerKey}[who])
	case r.door == byInbox:
		c.header.Set("Authorization", "Bearer "+map[as]string{owner: s.session("acme", "mei"), other: s.session("stranger", "tom")}[who])
	}
}

// call is a request as it goes out.
type call struct {
	method, path, body string
	header             http.Header
	chunked            bool // its length is not said beforehand
}

// send makes a call. Of a stream only the head is read.
func (s *site) send(c call) answer {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var body io.Reader = strings.NewReader(c.body)
	if c.chunked {
		body = io.MultiReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, s.App.URL()+c.path, body)
	s.must(err)
	req.Header = c.header
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	s.must(err)
	defer res.Body.Close()
	if res.Header.Get("Content-Type") == "text/event-stream" {
		return answer{res.StatusCode, res.Header, ""}
	}
	b, err := io.ReadAll(res.Body)
	s.must(err)
	return answer{res.StatusCode, res.Header, string(b)}
}

// inOrder are the routes served, those last that take something away.
func inOrder(t *testing.T) (patterns []string, rows map[string]route) {
	t.Helper()
	rows = everyRoute()
	patterns = httpapi.Patterns()
	for pattern := range rows {
		if !slices.Contains(patterns, pattern) {
			t.Errorf("%s has a row and is not served", pattern)
		}
	}
	for _, pattern := range patterns {
		if rows[pattern].path == "" {
			t.Fatalf("%s has no row; say in this file what opens it and what others are answered", pattern)
		}
	}
	slices.SortStableFunc(patterns, func(a, b string) int {
		return rows[a].last - rows[b].last
	})
	return patterns, rows
}

// shut is what a door answers to whoever opens it with nothing.
func (d door) shut() int {
	return map[door]int{byKey: http.StatusUnauthorized, byInbox: http.StatusUnauthorized, bySender: http.StatusUnauthorized, byLink: http.StatusNotFound, open: http.StatusOK}[d]
}

// Every route is asked without what opens it, with what opens the other merchant's, and, to see that the question was a good one, with the right thing.
func TestRoutes_NothingIsOpenToOthers(t *testing.T) {
	t.Parallel()
	s := settled(t)
	patterns, rows := inOrder(t)
	for _, pattern := range patterns {
		r := rows[pattern]
		for who, want := range map[as]int{somebody: r.door.shut(), other: r.theirs} {
			a := s.send(s.call(pattern, r, who))
			if a.status != want {
				t.Errorf("%s, asked by %q: %d, want %d; %s", pattern, who, a.status, want, a.body)
			}
			s.silent(pattern, a)
		}
	}
	for _, pattern := range patterns {
		if a := s.send(s.call(pattern, rows[pattern], owner)); a.status != rows[pattern].status {
			t.Errorf("%s, asked rightly: %d, want %d; %s", pattern, a.status, rows[pattern].status, a.body)
		}
	}
}

// silent insists that an answer holds nothing of the sample merchant's customer.
func (s *site) silent(pattern string, a answer) {
	s.t.Helper()
	text := strings.ToLower(a.body + fmt.Sprint(a.header))
	for _, secret := range []string{"canary", "15199988877", s.names["notification"], s.names["handoff"], s.names["browser"]} {
		if strings.Contains(text, secret) && !strings.HasPrefix(pattern, "POST /v1/dead/retry") { // which repeats the ids it is given
			s.t.Errorf("%s gives away %q: %s", pattern, secret, a.body)
		}
	}
}

// Too large a body is refused by every route, whether its length is said beforehand or found out.
// A key for one part of the API opens the routes of that part, and says of the others which part they are.
func TestRoutes_Scopes(t *testing.T) {
	t.Parallel()
	s := scoped(t)
	for pattern, r := range everyRoute() {
		if r.door != byKey {
			continue
		}
		opened := 0
		for _, scope := range config.Scopes() {
			c := s.call(pattern, r, owner)
			c.header.Set("Authorization", "Bearer "+string(scope))
			c.body = "{" // no route gets further with it
			a := s.send(c)
			switch {
			case a.status != http.StatusForbidden:
				opened++
			case !strings.Contains(a.body, "give it the scope"):
				t.Errorf("%s with a key for %s: %s", pattern, scope, a.body)
			}
		}
		if opened != 1 {
			t.Errorf("%s is opened by %d of the keys for one part, want 1", pattern, opened)
		}
	}
}

// scoped is a site whose merchant has one key for each part of the API, which is the part's name.
func scoped(t *testing.T) *site {
	t.Helper()
	return &site{names: map[string]string{}, stage: beginWith(t, play.Options{}, func(s *stage) {
		name := filepath.Join(s.dir, "merchants", "acme", "merchant.yaml")
		text, err := os.ReadFile(name)
		s.must(err)
		keys := "api_keys:\n"
		for _, scope := range config.Scopes() {
			keys += fmt.Sprintf("  - {name: %s, sha256: %x, scopes: [%s]}\n", scope, sha256.Sum256([]byte(scope)), scope)
		}
		s.must(os.WriteFile(name, []byte(strings.Replace(string(text), "api_keys:\n", keys, 1)), 0o600))
	}), tokens: token.NewSigner("unused")}
}

func TestRoutes_LargeBodies(t *testing.T) {
	t.Parallel()
	s := settled(t)
	patterns, rows := inOrder(t)
	before := s.rows()
	for _, pattern := range patterns {
		r := rows[pattern]
		want := http.StatusRequestEntityTooLarge
		if r.large != 0 {
			want = r.large
		}
		c := s.call(pattern, r, owner)
		c.body = strings.Repeat("x", 1<<20)
		if a := s.send(c); a.status != want {
			t.Errorf("%s: %d, want %d; %s", pattern, a.status, want, a.body)
		}
		if c.body, c.chunked = strings.Repeat("x", 600<<10), true; r.body == "" {
			continue // it reads none
		}
		if a := s.send(c); a.status != want {
			t.Errorf("%s, in chunks: %d, want %d; %s", pattern, a.status, want, a.body)
		}
	}
	after := s.rows()
	before["consents"]++ // the opt-out
	for _, table := range []string{"people", "orders", "events", "consents", "preferences", "browsers", "refusals"} {
		if after[table] != before[table] {
			t.Errorf("%s has %d rows, want %d", table, after[table], before[table])
		}
	}
}

// Whoever asks too often is told to wait, by every route. Others are not, and a wait is all it takes.
func TestRoutes_TooOften(t *testing.T) {
	t.Parallel()
	s := &site{stage: beginWith(t, play.Options{Operator: func(s *config.Settings) {
		s.Limits = config.Limits{RateKeys: 1, RateInboxes: 1, RateHooks: 1, RateOpen: 1, Proxies: "private"}
	}}, withDesk)}
	s.tokens = token.NewSigner(s.Settings().SecretKey.Reveal())
	patterns, rows := inOrder(t)
	for _, pattern := range patterns {
		s.Clock.Set(s.Clock.Now().Add(2 * time.Minute))
		c := s.call(pattern, rows[pattern], owner)
		if a := s.send(c); a.status == http.StatusTooManyRequests {
			t.Errorf("%s: the first is refused", pattern)
		}
		a := s.send(c)
		s.problem(a, http.StatusTooManyRequests)
		wait, err := strconv.Atoi(a.header.Get("Retry-After"))
		if err != nil || wait < 1 || wait > 60 {
			t.Errorf("%s: Retry-After is %q", pattern, a.header.Get("Retry-After"))
		}
		if got := s.send(s.elsewhere(pattern, rows[pattern])); got.status == http.StatusTooManyRequests {
			t.Errorf("%s: another waits too", pattern)
		}
		s.Clock.Set(s.Clock.Now().Add(time.Duration(wait) * time.Second))
		if a := s.send(c); a.status == http.StatusTooManyRequests {
			t.Errorf("%s: it is refused after the wait", pattern)
		}
	}
	if metrics := s.send(call{method: http.MethodGet, path: "/metrics", header: http.Header{"X-Forwarded-For": {"192.0.2.99"}}}).body; !strings.Contains(metrics, `landfall_intake_total{result="too_many",route="GET /v1/inbox"} 1`) {
		t.Error("it is not counted")
	}
}

// elsewhere is the same question of somebody else's, or from another address.
func (s *site) elsewhere(pattern string, r route) call {
	who := owner
	if r.door == byKey || r.door == byInbox {
		who = other
	}
	c := s.call(pattern, r, who)
	if pattern == "POST /u/{token}" { // another's link
		c.path = "/u/" + s.links("stranger")["leave"]
	}
	c.header.Set("X-Forwarded-For", "192.0.2.7")
	return c
}

// Every answer says what a browser may do with it: nothing, or, for a page, what its own policy allows.
func TestRoutes_Headers(t *testing.T) {
	t.Parallel()
	s := settled(t)
	patterns, rows := inOrder(t)
	pages := 0
	for _, pattern := range patterns {
		for _, who := range []as{owner, somebody} {
			s.headed(pattern, s.send(s.call(pattern, rows[pattern], who)), &pages)
		}
	}
	s.headed("nowhere", s.send(call{method: http.MethodGet, path: "/nowhere", header: http.Header{}}), &pages)
	if pages < 9 { // the form is answered with a redirect
		t.Errorf("only %d pages were seen", pages)
	}
}

func (s *site) headed(pattern string, a answer, pages *int) {
	s.t.Helper()
	policy, referrer := a.header.Get("Content-Security-Policy"), a.header.Get("Referrer-Policy")
	if a.header.Get("X-Content-Type-Options") != "nosniff" || referrer != "no-referrer" && referrer != "same-origin" || len(a.header.Values("Set-Cookie")) > 0 {
		s.t.Errorf("%s: %v", pattern, a.header)
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		*pages++
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/javascript") {
		return
	}
	if !strings.HasPrefix(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
		s.t.Errorf("%s: its policy is %q", pattern, policy)
	}
}

// A form counts only from our own page. Leaving is the exception: a mail provider's button comes from anywhere, and the link is the permission.
func TestRoutes_FormsOfOtherSites(t *testing.T) {
	t.Parallel()
	s := settled(t)
	patterns, rows := inOrder(t)
	for _, pattern := range patterns {
		r := rows[pattern]
		if !strings.HasPrefix(pattern, "POST ") || r.door != byLink {
			continue
		}
		want := map[string]int{"POST /p/{token}": http.StatusForbidden, "POST /u/{token}": http.StatusOK}[pattern]
		for _, from := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"https://evil.example"}}} {
			c := s.call(pattern, r, owner)
			maps.Copy(c.header, from)
			if a := s.send(c); a.status != want {
				t.Errorf("%s from another site, %v: %d, want %d", pattern, from, a.status, want)
			}
		}
	}
}

// A person has so many streams open and no more; one that ends makes room.
func TestRoutes_StreamsAtOnce(t *testing.T) {
	t.Parallel()
	s := settled(t)
	stream := func() *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.App.URL()+"/v1/inbox/stream", nil)
		s.must(err)
		req.Header.Set("Authorization", "Bearer "+s.session("acme", "mei"))
		res, err := http.DefaultClient.Do(req)
		s.must(err)
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	open := make([]*http.Response, httpapi.StreamsAtOnce)
	for i := range open {
		if open[i] = stream(); open[i].StatusCode != http.StatusOK {
			t.Fatalf("stream %d: %d", i+1, open[i].StatusCode)
		}
	}
	res := stream()
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Fatalf("one more: %d", res.StatusCode)
	}
	s.must(open[0].Body.Close())
	for range 400 { // the server notices a moment later
		if stream().StatusCode == http.StatusOK {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	t.Error("a stream that ended makes no room")
}
