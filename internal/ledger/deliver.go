package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"landfall/internal/notify"
)

// NotDue says that a delivery was asked for before its time.
type NotDue struct{ At time.Time }

// Error says when the delivery is due.
func (e *NotDue) Error() string { return "not due before " + e.At.Format(time.RFC3339) }

// DueAt returns when it will be.
func (e *NotDue) DueAt() time.Time { return e.At }

// Claim judges a delivery and writes the ruling in one transaction: what judge saw is what held at that instant. The
// returned claim is the caller's to send when its ruling is Sending, and to ask the provider about when it says so; nobody else
// gets it. A nil claim means that nothing is to be done: it was dealt with before, or somebody is sending it. A *NotDue error
// means it is too early.
func (l *Ledger) Claim(ctx context.Context, id notify.DeliveryID, now time.Time, judge func(notify.Job) notify.Ruling) (*notify.Claim, error) {
	var claim *notify.Claim
	var early *NotDue
	err := l.update(ctx, func(t *tx) error {
		claim, early = nil, nil // it may be run again
		if err := t.lockDelivery(id); err != nil {
			return err
		}
		job, err := t.job(id, now)
		if err != nil || job == nil || !job.Delivery.Awaits() {
			return err
		}
		if job.Delivery.Due.After(now) {
			early = tooEarly(job.Delivery)
			return t.exec(`update deliveries set handed_at = 0 where id = $1`, id)
		}
		r := judge(*job)
		ruled, err := t.rule(job, r, now)
		if ruled {
			claim = &notify.Claim{Job: *job, Ruling: r}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim %s: %w", id, err)
	}
	if early != nil {
		return nil, fmt.Errorf("claim %s: %w", id, early)
	}
	return claim, nil
}

// tooEarly is the answer to who comes before a delivery's time, when the sweep brings it anew. One that was sent brings itself when it is
// to be looked at again; nil for that.
func tooEarly(d notify.Delivery) *NotDue {
	if !d.State.Unsent() {
		return nil
	}
	return &NotDue{At: d.Due}
}

// brief reads a delivery with its notification and whose it is; nil when there is no such delivery.
func (t *tx) brief(id notify.DeliveryID) (*notify.Job, error) {
	var found []notify.Unsent
	var merchant notify.MerchantID
	err := rows(t.ctx, t.sql, func(r *sql.Rows) error {
		var u notify.Unsent
		var data string
		var err error
		if u.Delivery, err = scanDelivery(r, &data, &merchant); err != nil {
			return err
		}
		found = append(found, u)
		return json.Unmarshal([]byte(data), &found[0].Notification)
	}, `select `+deliveryColumns+`, n.data, n.merchant from deliveries d join notifications n on n.id = d.notification where d.id = $1`, id)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &notify.Job{Delivery: found[0].Delivery, Notification: found[0].Notification, Story: notify.Story{Merchant: merchant}}, nil
}

// job reads a delivery with all that is known about it; nil when there is no such delivery.
func (t *tx) job(id notify.DeliveryID, now time.Time) (*notify.Job, error) {
	job, resting, err := t.tries(id)
	if err != nil || job == nil {
		return nil, err
	}
	merchant := job.Story.Merchant
	if resting {
		if job.Parked, err = parked(t.ctx, t.sql, merchant); err != nil {
			return nil, err
		}
	}
	if job.Notification.Parcel == "" { // an answer, about no parcel
		return job, t.ledger.subject(t.ctx, t.sql, &job.Story, job.Notification.Person, now)
	}
	job.Story, err = t.ledger.story(t.ctx, t.sql, merchant, job.Notification.Parcel, now)
	return job, err
}

// tries reads a delivery with its notification and the others of its round, and whether any account of the merchant's failed
// lately; nil when there is no such delivery.
func (t *tx) tries(id notify.DeliveryID) (job *notify.Job, resting bool, err error) {
	var all []notify.Delivery
	var n notify.Notification
	var m notify.MerchantID
	err = rows(t.ctx, t.sql, func(r *sql.Rows) error {
		var data string
		d, err := scanDelivery(r, &data, &m, &resting)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			err = json.Unmarshal([]byte(data), &n)
		}
		all = append(all, d)
		return err
	}, triesOf, id)
	i := slices.IndexFunc(all, func(d notify.Delivery) bool { return d.ID == id })
	if err != nil || i < 0 {
		return nil, false, err
	}
	job = &notify.Job{Delivery: all[i], Notification: n, Story: notify.Story{Merchant: m}}
	for _, d := range all {
		if d.Round != job.Delivery.Round {
			continue
		}
		job.Tried = append(job.Tried, d.Channel)
		if d.ID != id {
			job.Siblings = append(job.Siblings, d)
		}
	}
	return job, resting, nil
}

// triesOf reads all deliveries of a delivery's notification, in the order they were tried.
const triesOf = `select ` + deliveryColumns + `, n.data, n.merchant, exists (select 1 from parkings k where k.merchant = n.merchant) from deliveries d join notifications n on n.id = d.notification
	where d.notification = (select notification from deliveries where id = $1) order by d.position, d.id`

// rule writes a ruling about a job and updates the job to match. It returns false, and writes nothing, when the delivery
// is no longer in the state it was judged in.
func (t *tx) rule(job *notify.Job, r notify.Ruling, now time.Time) (bool, error) {
	d := &job.Delivery
	if !d.State.Unsent() {
		return true, t.review(job, r)
	}
	judged := d.State
	d.State, d.Reason, d.UpdatedAt = r.State, r.Reason, now
	claimed, to := int64(0), ""
	switch r.State {
	case notify.Sending:
		d.Attempts++
		d.Sender = r.Sender
		if !r.ByToken {
			d.ReplyToken = ""
		}
		claimed, to = ms(now), t.sentTo(job)
	case notify.Held:
		d.HeldFor, d.Due = r.Reason, r.Due
	case notify.Queued:
		d.Due = r.Due
	}
	n, err := t.change(`update deliveries set state = $1, reason = $2, held_for = $3, due = $4, handed_at = 0, claimed_at = $5, attempts = $6, updated_at = $7,
		sender = $8, sent_to = $9, reply_token = $10 where id = $11 and state = $12`,
		d.State, d.Reason, d.HeldFor, ms(d.Due), claimed, d.Attempts, ms(now), d.Sender, to, d.ReplyToken.Reveal(), d.ID, judged)
	if err != nil || n == 0 {
		return false, err
	}
	if err := t.probe(job.Story.Merchant, d.Account(), r.ProbedUntil); err != nil {
		return false, err
	}
	return true, t.after(job, r.Decisions, r.Next)
}

// review writes what a second look at a delivery came to: when to look next, and what else is tried.
func (t *tx) review(job *notify.Job, r notify.Ruling) error {
	job.Delivery.Due = r.Due
	change := `update deliveries set due = $1, handed_at = 0 where id = $2`
	if r.Ask { // it stays with the worker until that has asked
		change = `update deliveries set due = $1 where id = $2`
	}
	if err := t.exec(change, ms(r.Due), job.Delivery.ID); err != nil {
		return err
	}
	return t.after(job, r.Decisions, r.Next)
}

// sentTo is what is kept of the address a job's message goes to; "" for the merchant's own staff, who have none here.
func (t *tx) sentTo(job *notify.Job) string {
	p := job.Story.Person
	if p == nil || p.ID != job.Notification.Person {
		return ""
	}
	a, reached := p.Address(job.Delivery.Channel)
	if !reached {
		return ""
	}
	return t.ledger.sentTo(job.Story.Merchant, a)
}

// after writes decisions and the delivery on the next channel, if there is one.
func (t *tx) after(job *notify.Job, ds []notify.Decision, next *notify.Delivery) error {
	if err := t.decisions(job.Story.Merchant, job.Notification.Parcel, ds); err != nil || next == nil {
		return err
	}
	return t.delivery(*next)
}

// Record writes what came of a call to a provider. When a receipt overtook the provider's own answer, the receipt's state
// stays and no other channel is tried.
func (l *Ledger) Record(ctx context.Context, o notify.Outcome) error {
	err := l.update(ctx, func(t *tx) error {
		if err := t.lockDelivery(o.Delivery); err != nil {
			return err
		}
		job, err := t.brief(o.Delivery)
		if err != nil || job == nil || o.Lost && !underWay(job.Delivery, o) {
			return err
		}
		if job.Notification.Person.Erased() { // while the call was under way: whose words and address these were is not kept
			o.Words, o.Consent = nil, nil
		}
		if err := t.outcome(job.Delivery, o); err != nil {
			return err
		}
		if err := t.attempt(job.Delivery, o); err != nil {
			return err
		}
		if !answers(job.Delivery, o) {
			o.Next = nil
		}
		return t.follows(job, o)
	})
	if err != nil {
		return fmt.Errorf("record %s: %w", o.Delivery, err)
	}
	return nil
}

// underWay reports whether a delivery is still in the call that an outcome is about.
func underWay(d notify.Delivery, o notify.Outcome) bool {
	return d.State == notify.Sending && d.UpdatedAt.Equal(at(ms(o.StartedAt)))
}

// attempt keeps a call to a provider.
func (t *tx) attempt(d notify.Delivery, o notify.Outcome) error {
	if o.Asked {
		return nil
	}
	return t.exec(`insert into attempts (delivery, started_at, ended_at, state, reason, code, provider_id, sender, seq)
		values ($1, $2, $3, $4, $5, $6, $7, $8, (select count(*) from attempts where delivery = $1))`,
		o.Delivery, ms(o.StartedAt), ms(o.EndedAt), o.State, o.Reason, o.Code, o.ProviderID, d.Sender)
}

// follows writes what an outcome means beyond its delivery: for the person, the address, the account, and the next channel.
func (t *tx) follows(job *notify.Job, o notify.Outcome) error {
	if err := t.optOut(job, o.Consent); err != nil {
		return err
	}
	if err := t.deadEnd(job, o); err != nil {
		return err
	}
	if err := t.park(job.Story.Merchant, job.Delivery.Account(), o); err != nil {
		return err
	}
	return t.after(job, o.Decisions, o.Next)
}

// optOut keeps what a provider told of the person it was to reach, under the address the message went to. The merchant's
// own staff has no address here; what they did is kept under their name.
func (t *tx) optOut(job *notify.Job, e *notify.ConsentEvent) error {
	if e == nil {
		return nil
	}
	to := job.Notification.Person
	p, err := person(t.ctx, t.sql, job.Story.Merchant, to)
	if err != nil {
		return err
	}
	if p != nil {
		if address, ok := p.Address(job.Delivery.Channel); ok {
			_, err := t.addressConsent(job.Story.Merchant, address, *e)
			return err
		}
	}
	return t.consent(job.Story.Merchant, to, *e)
}

// answers reports whether an outcome still says something new about its delivery: it is the answer awaited, or one that
// comes after its worker had been given up.
func answers(d notify.Delivery, o notify.Outcome) bool {
	return d.State == notify.Sending || d.State.Follows(o.State) || o.Asked && d.State == notify.UnknownSt
}

func (t *tx) outcome(d notify.Delivery, o notify.Outcome) error {
	state, reason, due := o.State, o.Reason, o.Due
	if !answers(d, o) {
		state, reason, due = d.State, d.Reason, d.Due
	}
	attempts := d.Attempts
	if o.Unspent {
		attempts--
	}
	words, sent := "", int64(0)
	if o.Words != nil {
		words = encode(o.Words)
	}
	switch {
	case o.Asked:
		sent = ms(d.SentAt)
	case o.State == notify.Sent || o.State == notify.Arrived || o.State == notify.UnknownSt:
		sent = ms(o.EndedAt)
	}
	return t.exec(`update deliveries set state = $1, reason = $2, due = $3, handed_at = 0, attempts = $4,
		provider_id = case when $5 = '' then provider_id else $5 end, words = case when $6 = '' then words else $6 end, sent_at = $7, updated_at = $8, reply_token = ''
		where id = $9`, state, reason, ms(due), attempts, o.ProviderID, words, sent, ms(o.EndedAt), o.Delivery)
}

// awaiting is true of deliveries that something is to be done about when they are due, and repeats the condition of the index.
const awaiting = `due > 0 and state in ('planned', 'held', 'queued', 'unknown', 'sent', 'delivered')`

// Due lists deliveries that are due and not with the queue, oldest first: held ones whose hour has come, sent ones that are to be
// looked at again, and ones handed over before lost that have not come back. They count as handed over from then on, so that the next page holds others.
func (l *Ledger) Due(ctx context.Context, now, lost time.Time, limit int) ([]notify.Handoff, error) {
	var out []notify.Handoff
	err := l.update(ctx, func(t *tx) error {
		out = nil // it may be run again
		err := rows(t.ctx, t.sql, func(r *sql.Rows) error {
			var h notify.Handoff
			var due int64
			err := r.Scan(&h.Delivery, &h.Channel, &h.Urgent, &h.Turn, &due)
			h.Due, h.Late = at(due), now.Sub(at(due))
			out = append(out, h)
			return err
		}, `select id, channel, urgent, reason = $1, due from deliveries where `+awaiting+` and due <= $2 and handed_at < $3 order by due limit $4`+l.db.skipping(),
			notify.SenderRate, ms(now), ms(lost), limit)
		if err != nil {
			return err
		}
		for _, h := range out {
			if err := t.exec(`update deliveries set handed_at = $1 where id = $2`, max(ms(now), ms(lost)), h.Delivery); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Release takes back that deliveries were handed over: the queue did not take them, and the next look at what is due finds them.
func (l *Ledger) Release(ctx context.Context, hs []notify.Handoff) error {
	return l.update(ctx, func(t *tx) error {
		for _, h := range hs {
			if err := t.exec(`update deliveries set handed_at = 0 where id = $1`, h.Delivery); err != nil {
				return err
			}
		}
		return nil
	})
}

// Orphans lists deliveries that were claimed before the given time and never recorded: their worker died in the call.
func (l *Ledger) Orphans(ctx context.Context, claimed time.Time, limit int) ([]notify.Delivery, error) {
	var out []notify.Delivery
	err := rows(ctx, l.read, func(r *sql.Rows) error {
		d, err := scanDelivery(r)
		out = append(out, d)
		return err
	}, `select `+deliveryColumns+` from deliveries d where state = 'sending' and claimed_at < $1 order by claimed_at limit $2`, ms(claimed), limit)
	return out, err
}

// NextDue returns when the next waiting delivery becomes due; the zero time when none is waiting.
func (l *Ledger) NextDue(ctx context.Context, after time.Time) (time.Time, error) {
	next, err := number(ctx, l.read, `select coalesce(min(due), 0) from deliveries where `+awaiting+` and due > $1`, ms(after))
	return at(next), err
}

// Busy counts deliveries that are due, being sent or asked about: 0 means that everything decided so far has been done.
func (l *Ledger) Busy(ctx context.Context, now time.Time) (int, error) {
	n, err := number(ctx, l.read, `select count(*) from deliveries where state = 'sending' or `+awaiting+` and (due <= $1 or state = 'unknown' and handed_at > 0)`, ms(now))
	return int(n), err
}
