package simulate

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
	"landfall/locales"
	"landfall/rules"
	"landfall/templates"
)

const germany = `
market: DE
locale: de
time_zones: [Europe/Berlin]
channels: [whatsapp, sms]
quiet_hours: {from: "22:00", to: "08:00"}
rules:
  - {name: departed, on: departed_origin, say: departed, collapse: milestone}
  - {name: out for delivery, on: out_for_delivery, say: out_for_delivery, collapse: milestone}
  - {name: dear delay, on: delay, when: order.value.amount > 1000, say: delayed}
  - {name: dearer delay, on: delay, when: order.value.amount > 2000, say: delayed}
`

func merchant(t *testing.T) *dispatcher.Merchant {
	t.Helper()
	markets, err := rules.LoadMarkets(fstest.MapFS{"DE.yaml": {Data: []byte(germany)}})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := locales.New()
	if err != nil {
		t.Fatal(err)
	}
	words, err := templates.New(catalog)
	if err != nil {
		t.Fatal(err)
	}
	world, err := dispatcher.NewWorld(markets, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return &dispatcher.Merchant{ID: "acme", Voice: dispatcher.Voice{Brand: templates.Brand{Name: "Acme"}, Words: words}, Markets: markets, World: world,
		Senders: dispatcher.Senders{notify.WhatsApp: {{Sender: loud{}}}, notify.SMS: {{Sender: loud{}}}}}
}

// loud is a sender of the merchant's own. A simulation must never call it.
type loud struct{}

func (loud) Send(context.Context, channels.Message) (channels.Accepted, error) {
	panic("a simulation called a provider")
}

// begun is a simulation in which Mei waits for her coat.
func begun(t *testing.T) *Simulation {
	t.Helper()
	return begunFor(t, merchant(t))
}

func begunFor(t *testing.T, m *dispatcher.Merchant) *Simulation {
	t.Helper()
	s, err := New(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	mei := notify.Person{ID: "mei", Market: "DE", Locale: "de", Phone: "+4915112345678"}
	coat := parcel.Order{ID: "A1", Person: "mei", Value: parcel.Money{Amount: 120, Currency: "EUR"}, Items: []parcel.Item{{Title: "Wollmantel"}},
		Parcels: []parcel.Label{{Carrier: "dhl", Number: "0034"}}}
	if err := s.Begin(t.Context(), night(0), Given{People: []notify.Person{mei}, Orders: []parcel.Order{coat}}); err != nil {
		t.Fatal(err)
	}
	return s
}

// night is so many hours after 22:15 in Berlin.
func night(hours int) time.Time {
	return time.Date(2026, 12, 1, 21, 15, 0, 0, time.UTC).Add(time.Duration(hours) * time.Hour)
}

func event(id parcel.EventID, k parcel.Kind, at time.Time) parcel.Event {
	return parcel.Event{ID: id, Feed: "api", Carrier: "dhl", Number: "0034", Kind: k, HappenedAt: at, HeardAt: at}
}

func explain(t *testing.T, s *Simulation, history []parcel.Event, e parcel.Event) []report.Row {
	t.Helper()
	rows, err := s.Explain(t.Context(), history, e)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestExplain_HeldMessageShowsItsReleaseAndItsWords(t *testing.T) {
	t.Parallel()
	rows := explain(t, begun(t), nil, event("e1", parcel.Departed, night(0)))
	if len(rows) != 1 {
		t.Fatalf("%d rows: %+v", len(rows), rows)
	}
	r := rows[0]
	if r.Outcome != "held" || r.Reason != notify.QuietCourtesy || !r.At.Equal(time.Date(2026, 12, 2, 7, 0, 0, 0, time.UTC)) {
		t.Errorf("it is %s %s at %s", r.Outcome, r.Reason, r.At)
	}
	if !strings.Contains(r.Text, "Wollmantel") || r.Locale != "de" || r.Segments == 0 || r.Channel != notify.SMS {
		t.Errorf("on %s in %q it says %q in %d segments", r.Channel, r.Locale, r.Text, r.Segments)
	}
	if len(r.Skipped) != 1 || r.Skipped[0] != (report.Skipped{Channel: notify.WhatsApp, Reason: notify.OptInMissing}) {
		t.Errorf("skipped %+v", r.Skipped)
	}
}

func TestExplain_SentByDay(t *testing.T) {
	t.Parallel()
	rows := explain(t, begun(t), nil, event("e1", parcel.Departed, night(12)))
	if len(rows) != 1 || rows[0].Outcome != "sent" || !rows[0].At.Equal(night(12)) || rows[0].Text == "" {
		t.Errorf("rows: %+v", rows)
	}
}

func TestExplain_OlderNewsIsSuperseded(t *testing.T) {
	t.Parallel()
	rows := explain(t, begun(t), []parcel.Event{event("e1", parcel.Departed, night(0))}, event("e2", parcel.OutForDeliv, night(6)))
	got := map[notify.TemplateKey]string{}
	for _, r := range rows {
		got[r.Say] = r.Outcome
	}
	if len(rows) != 2 || got["departed"] != "superseded" || got["out_for_delivery"] != "held" {
		t.Errorf("rows: %v", got)
	}
}

func TestExplain_LeavesOutWhatTheEventDidNotChange(t *testing.T) {
	t.Parallel()
	rows := explain(t, begun(t), []parcel.Event{event("e1", parcel.Departed, night(0))}, event("e2", parcel.OutForDeliv, night(12)))
	if len(rows) != 1 || rows[0].Say != "out_for_delivery" || rows[0].Outcome != "sent" {
		t.Errorf("rows: %+v", rows)
	}
}

func TestExplain_NobodyIsToldForAReason(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		history []parcel.Event
		event   parcel.Event
		want    []notify.Reason
	}{
		{"no rule", nil, event("e1", parcel.PickedUp, night(0)), []notify.Reason{notify.NoRule}},
		{"two conditions", nil, event("e1", parcel.Delay, night(0)), []notify.Reason{notify.RuleFalse, notify.RuleFalse}},
		{"told before", []parcel.Event{event("e1", parcel.Departed, night(0))}, event("e2", parcel.Departed, night(1)), []notify.Reason{notify.NotNews}},
		{"a parcel of nobody's", nil, parcel.Event{ID: "e1", Number: "77", Kind: parcel.Departed, HappenedAt: night(0), HeardAt: night(0)}, []notify.Reason{notify.NoOrder}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rows := explain(t, begun(t), c.history, c.event)
			if len(rows) != len(c.want) {
				t.Fatalf("rows: %+v", rows)
			}
			for i, r := range rows {
				if r.Outcome != "dropped" || r.Reason != c.want[i] || r.Why == "" || r.Event != c.event.ID || r.Kind != c.event.Kind || len(r.Decisions) != 1 {
					t.Errorf("row: %+v", r)
				}
			}
		})
	}
}

func TestUntil_ThingsHappenAtTheirOwnTime(t *testing.T) {
	t.Parallel()
	s := begun(t)
	if err := s.Hear(t.Context(), event("e1", parcel.Departed, night(0))); err != nil {
		t.Fatal(err)
	}
	if err := s.Until(t.Context(), night(48)); err != nil {
		t.Fatal(err)
	}
	rows, err := s.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0].Outcome != "sent" || rows[0].HeldFor != notify.QuietCourtesy || !rows[0].At.Equal(time.Date(2026, 12, 2, 7, 0, 0, 0, time.UTC)) {
		t.Errorf("rows: %+v", rows)
	}
}

