package dispatcher

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/policy"
)

// confirmIn is how long a STOP's confirmation is worth sending.
const confirmIn = 5 * time.Minute

// Act records what whoever is behind an address did there. A STOP that changes something is confirmed with one message on the
// same channel, at any hour, unless answered says that the provider has done so. Nobody is confirmed to who is not known.
func (d *Dispatcher) Act(ctx context.Context, m *Merchant, a notify.Address, e notify.ConsentEvent, answered bool) error {
	now := d.Now()
	var react notify.Reaction
	if stop(e) && !answered {
		react = func(s notify.Story, before []notify.ConsentEvent) *notify.Planning {
			return m.confirmation(s, before, e, now)
		}
	}
	in, err := d.Ledger.AddAddressConsent(ctx, m.ID, a, e, now, react)
	_, err = d.handOver(ctx, in, err)
	return err
}

// stop reports whether an act is a person's own wish, in words, to hear no more.
func stop(e notify.ConsentEvent) bool {
	return e.Action == notify.Withdrawn && notify.SaysStop(e.Method)
}

// confirmation plans the one message that confirms a STOP; nil when the person had said so before.
func (m *Merchant) confirmation(s notify.Story, before []notify.ConsentEvent, e notify.ConsentEvent, now time.Time) *notify.Planning {
	purpose, say := notify.OrderStatus, notify.OptOutConfirmed
	if e.Purpose != "" {
		purpose, say = e.Purpose, notify.AdsOptOutConfirmed
	}
	market := m.market(*s.Person)
	if market == nil || policy.Stand(before, e.Channel, purpose).No.Action != "" {
		return nil
	}
	n := notify.Notification{
		Merchant: m.ID, Person: s.Person.ID, Audience: notify.Customer, Market: market.Code, Only: e.Channel,
		Notice:    notify.Notice{Rule: "opt-out confirmed", Say: say, To: []notify.Audience{notify.Customer}, Urgency: notify.High, Class: notify.ChatReply, Purpose: e.Purpose, TTL: confirmIn},
		CreatedAt: now, ExpiresAt: now.Add(confirmIn),
	}
	n.ID = answerID(n, e.ID)
	c := choice{merchant: m, market: market, notification: n, person: *s.Person, story: s, now: now, phase: notify.AtPlan}
	p := c.plan()
	return &p
}

// answerID names an answer by what it answers.
func answerID(n notify.Notification, to string) notify.NotificationID {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(n.Merchant), string(n.Person), string(n.Only), string(n.Notice.Say), to}, "\x00")))
	return notify.NotificationID("a_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])[:20]))
}
