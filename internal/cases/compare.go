package cases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/report"
	"landfall/internal/simulate"
)

// Result is what came of a case.
type Result struct {
	Case     *Case
	Err      error            // why it could not be played, or not to the end
	Rows     []report.Row     // every delivery
	Silences []report.Row     // events that nobody was told of; they need not be expected, and may be
	Touched  []simulate.Touch // markets and rules it came across
	Missing  []Miss           // what was expected and is not there
	Strange  []report.Row     // what is there and was not expected
}

// Miss is an expectation that nothing met.
type Miss struct {
	Index   int         // in Case.Expect
	Nearest *report.Row // nil when there is nothing to compare it with
	But     []string    // how the nearest differs
}

// OK reports whether everything was as expected.
func (r Result) OK() bool { return r.Err == nil && len(r.Missing) == 0 && len(r.Strange) == 0 }

// compare pairs expectations with deliveries, each with one of its own, as many as can be.
func (r *Result) compare() {
	if r.Case.ExpectNone {
		r.Strange = slices.DeleteFunc(slices.Clone(r.Rows), func(row report.Row) bool { return !reaches(row) })
	}
	if len(r.Case.Expect) == 0 {
		return
	}
	// Deliveries choose first: each must be expected. Then the expectations left over may stand for events that nobody was
	// told of. A pairing that serves the first is never undone by the second, only rearranged.
	all := slices.Concat(r.Rows, r.Silences)
	p := pairing{wants: len(r.Case.Expect), of: map[int]int{}, fits: func(row, want int) bool {
		e := r.Case.Expect[want]
		return (row < len(r.Rows) || e.silent()) && len(e.differences(all[row])) == 0
	}}
	var left []int
	for i := range all {
		if !p.place(i, map[int]bool{}) && i < len(r.Rows) {
			left = append(left, i)
		}
	}
	r.report(left, p.of)
}

// silent reports whether an expectation may be met by an event that nobody was told of: it asks for nothing but the reason.
func (e Expectation) silent() bool { return e.Reason != nil && e.Say == nil && e.Channel == nil }

// reaches reports whether somebody is told something, or may be yet.
func reaches(row report.Row) bool {
	switch row.Outcome {
	case "sent", string(notify.Held), string(notify.Planned), string(notify.UnknownSt):
		return true
	}
	return false
}

func (r *Result) report(left []int, paired map[int]int) {
	for _, i := range left {
		r.Strange = append(r.Strange, r.Rows[i])
	}
	for i, e := range r.Case.Expect {
		if _, met := paired[i]; met {
			continue
		}
		m := Miss{Index: i}
		for _, row := range slices.Concat(r.Strange, r.Rows) {
			if but := e.differences(row); m.Nearest == nil || len(but) < len(m.But) {
				m.Nearest, m.But = &row, but
			}
		}
		r.Missing = append(r.Missing, m)
	}
}

// pairing matches rows with what is wanted, by augmenting paths: a row may take another's place when that one finds
// another.
type pairing struct {
	fits  func(row, want int) bool
	wants int
	of    map[int]int // want -> row
}

func (p *pairing) place(row int, tried map[int]bool) bool {
	for want := range p.wants {
		if tried[want] || !p.fits(row, want) {
			continue
		}
		tried[want] = true
		other, taken := p.of[want]
		if !taken || p.place(other, tried) {
			p.of[want] = row
			return true
		}
	}
	return false
}

// differences says how a row differs from what is expected; nothing when it is as expected.
func (e Expectation) differences(r report.Row) []string {
	d := &differences{}
	differ(d, "person", e.Person, r.Person)
	differ(d, "order", e.Order, r.Order)
	differ(d, "say", e.Say, r.Say)
	differ(d, "rule", e.Rule, r.Rule)
	if e.Channel != nil {
		c := channel(*e.Channel)
		differ(d, "channel", &c, r.Channel)
	}
	differ(d, "outcome", e.Outcome, r.Outcome)
	d.reasons("reason", e.Reason, reasons(r, r.Reason, ""))
	d.reasons("held_for", e.HeldFor, reasons(r, r.HeldFor, notify.Hold))
	d.time(e.At, r)
	differ(d, "locale", e.Locale, r.Locale)
	differ(d, "title", e.Title, r.Title)
	differ(d, "segments", e.Segments, r.Segments)
	d.words(e, r)
	d.lists(e, r)
	return d.found
}

