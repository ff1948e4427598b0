package dispatcher

import (
	"math"
	"slices"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
)

// Senders are a merchant's accounts on each channel, in the order in which they are tried.
type Senders map[notify.Channel][]Sender

// Sender is one of a merchant's accounts on a channel.
type Sender struct {
	channels.Sender
	Name    string   // tells the accounts of one channel apart; "" for an only one
	Markets []string // whose people it writes to; none: everybody's
	Rate    float64  // messages a second that it may send; 0: no limit
	Phone   bool     // of LINE: it reaches people by their phone number too
}

// in lists the accounts that write to people of a market: first those that are there for it, then those that are for all.
func (s Senders) in(c notify.Channel, market string) []Sender {
	var own, all []Sender
	for _, one := range s[c] {
		switch {
		case len(one.Markets) == 0:
			all = append(all, one)
		case slices.Contains(one.Markets, market):
			own = append(own, one)
		}
	}
	return append(own, all...)
}

// named returns the account of that name.
func (s Senders) named(c notify.Channel, name string) (Sender, bool) {
	i := slices.IndexFunc(s[c], func(one Sender) bool { return one.Name == name })
	if i < 0 {
		return Sender{}, false
	}
	return s[c][i], true
}

// lane names an account among those of all merchants.
func lane(m notify.MerchantID, c notify.Channel, sender string) string {
	return string(m) + "/" + string(c) + "/" + sender
}

const (
	// strikes is how many failures in a row show that a provider does not work: fewer may be bad luck.
	strikes = 5
	// firstRest is how long an account then rests; it doubles with each failed probe.
	firstRest = 30 * time.Second
	// longestRest bounds it, and is how long one rests whose credentials are refused.
	longestRest = 5 * time.Minute
	// detourAfter is how long messages wait for an account that does not work before they go another way.
	detourAfter = 15 * time.Minute
)

// accounts lists those that may write to the person on a channel, in the order they are tried. An answer goes by the account that was
// written to. On WhatsApp those go first that may write freely, and alone where no text is approved.
func (c *choice) accounts(channel notify.Channel) []Sender {
	all := c.merchant.Senders.in(channel, c.market.Code)
	switch to, known := c.writtenTo(channel); {
	case c.notification.Audience != notify.Customer:
	case c.notification.Only != "" && known:
		return []Sender{to}
	case c.notification.Only == "" && channel == notify.WhatsApp:
		shut := func(s Sender) bool { return !c.talking(s.Name) }
		open := slices.DeleteFunc(slices.Clone(all), shut)
		if !c.approved() {
			return open
		}
		return append(open, slices.DeleteFunc(all, func(s Sender) bool { return !shut(s) })...)
	}
	return all
}

// writtenTo is the account on a channel that the person wrote to last.
func (c *choice) writtenTo(channel notify.Channel) (to Sender, known bool) {
	var last time.Time
	for _, s := range c.merchant.Senders[channel] {
		if at := c.story.Wrote[notify.Account{Channel: channel, Sender: s.Name}]; at.After(last) {
			to, known, last = s, true, at
		}
	}
	return to, known
}

// account picks the account a delivery goes by: the first that works, or whose rest is over. When all rest it is the one that
// is tried again first, and until says when. What may have gone by an account that knows its key stays with that one.
func (c *choice) account(j notify.Job) (s Sender, until time.Time) {
	for _, one := range c.accounts(j.Delivery.Channel) {
		if c.byNumber(j.Delivery.Channel) && !one.Phone {
			continue
		}
		if j.Delivery.Attempts > 0 && j.Delivery.Channel.Repeatable() && one.Name != j.Delivery.Sender {
			continue
		}
		rests := j.Parked[notify.Account{Channel: j.Delivery.Channel, Sender: one.Name}].Until
		if !rests.After(c.now) {
			return one, time.Time{}
		}
		if until.IsZero() || rests.Before(until) {
			s, until = one, rests
		}
	}
	return s, until
}

// parked rules on a delivery all of whose accounts rest: it waits, or goes another way once that has lasted too long.
func (c *choice) parked(j notify.Job, s Sender) notify.Ruling {
	since := j.Parked[notify.Account{Channel: j.Delivery.Channel, Sender: s.Name}].Since
	if c.now.Sub(since) >= detourAfter {
		if next := c.next(j); next != nil {
			return notify.Ruling{State: notify.Failed, Reason: notify.SenderParked, Decisions: c.decisions, Next: next}
		}
	}
	return notify.Ruling{State: notify.Queued, Reason: notify.SenderParked, Due: c.rests, Decisions: c.decisions}
}

// strike counts a failure that is the account's or its provider's, and lets the account rest when it is one too many. What was under
// way already when it came to rest says nothing new; of a resting account only the probe counts.
func strike(e *channels.Error, now time.Time, probe bool) func(notify.Parking) notify.Parking {
	return func(p notify.Parking) notify.Parking {
		if !p.Until.IsZero() && !probe {
			return p
		}
		p.Failures++
		p.Code = e.Code
		if p.Since.IsZero() {
			p.Since = now
		}
		switch {
		case e.Kind == channels.Misconfigured:
			p.Until = now.Add(max(e.RetryAfter, longestRest))
		case p.Failures >= strikes:
			rest := float64(firstRest) * math.Exp2(float64(min(p.Failures-strikes, 10)))
			p.Until = now.Add(time.Duration(min(rest, float64(longestRest))))
		}
		return p
	}
}

// works forgets the failures of an account that works again.
func works(notify.Parking) notify.Parking { return notify.Parking{} }
