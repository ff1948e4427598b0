package dispatcher

import (
	"cmp"
	"context"
	"slices"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// A delivery that was sent is looked at again: its provider may never confirm it, and nobody may notice it.

const (
	// askAfter is how long a lost answer's callback has before the provider is asked whether it took the message.
	askAfter = time.Minute
	// askAgain is when it is asked once more before it is believed that it did not: its list may lag behind.
	askAgain = 4 * time.Minute
	// askFor bounds how long a provider is asked that does not answer that either.
	askFor = 6 * time.Hour
)

const (
	// patience is how long WhatsApp has to confirm that a message arrived before another channel is tried, where the market says nothing else: it keeps one for hours, since a phone
	// that is off is no failure.
	patience = 4 * time.Hour
	// urgentPatience is the most that trouble waits for any confirmation.
	urgentPatience = 30 * time.Minute
	// numberPatience is how long LINE has to report that a notification message arrived. What it has not reported after 24 hours will
	// not arrive, by LINE's reference for partners.
	numberPatience = 24 * time.Hour
)

// patience is how long a channel has to confirm delivery before another is tried; none has one that does not confirm, or of which nobody says how long. What
// an SMS network does not confirm has mostly arrived.
func (c *choice) patience(channel notify.Channel) time.Duration {
	said := c.market.Patience[channel]
	switch {
	case channel == notify.LINE && !c.byNumber(channel):
		return 0
	case channel == notify.LINE:
		return cmp.Or(said, numberPatience)
	case channel == notify.WhatsApp:
		said = cmp.Or(said, patience)
	}
	if c.notification.Notice.Urgency == notify.High {
		said = min(said, urgentPatience)
	}
	return said
}

// look is one time at which a delivery is looked at again.
type look struct {
	at     time.Time
	unless notify.State     // nothing is done when it has come this far; "" for whatever happened
	order  []notify.Channel // what is tried else
	reason notify.Reason
}

// looks are the times at which a delivery that went at an instant is looked at again.
func (d *Dispatcher) looks(c *choice, j notify.Job, sent time.Time) []look {
	if silent(j) || c.merchant == nil || c.market == nil {
		return nil
	}
	var out []look
	wait, told := c.patience(j.Delivery.Channel), d.Callback(j.Story.Merchant, j.Delivery.Channel) != "" || c.byNumber(j.Delivery.Channel)
	if wait > 0 && c.notification.Only == "" && told {
		out = append(out, look{sent.Add(wait), notify.Arrived, c.channels(), notify.NoReceipt})
	}
	if e := c.notification.Notice.Escalate; e != nil {
		out = append(out, look{sent.Add(e.After), e.Unless, e.Channels, notify.Escalated})
	}
	return slices.DeleteFunc(out, func(l look) bool {
		return !slices.ContainsFunc(l.order, func(o notify.Channel) bool { return !slices.Contains(j.Tried, o) })
	})
}

// nextLook is the first look after an instant; zero for none.
func (d *Dispatcher) nextLook(c *choice, j notify.Job, sent, after time.Time) time.Time {
	var next time.Time
	for _, l := range d.looks(c, j, sent) {
		if l.at.After(after) && (next.IsZero() || l.at.Before(next)) {
			next = l.at
		}
	}
	return next
}

// review rules on a delivery that was sent, or may have been, and is due to be looked at again.
func (d *Dispatcher) review(c *choice, j notify.Job, gone notify.Reason) notify.Ruling {
	r := notify.Ruling{State: j.Delivery.State, Reason: j.Delivery.Reason}
	if gone != "" {
		return r
	}
	if j.Delivery.State == notify.UnknownSt {
		r.Ask = d.asker(c, j) != nil
		if r.Ask {
			r.Due = c.now.Add(lease)
		}
		return r
	}
	r.Due = d.nextLook(c, j, j.Delivery.SentAt, c.now)
	for _, l := range d.looks(c, j, j.Delivery.SentAt) {
		if r.Next == nil && !l.at.After(c.now) && !l.at.Before(j.Delivery.Due) && !c.reached(j.Delivery, l.unless) && !spoken(j) {
			r.Next = c.another(j, l)
		}
	}
	r.Decisions = c.decisions
	return r
}

// another plans the delivery on another channel that a look asks for.
func (c *choice) another(j notify.Job, l look) *notify.Delivery {
	next, _ := c.replan(l.order, j.Tried)
	if next != nil {
		c.remark(notify.Note, l.reason, next)
	}
	return next
}

// reached reports whether a delivery has come as far as is asked, or its reader has written back since; nothing is far enough
// where nothing is asked.
func (c *choice) reached(d notify.Delivery, unless notify.State) bool {
	if unless == "" {
		return false
	}
	rank, end := d.State.Fact().Rank, notify.Dropped.Fact().Rank
	return rank >= unless.Fact().Rank && rank < end || c.answered(d.SentAt)
}

// answered reports whether the customer wrote on any channel since an instant.
func (c *choice) answered(since time.Time) bool {
	if c.notification.Audience != notify.Customer || since.IsZero() {
		return false
	}
	for _, at := range c.story.Wrote {
		if at.After(since) {
			return true
		}
	}
	return false
}

// noticed reports whether a delivery that was planned because another went unnoticed is not needed any more: the other has come as
// far as was asked by now, the copy in the inbox was read, or the person has written back.
func (c *choice) noticed(j notify.Job) bool {
	unless := notify.Arrived
	if e := c.notification.Notice.Escalate; e != nil && slices.Contains(e.Channels, j.Delivery.Channel) {
		unless = e.Unless
	}
	hop, noticed := false, false
	for _, s := range j.Siblings {
		if s.SentAt.IsZero() || s.State.Fact().Rank >= notify.Dropped.Fact().Rank {
			continue
		}
		hop = hop || s.Channel != notify.InApp
		noticed = noticed || c.reached(s, unless) && (s.Channel != notify.InApp || s.State == notify.Read)
	}
	return hop && noticed && !silent(j)
}

// asked reports whether the customer has asked since the news was heard, and was told it in the answer. The copy in the inbox comes all the same.
func (c *choice) asked(j notify.Job) bool {
	i := slices.IndexFunc(c.story.Marks, func(m parcel.Mark) bool { return m.Event.ID == c.notification.Event })
	if i < 0 || silent(j) || c.notification.Audience != notify.Customer {
		return false
	}
	same := notify.Told{Parcel: c.notification.Parcel, Kind: c.notification.Kind}
	return slices.ContainsFunc(c.story.Contacts, func(k notify.Contact) bool {
		return slices.Contains(k.Tells, same) && k.At.After(c.story.Marks[i].Event.HeardAt)
	})
}

// spoken reports whether another delivery of the notification, apart from the silent copy, has taken over or still may.
func spoken(j notify.Job) bool {
	at := slices.Index(j.Tried, j.Delivery.Channel)
	return slices.ContainsFunc(j.Siblings, func(s notify.Delivery) bool {
		return s.Channel != notify.InApp && slices.Index(j.Tried, s.Channel) > at && s.State.Fact().Rank < notify.Dropped.Fact().Rank
	})
}

// asker is the account a delivery may have gone by, if its provider can be asked; nil else.
func (d *Dispatcher) asker(c *choice, j notify.Job) channels.Asker {
	if c.merchant == nil {
		return nil
	}
	s, _ := c.merchant.Senders.named(j.Delivery.Channel, j.Delivery.Sender)
	a, _ := s.Sender.(channels.Asker)
	return a
}

// ask finds out from the provider what became of a call whose answer was lost. What it does not know is sent again; where it does
// not say, the delivery stays unknown, and a receipt may still settle it.
func (d *Dispatcher) ask(ctx context.Context, j notify.Job) notify.Outcome {
	now := d.Now()
	c, gone := d.choice(j, now)
	c.phase = notify.AfterSend
	out := notify.Outcome{Delivery: j.Delivery.ID, StartedAt: now, EndedAt: now, Asked: true, State: notify.UnknownSt, Reason: notify.UnknownOutcome}
	provider := d.asker(c, j)
	if gone == "" && provider != nil {
		d.asked(ctx, c, j, provider, &out)
	}
	c.record(j, &out)
	return out
}

func (d *Dispatcher) asked(ctx context.Context, c *choice, j notify.Job, provider channels.Asker, out *notify.Outcome) {
	sent := j.Delivery.SentAt
	found, err := d.found(ctx, c, j, provider)
	switch {
	case err != nil && c.now.Sub(sent) < askFor:
		out.Due = c.now.Add(askAgain)
	case err != nil:
	case found != "":
		d.taken(c, j, channels.Accepted{ProviderID: found, State: notify.Sent}, sent, out)
	case c.now.Sub(sent) < askAgain:
		out.Due = sent.Add(askAgain)
	default:
		again(out, notify.AskedNotTaken, c.now)
	}
}

// found returns the provider's id of a message it took, "" for none.
func (d *Dispatcher) found(ctx context.Context, c *choice, j notify.Job, provider channels.Asker) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var said notify.Words // of a worker that died in the call nobody knows them
	if j.Delivery.Words != nil {
		said = *j.Delivery.Words
	}
	ctx, ended := d.Call(ctx, Call{Merchant: j.Story.Merchant, Delivery: j.Delivery, Asks: true})
	taken, err := provider.Ask(ctx, d.message(c, j, said), j.Delivery.SentAt.Add(-callTimeout))
	ended(err)
	if err != nil {
		return "", err
	}
	ids := make([]string, len(taken))
	for i, a := range taken {
		ids[i] = a.ProviderID
	}
	free, err := d.Ledger.Unclaimed(ctx, j.Story.Merchant, ids)
	if err != nil || len(free) == 0 {
		return "", err
	}
	return free[0], nil
}
