package cases

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/tracking"
)

// outcomes is what may become of a delivery, in the words of report.Row.
var outcomes = [...]string{"sent", "held", "dropped", "superseded", "expired", "failed", "unknown", "planned"}

// check finds what cannot be played or never be met, and puts the items into the order of time.
func (c *Case) check() []error {
	errs := []error{c.checkWhole()}
	errs = append(errs, c.checkGiven()...)
	for i := range c.When {
		c.When[i].index = i
	}
	slices.SortStableFunc(c.When, func(a, b Item) int { return a.At.Compare(b.At) })
	known := map[notify.PersonID]bool{}
	for _, p := range c.Given.People {
		known[p.ID] = true
	}
	for _, i := range c.When {
		errs = append(errs, c.checkItem(i, known))
	}
	for i, e := range c.Expect {
		errs = append(errs, c.checkExpectation(i, e)...)
	}
	return errs
}

func (c *Case) checkWhole() error {
	last := time.Time{}
	for _, i := range c.When {
		if i.At.After(last) {
			last = i.At
		}
	}
	switch {
	case c.Name == "":
		return c.problem("the case has no name; say in a sentence what holds")
	case len(c.When) == 0:
		return c.problem("nothing happens; list events and replies, each with its time, under 'when'")
	case len(c.Expect) == 0 && !c.ExpectNone:
		return c.problem("say what is expected: list the deliveries under 'expect', or write expect_none: true", "expect")
	case !c.Until.IsZero() && c.Until.Before(last):
		return c.problem("the clock stops before the last item of 'when'; write a later time", "until")
	}
	return nil
}

func (c *Case) checkGiven() []error {
	var errs []error
	seen := map[notify.PersonID]bool{}
	for i, p := range c.Given.People {
		at := []any{"given", "people", i}
		switch {
		case p.ID == "":
			errs = append(errs, c.problem("this person has no id; write one, as in id: mei", at...))
		case seen[p.ID]:
			errs = append(errs, c.problem(fmt.Sprintf("person %q is there twice; keep one of them", p.ID), at...))
		}
		seen[p.ID] = true
		errs = append(errs, c.checkZone(p.TimeZone, append(at, "time_zone")...))
		for j, consent := range p.Consents {
			errs = append(errs, c.checkConsent(consent, append(at, "consents", j)...))
		}
	}
	for i, o := range c.Given.Orders {
		if o.ID == "" {
			errs = append(errs, c.problem("this order has no id; write one, as in id: A1", "given", "orders", i))
		}
	}
	return errs
}

func (c *Case) checkZone(name string, at ...any) error {
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return c.problem(fmt.Sprintf("%q is no time zone; write an IANA name such as Europe/Berlin", name), at...)
	}
	return nil
}

func (c *Case) checkConsent(a Consent, at ...any) error {
	if a.Channel == "" || a.Action == "" {
		return c.problem("an act of consent needs a channel and an action, as in {channel: whatsapp, action: granted}", at...)
	}
	channels := append(notify.Channels(), notify.AnyChannel)
	return oneOf(
		word(c, "channel", channel(a.Channel), channels, at),
		word(c, "purpose", a.Purpose, notify.Purposes(), at),
		word(c, "action", a.Action, notify.Actions(), at),
		word(c, "legal_basis", a.Basis, notify.Bases(), at))
}

// word reports a word that is not one of those known; an empty one is left out.
func word[T ~string](c *Case, key string, w T, known []T, at []any) error {
	if w == "" || slices.Contains(known, w) {
		return nil
	}
	return c.problem(fmt.Sprintf("%s is %q; %s", key, w, config.Instead(string(w), texts(known))), append(slices.Clone(at), key)...)
}

func texts[T ~string](words []T) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}

// oneOf returns the first of the errors that is one.
func oneOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkItem checks one thing that happens. known are the people known by then.
func (c *Case) checkItem(i Item, known map[notify.PersonID]bool) error {
	at := []any{"when", i.index}
	if i.At.IsZero() {
		return c.problem("say when this happens, as in at: 2026-12-01T21:15:00Z", at...)
	}
	if n := i.things(); n != 1 {
		return c.problem("one thing happens at a time: write exactly one of event, consent, reply, receipt, person, erase", at...)
	}
	switch {
	case i.Event != nil:
		_, err := c.event(i)
		return err
	case i.Person != nil:
		return c.checkChange(*i.Person, known, append(at, "person")...)
	}
	return c.checkAct(i, known, at...)
}

func (i Item) things() (n int) {
	for _, there := range []bool{i.Event != nil, i.Consent != nil, i.Reply != nil, i.Receipt != nil, i.Person != nil, i.Erase != ""} {
		if there {
			n++
		}
	}
	return n
}

