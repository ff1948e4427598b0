package rules

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

// story is an event of a parcel in customs, with everything known about it.
func story() (parcel.Mark, parcel.Parcel, *parcel.Order, *notify.Person) {
	mark := parcel.Mark{
		Event: parcel.Event{
			ID: "api:1", Feed: "api", Kind: parcel.Stuck, Detail: "papers", Code: "X1",
			Place: parcel.Place{City: "Leipzig", Country: "DE"},
		},
		Entered: true, Occurrence: 1,
	}
	p := parcel.Parcel{
		Carrier: "dhl", Number: "0034",
		State: parcel.State{Kind: parcel.Customs, Stage: parcel.StageCustoms, Since: noon.Add(-73 * time.Hour), Attempts: 2},
	}
	order := &parcel.Order{
		ID: "A1", Value: parcel.Money{Amount: 151.5, Currency: "EUR"}, Tags: []string{"vip"},
		Items: []parcel.Item{{Title: "Wool coat"}, {Title: "Gloves", Quantity: 3}},
	}
	return mark, p, order, &notify.Person{Market: "DE", Locale: "de-AT"}
}

func storyEnv() Env {
	mark, p, order, person := story()
	return NewEnv(mark, p, order, person, noon)
}

// marketWith loads a market whose rules speak about stuck parcels under the given conditions.
func marketWith(t testing.TB, conditions ...string) *Market {
	t.Helper()
	var b strings.Builder
	b.WriteString("market: DE\nlocale: de\ntime_zones: [Europe/Berlin]\nchannels: [sms]\nrules:\n")
	for i, c := range conditions {
		fmt.Fprintf(&b, "  - name: rule %d\n    on: [stuck, delay]\n    say: delayed\n    when: |-\n      %s\n", i, c)
	}
	markets, err := LoadMerchant(fstest.MapFS{"m/DE.yaml": {Data: []byte(b.String())}}, "m", nil)
	if err != nil {
		t.Fatalf("load:\n%v", err)
	}
	return markets["DE"]
}

func TestMatch_Conditions(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		`order.id == "A1"`: true,
		`order.value.amount > 150 && parcel.carrier != "dhl"`:              false,
		`order.value.amount > 150 && order.value.currency == "EUR"`:        true,
		`parcel.stage == "customs" && dwell > duration("72h")`:             true,
		`dwell > duration("74h")`:                                          false,
		`dwell.Hours() > 72`:                                               true,
		`parcel.kind == "customs_started" && parcel.attempts == 2`:         true,
		`parcel.number startsWith "00"`:                                    true,
		`parcel.stage in ["customs", "arrived"]`:                           true,
		`parcel.stage not in ["customs", "arrived"]`:                       false,
		`event.kind == "stuck" && event.first`:                             true,
		`event.detail == "papers" && event.code == "X1"`:                   true,
		`event.feed == "api" && event.place.city == "Leipzig"`:             true,
		`event.place.country == person.market && person.locale == "de-AT"`: true,
		`"vip" in order.tags`:                                              true,
		`any(order.tags, # == "vip")`:                                      true,
		`all(order.items, .quantity > 1)`:                                  false,
		`sum(order.items, .quantity) == 4`:                                 true,
		`any(order.items, lower(.title) contains "coat")`:                  true,
		`any(order.items, any(order.tags, # == "vip"))`:                    true,
		`filter(order.items, .quantity > 1)[0].title == "Gloves"`:          true,
		`order.id matches "^A[0-9]$"`:                                      true,
		`now == date("2026-12-01T12:00:00Z")`:                              true,
		`now.Hour() >= 12 ? event.first : !event.first`:                    true,
		`let v = order.value; v.amount > 151`:                              true,
		`len(order.items) == 2 or order.value.amount / 0 > 1`:              true,
	}
	for condition, want := range tests {
		t.Run(condition, func(t *testing.T) {
			t.Parallel()
			got := marketWith(t, condition).Match(storyEnv())
			if len(got) != 1 || got[0].Err != nil || got[0].Fired != want {
				t.Errorf("got %+v, want one match, fired %t", got, want)
			}
		})
	}
}

func TestMatch_RunTimeErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`order.items[7].title == "x"`:                  "m/DE.yaml:10:18: there is no answer for this parcel; allow for short lists and texts that are no numbers ([)",
		`int(order.items[0].title) > 1`:                "m/DE.yaml:10:7: there is no answer for this parcel; allow for short lists and texts that are no numbers (int)",
		`duration(event.detail) > dwell`:               "m/DE.yaml:10:7: there is no answer for this parcel; allow for short lists and texts that are no numbers (duration)",
		`now.In(nil).Hour() > 1`:                       "m/DE.yaml:10:11: there is no answer for this parcel; allow for short lists and texts that are no numbers (In)",
		`order.id matches (order.id + "(")`:            "m/DE.yaml:10:16: there is no answer for this parcel; allow for short lists and texts that are no numbers (matches)",
		`event.first && date(event.detail) > now`:      "m/DE.yaml:10:22: there is no answer for this parcel; allow for short lists and texts that are no numbers (date)",
		`find(order.items, .quantity > 9).title == ""`: "m/DE.yaml:10:40: there is no answer for this parcel; allow for short lists and texts that are no numbers (title)",
	}
	for condition, want := range tests {
		t.Run(condition, func(t *testing.T) {
			t.Parallel()
			got := marketWith(t, condition).Match(storyEnv())
			if len(got) != 1 || got[0].Fired || got[0].Err == nil {
				t.Fatalf("got %+v, want one match with an error", got)
			}
			text := got[0].Err.Error()
			if diff := cmp.Diff(`evaluate rule "rule 0": `+want, text); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if strings.Contains(text, "coat") || strings.Contains(text, "papers") {
				t.Errorf("the error tells what the order holds: %s", text)
			}
		})
	}
}

