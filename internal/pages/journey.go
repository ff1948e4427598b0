package pages

import (
	"slices"

	"landfall/internal/parcel"
	"landfall/templates"
)

// step is one stage of the journey bar.
type step struct {
	Label     string
	Done, Now bool // as in templates.Step
}

// journey builds the bar. It is the one messages show, and knows besides whether customs was spoken of long ago.
func (r *reader) journey(st parcel.State, marks []parcel.Mark) []step {
	heard := slices.ContainsFunc(marks, func(m parcel.Mark) bool { return templates.OfCustoms(m.Event.Kind) })
	var steps []step
	for _, s := range templates.Journey(st, heard) {
		steps = append(steps, step{Label: r.shared(s.Key, nil), Done: s.Done, Now: s.Now})
	}
	return steps
}
