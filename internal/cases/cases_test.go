package cases

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/tracking"
	"landfall/locales"
	"landfall/rules"
	"landfall/templates"
)

const germany = `
market: DE
locale: de
time_zones: [Europe/Berlin]
channels: [whatsapp, email, sms]
quiet_hours: {from: "22:00", to: "08:00", sundays_until: "10:00"}
rules:
  - {name: departed, on: departed_origin, say: departed, collapse: milestone}
  - {name: out for delivery, on: out_for_delivery, say: out_for_delivery, collapse: milestone, expires: 14h}
  - {name: dear delay, on: delay, when: order.value.amount > 1000, say: delayed, to: [customer, merchant]}
`

const france = `
market: FR
locale: fr
time_zones: [Europe/Paris]
channels: [sms]
rules:
  - {name: departed, on: departed_origin, say: departed}
`

// shop is a merchant with two markets, every WhatsApp text approved, and no account anywhere. Nothing changes it.
var shop = sync.OnceValues(func() (*dispatcher.Merchant, error) {
	markets, err := rules.LoadMarkets(fstest.MapFS{"DE.yaml": {Data: []byte(germany)}, "FR.yaml": {Data: []byte(france)}})
	if err != nil {
		return nil, err
	}
	catalog, err := locales.New()
	if err != nil {
		return nil, err
	}
	words, err := templates.New(catalog)
	if err != nil {
		return nil, err
	}
	world, err := dispatcher.NewWorld(markets, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	approved := map[string]string{"de": "HX1", "en": "HX1"}
	voice := dispatcher.Voice{Brand: templates.Brand{Name: "Shop"},
		Words: words.WithContent(map[notify.TemplateKey]map[string]string{"departed": approved, "out_for_delivery": approved, "delayed": approved})}
	return &dispatcher.Merchant{ID: "shop", Voice: voice, Markets: markets, World: world, DefaultMarket: "DE"}, err
})

// coat is Mei, who agreed to WhatsApp, and her coat.
const coat = `
  given:
    people:
      - id: mei
        market: DE
        locale: de
        phone: "+4915112345678"
        email: mei@example.com
        consents: [{channel: whatsapp, purpose: order_status, action: granted, at: 2026-11-01T10:00:00Z}]
    orders:
      - {id: A1, person: mei, value: {amount: 120, currency: EUR}, items: [{title: Wollmantel}], parcels: [{carrier: dhl, number: "0034"}]}
`

// night is a case in which the coat leaves at 22:15 in Berlin; more is what else happens and what is expected.
func night(more string) string {
	return "- name: night" + coat + `  when:
    - {at: 2026-12-01T21:15:00Z, event: {parcel: "0034", kind: departed_origin, happened_at: 2026-12-01T20:00:00Z}}
` + more
}

// noon is a case in which the coat leaves at noon.
func noon(more string) string {
	return strings.ReplaceAll(night(more), "2026-12-01T21:15", "2026-12-01T11:00")
}

func readAll(t *testing.T, text string) []*Case {
	t.Helper()
	found, err := Read("night.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// played plays the only case of a file.
func played(t *testing.T, text string) Result {
	t.Helper()
	found := readAll(t, text)
	if len(found) != 1 {
		t.Fatalf("%d cases", len(found))
	}
	m, err := shop()
	if err != nil {
		t.Fatal(err)
	}
	return found[0].Play(t.Context(), m)
}

func TestPlay_Holds(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"only the newest, in the morning": night(`    - {at: 2026-12-02T03:00:00Z, event: {parcel: "0034", kind: out_for_delivery, happened_at: 2026-12-02T02:55:00Z}}
  expect:
    - {person: mei, say: out_for_delivery, rule: out for delivery, channel: whatsapp, outcome: sent, at: 2026-12-02T07:00:00Z, held_for: QUIET_COURTESY, locale: de, text_has: Wollmantel}
    - {person: mei, say: departed, channel: whatsapp, outcome: superseded, reason: SUPERSEDED}
`),
		"items in any order": "- name: x" + coat + `  when:
    - {at: 2026-12-02T11:00:00Z, event: {parcel: "0034", kind: out_for_delivery}}
    - {at: "2026-12-01T12:00:00+01:00", event: {parcel: 0034, carrier: DHL, kind: departed_origin}}
  expect: [{say: departed, at: 2026-12-01T11:00:00Z}, {say: out_for_delivery}]
`,
		"withdrawn while held": night(`    - {at: 2026-12-02T03:00:00Z, consent: {person: mei, channel: whatsapp, purpose: order_status, action: withdrawn}}
  expect: [{person: mei, channel: whatsapp, outcome: dropped, reason: CONSENT_WITHDRAWN, held_for: QUIET_COURTESY}]
`),
		"STOP while held": night(`    - {at: 2026-12-02T03:00:00Z, reply: {person: mei, channel: whatsapp, text: Stopp!}}
  expect: [{person: mei, channel: whatsapp, outcome: dropped, reason: SUPPRESSED_STOP}]
`),
		"a receipt": noon(`    - {at: 2026-12-01T11:01:00Z, receipt: {person: mei, channel: whatsapp, state: read}}
  expect: [{outcome: sent, reason: READ, at: 2026-12-01T11:00:00Z}]
`),
		"a receipt leaves the reasons before it": noon(`    - {at: 2026-12-01T11:01:00Z, receipt: {person: mei, channel: whatsapp, state: failed, code: "30003"}}
  expect: [{outcome: failed, reason: FAILED, decisions: [{reason: SENT}, {phase: dispatch, verdict: allow, reason: BASIS_CONSENT}]}]
`),
		"somebody moves, and agrees to nothing new": noon(`    - {at: 2026-12-02T08:00:00Z, person: {id: mei, market: FR, locale: fr}}
    - {at: 2026-12-02T11:00:00Z, event: {parcel: "0034", kind: out_for_delivery}}
    - {at: 2026-12-03T11:00:00Z, event: {parcel: "0034", kind: attempt_failed}}
  expect:
    - {say: departed, channel: whatsapp}
    - {reason: NO_RULE, outcome: dropped}
`),
		"somebody new": noon(`    - {at: 2026-12-02T08:00:00Z, person: {id: jean, market: FR, phone: "+33612345678"}}
    - {at: 2026-12-02T08:00:01Z, event: {parcel: "77", kind: departed_origin}}
  expect: [{person: mei}]
`),
		"an address is taken away": noon(`    - {at: 2026-12-01T10:00:00Z, person: {id: mei, phone: ""}}
  expect: [{channel: email, skipped: [{channel: whatsapp, reason: CHANNEL_NO_ENDPOINT}]}]
`),
		"hours of rest of one's own": noon(`    - {at: 2026-12-01T10:00:00Z, person: {id: mei, quiet_hours: {from: "12:00", to: "14:00"}}}
  expect: [{held_for: QUIET_CONSUMER, at: 2026-12-01T13:00:00Z}]
`),
		"a consent that comes later": strings.Replace(noon(`  expect: [{channel: email, skipped: [{reason: CHANNEL_OPTIN_MISSING}]}]
`), "2026-11-01T10:00", "2026-12-01T12:00", 1),
		"what still waits": night(`  expect: [{outcome: held, at: 2026-12-02T07:00:00Z, locale: de, text_has: [Wollmantel, Versandland]}]
`),
		"a clock that stops": night(`  until: 2026-12-02T06:59:59Z
  expect: [{outcome: held, reason: QUIET_COURTESY}]
`),
		"nobody": "- name: x" + coat + `  when: [{at: 2026-12-01T11:00:00Z, event: {parcel: "0034", kind: delay}}]
  expect_none: true
`,
		"nobody, for a reason": "- name: x" + coat + `  when: [{at: 2026-12-01T11:00:00Z, event: {parcel: "0034", kind: delay}}]
  expect_none: true
  expect: [{person: mei, rule: dear delay, outcome: dropped, reason: RULE_CONDITION_FALSE}]
`,
		"nobody, though something was planned": night(`    - {at: 2026-12-02T03:00:00Z, reply: {person: mei, channel: whatsapp, text: stop}}
  expect_none: true
`),
		"no channel": strings.Replace(noon(`  expect: [{channel: "", outcome: dropped, reason: CHANNEL_EXHAUSTED, skipped: [{channel: email, reason: CHANNEL_NO_ENDPOINT}, {channel: sms}]}, {reason: NO_ENDPOINT}]
`), "phone: \"+4915112345678\"\n        email: mei@example.com", "line: U1", 1),
		"the inbox beside it": strings.Replace(noon(`  expect: [{channel: in_app}, {channel: whatsapp, held_for: ""}]
`), "email:", "in_app: true\n        email:", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text = strings.Replace(text, ", {reason: NO_ENDPOINT}", "", 1)
			if r := played(t, text); !r.OK() {
				t.Errorf("%s", strings.Join(r.Lines(), "\n"))
			}
		})
	}
}

func TestPlay_DoesNotHold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"another channel":      {noon("  expect: [{channel: sms}]\n"), "channel is whatsapp, not sms"},
		"another time":         {noon("  expect: [{at: 2026-12-01T11:00:01Z}]\n"), "at is 2026-12-01T11:00:00Z, not 2026-12-01T11:00:01Z"},
		"another reason":       {noon("  expect: [{reason: QUIET_COURTESY}]\n"), "reason is SENT, not QUIET_COURTESY"},
		"was not held":         {noon("  expect: [{held_for: SUNDAY}]\n"), "held_for is empty, not SUNDAY"},
		"was held":             {night("  expect: [{held_for: \"\"}]\n"), "held_for is QUIET_COURTESY, not empty"},
		"other words":          {noon("  expect: [{text_has: Schal}]\n"), `text does not have "Schal"`},
		"the whole text":       {noon("  expect: [{text: Wollmantel}]\n"), "text is "},
		"segments":             {noon("  expect: [{segments: 3}]\n"), "segments is 0, not 3"},
		"a channel not passed": {noon("  expect: [{skipped: [{channel: email}]}]\n"), "skipped has no email"},
		"a decision not made":  {noon("  expect: [{decisions: [{verdict: hold}]}]\n"), "no decision is like hold"},
		"one too many":         {noon("  expect: [{say: departed}, {say: departed}]\n"), "expected {say: departed}, and no delivery is like it"},
		"one too few":          {noon("    - {at: 2026-12-02T11:00:00Z, event: {parcel: \"0034\", kind: out_for_delivery}}\n  expect: [{say: departed}]\n"), "not expected:"},
		"somebody is told":     {noon("  expect_none: true\n"), "departed to mei on whatsapp: sent"},
		"it waits":             {night("  until: 2026-12-01T23:00:00Z\n  expect_none: true\n"), "departed to mei on whatsapp: held"},
		"nobody is told":       {strings.Replace(noon("  expect: [{person: mei, say: delayed}]\n"), "departed_origin", "delay", 1), "delay, rule \"dear delay\": the rule's condition was not met"},
		"a receipt of nothing": {night("    - {at: 2026-12-01T22:00:00Z, receipt: {person: mei, channel: whatsapp, state: read}}\n  expect_none: true\n"), "night.yaml:14:43: no message to mei has gone out on whatsapp by then"},
		"a reply from nowhere": {night("    - {at: 2026-12-01T22:00:00Z, reply: {person: mei, channel: line, text: hi}}\n  expect_none: true\n"), "night.yaml:14:41: mei has no address on line to write from"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := played(t, c.text)
			if got := strings.Join(r.Lines(), "\n"); r.OK() || !strings.Contains(got, c.want) {
				t.Errorf("%q is missing in:\n%s", c.want, got)
			}
		})
	}
}

