package report

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

var update = flag.Bool("update", false, "write what the tests got as what they want")

// golden compares got as JSON with a file.
func golden(t *testing.T, name string, got any) {
	t.Helper()
	file := filepath.Join("testdata", name)
	b, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	if *update {
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(b)); diff != "" {
		t.Errorf("%s (-want +got), accept it with -update:\n%s", file, diff)
	}
}

// at is a minute after noon.
func at(minute int) time.Time { return time.Date(2026, 12, 1, 12, minute, 0, 0, time.UTC) }

func departed() notify.Notification {
	return notify.Notification{ID: "n_1", Person: "mei", Order: "A1", Event: "e1", Kind: parcel.Departed, CreatedAt: at(1),
		Notice: notify.Notice{Rule: "departed", Say: "departed"}}
}

func decision(minute int, d notify.DeliveryID, c notify.Channel, v notify.Verdict, r notify.Reason) notify.Decision {
	return notify.Decision{At: at(minute), Event: "e1", Rule: "departed", Notification: "n_1", Delivery: d, Channel: c, Verdict: v, Reason: r}
}

// coat is a notification that was held on WhatsApp, failed there, went by text message, and lies in the inbox.
func coat() Told {
	held := decision(1, "n_1.whatsapp", notify.WhatsApp, notify.Hold, notify.QuietCourtesy)
	held.Until = at(30)
	return Told{
		Notification: departed(),
		Deliveries: []notify.Delivery{
			{ID: "n_1.whatsapp", Channel: notify.WhatsApp, State: notify.Failed, Reason: "CHANNEL_BAD_ENDPOINT:63003", HeldFor: notify.QuietCourtesy, Due: at(30), UpdatedAt: at(31)},
			{ID: "n_1.sms", Channel: notify.SMS, State: notify.Read, Reason: notify.SaidRead, Due: at(31), SentAt: at(32), UpdatedAt: at(40), ProviderID: "SM1",
				Words: &notify.Words{Locale: "de", Text: "Ihr Wollmantel ist unterwegs.", Segments: 1}},
			{ID: "n_1.inapp", Channel: notify.InApp, State: notify.Planned, Reason: notify.OK, Due: at(1), UpdatedAt: at(1)},
		},
		Decisions: []notify.Decision{
			decision(1, "n_1.line", notify.LINE, notify.Skip, notify.NoEndpoint), held, decision(1, "n_1.inapp", notify.InApp, notify.Allow, notify.BasisContract),
			decision(30, "n_1.line", notify.LINE, notify.Skip, notify.NotFriend),
			decision(31, "n_1.whatsapp", notify.WhatsApp, notify.Note, "CHANNEL_BAD_ENDPOINT:63003"), decision(31, "", "", notify.Note, notify.NextChannel),
			decision(32, "n_1.sms", notify.SMS, notify.Note, notify.WasSent), decision(40, "n_1.sms", notify.SMS, notify.Note, notify.SaidRead),
		},
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	nobody, stale := departed(), departed()
	nobody.ID, stale.ID = "n_2", "n_3"
	golden(t, "rows.json", Rows([]Told{coat(),
		{Notification: nobody, Reason: notify.Exhausted, Decisions: []notify.Decision{decision(1, "n_2.sms", notify.SMS, notify.Skip, notify.NoEndpoint)}},
		{Notification: stale, Reason: notify.Stale}}))
	if got := Rows(nil); len(got) != 0 {
		t.Errorf("nothing told gives %+v", got)
	}
}

func TestRows_OutcomeOfEveryState(t *testing.T) {
	t.Parallel()
	want := map[notify.State]string{
		notify.Planned: "planned", notify.Held: "held", notify.Queued: "planned", notify.Sending: "planned", notify.UnknownSt: "unknown", notify.Sent: "sent",
		notify.Arrived: "sent", notify.Read: "sent", notify.Dropped: "dropped", notify.Failed: "failed", notify.Expired: "expired", notify.Superseded: "superseded",
	}
	for _, f := range notify.States() {
		rows := Rows([]Told{{Deliveries: []notify.Delivery{{State: f.State, Due: at(5), UpdatedAt: at(1)}}}})
		if got := rows[0].Outcome; got != want[f.State] || got == "" {
			t.Errorf("%s is reported as %q, want %q", f.State, got, want[f.State])
		}
		if open := rows[0].At.Equal(at(5)); open != f.State.Open() {
			t.Errorf("%s is dated %s", f.State, rows[0].At)
		}
	}
}

func TestTimeline(t *testing.T) {
	t.Parallel()
	event := parcel.Event{ID: "e1", Feed: "aftership", Kind: parcel.Departed, HappenedAt: at(-60), HeardAt: at(1), Place: parcel.Place{City: "Shenzhen", Country: "CN"}, Note: "Departed facility"}
	bare := parcel.Event{ID: "e2", Feed: "17track", Kind: parcel.Departed, HappenedAt: at(-59), HeardAt: at(2)}
	again := decision(2, "", "", notify.Drop, notify.NotNews)
	again.Event, again.Rule, again.Notification = "e2", "", ""
	unmet := again
	unmet.Rule, unmet.Reason = "dear delay", notify.RuleFalse
	h := History{
		Events: []Event{{Parcel: "p_1", Event: event}, {Parcel: "p_1", Event: bare}}, Told: []Told{coat()}, Decisions: []notify.Decision{again, unmet},
		Replies:  []Reply{{Channel: notify.SMS, Text: "Danke!", At: at(40)}},
		Consents: []notify.ConsentEvent{{Channel: notify.WhatsApp, Action: notify.Granted, Method: "checkbox", OccurredAt: at(1)}},
	}
	golden(t, "timeline.json", h.Timeline())
}

func TestTimeline_OneOrderOfTime(t *testing.T) {
	t.Parallel()
	h := History{
		Events: []Event{{Event: parcel.Event{ID: "e1", HeardAt: at(1), HappenedAt: at(59)}}},
		Told: []Told{{Decisions: []notify.Decision{decision(1, "d", notify.SMS, notify.Note, notify.SaidDelivered),
			decision(1, "d", notify.SMS, notify.Note, notify.WasSent), decision(1, "d", notify.SMS, notify.Allow, notify.BasisContract), decision(0, "d", notify.SMS, notify.Allow, notify.OK)}}},
		Replies:  []Reply{{At: at(1)}},
		Consents: []notify.ConsentEvent{{OccurredAt: at(1)}},
	}
	var got []string
	for _, e := range h.Timeline() {
		got = append(got, e.What)
	}
	if diff := cmp.Diff([]string{"verdict", "consent", "reply", "scan", "verdict", "sent", "receipt"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// A message is judged twice, and the timeline tells the two verdicts apart.
func TestSentence_TellsPlanFromDispatch(t *testing.T) {
	t.Parallel()
	d := notify.Decision{Verdict: notify.Allow, Reason: notify.BasisContract, Channel: notify.SMS, Phase: notify.AtPlan}
	told := Told{Notification: notify.Notification{Notice: notify.Notice{Say: "departed"}}}
	planned := verdict(d, &told)
	d.Phase = notify.AtDispatch
	sent := verdict(d, &told)
	if planned.Phase != notify.AtPlan || !strings.Contains(planned.Summary, "on sms may go") {
		t.Errorf("planned: %+v", planned)
	}
	if sent.Phase != notify.AtDispatch || !strings.Contains(sent.Summary, "on sms goes out") {
		t.Errorf("sent: %+v", sent)
	}
}
