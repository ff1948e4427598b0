package policy

import (
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
)

// methodAPIImport is another name of an import.
const methodAPIImport = "api_import"

// clockSlack is how far a source's clock may run ahead of ours before its times are cut back to when we heard.
const clockSlack = 5 * time.Minute

// Standing is what holds now for a channel and purpose, folded from all acts.
type Standing struct {
	// Yes is the latest act that counts towards a consent: a grant, or a request for double opt-in not confirmed yet.
	Yes Act `json:"yes,omitzero"`
	// Earlier are older ones of another strength, the newest first: whoever asks for a second double opt-in has not taken
	// the first one back.
	Earlier []Act `json:"earlier,omitempty"`
	// No is the latest refusal, when no later yes has lifted it.
	No Act `json:"no,omitzero"`
	// Ended is set when a consent ended by itself and nothing came after.
	Ended bool `json:"ended,omitempty"`
	// Elsewhere is set when there is no yes for this purpose and one that holds for another on the channel.
	Elsewhere bool `json:"elsewhere,omitempty"`
}

// some reports whether a yes is what f asks for.
func (s Standing) some(f func(Act) bool) bool { return f(s.Yes) || slices.ContainsFunc(s.Earlier, f) }

// Act is one act of consent or refusal, without its words and evidence.
type Act struct {
	Event  string        `json:"event"`
	Action notify.Action `json:"action"`
	Basis  notify.Basis  `json:"basis,omitempty"`
	Method string        `json:"method,omitempty"`
	Actor  string        `json:"actor,omitempty"`
	At     time.Time     `json:"at"`
	Until  time.Time     `json:"until,omitzero"`
	Text   string        `json:"text_sha256,omitempty"`
	Hash   string        `json:"hash,omitempty"` // of the event in its chain
}

func act(e notify.ConsentEvent) Act {
	return Act{Event: e.ID, Action: e.Action, Basis: e.Basis, Method: e.Method, Actor: e.Actor, At: when(e), Until: e.ValidUntil,
		Text: e.TextHash, Hash: e.Hash}
}

// confirmed reports whether the yes was confirmed by a click in a mail.
func (a Act) confirmed() bool {
	return a.Action == notify.DOIConfirmed || a.Method == notify.MethodDouble
}

// own reports whether the yes is the person's own and came after an instant.
func (a Act) own(after time.Time) bool {
	return a.Action.Allows() && a.Actor == notify.ActorSubject && a.At.After(after)
}

// over reports whether the yes has ended at an instant: by its own end, or by that of the market.
func (a Act) over(now time.Time, months int) bool {
	if !a.Until.IsZero() {
		return now.After(a.Until)
	}
	return months > 0 && now.After(monthsLater(a.At.UTC(), months))
}

// monthsLater is the same day of a later month, or the last one of a month that is too short for it.
func monthsLater(t time.Time, months int) time.Time {
	end := t.AddDate(0, months, 0)
	if end.Day() != t.Day() {
		end = end.AddDate(0, 0, -end.Day())
	}
	return end
}

// Strength of a yes, the weakest first. The latest of each is kept.
const (
	requested = iota
	soft
	plain
	confirmed
	strengths
)

func (a Act) strength() int {
	switch {
	case a.Action == notify.DOIRequested:
		return requested
	case a.confirmed():
		return confirmed
	case a.Basis == notify.BySoftOptIn:
		return soft
	}
	return plain
}

// Stand folds consent events, in any order, into what holds now for a channel and purpose. The latest act wins; at the same
// instant a refusal does; an import never lifts a refusal; an objection is lifted only by the person.
func Stand(events []notify.ConsentEvent, c notify.Channel, p notify.Purpose) Standing {
	s := stand(events, c, p)
	s.Elsewhere = s.Yes.Action == "" && slices.ContainsFunc(notify.Purposes(), func(other notify.Purpose) bool {
		return other != p && stand(events, c, other).some(func(a Act) bool { return a.Action.Allows() })
	})
	return s
}

func stand(events []notify.ConsentEvent, c notify.Channel, p notify.Purpose) Standing {
	var f tally
	for _, a := range acts(events, c, p) {
		switch {
		case a.Action == notify.ConsentOver:
			f.yes, f.ended = [strengths]Act{}, true
		case a.Action.Refuses():
			f.yes, f.no, f.objected = [strengths]Act{}, a, f.objected || a.Action == notify.Objected
		case f.counts(a):
			f.agree(a)
		}
	}
	return f.standing()
}

// tally is what holds after some of the acts.
type tally struct {
	yes      [strengths]Act
	no       Act
	objected bool // and not taken back since, whatever was refused after it
	ended    bool
}

// counts reports whether a yes does, in spite of what was refused before it.
func (f *tally) counts(yes Act) bool {
	imported := yes.Method == notify.MethodImport || yes.Method == methodAPIImport
	return f.no.Action == "" || !imported && (!f.objected || yes.Actor == notify.ActorSubject)
}

func (f *tally) agree(yes Act) {
	f.yes[yes.strength()], f.ended = yes, false
	if yes.Action.Allows() { // to ask for a double opt-in lifts nothing yet
		f.no, f.objected = Act{}, false
	}
}

func (f *tally) standing() Standing {
	s := Standing{No: f.no, Ended: f.ended}
	yes := slices.DeleteFunc(f.yes[:], func(a Act) bool { return a.Action == "" })
	slices.SortFunc(yes, func(a, b Act) int { return later(b, a) })
	if len(yes) > 0 {
		s.Yes, s.Earlier = yes[0], slices.Clone(yes[1:])
	}
	return s
}

// acts lists those of a channel and purpose from the first to the last.
func acts(events []notify.ConsentEvent, c notify.Channel, p notify.Purpose) []Act {
	var out []Act
	for _, e := range events {
		if (e.Channel == c || e.Channel == notify.AnyChannel) && (e.Purpose == "" || e.Purpose == p) {
			out = append(out, act(e))
		}
	}
	slices.SortFunc(out, later)
	return out
}

// later orders acts by when they count from; of one instant the refusals come last, then the ids decide, so that the order of
// hearing does not.
func later(a, b Act) int {
	if at := a.At.Compare(b.At); at != 0 {
		return at
	}
	if a.Action.Refuses() != b.Action.Refuses() {
		if a.Action.Refuses() {
			return 1
		}
		return -1
	}
	return strings.Compare(a.Event, b.Event)
}

// when is the time an act counts from: never later than we heard of it. A refusal is given a little clock skew, so that it
// still outlives a grant of the same minute; a grant is given none. A refusal without a time counts from when we heard of it.
func when(e notify.ConsentEvent) time.Time {
	refuses, slack := e.Action.Refuses(), time.Duration(0)
	if refuses {
		slack = clockSlack
	}
	switch {
	case e.ReceivedAt.IsZero():
		return e.OccurredAt
	case e.OccurredAt.After(e.ReceivedAt.Add(slack)), refuses && e.OccurredAt.IsZero():
		return e.ReceivedAt
	}
	return e.OccurredAt
}