// The first expectation fits both deliveries and the second only one: whoever takes the first that fits goes wrong.
func TestCompare_FindsAPairingWhenThereIsOne(t *testing.T) {
	t.Parallel()
	two := "    - {at: 2026-12-02T11:00:00Z, event: {parcel: \"0034\", kind: out_for_delivery}}\n"
	for _, expect := range []string{
		"[{person: mei}, {say: departed}]", "[{person: mei}, {say: out_for_delivery}]", "[{say: departed}, {person: mei}]", "[{say: out_for_delivery}, {person: mei}]",
	} {
		if r := played(t, noon(two+"  expect: "+expect+"\n")); !r.OK() {
			t.Errorf("%s:\n%s", expect, strings.Join(r.Lines(), "\n"))
		}
	}
}

func TestPlay_TouchesMarketsAndRules(t *testing.T) {
	t.Parallel()
	r := played(t, noon("    - {at: 2026-12-02T11:00:00Z, event: {parcel: \"0034\", kind: delay}}\n  expect: [{person: mei}]\n"))
	var got []string
	for _, touch := range r.Touched {
		got = append(got, touch.Market+"/"+touch.Rule)
	}
	if diff := cmp.Diff([]string{"DE/departed", "DE/dear delay"}, got); diff != "" {
		t.Errorf("touched (-want +got):\n%s", diff)
	}
}

