package templates

import (
	"slices"

	"landfall/internal/parcel"
)

// Step is one stage of a parcel's way, as the bar of an e-mail and that of the tracking page show it.
type Step struct {
	Key  string // of its name in the catalogs
	Done bool
	// Now marks the stage the parcel is in; a stage may be done and still be the newest there is, as customs is
	// between release and delivery.
	Now bool
}

// stop is a stage of the way and the kind it begins with.
type stop struct {
	name string
	from parcel.Kind
}

// Journey is the way of a parcel in the state st. A stage at customs is ahead of every parcel; one that came past
// shows it only when heard says that somebody spoke of customs, or when st itself does.
func Journey(st parcel.State, heard bool) []Step {
	rank := standing(st)
	stops := route(st, rank, heard || customsIn(st))
	here := -1
	for i, s := range stops {
		if rank >= rankOf(s.from) {
			here = i
		}
	}
	steps := make([]Step, len(stops))
	for i, s := range stops {
		steps[i] = Step{Key: "stage." + s.name, Done: i < here || i == here && finished(s.name), Now: i == here}
	}
	return steps
}

// route is the way of one parcel. The names of later stages follow what became of it.
func route(st parcel.State, rank int, heard bool) []stop {
	stops := []stop{{"shipped", parcel.PickedUp}, {"transit", parcel.Departed}}
	switch {
	case rank < rankOf(parcel.Released):
		stops = append(stops, stop{"customs", parcel.Customs})
	case heard:
		stops = append(stops, stop{"cleared", parcel.Customs})
	}
	door, last := stop{"delivery", parcel.OutForDeliv}, stop{"delivered", parcel.Delivered}
	switch now, _ := parcel.FactOf(st.Kind); now.Stage {
	case parcel.StagePickup:
		door.name = "pickup"
	case parcel.StageReturning, parcel.StageReturned:
		last = stop{string(now.Stage), parcel.Returning}
	}
	return append(stops, door, last)
}

// standing is the rank a parcel has reached: one that customs holds has come as far as customs, scanned there or not.
func standing(st parcel.State) int {
	rank := rankOf(st.Kind)
	if st.Trouble != nil && atCustoms(st.Trouble.Kind) {
		rank = max(rank, rankOf(parcel.Customs))
	}
	return rank
}

// customsIn reports whether a state itself tells of customs.
func customsIn(st parcel.State) bool {
	return OfCustoms(st.Kind) || st.Trouble != nil && OfCustoms(st.Trouble.Kind)
}

// OfCustoms reports whether a kind of event says that a parcel is or was with customs.
func OfCustoms(k parcel.Kind) bool { return k == parcel.Released || atCustoms(k) }

func atCustoms(k parcel.Kind) bool {
	f, _ := parcel.FactOf(k)
	return f.Stage == parcel.StageCustoms || slices.Contains(groups[k], "customs")
}

// finished reports whether a stage is over the moment it is reached.
func finished(stage string) bool {
	return stage == "cleared" || stage == "delivered" || stage == string(parcel.StageReturned)
}

func rankOf(k parcel.Kind) int {
	f, _ := parcel.FactOf(k)
	return f.Rank
}
