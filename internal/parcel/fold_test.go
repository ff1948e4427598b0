package parcel

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// story writes events as words: "kind[/detail]@hour[#id]". The id defaults to the word itself.
func story(t testing.TB, words string) []Event {
	t.Helper()
	var events []Event
	for word := range strings.FieldsSeq(words) {
		what, id, named := strings.Cut(word, "#")
		kind, hour, ok := strings.Cut(what, "@")
		var h int
		if _, err := fmt.Sscanf(hour, "%d", &h); err != nil || !ok {
			t.Fatalf("bad word %q", word)
		}
		if !named {
			id = word
		}
		k, detail, _ := strings.Cut(kind, "/")
		events = append(events, Event{ID: EventID(id), Kind: Kind(k), Detail: detail, HappenedAt: time.Unix(int64(h)*3600, 0).UTC()})
	}
	return events
}

// told lists what is worth telling, as "kind" or "kind/occurrence" from the second time on.
func told(marks []Mark) string {
	var out []string
	for _, m := range marks {
		if m.News() {
			s := string(m.Event.Kind)
			if m.Occurrence > 1 {
				s = fmt.Sprintf("%s/%d", s, m.Occurrence)
			}
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

func TestFold(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, events, state, told string }{
		{"nothing yet", "", "unknown announced", ""},
		{"straight way", "picked_up@1 departed_origin@2 arrived_destination_country@3", "arrived_destination_country arrived", "arrived_destination_country"},
		{"heard out of order", "arrived_destination_country@3 departed_origin@2", "arrived_destination_country arrived", "arrived_destination_country"},
		{"repeat by another feed", "out_for_delivery@8#a out_for_delivery@9#b", "out_for_delivery delivery", "out_for_delivery"},
		{"same id twice", "departed_origin@1#a departed_origin@1#a", "departed_origin transit", "departed_origin"},
		{"regressing scan", "out_for_delivery@8 in_transit@9", "out_for_delivery delivery", "out_for_delivery"},
		{"scan after delivery", "delivered@8 in_transit@9 out_for_delivery@10", "delivered delivered", "delivered"},
		{"second attempt", "out_for_delivery@8 attempt_failed@12 out_for_delivery@32", "out_for_delivery delivery", "out_for_delivery/2"},
		{"two failed attempts", "out_for_delivery@8 attempt_failed@12 out_for_delivery@32 attempt_failed@36", "attempt_failed delivery", "attempt_failed/2"},
		{"an attempt reported by two feeds", "out_for_delivery@8#a attempt_failed@12#b attempt_failed@13#c", "attempt_failed delivery", "attempt_failed"},
		{"customs needs papers, then is passed", "customs_started@1 customs_info_required@2 customs_released@5", "customs_released transit", "customs_released"},
		{"customs call is not drowned by scans", "customs_info_required@2 in_transit@3", "customs_info_required customs", "customs_info_required"},
		{"delay lies on top", "departed_origin@1 delay/weather@2", "departed_origin transit delay/weather", "departed_origin delay"},
		{"delay told once", "departed_origin@1 delay/weather@2#a delay/weather@3#b", "departed_origin transit delay/weather", "departed_origin delay"},
		{"another delay", "departed_origin@1 delay/weather@2 delay/flight@3", "departed_origin transit delay/flight", "departed_origin delay delay/2"},
		{"progress settles a delay", "departed_origin@1 delay/weather@2 arrived_destination_country@3", "arrived_destination_country arrived", "arrived_destination_country"},
		{"damage is not settled by delivery", "departed_origin@1 damaged@2 delivered@3", "delivered delivered damaged", "damaged delivered"},
		{"two feeds taking turns on one delay", "departed_origin@1 delay/weather@2#a delay@3#b delay/weather@4#c delay@5#d", "departed_origin transit delay/weather", "departed_origin delay"},
		{"a settled delay uncovers the damage", "departed_origin@1 damaged@2 delay/weather@3 arrived_destination_country@4", "arrived_destination_country arrived damaged", "damaged arrived_destination_country"},
		{"lost and found", "departed_origin@1 lost@2 delivered@9", "delivered delivered", "delivered"},
		{"refused at the door, sent back", "out_for_delivery@1 refused@2 returning@3 returned@9", "returned returned", "returned"},
		{"delay after delivery is no news", "delivered@1 delay/weather@2", "delivered delivered", "delivered"},
		{"unknown code of a feed", "unknown@1 label_created@2", "label_created announced", "label_created"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, marks := Fold(story(t, c.events))
			got := fmt.Sprint(s.Kind, " ", s.Stage)
			if s.Trouble != nil {
				got += strings.TrimSuffix(fmt.Sprint(" ", s.Trouble.Kind, "/", s.Trouble.Detail), "/")
			}
			if got != c.state {
				t.Errorf("state %q, want %q", got, c.state)
			}
			if got := told(marks); got != c.told {
				t.Errorf("told %q, want %q", got, c.told)
			}
		})
	}
}

// A message waits about an event that another feed's earlier report has since turned into a repeat. What happened later
// makes it old all the same.
func TestFold_RepeatsAreOvertakenToo(t *testing.T) {
	t.Parallel()
	_, marks := Fold(story(t, "customs_started@1#a customs_started@2#b customs_released@5"))
	if marks[1].Event.ID != "b" || marks[1].Entered || !marks[1].Overtaken {
		t.Errorf("the repeat is %+v", marks[1])
	}
}

// Trouble that a message waits about is told although the parcel got further, until that says it is over.
func TestFold_TroubleOutlastsProgress(t *testing.T) {
	t.Parallel()
	for told, over := range map[string]string{
		"departed_origin@1 arrived_destination_country@2#x":                 "x",
		"customs_info_required@1 customs_payment_due@2 out_for_delivery@3":  "",
		"customs_info_required@1 out_for_delivery@2 customs_released@3":     "", // a scan that comes too late enters nothing
		"customs_payment_due@1 customs_released@2#x":                        "x",
		"held_documents@1 arrived_destination_country@2 out_for_delivery@3": "",
		"held_payment@1 customs_released@2#x":                               "x",
		"delay@1 in_transit@2 out_for_delivery@3":                           "",
		"delay@1 in_transit@2 delivered@3#x":                                "x",
		"address_problem@1 out_for_delivery@2 delivered@3#x":                "x",
		"lost@1 in_transit@2#x":                                             "x",
		"damaged@1 delivered@2":                                             "",
	} {
		_, marks := Fold(story(t, told))
		if got := marks[0].Over; string(got) != over {
			t.Errorf("%s: over by %q, want %q", told, got, over)
		}
	}
}

// The state and the meaning of every event depend on the set of events alone, not on the order they were heard in nor
// on how often each was.
func TestFold_OrderAndRepeatsDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 14).Draw(rt, "n")
		events := make([]Event, n)
		for i := range events {
			events[i] = Event{
				ID: EventID(fmt.Sprint(i)), Kind: rapid.SampledFrom(Kinds()).Draw(rt, "kind"),
				Detail:     rapid.SampledFrom([]string{"", "weather", "customs"}).Draw(rt, "detail"),
				HappenedAt: time.Unix(rapid.Int64Range(0, 8).Draw(rt, "hour")*3600, 0),
			}
		}
		state, marks := Fold(events)
		heard := rapid.Permutation(events).Draw(rt, "heard")
		again := append(heard, heard[:rapid.IntRange(0, n).Draw(rt, "repeats")]...)
		state2, marks2 := Fold(again)
		if diff := cmp.Diff(state, state2) + cmp.Diff(marks, marks2); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// A parcel never goes back: with each event that happened later its furthest milestone stays or moves on, except
