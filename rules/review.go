package rules

import (
	"fmt"
	"slices"
	"strings"

	"landfall/internal/parcel"
)

// Lint looks at a market as a whole for what no single line gets wrong: rules that never match, that say a thing twice or
// that let news be hidden, and exceptions nobody hears of. It reports them in order of their place; those that may be
// meant have Remark set. A market that was loaded from the pack has none.
func (m *Market) Lint() []Problem {
	var all Problems
	for i, r := range m.Rules {
		if r.Off {
			continue
		}
		if idle := m.idle(r); len(idle) > 0 {
			all = append(all, idle...) // what a condition that never holds implies says nothing
		} else {
			all = append(all, m.doubled(r, m.Rules[:i])...)
		}
		all = append(all, m.hidden(r)...)
	}
	all = append(all, m.unheard()...)
	all.sort()
	return all
}

// problem is one about r, at its place.
func (r *Rule) problem(format string, args ...any) Problem {
	return Problem{File: r.At.File, Line: r.At.Line, Column: r.At.Column, Message: fmt.Sprintf("rule %q ", r.Name) + fmt.Sprintf(format, args...)}
}

// idle reports a rule that never matches.
func (m *Market) idle(r *Rule) []Problem {
	if !m.neverHolds(r) {
		return nil
	}
	p := r.problem("never matches: its condition is false for every event it speaks about; change the condition or the kinds")
	p.Text = shown(r.When.source)
	if at := r.When.places; len(at) > 0 {
		p.Line, p.Column = at[0].line, at[0].column
	}
	return []Problem{p}
}

// doubled reports a rule that says what one of the earlier rules says whenever it does.
func (m *Market) doubled(r *Rule, earlier []*Rule) []Problem {
	i := slices.IndexFunc(earlier, func(e *Rule) bool { return e.covers(r) && m.implies(r, e) })
	if i < 0 {
		return nil
	}
	return []Problem{r.problem("says %s of the same events as rule %q in %s:%d, so that it would be told twice; remove one of them",
		r.Say, earlier[i].Name, earlier[i].At.File, earlier[i].At.Line)}
}

// covers reports whether r tells everybody everything that other does, where both conditions hold.
func (r *Rule) covers(other *Rule) bool {
	return !r.Off && r.Say == other.Say && subset(other.On, r.On) && subset(other.To, r.To)
}

func subset[T comparable](some, of []T) bool {
	return !slices.ContainsFunc(some, func(x T) bool { return !slices.Contains(of, x) })
}

// hidden remarks on an exception in a group of good news.
func (m *Market) hidden(r *Rule) []Problem {
	bad := slices.IndexFunc(r.On, exceptional)
	if r.Collapse == "" || bad < 0 {
		return nil
	}
	for _, other := range m.Rules {
		if good := slices.IndexFunc(other.On, goodNews); !other.Off && other.Collapse == r.Collapse && good >= 0 {
			p := r.problem("puts %s into the group %s, where %s may take its place before it is sent; give it a group of its own, or none",
				r.On[bad], r.Collapse, other.On[good])
			p.Remark = true
			return []Problem{p}
		}
	}
	return nil
}

// mustHear lists what customers must hear of: they have to act, or will wait in vain.
var mustHear = [...]parcel.Kind{parcel.CustomsInfo, parcel.CustomsPay, parcel.HeldPayment, parcel.HeldPapers, parcel.BadAddress, parcel.Attempted,
	parcel.Lost, parcel.Damaged, parcel.Destroyed, parcel.Returning, parcel.Delay}

// exceptional reports whether k must not be hidden by what comes after it.
func exceptional(k parcel.Kind) bool {
	f, _ := parcel.FactOf(k)
	return f.Class == parcel.Exception || slices.Contains(mustHear[:], k)
}

// goodNews reports whether k only says that a parcel got further.
func goodNews(k parcel.Kind) bool { return milestone(k) && !exceptional(k) }

// unheard reports exceptions that no rule speaks about: as a mistake where a rule that does is switched off, else as a
// remark.
func (m *Market) unheard() []Problem {
	silent := slices.DeleteFunc(slices.Clone(mustHear[:]), m.speaksOf)
	var all []Problem
	for _, r := range m.Rules {
		if kinds := both(r.On, silent); r.Off && len(kinds) > 0 {
			all = append(all, r.problem("is switched off, and nobody hears of %s; let another rule tell the customer or, with 'to: merchant', your own staff", inWords(kinds)))
			silent = slices.DeleteFunc(silent, func(k parcel.Kind) bool { return slices.Contains(kinds, k) })
		}
	}
	if len(silent) > 0 {
		all = append(all, m.untold(silent)...)
	}
	return all
}

// untold remarks on kinds nobody hears of: at the rules that no longer name what the ones they replaced did, else on the
// file as a whole.
func (m *Market) untold(silent []parcel.Kind) []Problem {
	var all []Problem
	for _, old := range m.inherited() {
		kinds := both(old.On, silent)
		if r, _ := m.rule(old.Name); r != nil && len(kinds) > 0 {
			p := r.problem("replaces one that speaks of %s, too, of which nobody hears now; add them here or to another rule", inWords(kinds))
			p.Remark = true
			all = append(all, p)
			silent = slices.DeleteFunc(silent, func(k parcel.Kind) bool { return slices.Contains(kinds, k) })
		}
	}
	if len(silent) > 0 {
		all = append(all, Problem{File: m.Files[len(m.Files)-1], Remark: true,
			Message: fmt.Sprintf("no rule speaks of %s; customers will not hear of it", inWords(silent))})
	}
	return all
}

// inherited is the rules of what m extends.
func (m *Market) inherited() []*Rule {
	if m.parent == nil {
		return nil
	}
	return m.parent.Rules
}

func (m *Market) speaksOf(k parcel.Kind) bool {
	return slices.ContainsFunc(m.Rules, func(r *Rule) bool { return !r.Off && slices.Contains(r.On, k) })
}

func both(a, b []parcel.Kind) []parcel.Kind {
	return slices.DeleteFunc(slices.Clone(a), func(k parcel.Kind) bool { return !slices.Contains(b, k) })
}

func inWords(kinds []parcel.Kind) string { return strings.Join(names(kinds), ", ") }