func TestConsentsOfTheWorldCount(t *testing.T) {
	t.Parallel()
	s, err := New(t.Context(), merchant(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stop := notify.ConsentEvent{ID: "c1", Channel: notify.SMS, Action: notify.Withdrawn, Method: "stop_keyword", OccurredAt: night(-1)}
	given := Given{
		People:   []notify.Person{{ID: "mei", Market: "DE", Phone: "+4915112345678"}},
		Orders:   []parcel.Order{{ID: "A1", Person: "mei", Parcels: []parcel.Label{{Carrier: "dhl", Number: "0034"}}}},
		Consents: map[notify.PersonID][]notify.ConsentEvent{"mei": {stop}},
	}
	if err := s.Begin(t.Context(), night(0), given); err != nil {
		t.Fatal(err)
	}
	rows := explain(t, s, nil, event("e1", parcel.Departed, night(12)))
	if len(rows) != 1 || rows[0].Outcome != "dropped" || rows[0].Reason != notify.Exhausted || len(rows[0].Skipped) != 2 || rows[0].Skipped[1].Reason != notify.SuppressedStop {
		t.Errorf("rows: %+v", rows)
	}
}

func TestMerchantKeepsItsOwnSenders(t *testing.T) {
	t.Parallel()
	m := merchant(t)
	s, err := New(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if m.Senders[notify.SMS][0].Sender != (loud{}) || len(m.Senders) != 2 {
		t.Errorf("the simulation left the merchant with %v", m.Senders)
	}
}

func TestExplain_ChannelWithoutASenderIsPassedOver(t *testing.T) {
	t.Parallel()
	m := merchant(t)
	delete(m.Senders, notify.SMS)
	s := begunFor(t, m)
	rows := explain(t, s, nil, event("e1", parcel.Departed, night(12)))
	if len(rows) != 1 || rows[0].Outcome != "dropped" || len(rows[0].Skipped) != 2 || rows[0].Skipped[1].Reason != notify.NoSender {
		t.Errorf("rows: %+v", rows)
	}
}
