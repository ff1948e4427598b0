package cli_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}

// given is the world of a rule test: Mei, reached by text message alone, and her coat.
const given = `people:
  - id: mei
    name: Mei
    market: DE
    locale: de
    time_zone: Europe/Berlin
    address: {country: DE, postal_code: "10115"}
    phone: "+4915112345678"
    consents: [{channel: sms, purpose: order_status, action: granted, at: 2026-11-01T10:00:00Z}]
orders:
  - {id: A1, person: mei, value: {amount: 120, currency: EUR}, items: [{title: Wool coat}], parcels: [{carrier: dhl, number: "0034"}]}
`

func event(id, kind, at string) string {
	return `{"id":"` + id + `","parcel":"0034","carrier":"dhl","kind":"` + kind + `","happened_at":"` + at + `"}`
}

type row struct {
	Person, Say, Rule, Channel, Outcome, Reason, Locale, Text string
	At                                                        time.Time
	HeldFor                                                   string `json:"held_for"`
	Segments                                                  int
	Skipped                                                   []struct{ Channel, Reason string }
	Decisions                                                 []struct{ Verdict, Reason string }
}

// explain runs the command with --json and the usual files; an event's text stands in for a file.
func explain(t *testing.T, eventText, at string, more ...string) []row {
	t.Helper()
	file := write(t, filepath.Join(t.TempDir(), "event.json"), eventText)
	r := landfall(t, append([]string{"explain", "--json", "--config=../play/acme", "--event=" + file, "--at=" + at}, more...)...)
	var rows []row
	if err := json.Unmarshal([]byte(r.out), &rows); err != nil || r.code != 0 || r.err != "" {
		t.Fatalf("exit %d, %v: %s", r.code, err, r.err)
	}
	return rows
}

func person(t *testing.T) string {
	t.Helper()
	return "--person=" + write(t, filepath.Join(t.TempDir(), "given.yaml"), given)
}

func TestExplain_HeldAtNight(t *testing.T) {
	t.Parallel()
	rows := explain(t, event("e1", "out_for_delivery", "2026-12-02T02:55:00Z"), "2026-12-02T03:00:00Z", person(t))
	if len(rows) != 1 {
		t.Fatalf("%+v", rows)
	}
	r := rows[0]
	eight := time.Date(2026, 12, 2, 8, 0, 0, 0, time.FixedZone("Berlin in December", 3600))
	if r.Person != "mei" || r.Say != "out_for_delivery" || r.Channel != "sms" || r.Outcome != "held" || r.Reason != "QUIET_COURTESY" || !r.At.Equal(eight) {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(r.Text, "Wool coat") || r.Locale != "de" || r.Segments < 1 || r.Rule != "out for delivery" || len(r.Decisions) == 0 {
		t.Errorf("the words or reasons are missing: %+v", r)
	}
	if !slices.ContainsFunc(r.Skipped, func(s struct{ Channel, Reason string }) bool {
		return s.Channel == "email" && s.Reason == "CHANNEL_NO_ENDPOINT"
	}) {
		t.Errorf("skipped %+v", r.Skipped)
	}
}

// Rules can be asked about before there is any account: every channel is taken to have one, and people are told so.
func TestExplain_NoSendersYet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shop := filepath.Join(dir, "shop")
	write(t, filepath.Join(shop, "merchant.yaml"), "name: Shop\n")
	file := write(t, filepath.Join(dir, "event.json"), event("e1", "departed_origin", "2026-12-02T10:55:00Z"))
	r := landfall(t, "explain", "--config="+shop, "--event="+file, "--at=2026-12-02T11:00:00Z", person(t))
	if r.code != 0 || !strings.HasPrefix(r.out, "merchant.yaml names no senders yet: every channel is taken to have one.\n\nSENT  departed to mei on SMS") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
}

