package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/play"
)

// canary stands where somebody's address might; no answer may repeat it.
const canary = "canary-value"

// bad is a request that must be refused, and a part of the sentence that says why.
type bad struct {
	to, body, kind string
	status         int
	says           string
}

func badInputs() map[string]bad {
	large := `{"name":"` + strings.Repeat("x", 1<<20) + `"}`
	people, orders, consents, events := "PUT /v1/people/mei", "PUT /v1/orders/A1", "POST /v1/people/mei/consents", "POST /v1/events"
	ok := event("e1", "picked_up", "2026-12-01T09:00:00Z")
	return map[string]bad{
		"person: cut off":           {people, `{"name":"canary-value`, "", 400, "the body is not JSON; send what"},
		"person: nothing":           {people, ``, "", 400, "the body is not JSON"},
		"person: wrong type":        {people, `{"name":["canary-value"]}`, "", 422, "correct body.name (expected string)"},
		"person: unknown field":     {people, `{"nmae":"canary-value"}`, "", 422, "correct body.nmae (it is not known)"},
		"person: an array":          {people, `["canary-value"]`, "", 422, "correct body (expected object)"},
		"person: email":             {people, `{"email":"canary-value"}`, "", 422, "body.email (expected an e-mail address)"},
		"person: phone":             {people, `{"phone":"canary-value"}`, "", 422, "such as +4915112345678"},
		"person: line":              {people, `{"line":"canary-value"}`, "", 422, "a LINE user id"},
		"person: zone":              {people, `{"time_zone":"canary-value"}`, "", 422, "write an IANA name"},
		"person: quiet hours":       {people, `{"quiet_hours":{"from":"canary-value"}}`, "", 422, "body.quiet_hours (to is missing)"},
		"person: large":             {people, large, "", 413, "larger than 512 KiB"},
		"person: not marked":        {people, `{"name":"canary-value"}`, "text/plain", 415, "Content-Type: application/json"},
		"person: reserved id":       {"PUT /v1/people/@merchant", `{"name":"canary-value"}`, "", 422, "give the customer another"},
		"person: market of old":     {people, `{"name":"canary-value","market":"UK"}`, "", 422, "body.market is not the code of this country; write GB"},
		"person: no such market":    {people, `{"name":"canary-value","market":"ZZ"}`, "", 422, "body.market is no country; write its ISO 3166-1 code"},
		"person: no such country":   {people, `{"name":"canary-value","address":{"country":"QQ"}}`, "", 422, "body.address.country is no country"},
		"person: locale":            {people, `{"locale":"canary-value"}`, "", 422, "body.locale is no language; write a BCP 47 tag"},
		"order: negative":           {orders, `{"person":"canary-value","value":{"amount":-1,"currency":"EUR"}}`, "", 422, "body.value.amount is negative"},
		"order: no such currency":   {orders, `{"person":"canary-value","value":{"amount":1,"currency":"EURO"}}`, "", 422, "body.value.currency is no currency; write its ISO 4217 code"},
		"order: small currency":     {orders, `{"person":"canary-value","value":{"amount":1,"currency":"eur"}}`, "", 422, "body.value.currency is no currency"},
		"query: unknown":            {"GET /v1/notifications?persn=canary-value&order=A1", ``, "", 422, "correct query.persn; this address takes person, order, before, limit"},
		"query: none here":          {"PUT /v1/people/mei?dry_run=canary-value", `{"name":"x"}`, "", 422, "remove query.dry_run; this address takes no query parameters"},
		"query: none with events":   {"POST /v1/events?dry_run=canary-value", ok, "", 422, "remove query.dry_run; this address takes no query parameters"},
		"order: missing person":     {orders, `{"items":[{"title":"canary-value"}]}`, "", 422, "correct body (person is missing)"},
		"order: no address":         {orders, `{"person":"mei","url":"http://canary-value %"}`, "", 422, "body.url (expected an address"},
		"order: no time":            {orders, `{"person":"mei","ordered_at":"canary-value"}`, "", 422, "body.ordered_at (expected a time"},
		"order: no item title":      {orders, `{"person":"canary-value","items":[{}]}`, "", 422, "body.items[0] (title is missing)"},
		"order: no amount":          {orders, `{"person":"mei","value":{"amount":"canary-value","currency":"EUR"}}`, "", 422, "body.value.amount (expected number)"},
		"order: large":              {orders, large, "", 413, "larger than 512 KiB"},
		"consents: empty array":     {consents, `[]`, "", 422, "correct body"},
		"consents: one, no array":   {consents, `{"channel":"sms","action":"granted"}`, "", 422, "correct body (expected array)"},
		"consents: no such channel": {consents, `[{"channel":"canary-value","action":"granted"}]`, "", 422, "body[0].channel"},
		"consents: second is bad":   {consents, `[{"channel":"sms","action":"granted"},{"channel":"sms"}]`, "", 422, "body[1] (action is missing)"},
		"consents: nobody's":        {"POST /v1/people/canary-value/consents", `[{"channel":"sms","action":"granted"}]`, "", 404, "store them with PUT"},
		"events: cut off":           {events, `{"id":"canary-value`, "", 400, "not JSON"},
		"events: nothing":           {events, ``, "", 400, "not JSON"},
		"events: empty array":       {events, `[]`, "", 400, "send at least one event"},
		"events: wrong type":        {events, `{"id":{"a":"canary-value"}}`, "", 400, "make it a string"},
		"events: unknown field":     {events, strings.Replace(ok, `"id"`, `"note":"canary-value","mood":"canary-value","id"`, 1), "", 400, "field mood is not known"},
		"events: missing field":     {events, `{"id":"canary-value"}`, "", 400, "missing"},
		"events: second is bad":     {events, `[` + ok + `,{"id":"canary-value"}]`, "", 400, "event 2: "},
		"events: large":             {events, large, "", 413, "larger than 512 KiB"},
		"query: no number":          {"GET /v1/notifications?limit=canary-value", ``, "", 422, "query.limit (expected a whole number)"},
		"query: no time":            {"GET /v1/notifications?before=canary-value", ``, "", 422, "query.before (expected a time"},
		"timeline: no order":        {"GET /v1/orders/canary-value/timeline", ``, "", 404, "PUT /v1/orders/{id}"},
		"notification: none":        {"GET /v1/notifications/canary-value", ``, "", 404, "GET /v1/notifications lists them"},
		"inbox token: nobody's":     {"POST /v1/people/canary-value/inbox-token", ``, "", 404, "store them with PUT"},
		"no such address":           {"GET /v1/canary-value", ``, "", 404, "/openapi.json lists what there is"},
		"no such method":            {"DELETE /v1/events", ``, "", 405, "this address does not take DELETE; use POST"},
		"made-up method":            {"CANARY-VALUE /v1/orders/A1", ``, "", 405, "this address does not take this method; use PUT"},
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	before := s.rows()
	for name, tt := range badInputs() {
		method, path, _ := strings.Cut(tt.to, " ")
		header := http.Header{}
		if tt.kind != "" {
			header.Set("Content-Type", tt.kind)
		}
		a := s.ask(request{method: method, path: path, body: tt.body, key: play.APIKey, header: header})
		if detail := s.problem(a, tt.status); !strings.Contains(detail, tt.says) {
			t.Errorf("%s: it says %q, not %q", name, detail, tt.says)
		}
		if strings.Contains(strings.ToLower(a.body), canary) {
			t.Errorf("%s: the answer repeats the value: %s", name, a.body)
		}
		if diff := cmp.Diff(before, s.rows()); diff != "" {
			t.Fatalf("%s: something was stored (-before +after):\n%s", name, diff)
		}
	}
	if strings.Contains(s.log.String(), canary) {
		t.Errorf("the log repeats a value:\n%s", s.log)
	}
}

func TestWrongMethodNamesTheRightOnes(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.ask(request{method: http.MethodPatch, path: "/v1/people/mei/consents"})
	if got := a.header.Get("Allow"); got != "GET, POST" || a.status != http.StatusMethodNotAllowed {
		t.Errorf("%d, Allow is %q", a.status, got)
	}
}

// Each route that asks for something is asked without it, with what opens nothing, and with another merchant's.
func TestEveryRouteAsksForItsKey(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	before, asked := s.rows(), 0
	for where, bearer := range s.guarded() {
		method, path, _ := strings.Cut(strings.ReplaceAll(where, "{id}", "mei"), " ")
		for _, wrong := range []string{"", "nobody's", play.APIKey[1:], bearer} {
			asked++
			a := s.ask(request{method: method, path: path, body: `{"nobody":"looks at this"}`, key: wrong})
			if detail := s.problem(a, http.StatusUnauthorized); !strings.Contains(detail, "Authorization: Bearer") {
				t.Errorf("%s %s with %q says %q", method, path, wrong, detail)
			}
		}
	}
	if asked < 40 {
		t.Errorf("only %d requests were made", asked)
	}
	if diff := cmp.Diff(before, s.rows()); diff != "" {
		t.Errorf("something was stored (-before +after):\n%s", diff)
	}
}

// guarded lists the routes that ask for a key or a token, each with the one that is for the other kind.
func (s *stage) guarded() map[string]string {
	s.t.Helper()
	var doc struct {
		Paths map[string]map[string]struct{ Security []map[string]any }
	}
	s.must(json.Unmarshal([]byte(s.ask(request{method: http.MethodGet, path: "/openapi.json"}).body), &doc))
	token := s.token(play.APIKey, "mei")
	out := map[string]string{}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			for _, asks := range op.Security {
				out[strings.ToUpper(method)+" "+path] = map[bool]string{true: play.APIKey, false: token}[asks["inbox"] != nil]
			}
		}
	}
	return out
}

