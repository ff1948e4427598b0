package dispatcher

import (
	"slices"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/policy"
	"landfall/rules"
)

// choice picks the channel for one notification. It is made when the notification is planned, and again whenever a
// channel turns out to be shut.
type choice struct {
	merchant     *Merchant
	market       *rules.Market
	notification notify.Notification
	person       notify.Person
	story        notify.Story
	now          time.Time
	phase        notify.Phase
	attempts     int
	decisions    []notify.Decision
}

// plan chooses the channel that speaks and adds a silent copy in the inbox of people who have one.
func (c *choice) plan() notify.Planning {
	p := notify.Planning{Notification: c.notification}
	speaking, reason := c.pick(nil)
	if speaking != nil {
		p.Deliveries = append(p.Deliveries, *speaking)
	}
	if c.person.InApp && (speaking == nil || speaking.Channel != notify.InApp) && reason != notify.Stale {
		if d := c.judge(notify.InApp); d.Verdict == notify.Allow {
			p.Deliveries = append(p.Deliveries, newDelivery(c.notification.ID, notify.InApp, c.now))
		}
	}
	if len(p.Deliveries) == 0 {
		p.Reason = reason
	}
	p.Decisions = c.decisions
	return p
}

// pick returns the first channel in the market's order, apart from those tried, that may be used now or later; else
// the reason why there is none.
func (c *choice) pick(tried []notify.Channel) (*notify.Delivery, notify.Reason) {
	for _, channel := range c.channels() {
		if slices.Contains(tried, channel) {
			continue
		}
		switch d := c.judge(channel); d.Verdict {
		case notify.Drop:
			return nil, d.Reason
		case notify.Allow, notify.Hold:
			next := newDelivery(c.notification.ID, channel, c.now)
			if d.Verdict == notify.Hold {
				next.State, next.Reason, next.HeldFor, next.Due = notify.Held, d.Reason, d.Reason, d.Until
			}
			return &next, ""
		}
	}
	return nil, notify.Exhausted
}

// channels is the market's order for customers. The merchant's staff is written to by email.
func (c *choice) channels() []notify.Channel {
	if c.notification.Audience == notify.Staff {
		return []notify.Channel{notify.Email}
	}
	return c.market.Channels
}

// judge runs the gates for one channel and keeps the decision.
func (c *choice) judge(channel notify.Channel) notify.Decision {
	d := policy.Decide(c.candidate(channel), c.now)
	d.Phase, d.Event, d.Rule = c.phase, c.notification.Event, c.notification.Notice.Rule
	d.Notification = c.notification.ID
	d.Delivery = notify.DeliveryID(string(c.notification.ID) + "." + string(channel))
	c.decisions = append(c.decisions, d)
	return d
}

// candidate gathers the facts the gates look at.
func (c *choice) candidate(channel notify.Channel) policy.Candidate {
	_, reachable := c.person.Address(channel)
	zone, source := policy.Zone(c.person, c.market.Code, c.market.Zones)
	cand := policy.Candidate{
		Channel: channel, HasAddress: reachable, HasSender: c.merchant.Senders[channel] != nil, HasWords: c.hasWords(channel),
		Consents: c.story.Consents, NeedsConsent: c.market.Consent[channel].Recorded(),
		ExpiresAt: c.notification.ExpiresAt, Quiet: c.market.Quiet, OwnQuiet: c.person.Quiet, Zone: zone, ZoneSource: source,
		Attempts: c.attempts,
	}
	if c.notification.Audience == notify.Staff {
		cand.Consents, cand.NeedsConsent = nil, false
	}
	if i := slices.IndexFunc(c.story.Marks, func(m parcel.Mark) bool { return m.Event.ID == c.notification.Event }); i >= 0 {
		mark := c.story.Marks[i]
		cand.HeardAt, cand.HappenedAt, cand.OvertakenBy = mark.Event.HeardAt, mark.Event.HappenedAt, mark.By
	}
	return cand
}

// hasWords reports whether a channel that takes only texts approved beforehand has one for this notice.
func (c *choice) hasWords(channel notify.Channel) bool {
	if channel != notify.WhatsApp {
		return true
	}
	words := c.merchant.Words
	return words.HasContent(words.ContentKey(c.notification.Notice.Say, c.event(), c.notification.Audience), c.locale())
}

// locale is the person's own, else the market's.
func (c *choice) locale() string {
	if c.person.Locale != "" {
		return c.person.Locale
	}
	return c.market.Locale
}
