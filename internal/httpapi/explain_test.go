package httpapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/play"
)

// question asks what an event in the night would lead to, for Mei, who agreed to WhatsApp.
const question = `{"given": {"people": [{"id": "mei", "market": "DE", "locale": "de", "phone": "+4915112345678",
	"consents": [{"channel": "whatsapp", "purpose": "order_status", "action": "granted", "occurred_at": "2026-11-01T10:00:00Z"}]}],
	"orders": [{"id": "A1", "person": "mei", "items": [{"title": "Wollmantel"}], "parcels": [{"carrier": "dhl", "number": "0034"}]}]},
	"history": [{"id": "e1", "parcel": "0034", "kind": "departed_origin", "happened_at": "2026-12-01T21:15:00Z"}],
	"event": {"id": "e2", "parcel": "0034", "kind": "out_for_delivery", "happened_at": "2026-12-02T02:55:00Z"}, "at": "2026-12-02T03:00:00Z"}`

func TestExplain_AnswersInTheWordsOfRuleTests(t *testing.T) {
	t.Parallel()
	s := begin(t)
	before := s.rows()
	var got struct{ Rows []map[string]any }
	s.must(json.Unmarshal([]byte(s.post("/v1/explain", question, http.StatusOK)), &got))
	found := map[any]string{}
	for _, r := range got.Rows {
		var keys []string
		for k := range r {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		want := []string{"at", "channel", "decisions", "held_for", "locale", "outcome", "person", "reason", "rule", "say", "segments", "skipped", "text"}
		if diff := cmp.Diff(want, keys); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
		found[r["say"]] = strings.Join([]string{r["channel"].(string), r["outcome"].(string), r["reason"].(string), r["at"].(string)}, " ")
		if decisions, _ := json.Marshal(r["decisions"]); strings.Contains(string(decisions), "facts") || len(decisions) < 10 {
			t.Errorf("decisions: %s", decisions)
		}
	}
	want := map[any]string{"departed": "whatsapp superseded SUPERSEDED 2026-12-02T03:00:00Z", "out_for_delivery": "whatsapp held QUIET_COURTESY 2026-12-02T07:00:00Z"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, s.rows()); diff != "" {
		t.Errorf("the ledger has changed (-before +after):\n%s", diff)
	}
}

// A merchant asks about rules, not about customers: those the ledger knows are not part of the world.
func TestExplain_KnowsNobodyButThoseGiven(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.coat()
	answer := s.post("/v1/explain", `{"given": {}, "event": {"id": "e1", "parcel": "0034", "carrier": "dhl", "kind": "delivered", "happened_at": "2026-12-01T09:00:00Z"}}`, http.StatusOK)
	if !strings.Contains(answer, `"reason":"NO_ORDER"`) || strings.Contains(answer, "mei") {
		t.Errorf("%s", answer)
	}
}

func TestExplain_Refusals(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for name, c := range map[string]struct{ old, new, want string }{
		"no event":       {`"event"`, `"evnt"`, "correct body (event is missing), body.evnt (it is not known)"},
		"no such kind":   {`"out_for_delivery"`, `"canary"`, "correct body.event.kind ("},
		"no such market": {`"market": "DE"`, `"market": "UK"`, "body.given.people[0].market is not the code of this country; write GB"},
		"no such zone":   {`"market": "DE"`, `"time_zone": "canary"`, "body.given.people[0].time_zone names no time zone"},
		"negative value": {`"person": "mei", "items"`, `"person": "mei", "value": {"amount": -1, "currency": "EUR"}, "items"`, "body.given.orders[0].value.amount is negative"},
		"from the future": {`"happened_at": "2026-12-02T02:55:00Z"`, `"happened_at": "2027-12-02T02:55:00Z"`,
			"body.event: field happened_at lies more than a day in the future"},
		"history later": {`"happened_at": "2026-12-01T21:15:00Z"`, `"happened_at": "2027-12-01T21:15:00Z"`, "body.history[0]: field happened_at lies"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(question, c.old, c.new, 1)
			on := &stage{World: s.World, t: t, dir: s.dir, log: s.log}
			said := on.problem(on.ask(request{method: http.MethodPost, path: "/v1/explain", body: text, key: play.APIKey}), http.StatusUnprocessableEntity)
			if !strings.Contains(said, c.want) || strings.Contains(said, `"canary"`) {
				t.Errorf("%s; want %s", said, c.want)
			}
		})
	}
}