// where a failed attempt or a pickup shelf puts it on the road again.
func TestFold_NeverStepsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var events []Event
		reached := 0
		for i := range rapid.IntRange(1, 14).Draw(rt, "n") {
			events = append(events, Event{ID: EventID(fmt.Sprint(i)), Kind: rapid.SampledFrom(Kinds()).Draw(rt, "kind"), HappenedAt: time.Unix(int64(i), 0)})
			state, marks := Fold(events)
			fact, _ := FactOf(state.Kind)
			if fact.Rank < reached && len(fact.Again) == 0 {
				rt.Fatalf("went back to %s", state.Kind)
			}
			reached = fact.Rank
			if len(marks) != len(events) {
				rt.Fatalf("%d marks for %d events", len(marks), len(events))
			}
		}
	})
}

func TestFacts(t *testing.T) {
	t.Parallel()
	seen := map[Kind]bool{}
	for _, f := range Facts() {
		if seen[f.Kind] {
			t.Errorf("%s stands twice in the table", f.Kind)
		}
		seen[f.Kind] = true
		if f.Class == Milestone && f.Stage == "" {
			t.Errorf("milestone %s has no stage", f.Kind)
		}
		if f.Class == Milestone && f.Settled <= f.Rank {
			t.Errorf("milestone %s settles itself", f.Kind)
		}
	}
	if _, ok := FactOf("teleported"); ok {
		t.Error("an unknown word is taken for a kind")
	}
}

func TestRecycled(t *testing.T) {
	t.Parallel()
	last := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
	p := Parcel{State: State{LastScan: last}}
	if p.Recycled(last.Add(89 * 24 * time.Hour)) {
		t.Error("a number is recycled after 89 days")
	}
	if !p.Recycled(last.Add(91 * 24 * time.Hour)) {
		t.Error("a number is not recycled after 91 days")
	}
	if p.Recycled(last.Add(-24 * time.Hour)) {
		t.Error("an older scan opens a new parcel")
	}
}
