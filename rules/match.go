package rules

import (
	"landfall/internal/notify"
	"landfall/internal/parcel"

	"github.com/expr-lang/expr/vm"
)

// Match is what one rule made of an event.
type Match struct {
	Rule *Rule
	// Fired is set when the rule is on and its condition holds.
	Fired  bool
	Notice notify.Notice // of a rule that fired
	// Err says that the condition could not be evaluated for this event, such as an item that is not in the
	// order; the rule did not fire. It names the place in the rule's file and holds nothing of the event.
	Err error
}

// Match returns every rule that speaks about the kind of env's event, in file order, fired or not, so that it can be
// told why nothing was said. Rules that are switched off are among them and do not fire.
func (m *Market) Match(env Env) []Match {
	rules := m.index[parcel.Kind(env.Event.Kind)]
	matches := make([]Match, len(rules))
	machine := vm.VM{MemoryBudget: memoryBudget}
	for i, r := range rules {
		matches[i] = r.match(&machine, &env)
	}
	return matches
}

func (r *Rule) match(machine *vm.VM, env *Env) Match {
	if r.Off {
		return Match{Rule: r}
	}
	holds, err := r.When.holds(machine, env)
	if err != nil {
		return Match{Rule: r, Err: r.blame(err)}
	}
	if !holds {
		return Match{Rule: r}
	}
	return Match{Rule: r, Fired: true, Notice: r.notice()}
}

// indexed groups rules by the kinds they speak about.
func indexed(rules []*Rule) map[parcel.Kind][]*Rule {
	index := map[parcel.Kind][]*Rule{}
	for _, r := range rules {
		for _, kind := range r.On {
			index[kind] = append(index[kind], r)
		}
	}
	return index
}