type differences struct{ found []string }

func (d *differences) note(format string, args ...any) {
	d.found = append(d.found, fmt.Sprintf(format, args...))
}

func differ[T comparable](d *differences, key string, want *T, got T) {
	if want != nil && *want != got {
		d.note("%s is %s, not %s", key, shown(got), shown(*want))
	}
}

// shown is a value in a sentence.
func shown(v any) string {
	if s := fmt.Sprint(v); s != "" {
		return s
	}
	return "empty"
}

// reasons lists what led to a row: its own reason and those of its decisions, only of one verdict when one is named.
func reasons(r report.Row, own notify.Reason, only notify.Verdict) []notify.Reason {
	out := []notify.Reason{own}
	for _, x := range r.Decisions {
		if only == "" || x.Verdict == only {
			out = append(append(out, x.Reason), x.Also...)
		}
	}
	return out
}

// reasons compares a reason, with or without its detail. An empty one asks for none.
func (d *differences) reasons(key string, want *notify.Reason, got []notify.Reason) {
	switch {
	case want == nil:
	case *want == "" && got[0] == "":
	case *want != "" && slices.ContainsFunc(got, func(r notify.Reason) bool { return r == *want || r.Code() == *want }):
	default:
		d.note("%s is %s, not %s", key, shown(got[0]), shown(*want))
	}
}

// time compares to the millisecond, which is what the ledger keeps.
func (d *differences) time(want *time.Time, r report.Row) {
	if want != nil && !want.Truncate(time.Millisecond).Equal(r.At.Truncate(time.Millisecond)) {
		d.note("at is %s, not %s", r.At.UTC().Format(time.RFC3339Nano), want.UTC().Format(time.RFC3339Nano))
	}
}

func (d *differences) words(e Expectation, r report.Row) {
	if e.Text != nil && strings.TrimSpace(*e.Text) != strings.TrimSpace(r.Text) {
		d.note("text is %q", r.Text)
	}
	absent := slices.DeleteFunc(slices.Clone(e.TextHas), func(part string) bool { return strings.Contains(r.Text, part) })
	for i, part := range absent {
		if i == len(absent)-1 {
			d.note("text does not have %q: %q", part, r.Text)
			break
		}
		d.note("text does not have %q", part)
	}
}

func (d *differences) lists(e Expectation, r report.Row) {
	for _, want := range e.Skipped {
		if !slices.ContainsFunc(r.Skipped, func(s report.Skipped) bool { return want.is(s) }) {
			d.note("skipped has no %s", strings.TrimSpace(string(channel(want.Channel)+" "+notify.Channel(want.Reason))))
		}
	}
	for _, want := range e.Decisions {
		if !slices.ContainsFunc(r.Decisions, want.is) {
			d.note("no decision is like %s", want)
		}
	}
}

func (s Skip) is(got report.Skipped) bool {
	return (s.Channel == "" || channel(s.Channel) == got.Channel) && named(s.Reason, got.Reason)
}

// named reports whether a reason is the one that is meant, with or without its detail; "" means any.
func named(want, got notify.Reason) bool { return want == "" || want == got || want == got.Code() }

func (v Verdict) is(got notify.Decision) bool {
	return (v.Phase == "" || v.Phase == got.Phase) && (v.Channel == "" || channel(v.Channel) == got.Channel) &&
		(v.Verdict == "" || v.Verdict == got.Verdict) && (v.Until.IsZero() || v.Until.Equal(got.Until)) &&
		(named(v.Reason, got.Reason) || slices.ContainsFunc(got.Also, func(r notify.Reason) bool { return named(v.Reason, r) }))
}

// String lists what is asked of the decision.
func (v Verdict) String() string {
	var parts []string
	for _, p := range []string{string(v.Phase), string(v.Channel), string(v.Verdict), string(v.Reason)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " ")
}