func TestRead_Problems(t *testing.T) {
	t.Parallel()
	expect := "  expect_none: true\n"
	for name, c := range map[string]struct{ text, want string }{
		"no name":           {strings.Replace(noon(expect), "name: night", "until: 2027-01-01T00:00:00Z", 1), "night.yaml:1:3: the case has no name; say in a sentence what holds"},
		"nothing happens":   {"- name: x\n" + expect, "night.yaml:1:3: nothing happens; list events and replies, each with its time, under 'when'"},
		"nothing expected":  {noon(""), "night.yaml:1:3: say what is expected: list the deliveries under 'expect', or write expect_none: true"},
		"expects false":     {noon("  expect_none: false\n"), "night.yaml:1:3: say what is expected: list the deliveries under 'expect', or write expect_none: true"},
		"misspelt key":      {noon("  expectt: []\n"), `night.yaml:14:3: "expectt" is no key here; did you mean "expect"?`},
		"misspelt field":    {noon("  expect: [{persn: mei}]\n"), `night.yaml:14:13: "persn" is no key here; did you mean "person"?`},
		"no time":           {noon("    - {event: {parcel: \"0034\", kind: delay}}\n" + expect), "night.yaml:14:7: say when this happens, as in at: 2026-12-01T21:15:00Z"},
		"two things":        {noon("    - {at: 2026-12-01T11:00:00Z, erase: mei, reply: {person: mei}}\n" + expect), "night.yaml:14:7: one thing happens at a time: write exactly one of event, consent, reply, receipt, person, erase"},
		"unknown kind":      {noon("    - {at: 2026-12-01T11:00:00Z, event: {parcel: \"0034\", kind: delayed}}\n" + expect), `night.yaml:14:64: field kind: "delayed" is no kind of event; did you mean "delay"?`},
		"no parcel":         {noon("    - {at: 2026-12-01T11:00:00Z, event: {kind: delay}}\n" + expect), `night.yaml:14:41: field parcel is missing; give the tracking number`},
		"unknown person":    {noon("    - {at: 2026-12-01T11:00:00Z, erase: may}\n" + expect), `night.yaml:14:41: nobody is called "may" by then; name somebody of given.people`},
		"unknown channel":   {noon("    - {at: 2026-12-01T11:00:00Z, reply: {person: mei, channel: fax}}\n" + expect), `night.yaml:14:64: channel is "fax"; use one of whatsapp, line, sms, email, inapp`},
		"unknown action":    {noon("    - {at: 2026-12-01T11:00:00Z, consent: {person: mei, channel: sms, action: grant}}\n" + expect), `night.yaml:14:79: action is "grant"; did you mean "granted"?`},
		"unknown state":     {noon("    - {at: 2026-12-01T11:00:00Z, receipt: {person: mei, channel: sms, state: arrived}}\n" + expect), `night.yaml:14:78: state is "arrived"; use one of sent, delivered, read, failed`},
		"unknown reason":    {noon("  expect: [{reason: SUPERCEDED}]\n"), `night.yaml:14:21: reason is "SUPERCEDED", which is no reason; did you mean "SUPERSEDED"?`},
		"unknown outcome":   {noon("  expect: [{outcome: delivered}]\n"), `night.yaml:14:22: outcome is "delivered"; use one of sent, held, dropped, superseded, expired, failed, unknown, planned`},
		"unknown zone":      {strings.Replace(noon(expect), "locale: de", "time_zone: Berlin", 1), `night.yaml:6:20: "Berlin" is no time zone; write an IANA name such as Europe/Berlin`},
		"a clock stops":     {noon("  until: 2026-11-30T00:00:00Z\n" + expect), "night.yaml:14:10: the clock stops before the last item of 'when'; write a later time"},
		"a text for a list": {noon("  expect: nothing\n"), "night.yaml:14:11: this is a text; write a list, each entry on a line that begins with a dash"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := played(t, c.text)
			if diff := cmp.Diff(c.want, strings.Join(r.Lines(), "\n")); diff != "" || r.OK() {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// One broken case leaves the others of its file alone; a broken file is one error.
func TestRead_BrokenCaseAmongGoodOnes(t *testing.T) {
	t.Parallel()
	found := readAll(t, "- nam: x\n"+noon("  expect_none: true\n"))
	if len(found) != 2 || found[0].Wrong == nil || found[1].Wrong != nil {
		t.Errorf("%d cases: %v", len(found), found)
	}
	for text, want := range map[string]string{
		"":             "night.yaml:1:1: the file is empty; write something in it, or remove it",
		"market: DE\n": "night.yaml:1:1: a file of rule tests is a list; begin each case with a dash and its name",
		"- a:\n\t- b":  "night.yaml:2:1: lines are indented with spaces, not with tabs",
	} {
		if _, err := Read("night.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestEvent_HasTheFieldsOfTheAPI(t *testing.T) {
	t.Parallel()
	names := func(of reflect.Type) (out []string) {
		for f := range of.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			out = append(out, fmt.Sprint(name))
		}
		return out
	}
	if diff := cmp.Diff(names(reflect.TypeFor[tracking.OwnEvent]()), names(reflect.TypeFor[Event]())); diff != "" {
		t.Errorf("fields (-POST /v1/events +rule tests):\n%s", diff)
	}
}
