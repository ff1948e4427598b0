package dispatcher

import (
	"cmp"
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
	round        int
	hours        *policy.Windows
	free         time.Time // the delivery's place in its account's lane; zero when it may go at once
	rests        time.Time // until when every account rests that the delivery could go by; zero when one works
	decisions    []notify.Decision
}

// plan chooses the channel that speaks and adds a silent copy in the inbox of people who have one.
func (c *choice) plan() notify.Planning {
	p := notify.Planning{Notification: c.notification}
	speaking, reason := c.pick(c.channels(), nil)
	if speaking != nil {
		p.Deliveries = append(p.Deliveries, *speaking)
		if c.passedOver() {
			c.remark(notify.Note, notify.NextChannel, speaking)
		}
	}
	if c.copied() && (speaking == nil || speaking.Channel != notify.InApp) && reason != notify.Stale {
		if d := c.judge(notify.InApp); d.Verdict == notify.Allow {
			p.Deliveries = append(p.Deliveries, newDelivery(c.notification, notify.InApp, c.round, c.now))
		}
	}
	if len(p.Deliveries) == 0 {
		p.Reason = reason
	}
	p.Decisions = c.decisions
	return p
}

// passedOver reports whether a channel was skipped on which the person could have been reached.
func (c *choice) passedOver() bool {
	return slices.ContainsFunc(c.decisions, func(d notify.Decision) bool {
		return d.Verdict == notify.Skip && d.Reason != notify.NoEndpoint && d.Reason != notify.NoSender
	})
}

// copied reports whether a silent copy goes to the person's inbox: of news about an order.
func (c *choice) copied() bool {
	return c.person.InApp && cmp.Or(c.notification.Notice.Class, notify.Transactional) == notify.Transactional
}

// pick returns the first channel in an order, apart from those tried, that may be used now or later; else the reason why
// there is none.
func (c *choice) pick(order, tried []notify.Channel) (*notify.Delivery, notify.Reason) {
	for _, channel := range order {
		if slices.Contains(tried, channel) {
			continue
		}
		switch d := c.judge(channel); d.Verdict {
		case notify.Drop:
			return nil, d.Reason
		case notify.Allow, notify.Hold:
			next := newDelivery(c.notification, channel, c.round, c.now)
			if d.Verdict == notify.Hold {
				next.State, next.Reason, next.HeldFor, next.Due = notify.Held, d.Reason, d.Reason, c.merchant.World.release(next.ID, d.Until)
			}
			return &next, ""
		}
	}
	return nil, c.exhausted()
}

// exhausted is the reason when no channel is left. Of advertising it is the missing consent that matters.
func (c *choice) exhausted() notify.Reason {
	if c.notification.Notice.Class != notify.MarketingClass {
		return notify.Exhausted
	}
	for _, d := range c.decisions {
		if d.Verdict == notify.Skip && d.Reason != notify.NoEndpoint && d.Reason != notify.NoSender {
			return d.Reason
		}
	}
	return notify.Exhausted
}

// channels is the market's order for customers, after the one they prefer. The merchant's staff is written to by email; an
// answer goes where the question came from.
func (c *choice) channels() []notify.Channel {
	switch {
	case c.notification.Only != "":
		return []notify.Channel{c.notification.Only}
	case c.notification.Audience == notify.Staff:
		return []notify.Channel{notify.Email}
	case c.notification.Notice.Class == notify.MarketingClass:
		return c.market.Marketing.Channels
	}
	return c.preferred(c.market.Channels)
}

// preferred moves the channel a person asked for to the front. One that neither the market names nor the person has an
// address on is left out.
func (c *choice) preferred(order []notify.Channel) []notify.Channel {
	first := c.person.Prefer
	_, reached := c.address(first)
	if first == "" || !reached && !slices.Contains(order, first) {
		return order
	}
	rest := slices.DeleteFunc(slices.Clone(order), func(o notify.Channel) bool { return o == first })
	return append([]notify.Channel{first}, rest...)
}

// judge runs the gates for one channel and keeps the decision.
func (c *choice) judge(channel notify.Channel) notify.Decision {
	d := c.decide(channel)
	d.Phase, d.Event, d.Rule = c.phase, c.notification.Event, c.notification.Notice.Rule
	d.Notification = c.notification.ID
	d.Delivery = deliveryID(c.notification.ID, channel, c.round)
	c.decisions = append(c.decisions, d)
	return d
}

// decide runs the gates. What is about to be sent has to wait for its account too.
func (c *choice) decide(channel notify.Channel) notify.Decision {
	cand := c.candidate(channel)
	if c.phase == notify.AtDispatch {
		cand.RestsUntil, cand.FreeAt = c.rests, c.free
	}
	return policy.Decide(cand, c.now)
}

// candidate gathers the facts the gates look at.
func (c *choice) candidate(channel notify.Channel) policy.Candidate {
	n := c.notification.Notice
	cand := policy.Candidate{
		Channel: channel, Class: cmp.Or(n.Class, notify.Transactional), Purpose: cmp.Or(n.Purpose, notify.OrderStatus), Market: c.market.Code,
		Versions:  policy.Versions{Rules: c.market.Version, Zones: c.merchant.World.Edition, Holidays: c.merchant.World.Days.Version()},
		HasSender: len(c.merchant.Senders.in(channel, c.market.Code)) > 0, HasWords: c.hasWords(channel), Urgent: n.Urgent,
		ExpiresAt: c.notification.ExpiresAt, Attempts: c.attempts, Windows: c.windows(),
	}
	_, cand.HasAddress = c.address(channel)
	cand.ByNumber = c.byNumber(channel)
	if c.notification.Audience == notify.Customer {
		cand.DeadEnd = c.story.DeadEnds[channel]
	}
	c.recall(&cand)
	if advertises, where := c.voice().Words.Class(n.Say); advertises && c.notification.Audience == notify.Customer {
		cand.Promotional = where
	}
	if c.notification.Audience == notify.Customer {
		c.ask(&cand)
		c.count(&cand)
	}
	return cand
}

