package subject

import (
	"encoding/json"
	"fmt"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/policy"
	"landfall/internal/report"
)

// Proof says by which right a notification was sent.
type Proof struct {
	Notification notify.NotificationID `json:"notification"`
	Person       notify.PersonID       `json:"person"`
	Order        parcel.OrderID        `json:"order,omitempty"`
	Say          notify.TemplateKey    `json:"say"`
	Class        notify.Class          `json:"class"`
	Purpose      notify.Purpose        `json:"purpose"`
	Market       string                `json:"market"`
	Deliveries   []Grounds             `json:"deliveries"`
}

// Grounds are those of one delivery.
type Grounds struct {
	Delivery notify.DeliveryID `json:"delivery"`
	Channel  notify.Channel    `json:"channel"`
	State    notify.State      `json:"state"`
	Reason   notify.Reason     `json:"reason"`
	SentAt   time.Time         `json:"sent_at,omitzero"`
	Basis    notify.Reason     `json:"legal_basis,omitempty" doc:"The reason of the last decision that let it go; empty when none did."`
	Why      string            `json:"why,omitempty"`
	// Decisions are those made in the transaction that claimed it for sending, with their facts.
	Decisions []notify.Decision `json:"decisions" doc:"Those made right before the call to the provider, with the facts they rest on."`
	// Replayed is set when deciding again from the facts of each decision gives the same answer.
	Replayed bool      `json:"replayed" doc:"Deciding again from the facts gives the same answers."`
	Consent  *Reliance `json:"consent,omitempty" doc:"The act of consent relied on, where the legal basis is one."`
}

// Reliance is an act of consent that a message relied on, as it is on record now.
type Reliance struct {
	Event    string               `json:"event"`
	Hash     string               `json:"hash,omitempty" doc:"Of the event in its chain, as the decision saw it."`
	TextHash string               `json:"text_sha256,omitempty"`
	Record   *notify.ConsentEvent `json:"record,omitempty" doc:"The event with its text and evidence; absent when it is not on record any more."`
	Intact   bool                 `json:"intact" doc:"The event is on record as the decision saw it, and so is every event of its chain."`
	BrokenAt int64                `json:"broken_at,omitempty" doc:"The number of the event at which the chain does not hold."`
}

// Prove gathers the grounds of a notification. chain returns the chain that holds an act of the person's, nil when there is
// none.
func Prove(t report.Told, chain func(event, hash string) ([]notify.ConsentEvent, error)) (Proof, error) {
	n := t.Notification
	m := base(t)
	p := Proof{Notification: n.ID, Person: n.Person, Order: n.Order, Say: m.Template, Class: m.Class, Purpose: m.Purpose, Market: n.Market, Deliveries: []Grounds{}}
	for _, d := range t.Deliveries {
		g, err := grounds(t, d, chain)
		if err != nil {
			return Proof{}, err
		}
		p.Deliveries = append(p.Deliveries, g)
	}
	return p, nil
}

func grounds(t report.Told, d notify.Delivery, chain func(string, string) ([]notify.ConsentEvent, error)) (Grounds, error) {
	g := Grounds{Delivery: d.ID, Channel: d.Channel, State: d.State, Reason: d.Reason, SentAt: d.SentAt, Decisions: []notify.Decision{}, Replayed: true}
	for _, one := range t.Decisions {
		if one.Delivery != d.ID || one.Phase != notify.AtDispatch || one.Verdict == notify.Note {
			continue
		}
		g.Decisions = append(g.Decisions, one)
		g.Replayed = g.Replayed && replays(one)
		if one.Verdict != notify.Allow {
			continue
		}
		g.Basis, g.Why = one.Basis(), one.Basis().Means()
		var err error
		if g.Consent, err = reliance(one, chain); err != nil {
			return g, err
		}
	}
	g.Replayed = g.Replayed && len(g.Decisions) > 0
	return g, nil
}

func replays(d notify.Decision) bool {
	again, err := policy.Replay(d)
	return err == nil && again.Verdict == d.Verdict && again.Reason == d.Reason && again.Until.Equal(d.Until)
}

// reliance is the act of consent that a decision relied on; nil when it relied on none.
func reliance(d notify.Decision, chain func(string, string) ([]notify.ConsentEvent, error)) (*Reliance, error) {
	var facts policy.Candidate
	if err := json.Unmarshal(d.Facts, &facts); err != nil {
		return nil, fmt.Errorf("read the facts of a decision: %w", err)
	}
	if basis := d.Basis(); basis != notify.BasisConsent && basis != notify.BasisSoftOptIn {
		return nil, nil
	}
	yes := facts.Relied(d.At)
	r := &Reliance{Event: yes.Event, Hash: yes.Hash, TextHash: yes.Text}
	events, err := chain(yes.Event, yes.Hash)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if e.ID == yes.Event {
			r.Record = &e
			r.Intact, r.BrokenAt = intact(events)
			r.Intact = r.Intact && e.Hash == yes.Hash
		}
	}
	return r, nil
}
