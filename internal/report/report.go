// Package report shows why: what was told to whom on which channel, in which words, and every decision on the way, in one
// order of time. The API, explain and try all print its rows, so that they cannot tell different stories. It is pure.
package report

import (
	"cmp"
	"slices"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Told is one notification with everything that became of it, as the ledger has it.
type Told struct {
	Notification notify.Notification
	Reason       notify.Reason     // why there is no delivery, when there is none
	Deliveries   []notify.Delivery // in the order they were tried
	Decisions    []notify.Decision
}

// Row is one delivery, or one notification that reached nobody, in the words of explain and of rule tests.
type Row struct {
	Notification notify.NotificationID `json:"notification,omitempty"`
	Delivery     notify.DeliveryID     `json:"delivery,omitempty"`
	Order        parcel.OrderID        `json:"order,omitempty"`
	Event        parcel.EventID        `json:"event,omitempty"`
	Kind         parcel.Kind           `json:"kind,omitempty"`
	Person       notify.PersonID       `json:"person"`
	Say          notify.TemplateKey    `json:"say"`
	Rule         string                `json:"rule"`
	Channel      notify.Channel        `json:"channel,omitempty"`
	Outcome      string                `json:"outcome" doc:"sent, held, dropped, superseded, expired, failed or unknown; planned while it waits for a worker"`
	Reason       notify.Reason         `json:"reason"`
	Why          string                `json:"why,omitempty"`
	At           time.Time             `json:"at" doc:"When it was sent, or will be at the earliest, or when that was decided."`
	HeldFor      notify.Reason         `json:"held_for,omitempty"`
	Locale       string                `json:"locale,omitempty"`
	Title        string                `json:"title,omitempty"`
	Text         string                `json:"text,omitempty"`
	Segments     int                   `json:"segments,omitempty" doc:"Text message segments; each is billed."`
	ProviderID   string                `json:"provider_id,omitempty"`
	State        notify.State          `json:"state,omitempty" doc:"How far it has come: sent, delivered, read."`
	Skipped      []Skipped             `json:"skipped,omitempty"`
	Decisions    []notify.Decision     `json:"decisions"`
}

// Skipped is a channel that was passed over.
type Skipped struct {
	Channel notify.Channel `json:"channel"`
	Reason  notify.Reason  `json:"reason"`
}

// Rows turns notifications into rows, one for each delivery.
func Rows(told []Told) []Row {
	var out []Row
	for _, t := range told {
		if len(t.Deliveries) == 0 {
			out = append(out, t.silent())
		}
		for _, d := range t.Deliveries {
			out = append(out, t.row(d))
		}
	}
	return out
}

func (t Told) base() Row {
	n := t.Notification
	return Row{Notification: n.ID, Order: n.Order, Event: n.Event, Kind: n.Kind, Person: n.Person, Say: n.Notice.Say, Rule: n.Notice.Rule, Skipped: t.skipped(), Decisions: bare(t.Decisions)}
}

// bare leaves out the facts behind decisions: they are for proof, and longer than everything else together.
func bare(ds []notify.Decision) []notify.Decision {
	out := slices.Clone(ds)
	for i := range out {
		out[i].Facts = nil
	}
	return out
}

// silent is the row of a notification that no channel could carry.
func (t Told) silent() Row {
	r := t.base()
	r.Outcome, r.Reason, r.At = string(notify.Dropped), t.Reason, t.Notification.CreatedAt
	if t.Reason == notify.Stale {
		r.Outcome = string(notify.Expired)
	}
	r.Why = r.Reason.Means()
	return r
}

func (t Told) row(d notify.Delivery) Row {
	r := t.base()
	r.Delivery, r.Channel, r.Outcome, r.State = d.ID, d.Channel, outcome(d.State), d.State
	r.Reason, r.Why, r.HeldFor, r.ProviderID, r.At = d.Reason, d.Reason.Means(), d.HeldFor, d.ProviderID, d.UpdatedAt
	switch {
	case !d.SentAt.IsZero():
		r.At = d.SentAt
	case d.State.Open():
		r.At = d.Due
	}
	if w := d.Words; w != nil {
		r.Locale, r.Title, r.Text, r.Segments = w.Locale, w.Title, w.Text, w.Segments
	}
	r.Decisions = slices.DeleteFunc(r.Decisions, func(x notify.Decision) bool {
		return x.Delivery != "" && x.Delivery != d.ID && x.Verdict != notify.Skip
	})
	return r
}

// outcome folds how far a sent message has come into the one word rule tests compare.
func outcome(s notify.State) string {
	switch s {
	case notify.Sent, notify.Arrived, notify.Read:
		return "sent"
	case notify.Sending, notify.Queued:
		return string(notify.Planned)
	}
	return string(s)
}

// skipped lists the channels passed over on the way, each once, with the last reason.
func (t Told) skipped() []Skipped {
	var out []Skipped
	for _, d := range t.Decisions {
		if d.Verdict != notify.Skip {
			continue
		}
		out = slices.DeleteFunc(out, func(s Skipped) bool { return s.Channel == d.Channel })
		out = append(out, Skipped{Channel: d.Channel, Reason: d.Reason})
	}
	return out
}

// History is everything the ledger knows about an order.
type History struct {
	Order     parcel.Order
	Parcels   []parcel.Parcel
	Events    []Event
	Told      []Told
	Decisions []notify.Decision // about events that became no notification
	Replies   []Reply
	Consents  []notify.ConsentEvent
}

// Event is an event with the parcel it was folded into.
type Event struct {
	Parcel parcel.ID
	parcel.Event
}

// Reply is something the person wrote back.
type Reply struct {
	Channel notify.Channel
	Text    string
	At      time.Time
}

// Entry is one line of an order's timeline.
type Entry struct {
	At       time.Time          `json:"at" doc:"When we did or heard it."`
	What     string             `json:"what" enum:"scan,verdict,sent,receipt,reply,consent"`
	Summary  string             `json:"summary"`
	Parcel   parcel.ID          `json:"parcel,omitempty"`
	Event    parcel.EventID     `json:"event,omitempty"`
	Kind     parcel.Kind        `json:"kind,omitempty"`
	Place    *parcel.Place      `json:"place,omitempty"`
	Happened time.Time          `json:"happened_at,omitzero" doc:"When the scan was made, by the carrier's clock."`
	Rule     string             `json:"rule,omitempty"`
	Say      notify.TemplateKey `json:"say,omitempty"`
	Channel  notify.Channel     `json:"channel,omitempty"`
	Phase    notify.Phase       `json:"phase,omitempty" doc:"When a verdict fell: plan, dispatch, or after the call."`
	Verdict  notify.Verdict     `json:"verdict,omitempty"`
	Reason   notify.Reason      `json:"reason,omitempty"`
	Why      string             `json:"why,omitempty"`
	Until    time.Time          `json:"until,omitzero"`
	Text     string             `json:"text,omitempty"`
	Detail   string             `json:"detail,omitempty"`
}

// Timeline puts everything about an order into one order of time.
func (h History) Timeline() []Entry {
	var out []Entry
	for _, e := range h.Events {
		out = append(out, scan(e))
	}
	for _, d := range h.Decisions {
		out = append(out, verdict(d, nil))
	}
	for _, t := range h.Told {
		for _, d := range t.Decisions {
			out = append(out, verdict(d, &t))
		}
	}
	for _, r := range h.Replies {
		out = append(out, Entry{At: r.At, What: "reply", Channel: r.Channel, Text: r.Text, Summary: "The customer wrote on " + string(r.Channel) + "."})
	}
	for _, c := range h.Consents {
		out = append(out, consent(c))
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(rank(a), rank(b))) })
	return out
}

