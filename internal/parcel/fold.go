package parcel

import (
	"cmp"
	"slices"
	"time"
)

// State is what all events of a parcel say together.
type State struct {
	Kind     Kind      `json:"kind"`               // the furthest milestone reached
	Detail   string    `json:"detail,omitempty"`   // of that milestone
	Stage    Stage     `json:"stage"`              // where that is on the way
	Since    time.Time `json:"since,omitzero"`     // when the milestone was reached
	Trouble  *Trouble  `json:"trouble,omitempty"`  // an exception nothing has settled yet
	Place    Place     `json:"place,omitzero"`     // of the latest scan that named one
	LastScan time.Time `json:"last_scan,omitzero"` // when anything was last heard to have happened
	ETA      *Window   `json:"eta,omitempty"`      // the newest estimate
	Attempts int       `json:"attempts,omitempty"` // failed delivery attempts so far
	Ended    bool      `json:"ended,omitempty"`    // the carrier will do no more of its own accord
}

// Trouble is an open exception.
type Trouble struct {
	Kind   Kind      `json:"kind"`
	Detail string    `json:"detail,omitempty"`
	Since  time.Time `json:"since"`
}

// Mark is what one event meant for its parcel once all events are known.
type Mark struct {
	Event Event
	// Entered is set when the event moved the parcel: a milestone it was not in before, an exception that was
	// not open. Repeats, regressing scans and the second feed's report of the same thing do not enter.
	Entered bool
	// Occurrence counts entries into this kind, from 1; 0 when Entered is false. "First time in this
	// milestone" is Occurrence 1.
	Occurrence int
	// Overtaken is set when something that happened later makes this old news.
	Overtaken bool
	// By is the event that overtook it.
	By EventID
	// Over is the event after which even a message about this one that waits already is not worth sending; empty while it is.
	// For most kinds it is By. Trouble outlasts a parcel's getting further.
	Over EventID
}

// First reports whether the event brought its parcel into this milestone for the first time.
func (m Mark) First() bool { return m.Entered && m.Occurrence == 1 }

// News reports whether the event is worth telling: it moved the parcel and nothing later made it old.
func (m Mark) News() bool { return m.Entered && !m.Overtaken }

// Fold turns all events of one parcel, in any order and with any repeats, into its state and what each event
// meant. The marks come in order of the time things happened. The result depends only on the set of events,
// never on the order they were heard in.
func Fold(events []Event) (State, []Mark) {
	marks := inOrder(events)
	f := folding{state: State{Kind: Unknown, Stage: StageAnnounced}, seen: map[Kind]int{}}
	for i := range marks {
		f.take(&marks[i])
	}
	overtake(marks)
	return f.state, marks
}

// inOrder sorts events by when they happened, ties by how far along they are, then by id, dropping repeated ids.
func inOrder(events []Event) []Mark {
	marks := make([]Mark, len(events))
	for i, e := range events {
		marks[i].Event = e
	}
	slices.SortFunc(marks, func(a, b Mark) int {
		return cmp.Or(
			a.Event.HappenedAt.Compare(b.Event.HappenedAt),
			cmp.Compare(rank(a.Event.Kind), rank(b.Event.Kind)),
			cmp.Compare(a.Event.ID, b.Event.ID))
	})
	return slices.CompactFunc(marks, func(a, b Mark) bool { return a.Event.ID == b.Event.ID })
}

func rank(k Kind) int {
	f, _ := FactOf(k)
	return f.Rank
}

// folding is the fold half way through.
type folding struct {
	state State
	rank  int
	seen  map[Kind]int
	open  []Trouble // exceptions nothing has settled yet, in the order they were opened
}

func (f *folding) take(m *Mark) {
	e := m.Event
	fact, ok := FactOf(e.Kind)
	if !ok {
		return
	}
	if e.Kind != Unknown { // a mere estimate is no scan: it must not hide that a parcel stands still
		f.state.LastScan = later(f.state.LastScan, e.HappenedAt)
	}
	if e.Place != (Place{}) {
		f.state.Place = e.Place
	}
	if e.ETA != nil {
		f.state.ETA = e.ETA
	}
	switch fact.Class {
	case Milestone:
		m.Entered = f.reach(e, fact)
	case Exception:
		m.Entered = f.trouble(e, fact)
	case Derived:
		m.Entered = !f.state.Ended
	}
	if m.Entered {
		f.seen[e.Kind]++
		m.Occurrence = f.seen[e.Kind]
	}
}

// reach moves the state to a milestone, unless it is a repeat or a step back.
func (f *folding) reach(e Event, fact Fact) bool {
	forward := fact.Rank > f.rank
	if !forward && !slices.Contains(fact.Again, f.state.Kind) {
		return false
	}
	f.rank = fact.Rank
	f.state.Kind, f.state.Detail, f.state.Stage, f.state.Since = e.Kind, e.Detail, fact.Stage, e.HappenedAt
	if e.Kind == Attempted {
		f.state.Attempts++
	}
	f.open = slices.DeleteFunc(f.open, func(t Trouble) bool {
		old, _ := FactOf(t.Kind)
		return fact.Rank >= old.Settled
	})
	f.show()
	f.state.Ended = fact.Ends
	return true
}

// trouble opens an exception, unless it is open already or the parcel has arrived. A report without a reason repeats any
// open one of its kind.
func (f *folding) trouble(e Event, fact Fact) bool {
	arrived := f.state.Stage == StageDelivered || f.state.Stage == StageReturned
	if arrived && fact.Settled <= f.rank {
		return false
	}
	if slices.ContainsFunc(f.open, func(t Trouble) bool { return t.covers(e) }) {
		return false
	}
	f.open = append(f.open, Trouble{Kind: e.Kind, Detail: e.Detail, Since: e.HappenedAt})
	f.show()
	f.state.Ended = f.state.Ended || fact.Ends
	return true
}

// covers reports whether an open trouble says what e says.
func (t Trouble) covers(e Event) bool {
	return t.Kind == e.Kind && (t.Detail == e.Detail || e.Detail == "" || t.Detail == "")
}

// show makes the latest open trouble the one the state names.
func (f *folding) show() {
	f.state.Trouble = nil
	if n := len(f.open); n > 0 {
		last := f.open[n-1]
		f.state.Trouble = &last
	}
}

// overtake marks every event that a later milestone has made old: repeats too, since a message about an event may
// still be waiting when another feed's report of the same scan turns out to be the earlier one.
func overtake(marks []Mark) {
	for i := range marks {
		old, _ := FactOf(marks[i].Event.Kind)
		j := slices.IndexFunc(marks[i+1:], func(m Mark) bool { return settles(m, old) })
		if j >= 0 {
			marks[i].Overtaken, marks[i].By = true, marks[i+1+j].Event.ID
		}
		if j := slices.IndexFunc(marks[i+1:], func(m Mark) bool { return ends(m, old) }); j >= 0 {
			marks[i].Over = marks[i+1+j].Event.ID
		}
	}
}

// ends reports whether m leaves nothing to say about old.
func ends(m Mark, old Fact) bool {
	now, _ := FactOf(m.Event.Kind)
	switch {
	case old.Over == 0:
		return settles(m, old)
	case !m.Entered || now.Class != Milestone:
		return false
	}
	return now.Rank >= old.Over || slices.Contains(old.OverBy, now.Kind)
}

func settles(m Mark, old Fact) bool {
	now, _ := FactOf(m.Event.Kind)
	if !m.Entered || now.Class != Milestone {
		return false
	}
	return now.Rank >= old.Settled || slices.Contains(now.Again, old.Kind)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
