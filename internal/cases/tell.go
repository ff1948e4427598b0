package cases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/report"
)

// Lines tells people what was not as expected: what is missing with what came nearest, what nobody expected, and what else
// there was. It is empty when all was.
func (r Result) Lines() []string {
	if r.Err != nil {
		return strings.Split(r.Err.Error(), "\n")
	}
	var out []string
	for _, m := range r.Missing {
		out = append(out, r.missing(m)...)
	}
	if len(r.Strange) > 0 {
		out = append(out, "not expected:")
		out = append(out, listed(r.Strange)...)
	}
	if rest := r.rest(); !r.OK() && len(rest) > 0 {
		out = append(out, "and there was:")
		out = append(out, listed(rest)...)
	}
	if !r.OK() && len(r.Rows) == 0 {
		out = append(out, r.nothing()...)
	}
	return out
}

func (r Result) missing(m Miss) []string {
	c := r.Case
	out := []string{c.problem("expected "+c.Expect[m.Index].String()+", and no delivery is like it", "expect", m.Index).Error()}
	if m.Nearest == nil {
		return out
	}
	out = append(out, "  nearest: "+Sentence(*m.Nearest))
	for _, but := range m.But {
		out = append(out, "    "+but)
	}
	return out
}

// rest is what is neither the nearest of something missing nor unexpected.
func (r Result) rest() []report.Row {
	return slices.DeleteFunc(slices.Clone(r.Rows), func(row report.Row) bool {
		same := func(o report.Row) bool { return o.Notification == row.Notification && o.Delivery == row.Delivery }
		return slices.ContainsFunc(r.Strange, same) || slices.ContainsFunc(r.Missing, func(m Miss) bool { return m.Nearest != nil && same(*m.Nearest) })
	})
}

// nothing says why nobody was told of anything.
func (r Result) nothing() []string {
	out := []string{"there was no delivery:"}
	for _, s := range r.Silences {
		out = append(out, fmt.Sprintf("  %s%s: %s (%s)", s.Kind, by(s.Rule), s.Why, s.Reason))
	}
	return out
}

func by(rule string) string {
	if rule == "" {
		return ""
	}
	return fmt.Sprintf(", rule %q", rule)
}

func listed(rows []report.Row) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = "  " + Sentence(row)
	}
	return out
}

// Sentence is a row in one line: what became of it, and every reason.
func Sentence(r report.Row) string {
	s := fmt.Sprintf("%s to %s", r.Say, r.Person)
	if r.Channel != "" {
		s += " on " + string(r.Channel)
	}
	s += fmt.Sprintf(": %s at %s", r.Outcome, r.At.UTC().Format(time.RFC3339Nano))
	if r.HeldFor != "" {
		s += ", held for " + string(r.HeldFor)
	}
	s += "; " + strings.Join(codes(r), ", ")
	for _, skip := range r.Skipped {
		s += fmt.Sprintf("; not on %s: %s", skip.Channel, skip.Reason)
	}
	return s
}

// codes lists a row's reasons, each once. Those of channels passed over have places of their own.
func codes(r report.Row) []string {
	out := []string{string(r.Reason)}
	add := func(reason notify.Reason) {
		if reason != "" && !slices.Contains(out, string(reason)) {
			out = append(out, string(reason))
		}
	}
	for _, d := range r.Decisions {
		if d.Verdict == notify.Skip {
			continue
		}
		add(d.Reason)
		for _, also := range d.Also {
			add(also)
		}
	}
	return out
}

// String lists what is asked of a delivery.
func (e Expectation) String() string {
	l := &list{}
	ask(l, "person", e.Person)
	ask(l, "order", e.Order)
	ask(l, "say", e.Say)
	ask(l, "rule", e.Rule)
	ask(l, "channel", e.Channel)
	ask(l, "outcome", e.Outcome)
	ask(l, "reason", e.Reason)
	if e.At != nil {
		l.add("at", e.At.UTC().Format(time.RFC3339Nano))
	}
	ask(l, "held_for", e.HeldFor)
	ask(l, "locale", e.Locale)
	ask(l, "title", e.Title)
	ask(l, "text", e.Text)
	for _, part := range e.TextHas {
		l.add("text_has", fmt.Sprintf("%q", part))
	}
	ask(l, "segments", e.Segments)
	for _, s := range e.Skipped {
		l.add("skipped", strings.TrimSpace(string(s.Channel)+" "+string(s.Reason)))
	}
	for _, d := range e.Decisions {
		l.add("decision", d.String())
	}
	if len(l.parts) == 0 {
		return "any delivery"
	}
	return "{" + strings.Join(l.parts, ", ") + "}"
}

type list struct{ parts []string }

func (l *list) add(key, value string) { l.parts = append(l.parts, key+": "+value) }

func ask[T any](l *list, key string, v *T) {
	if v != nil {
		l.add(key, shown(*v))
	}
}