func TestExplain_AllowedByDay(t *testing.T) {
	t.Parallel()
	rows := explain(t, event("e1", "out_for_delivery", "2026-12-02T10:55:00Z"), "2026-12-02T11:00:00Z", person(t))
	if len(rows) != 1 || rows[0].Outcome != "sent" || rows[0].HeldFor != "" || !rows[0].At.Equal(time.Date(2026, 12, 2, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", rows)
	}
}

// What waits from the evening is replaced by what happens at night.
func TestExplain_HistorySuperseded(t *testing.T) {
	t.Parallel()
	history := write(t, filepath.Join(t.TempDir(), "history.json"), "["+event("e1", "departed_origin", "2026-12-01T21:15:00Z")+"]")
	rows := explain(t, event("e2", "out_for_delivery", "2026-12-02T02:55:00Z"), "2026-12-02T03:00:00Z", person(t), "--history="+history)
	got := map[string]string{}
	for _, r := range rows {
		got[r.Say] = r.Outcome + " " + r.Reason
	}
	want := map[string]string{"departed": "superseded SUPERSEDED", "out_for_delivery": "held QUIET_COURTESY"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Any instant will do, also one long after the event and past the tables of time zones.
func TestExplain_AnyInstant(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{
		"2026-12-02T08:25:00+05:30": "held QUIET_COURTESY", "2027-03-28T01:00:00Z": "expired STALE_TTL", "2055-06-01T00:00:00Z": "expired STALE_TTL",
	} {
		rows := explain(t, event("e1", "out_for_delivery", "2026-12-02T02:55:00Z"), at, person(t))
		if len(rows) != 1 || rows[0].Outcome+" "+rows[0].Reason != want {
			t.Errorf("%s: %+v", at, rows)
		}
	}
}

func TestExplain_NobodyIsTold(t *testing.T) {
	t.Parallel()
	history := write(t, filepath.Join(t.TempDir(), "history.json"), "["+event("e1", "delivered", "2026-12-01T11:00:00Z")+"]")
	rows := explain(t, event("e2", "out_for_delivery", "2026-12-01T09:00:00Z"), "2026-12-01T12:00:00Z", person(t), "--history="+history)
	if len(rows) != 1 || rows[0].Outcome != "dropped" || rows[0].Reason != "EVENT_OUT_OF_ORDER" {
		t.Errorf("%+v", rows)
	}
}

// The fields are those of a rule test, all of them and no others.
func TestExplain_Shape(t *testing.T) {
	t.Parallel()
	file := write(t, filepath.Join(t.TempDir(), "event.json"), event("e1", "delivered", "2026-12-02T10:55:00Z"))
	var rows []map[string]any
	if err := json.Unmarshal([]byte(landfall(t, "explain", "--json", "--config=../play/acme", "--event="+file, "--at=2026-12-02T11:00:00Z").out), &rows); err != nil || len(rows) < 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	want := []string{"at", "channel", "decisions", "held_for", "locale", "outcome", "person", "reason", "rule", "say", "segments", "skipped", "text"}
	for _, r := range rows {
		var keys []string
		for k := range r {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		if diff := cmp.Diff(want, keys); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
		if r["skipped"] == nil || r["decisions"] == nil {
			t.Errorf("a list is null: %v", r)
		}
	}
}

func TestExplain_ForPeople(t *testing.T) {
	t.Parallel()
	file := write(t, filepath.Join(t.TempDir(), "event.yaml"), "id: e1\nparcel: \"0034\"\ncarrier: dhl\nkind: out_for_delivery\nhappened_at: \"2026-12-02T02:55:00Z\"\n")
	german := filepath.Join(t.TempDir(), "acme")
	copyAcme(t, german)
	write(t, filepath.Join(german, "merchant.yaml"), "name: Acme\nsenders: {whatsapp: {from: \"+493012345678\"}}\n")
	r := landfall(t, "explain", "--config="+german, "--event="+file, "--at=2026-12-02T03:00:00Z")
	for _, want := range []string{"No --person given: a sample customer of market DE", "HELD  out_for_delivery to sample on WhatsApp  until 2026-12-02T07:00:00Z\n",
		"  why    inside the market's quiet hours; held until they end (QUIET_COURTESY)\n", "  rule   out for delivery\n", "  words  in de:\n         Guten Tag,\n"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("%q is missing in:\n%s", want, r.out)
		}
	}
	if r.code != 0 || r.err != "" {
		t.Errorf("exit %d, %s", r.code, r.err)
	}
}

// The sample customer lives where the merchant's customers do, unless it is said who is meant.
func TestExplain_SampleOfTheDefaultMarket(t *testing.T) {
	t.Parallel()
	file := write(t, filepath.Join(t.TempDir(), "event.json"), event("e1", "delivered", "2026-12-02T10:55:00Z"))
	for text, want := range map[string]string{"default_market: FR\n": "FR", "": "DE"} {
		dir := filepath.Join(t.TempDir(), "shop")
		write(t, filepath.Join(dir, "merchant.yaml"), "name: Shop\n"+text)
		write(t, filepath.Join(dir, "markets", "DE.yaml"), "market: DE\nextends: pack/DE\n")
		r := landfall(t, "explain", "--config="+dir, "--event="+file, "--at=2026-12-02T11:00:00Z")
		if r.code != 0 || !strings.Contains(r.out, "a sample customer of market "+want+" ") {
			t.Errorf("%q: exit %d, %s\n%s", text, r.code, r.err, r.out)
		}
	}
}

func TestExplain_Mistakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := write(t, filepath.Join(dir, "event.json"), event("e1", "delivered", "2026-12-02T10:55:00Z"))
	kind := write(t, filepath.Join(dir, "kind.json"), event("e1", "delivred", "2026-12-02T10:55:00Z"))
	two := write(t, filepath.Join(dir, "two.json"), "["+event("e1", "delivered", "2026-12-02T10:55:00Z")+","+event("e2", "lost", "2026-12-02T10:56:00Z")+"]")
	odd := write(t, filepath.Join(dir, "odd.yaml"), "people: [{id: mei, fone: x}]\n")
	nobody := write(t, filepath.Join(dir, "nobody.yaml"), "people: []\n")
	cut := write(t, filepath.Join(dir, "cut.yaml"), "id: e1\nkind:\n\t- x\n")
	none := filepath.Join(dir, "none")
	tests := map[string]struct {
		args []string
		want string
	}{
		"no event file":     {[]string{"--event=" + none}, none + " cannot be read; give a file with an event as JSON"},
		"unknown kind":      {[]string{"--event=" + kind}, kind + `: event 1: field kind: "delivred" is no kind of event; did you mean "delivered"?`},
		"no YAML":           {[]string{"--event=" + cut}, cut + ":3:1: lines are indented with spaces, not with tabs"},
		"two events":        {[]string{"--event=" + two}, two + " holds 2 events; give one, and the earlier ones with --history"},
		"no person file":    {[]string{"--event=" + good, "--person=" + none}, none + " cannot be read; give a file with the person as YAML or JSON"},
		"misspelt person":   {[]string{"--event=" + good, "--person=" + odd}, odd + `:1:20: "fone" is no key here; did you mean "phone"?`},
		"nobody":            {[]string{"--event=" + good, "--person=" + nobody}, nobody + " names nobody; write the person's fields, or a list under 'people'"},
		"no history file":   {[]string{"--event=" + good, "--history=" + none}, none + " cannot be read; give a file with an event as JSON"},
		"no folder there":   {[]string{"--event=" + good, "--config=" + none}, none + " does not exist; name one merchant's folder with --config"},
		"no merchant there": {[]string{"--event=" + good, "--config=" + dir}, dir + " has no merchant.yaml and holds 0 merchants; name one merchant's folder with --config"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			landfall(t, append([]string{"explain", "--config=../play/acme", "--at=2026-12-02T11:00:00Z"}, tt.args...)...).sentence(t, 1, tt.want)
		})
	}
}