// rank puts what was heard before what was decided about it, when both bear the same instant.
func rank(e Entry) int {
	return slices.Index([]string{"consent", "reply", "scan", "verdict", "sent", "receipt"}, e.What)
}

func scan(e Event) Entry {
	out := Entry{At: e.HeardAt, Happened: e.HappenedAt, What: "scan", Parcel: e.Parcel, Event: e.ID, Kind: e.Kind, Text: e.Note, Detail: e.Detail}
	out.Summary = "Heard from " + e.Feed + ": " + string(e.Kind)
	if e.Place != (parcel.Place{}) {
		place := e.Place
		out.Place = &place
		out.Summary += " in " + join(", ", e.Place.City, e.Place.Country)
	}
	out.Summary += "."
	return out
}

func verdict(d notify.Decision, t *Told) Entry {
	e := Entry{At: d.At, What: "verdict", Event: d.Event, Rule: d.Rule, Channel: d.Channel, Phase: d.Phase, Verdict: d.Verdict, Reason: d.Reason,
		Why: d.Reason.Means(), Until: d.Until, Detail: d.Detail}
	if t != nil {
		e.Say, e.Kind = t.Notification.Notice.Say, t.Notification.Kind
	}
	switch d.Reason.Code() {
	case notify.WasSent:
		e.What, e.Text = "sent", t.words(d.Delivery)
	case notify.SaidDelivered, notify.SaidRead, notify.SaidFailed:
		e.What = "receipt"
	}
	e.Summary = sentence(e)
	return e
}

// words returns what was sent.
func (t *Told) words(id notify.DeliveryID) string {
	if t == nil {
		return ""
	}
	for _, d := range t.Deliveries {
		if d.ID == id && d.Words != nil {
			return d.Words.Text
		}
	}
	return ""
}

// sentence says in one line what was decided about what.
func sentence(e Entry) string {
	subject := join(" on ", quote(e.Say), string(e.Channel))
	switch {
	case subject != "":
	case e.Rule != "":
		subject = "Rule " + quote(notify.TemplateKey(e.Rule))
	default:
		subject = "Event"
	}
	return subject + said(e) + ": " + e.Why + "."
}

// said is the verdict in words. What merely happened needs none.
func said(e Entry) string {
	switch {
	case e.Verdict == notify.Allow && e.Phase == notify.AtDispatch:
		return " goes out"
	case e.Verdict == notify.Allow:
		return " may go"
	case e.Verdict == notify.Hold:
		return " waits until " + e.Until.UTC().Format("2006-01-02 15:04 MST")
	case e.Verdict == notify.Skip:
		return " is passed over"
	case e.Verdict == notify.Drop:
		return " is not sent"
	}
	return ""
}

func consent(c notify.ConsentEvent) Entry {
	return Entry{At: c.OccurredAt, What: "consent", Channel: c.Channel, Detail: c.Method,
		Summary: "Consent for " + string(c.Channel) + ": " + string(c.Action) + "."}
}

func quote(k notify.TemplateKey) string {
	if k == "" {
		return ""
	}
	return "“" + string(k) + "”"
}

// join joins the parts that are not empty.
func join(sep string, parts ...string) string {
	out := ""
	for _, p := range parts {
		if out != "" && p != "" {
			out += sep
		}
		out += p
	}
	return out
}
