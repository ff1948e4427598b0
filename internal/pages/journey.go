package pages

import (
	"slices"

	"landfall/internal/parcel"
)

// step is one stage of the journey bar.
type step struct {
	Label string
	Done  bool
	// Now marks the stage the parcel is in; a stage may be done and still be the newest there is, as customs is
	// between release and delivery.
	Now bool
}

// stop is a stage of the bar and the kind it begins with.
type stop struct {
	key  string
	from parcel.Kind
}

// journey builds the bar.
func (r *reader) journey(st parcel.State, marks []parcel.Mark) []step {
	stops := route(st, marks)
	here := -1
	for i, s := range stops {
		if rank(st.Kind) >= rank(s.from) {
			here = i
		}
	}
	steps := make([]step, len(stops))
	for i, s := range stops {
		steps[i] = step{Label: r.text("stage."+s.key, nil), Done: i < here || i == here && finished(s.key), Now: i == here}
	}
	return steps
}

// route is the way of one parcel. The names of later stages follow what became of it.
func route(st parcel.State, marks []parcel.Mark) []stop {
	stops := []stop{{"shipped", parcel.PickedUp}, {"transit", parcel.Departed}}
	if customs := customsOf(st, marks); customs != "" {
		stops = append(stops, stop{customs, parcel.Customs})
	}
	last := stop{"delivered", parcel.Delivered}
	if st.Stage == parcel.StageReturning || st.Stage == parcel.StageReturned {
		last = stop{string(st.Stage), parcel.Returning}
	}
	door := stop{"delivery", parcel.OutForDeliv}
	if st.Stage == parcel.StagePickup {
		door.key = "pickup"
	}
	return append(stops, door, last)
}

// customsOf names the stage at customs; "" when the parcel came past without anybody speaking of customs.
func customsOf(st parcel.State, marks []parcel.Mark) string {
	heard := slices.ContainsFunc(marks, func(m parcel.Mark) bool {
		f, _ := parcel.FactOf(m.Event.Kind)
		return f.Stage == parcel.StageCustoms || m.Event.Kind == parcel.Released
	})
	switch {
	case rank(st.Kind) < rank(parcel.Released):
		return "customs"
	case heard:
		return "cleared"
	default:
		return ""
	}
}

// finished reports whether a stage is over the moment it is reached.
func finished(stage string) bool {
	return stage == "cleared" || stage == "delivered" || stage == string(parcel.StageReturned)
}

func rank(k parcel.Kind) int {
	f, _ := parcel.FactOf(k)
	return f.Rank
}