// ask adds what must have been agreed to, and what was.
func (c *choice) ask(cand *policy.Candidate) {
	need := c.market.Consent
	if cand.Class == notify.MarketingClass {
		need, cand.GrantMonths = c.market.Marketing.Consent, c.market.Marketing.ValidMonths
	}
	cand.Need = policy.Need(need[cand.Channel])
	if cand.ByNumber && cand.Need == policy.Need(rules.NeedFriend) { // who is reached by number need be no friend
		cand.Need = policy.NeedNotice
	}
	cand.Standing = policy.Stand(c.story.Consents, cand.Channel, cand.Purpose)
	cand.ErasedAt = c.story.ErasedAt
	cand.Confirms = c.notification.Confirms()
}

// recall adds when the event happened and was heard, and what has become of it.
func (c *choice) recall(cand *policy.Candidate) {
	i := slices.IndexFunc(c.story.Marks, func(m parcel.Mark) bool { return m.Event.ID == c.notification.Event })
	if i < 0 {
		return
	}
	mark := c.story.Marks[i]
	cand.HeardAt, cand.HappenedAt, cand.OvertakenBy = mark.Event.HeardAt, mark.Event.HappenedAt, mark.Over
	if eta := c.story.Parcel.State.ETA; eta != nil {
		cand.ArrivesFrom = eta.From
	}
}

// nightLong is how long one disturbance for the same kind of news counts.
const nightLong = 12 * time.Hour

// count adds what the person was sent lately, as far as a cap asks for it.
func (c *choice) count(cand *policy.Candidate) {
	var marketing, all []time.Time
	for _, k := range c.story.Contacts {
		if k.Notification == c.notification.ID {
			continue
		}
		if k.Class == notify.MarketingClass {
			marketing = append(marketing, k.At)
		}
		if k.Channel.Interrupts() && k.Class != notify.ChatReply {
			all = append(all, k.At)
		}
		cand.UrgentSpent = cand.UrgentSpent || cand.Urgent != "" && k.Urgent == cand.Urgent && k.Parcel == c.notification.Parcel && c.now.Sub(k.At) < nightLong
	}
	law := c.market.Marketing
	switch {
	case cand.Class == notify.MarketingClass:
		cand.FullUntil, cand.FullFor = policy.Room(marketing, law.Daily, c.now), notify.FreqCap
		if law.DailyByLaw {
			cand.FullFor = notify.CountryCap
		}
	case cand.Channel.Interrupts() && c.notification.Notice.Urgency != notify.High && cand.Class != notify.ChatReply:
		cand.FullUntil, cand.FullFor = policy.Room(all, c.market.Daily, c.now), notify.FreqCap
	}
	if cand.FullUntil.IsZero() {
		cand.FullFor = ""
	}
}

// windows gathers what decides about the hour; it is the same for every channel.
func (c *choice) windows() policy.Windows {
	if c.hours != nil {
		return *c.hours
	}
	w := c.merchant.where(c.person, c.market)
	c.hours = &policy.Windows{Quiet: c.market.Quiet, OwnQuiet: c.person.Quiet, Zones: w.zones, ZoneSource: w.source}
	advertising := c.notification.Notice.Class == notify.MarketingClass
	c.hours.Holidays = c.merchant.World.holidays(w, c.now, advertising)
	if c.market.Ramadan {
		c.hours.Fast = c.merchant.World.fast(c.now)
	}
	if advertising {
		region := w.region
		if w.country != c.market.Code { // a region of another country is none of the market's
			region = ""
		}
		open := c.market.Marketing.HoursIn(region)
		c.hours.Open = &open
	}
	return *c.hours
}

// voice is how the merchant speaks in the person's market.
func (c *choice) voice() Voice { return c.merchant.VoiceIn(c.market.Code) }

// hasWords reports whether a channel that takes only texts approved beforehand has one for this notice.
func (c *choice) hasWords(channel notify.Channel) bool {
	if channel != notify.WhatsApp || c.notification.Only != "" || c.approved() { // an answer within a day of the question needs no approval
		return true
	}
	return slices.ContainsFunc(c.accounts(channel), func(s Sender) bool { return c.talking(s.Name) })
}

// approved reports whether WhatsApp has approved a text for this notice.
func (c *choice) approved() bool {
	words := c.voice().Words
	return words.HasContent(words.ContentKey(c.notification.Notice.Say, c.event(), c.notification.Audience), c.locale())
}

// whatsAppWindow is how long after somebody's own message WhatsApp takes any text to them: 24 hours, by Meta's documentation of
// the customer service window, less what a send may take.
const whatsAppWindow = 24*time.Hour - 5*time.Minute

// talking reports whether the person wrote to one of our numbers on WhatsApp a short while ago: Meta opens the window for that number.
func (c *choice) talking(sender string) bool {
	at, wrote := c.story.Wrote[notify.Account{Channel: notify.WhatsApp, Sender: sender}]
	return wrote && c.notification.Audience == notify.Customer && c.now.Before(at.Add(whatsAppWindow))
}

// locale is the person's own, else the one spoken where they live.
func (c *choice) locale() string {
	if c.person.Locale != "" {
		return c.person.Locale
	}
	return c.market.LocaleAt(c.person.Postal)
}
