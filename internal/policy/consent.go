package policy

import (
	"time"

	"landfall/internal/notify"
)

// The methods that decide something. A STOP word or a sentence that means one marks a withdrawal, an import a row of
// somebody's spreadsheet.
const (
	MethodStop     = "stop_keyword"
	MethodFreeText = "free_text_intent"
	MethodImport   = "import"
	MethodDouble   = "double_opt_in"
)

// clockSlack is how far a source's clock may run ahead of ours before its times are cut back to when we heard.
const clockSlack = 5 * time.Minute

// ActorSubject is the person, as the actor of a consent event.
const ActorSubject = "subject"

// Standing is what holds now for a channel and purpose, folded from all acts.
type Standing struct {
	// Yes is the latest act that counts towards a consent: a grant, or a request for double opt-in not confirmed yet.
	Yes Act `json:"yes,omitzero"`
	// No is the latest refusal, when no later yes has lifted it.
	No Act `json:"no,omitzero"`
	// Ended is set when a consent ended by itself and nothing came after.
	Ended bool `json:"ended,omitempty"`
	// Elsewhere is set when there is no yes for this purpose and one for another on the channel.
	Elsewhere bool `json:"elsewhere,omitempty"`
}

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
func (a Act) confirmed() bool { return a.Action == notify.DOIConfirmed || a.Method == MethodDouble }

// own reports whether the yes is the person's own and came after an instant.
func (a Act) own(after time.Time) bool {
	return a.Action.Allows() && a.Actor == ActorSubject && a.At.After(after)
}

// over reports whether the yes has ended at an instant: by its own end, or by that of the market.
func (a Act) over(now time.Time, months int) bool {
	if !a.Until.IsZero() {
		return now.After(a.Until)
	}
	return months > 0 && now.After(a.At.AddDate(0, months, 0))
}

// Stand folds consent events, in any order, into what holds now for a channel and purpose. The latest act wins; at the same
// instant a refusal does; an import never lifts a refusal; an objection to advertising is lifted only by the person.
func Stand(events []notify.ConsentEvent, c notify.Channel, p notify.Purpose) Standing {
	s := Standing{No: latest(events, func(e notify.ConsentEvent) bool {
		return on(e, c) && covers(e, p) && e.Action.Refuses() && e.Action != notify.ConsentOver
	})}
	ended := latest(events, func(e notify.ConsentEvent) bool { return on(e, c) && covers(e, p) && e.Action == notify.ConsentOver })
	s.Yes = latest(events, func(e notify.ConsentEvent) bool {
		return on(e, c) && covers(e, p) && !e.Action.Refuses() && s.No.liftedBy(e) && (ended.Action == "" || when(e).After(ended.At))
	})
	if s.Yes.Action.Allows() {
		s.No = Act{}
	}
	s.Ended = ended.Action != "" && s.Yes.Action == ""
	s.Elsewhere = s.Yes.Action == "" && latest(events, func(e notify.ConsentEvent) bool {
		return on(e, c) && !covers(e, p) && e.Action.Allows()
	}).Action != ""
	return s
}

// latest returns the last act among the events that count.
func latest(events []notify.ConsentEvent, counts func(notify.ConsentEvent) bool) Act {
	var held notify.ConsentEvent
	for _, e := range events {
		if counts(e) && (held.Action == "" || after(e, held)) {
			held = e
		}
	}
	if held.Action == "" {
		return Act{}
	}
	return act(held)
}

// after orders acts by when they count from, those of one instant by their ids, so that the order of hearing decides nothing.
func after(a, b notify.ConsentEvent) bool {
	if at := when(a).Compare(when(b)); at != 0 {
		return at > 0
	}
	return a.ID > b.ID
}

func on(e notify.ConsentEvent, c notify.Channel) bool {
	return e.Channel == c || e.Channel == notify.AnyChannel
}

func covers(e notify.ConsentEvent, p notify.Purpose) bool { return e.Purpose == "" || e.Purpose == p }

// liftedBy reports whether a yes counts in spite of the latest refusal: grants from before it, of its instant, or from an
// import do not, and an objection is taken back by the person alone.
func (a Act) liftedBy(yes notify.ConsentEvent) bool {
	switch {
	case a.Action == "":
		return true
	case yes.Method == MethodImport || yes.Method == "api_import":
		return false
	case a.Action == notify.Objected && yes.Actor != ActorSubject:
		return false
	}
	return when(yes).After(a.At)
}

// when is the time an act counts from: never later than we heard of it. A refusal is given a little clock skew, so that it
// still outlives a grant of the same minute; a grant is given none.
func when(e notify.ConsentEvent) time.Time {
	slack := clockSlack
	if !e.Action.Refuses() {
		slack = 0
	}
	if !e.ReceivedAt.IsZero() && e.OccurredAt.After(e.ReceivedAt.Add(slack)) {
		return e.ReceivedAt
	}
	return e.OccurredAt
}
