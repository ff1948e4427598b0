package notify

import (
	"slices"
	"strings"
	"testing"
)

// follows lists every move a provider's report may make. All other pairs of states are refused.
const follows = `
sending: unknown sent delivered read dropped failed expired superseded
unknown: sent delivered read dropped failed expired superseded
sent: delivered read dropped failed expired superseded
delivered: read dropped expired superseded
read: dropped expired superseded
failed: delivered read
`

func TestStateFollows(t *testing.T) {
	t.Parallel()
	allowed := map[State][]string{}
	for line := range strings.Lines(strings.TrimSpace(follows)) {
		from, to, _ := strings.Cut(line, ":")
		allowed[State(from)] = strings.Fields(to)
	}
	for _, from := range States() {
		for _, to := range States() {
			want := slices.Contains(allowed[from.State], string(to.State))
			if got := from.State.Follows(to.State); got != want {
				t.Errorf("%s follows %s: %t, want %t", to.State, from.State, got, want)
			}
		}
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	names := constants(t, "state.go", "State")
	facts := map[string]StateFact{}
	last := 0
	for _, f := range States() {
		if facts[string(f.State)].State != "" {
			t.Errorf("%s stands twice in the table", f.State)
		}
		if f.Rank < last || f.Means == "" {
			t.Errorf("%s: rank %d after %d, means %q", f.State, f.Rank, last, f.Means)
		}
		facts[string(f.State)], last = f, f.Rank
	}
	for _, name := range names {
		if facts[name].State == "" {
			t.Errorf("state %s is not in the table", name)
		}
	}
	if len(names) != len(facts) {
		t.Errorf("%d constants, %d rows", len(names), len(facts))
	}
}

func TestStateGroups(t *testing.T) {
	t.Parallel()
	unsent := []State{Planned, Held, Queued}
	for _, f := range States() {
		if got, want := f.State.Unsent(), slices.Contains(unsent, f.State); got != want {
			t.Errorf("%s.Unsent() = %t", f.State, got)
		}
		if got, want := f.State.Open(), slices.Contains(unsent, f.State) || f.State == Sending; got != want {
			t.Errorf("%s.Open() = %t", f.State, got)
		}
	}
	if f := State("lost in the post").Fact(); f != (StateFact{}) {
		t.Errorf("an unknown word is taken for %+v", f)
	}
}