func TestMatch_ErrorOfOneRuleLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	got := marketWith(t, `order.items[7].title == "x"`, `event.first`, `!event.first`).Match(storyEnv())
	if len(got) != 3 {
		t.Fatalf("got %d matches, want 3", len(got))
	}
	if got[0].Err == nil || !got[1].Fired || got[1].Err != nil || got[2].Fired || got[2].Err != nil {
		t.Errorf("got %+v", got)
	}
}

func TestMatch_OnlyRulesOfTheKindInFileOrder(t *testing.T) {
	t.Parallel()
	m := marketWith(t, "event.first", "parcel.attempts > 5")
	env := storyEnv()
	env.Event.Kind = string(parcel.Lost)
	if got := m.Match(env); len(got) != 0 {
		t.Errorf("got %+v for a kind no rule speaks about", got)
	}
	env.Event.Kind = string(parcel.Delay)
	got := m.Match(env)
	if len(got) != 2 || got[0].Rule != m.Rules[0] || got[1].Rule != m.Rules[1] {
		t.Fatalf("got %+v, want both rules in file order", got)
	}
	want := notify.Notice{Rule: "rule 0", Say: "delayed", To: []notify.Audience{notify.Customer}, Urgency: notify.Normal, TTL: 24 * time.Hour,
		Class: notify.Transactional, Purpose: notify.OrderStatus}
	if diff := cmp.Diff(want, got[0].Notice); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got[1].Fired || got[1].Notice.Say != "" {
		t.Errorf("a rule whose condition is false gave %+v", got[1])
	}
}

func TestMatch_RuleThatIsOffIsShownAndSilent(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"m/DE.yaml": {Data: []byte("market: DE\nextends: pack/DE\nrules:\n  - {name: lost, off: true}\n")}}
	markets, err := LoadMerchant(fsys, "m", shippedPack(t))
	if err != nil {
		t.Fatal(err)
	}
	got := markets["DE"].Match(Env{Event: EventFacts{Kind: string(parcel.Lost)}})
	if len(got) != 1 || got[0].Fired || !got[0].Rule.Off || got[0].Rule.At.String() != "m/DE.yaml:4:5" {
		t.Errorf("got %+v, want the rule, off, where the merchant wrote it", got)
	}
}

func TestNewEnv_NothingKnown(t *testing.T) {
	t.Parallel()
	got := NewEnv(parcel.Mark{}, parcel.Parcel{}, nil, nil, noon)
	if diff := cmp.Diff(Env{Now: noon}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	m := marketWith(t, `order.id == "" && person.market != "JP" && len(order.items) == 0 && dwell == duration("0s")`)
	got.Event.Kind = string(parcel.Stuck)
	if match := m.Match(got); !match[0].Fired {
		t.Errorf("got %+v, want it fired", match[0])
	}
}

func TestNewEnv_Limits(t *testing.T) {
	t.Parallel()
	mark, p, order, person := story()
	order.Items = make([]parcel.Item, maxList+1)
	order.Tags = make([]string, maxList+1)
	person.Market, person.Postal.Country = "", "AT"
	p.State.Since = noon.Add(time.Hour)
	got := NewEnv(mark, p, order, person, noon.In(time.FixedZone("", 3600)))
	if len(got.Order.Items) != maxList || len(got.Order.Tags) != maxList {
		t.Errorf("conditions see %d items and %d tags, want %d", len(got.Order.Items), len(got.Order.Tags), maxList)
	}
	if got.Person.Market != "AT" || got.Dwell != 0 || got.Now.Location() != time.UTC {
		t.Errorf("market %q, dwell %s, now %s; want AT, no dwell before the milestone, UTC", got.Person.Market, got.Dwell, got.Now)
	}
}

func TestMatch_FromManyGoroutines(t *testing.T) {
	t.Parallel()
	m := marketWith(t, `let v = order.value; any(order.items, .quantity > 2) && v.amount > 150`)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := m.Match(storyEnv()); !got[0].Fired {
				t.Errorf("got %+v, want it fired", got[0])
			}
		})
	}
	wg.Wait()
}

// worst returns the most expensive condition there may be, with the event it is most expensive for: two loops in one
// another over the longest lists, as often as nodes allow.
func worst(t testing.TB) (*Market, Env) {
	loop := `all(order.items, all(order.items, .quantity > 0))`
	mark, p, order, person := story()
	order.Items = make([]parcel.Item, 10*maxList)
	return marketWith(t, strings.Repeat(loop+" && ", 15)+loop), NewEnv(mark, p, order, person, noon)
}

func TestMatch_WorstConditionHasAnAnswer(t *testing.T) {
	t.Parallel()
	m, env := worst(t)
	if got := m.Match(env); !got[0].Fired || got[0].Err != nil {
		t.Errorf("got %+v, want it fired", got[0])
	}
}

func BenchmarkMatch_WorstCondition(b *testing.B) {
	m, env := worst(b)
	for b.Loop() {
		m.Match(env)
	}
}

func BenchmarkMatch(b *testing.B) {
	conditions := make([]string, 100)
	for i := range conditions {
		conditions[i] = fmt.Sprintf(`order.value.amount > %d && parcel.stage == "customs" && any(order.items, .quantity > 2)`, i*3)
	}
	m, env := marketWith(b, conditions...), storyEnv()
	b.ReportAllocs()
	for b.Loop() {
		m.Match(env)
	}
}

func BenchmarkMatch_Pack(b *testing.B) {
	m, env := shippedPack(b)["DE"], storyEnv()
	env.Event.Kind = string(parcel.Delivered)
	b.ReportAllocs()
	for b.Loop() {
		m.Match(env)
	}
}