// token fetches a token for a person's inbox.
func (s *stage) token(key, person string) string {
	s.t.Helper()
	var out struct{ Token string }
	s.must(json.Unmarshal([]byte(s.good(request{method: http.MethodPost, path: "/v1/people/" + person + "/inbox-token", key: key}, http.StatusOK)), &out))
	return out.Token
}

// Another merchant with a good key of its own finds nothing of the first one's, and what it stores under the same ids stays
// its own.
func TestMerchantsSeeOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	s.good(request{method: http.MethodPost, path: "/v1/events", body: event("e1", "departed_origin", "2026-12-01T09:00:00Z"), key: play.APIKey}, http.StatusAccepted)
	rows, err := s.Rows(t.Context())
	s.must(err)
	for _, where := range []string{"GET /v1/orders/A1/timeline", "GET /v1/people/mei/consents", "POST /v1/people/mei/inbox-token",
		"GET /v1/notifications/" + string(rows[0].Notification)} {
		method, path, _ := strings.Cut(where, " ")
		s.problem(s.ask(request{method: method, path: path, key: strangerKey}), http.StatusNotFound)
	}
	list := s.good(request{method: http.MethodGet, path: "/v1/notifications?person=mei", key: strangerKey}, http.StatusOK)
	if strings.TrimSpace(list) != `{"notifications":[]}` {
		t.Errorf("the stranger finds %s", list)
	}
	s.good(request{method: http.MethodPut, path: "/v1/people/mei", body: `{"name":"Another"}`, key: strangerKey}, http.StatusOK)
	var mine struct{ Consents []any }
	s.read("/v1/people/mei/consents", &mine)
	if len(mine.Consents) != 1 {
		t.Errorf("a stranger's person of the same id changed ours: %v", mine)
	}
	theirs := s.good(request{method: http.MethodGet, path: "/v1/inbox", key: s.token(strangerKey, "mei")}, http.StatusOK)
	if strings.TrimSpace(theirs) != `{"messages":[],"answers":false,"counts":{"total":0,"unread":0,"unseen":0}}` {
		t.Errorf("the stranger's Mei reads %s", theirs)
	}
}