func (c *Case) checkChange(p Change, known map[notify.PersonID]bool, at ...any) error {
	if p.ID == "" {
		return c.problem("say which person, as in id: mei", at...)
	}
	known[p.ID] = true
	for j, a := range p.Consents {
		if err := c.checkConsent(a, append(at, "consents", j)...); err != nil {
			return err
		}
	}
	if p.TimeZone == nil {
		return nil
	}
	return c.checkZone(*p.TimeZone, append(at, "time_zone")...)
}

// checkAct checks what somebody known does, or is done to them.
func (c *Case) checkAct(i Item, known map[notify.PersonID]bool, at ...any) error {
	var who notify.PersonID
	var err error
	switch {
	case i.Consent != nil:
		at = append(at, "consent")
		who, err = i.Consent.Person, c.checkConsent(*i.Consent, at...)
	case i.Reply != nil:
		at = append(at, "reply")
		who, err = i.Reply.Person, needed(c, "channel", channel(i.Reply.Channel), notify.Channels(), at)
	case i.Receipt != nil:
		at = append(at, "receipt")
		who = i.Receipt.Person
		err = oneOf(needed(c, "channel", channel(i.Receipt.Channel), notify.Channels(), at),
			needed(c, "state", i.Receipt.State, []notify.State{notify.Sent, notify.Arrived, notify.Read, notify.Failed}, at))
	default:
		return c.checkKnown(i.Erase, known, append(at, "erase")...)
	}
	if err != nil {
		return err
	}
	return c.checkKnown(who, known, append(at, "person")...)
}

func (c *Case) checkKnown(who notify.PersonID, known map[notify.PersonID]bool, at ...any) error {
	if known[who] {
		return nil
	}
	return c.problem(fmt.Sprintf("nobody is called %q by then; name somebody of given.people", who), at...)
}

// event reads what a carrier or shop tells, as POST /v1/events does.
func (c *Case) event(i Item) (parcel.Event, error) {
	e := *i.Event
	if e.ID == "" {
		e.ID = fmt.Sprintf("item-%d", i.index+1)
	}
	if e.HappenedAt == "" {
		e.HappenedAt = i.At.Format(time.RFC3339Nano)
	}
	body, err := json.Marshal(e)
	if err != nil {
		return parcel.Event{}, fmt.Errorf("encode event: %w", err)
	}
	events, err := tracking.DecodeOwn(body, i.At)
	if err == nil {
		return events[0], nil
	}
	said := strings.TrimPrefix(err.Error(), "event 1: ")
	at := []any{"when", i.index, "event"}
	if m := field.FindStringSubmatch(said); m != nil {
		at = append(at, m[1])
	}
	return parcel.Event{}, c.problem(said, at...)
}

// field finds the field that a sentence of tracking's is about.
var field = regexp.MustCompile(`^field (\w+)`)

func (c *Case) checkExpectation(i int, e Expectation) []error {
	at := []any{"expect", i}
	errs := []error{
		optional(c, "channel", e.Channel, append(notify.Channels(), "in_app"), at),
		optional(c, "outcome", e.Outcome, outcomes[:], at),
		c.checkReason("reason", e.Reason, at),
		c.checkReason("held_for", e.HeldFor, at),
	}
	for j, s := range e.Skipped {
		at := append(slices.Clone(at), "skipped", j)
		errs = append(errs, word(c, "channel", channel(s.Channel), notify.Channels(), at), c.checkReason("reason", &s.Reason, at))
	}
	for j, d := range e.Decisions {
		at := append(slices.Clone(at), "decisions", j)
		errs = append(errs,
			word(c, "channel", channel(d.Channel), notify.Channels(), at),
			word(c, "phase", d.Phase, []notify.Phase{notify.AtPlan, notify.AtDispatch, notify.AfterSend}, at),
			word(c, "verdict", d.Verdict, []notify.Verdict{notify.Allow, notify.Hold, notify.Skip, notify.Drop, notify.Note}, at),
			c.checkReason("reason", &d.Reason, at))
	}
	return errs
}

func (c *Case) checkReason(key string, r *notify.Reason, at []any) error {
	if r == nil || *r == "" || r.Means() != "" {
		return nil
	}
	var all []string
	for _, f := range notify.Reasons() {
		all = append(all, string(f.Reason))
	}
	instead := config.Instead(string(r.Code()), all)
	if !strings.HasPrefix(instead, "did you mean") {
		instead = "docs/architecture.md lists them all"
	}
	return c.problem(fmt.Sprintf("%s is %q, which is no reason; %s", key, *r, instead), append(slices.Clone(at), key)...)
}

// optional is word for a value that may be left out.
func optional[T ~string](c *Case, key string, w *T, known []T, at []any) error {
	if w == nil {
		return nil
	}
	return word(c, key, *w, known, at)
}

// needed is word for a value that may not be left out.
func needed[T ~string](c *Case, key string, w T, known []T, at []any) error {
	if w == "" {
		return c.problem(fmt.Sprintf("%s is missing; use one of %s", key, strings.Join(texts(known), ", ")), at...)
	}
	return word(c, key, w, known, at)
}
