package dispatcher

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/policy"
	"landfall/rules"
	"landfall/templates"
)

// Later is the error Deliver returns when the delivery is to come again: the sweep brings it then.
type Later struct{ At time.Time }

// Error says when.
func (e *Later) Error() string { return "again at " + e.At.Format(time.RFC3339) }

// callTimeout bounds one call to a provider.
const callTimeout = 30 * time.Second

// Deliver judges one delivery anew, renders it, sends it and records what came of it. It serves the first try and every
// later one. With a nil error and with *Later the queue is done with it; any other error means that the ledger could not be
// asked, and that the queue should try again soon.
func (d *Dispatcher) Deliver(ctx context.Context, id notify.DeliveryID) error {
	claim, err := d.claim(ctx, id)
	if early, ok := errors.AsType[interface {
		error
		DueAt() time.Time
	}](err); ok {
		return &Later{At: early.DueAt()}
	}
	if err != nil || claim == nil {
		return err
	}
	d.Observe(ctx, claim.Job.Delivery)
	var out notify.Outcome
	switch {
	case claim.Ruling.Ask:
		out = d.ask(ctx, claim.Job)
	case claim.Ruling.State == notify.Sending:
		out = d.send(ctx, claim.Job)
	default:
		return d.follow(ctx, claim.Ruling.Next)
	}
	if err := d.Ledger.Record(context.WithoutCancel(ctx), out); err != nil {
		return err
	}
	d.observe(ctx, claim.Job, out)
	if out.State == notify.Queued {
		return &Later{At: out.Due}
	}
	return d.follow(ctx, out.Next)
}

// claim judges a delivery, which takes one place in its account's lane, however often it is judged.
func (d *Dispatcher) claim(ctx context.Context, id notify.DeliveryID) (*notify.Claim, error) {
	now := d.Now()
	var slot time.Time
	reserve := func(p notify.Place) time.Time {
		if !slot.IsZero() {
			return slot
		}
		present := d.Now() // the transaction may have waited for others
		if slot = d.Pace.Reserve(ctx, p, present); slot.Sub(present) <= near {
			slot = now
		}
		return slot
	}
	return d.Ledger.Claim(ctx, id, now, func(j notify.Job) notify.Ruling { return d.judge(j, now, reserve) })
}

// follow hands the next channel's delivery to the queue, unless it waits for its hour.
func (d *Dispatcher) follow(ctx context.Context, next *notify.Delivery) error {
	if next == nil || next.State != notify.Planned {
		return nil
	}
	_, err := d.handOver(ctx, notify.Intake{Ready: []notify.Handoff{next.Handoff()}}, nil)
	return err
}

// observe tells of the step that an outcome is. One that fails, leaves no other channel and is no answer of the person's own is a dead
// letter.
func (d *Dispatcher) observe(ctx context.Context, j notify.Job, out notify.Outcome) {
	after := j.Delivery
	after.State, after.Reason = out.State, out.Reason
	d.Observe(ctx, after)
	if out.State == notify.Failed && out.Next == nil && out.Consent == nil && !silent(j) && !spoken(j) {
		d.Died(after)
	}
}

// judge is the decision made in the transaction that claims a delivery. One that may go is given a place in its account's lane by
// reserve, once.
func (d *Dispatcher) judge(j notify.Job, now time.Time, reserve func(notify.Place) time.Time) notify.Ruling {
	c, gone := d.choice(j, now)
	if !j.Delivery.State.Unsent() {
		return d.review(c, j, gone)
	}
	if gone != "" {
		return c.absent(gone)
	}
	if c.market.Code != j.Notification.Market {
		c.remark(notify.Note, notify.MarketChanged, nil)
		c.decisions[0].Detail = j.Notification.Market + " to " + c.market.Code
	}
	if c.noticed(j) || c.asked(j) {
		c.remark(notify.Drop, notify.Noticed, nil)
		return drop(notify.Superseded, notify.Noticed, c.decisions)
	}
	if j.Delivery.Attempts > 0 && c.byNumber(j.Delivery.Channel) { // a worker stopped during the call
		c.remark(notify.Note, notify.UnknownOutcome, &j.Delivery)
		return notify.Ruling{State: notify.UnknownSt, Reason: notify.UnknownOutcome, Decisions: c.decisions}
	}
	sender, rests := c.account(j)
	c.rests = rests
	verdict := c.lineUp(j, sender, reserve)
	switch {
	case verdict.Reason == notify.SenderRate:
		return notify.Ruling{State: notify.Queued, Reason: verdict.Reason, Due: verdict.Until, Decisions: c.decisions}
	case verdict.Reason == notify.SenderParked:
		return c.parked(j, sender)
	case verdict.Verdict == notify.Allow:
		return c.sending(j, sender, verdict)
	case verdict.Verdict == notify.Hold:
		return notify.Ruling{State: notify.Held, Reason: verdict.Reason, Due: c.merchant.World.release(j.Delivery.ID, verdict.Until), Decisions: c.decisions}
	case verdict.Reason == notify.SupersededBy:
		return drop(notify.Superseded, verdict.Reason, c.decisions)
	case verdict.Reason == notify.Stale:
		return drop(notify.Expired, verdict.Reason, c.decisions)
	case verdict.Verdict == notify.Drop:
		return drop(notify.Dropped, verdict.Reason, c.decisions)
	case policy.Refused(verdict.Reason): // the person just said no: do not turn up on the next channel
		return drop(notify.Dropped, verdict.Reason, c.decisions)
	}
	next := c.next(j)
	return notify.Ruling{State: notify.Dropped, Reason: verdict.Reason, Decisions: c.decisions, Next: next}
}

// lineUp asks the gates about a delivery and, when they let it go by an account with a rate, takes its place in the account's lane: it
// may have to wait until then.
func (c *choice) lineUp(j notify.Job, s Sender, reserve func(notify.Place) time.Time) notify.Decision {
	before := len(c.decisions)
	verdict := c.judge(j.Delivery.Channel)
	if verdict.Verdict != notify.Allow || s.Rate <= 0 || j.Delivery.Reason == notify.SenderRate { // it has waited for its place
		return verdict
	}
	if c.free = reserve(c.place(j, s)); !c.free.After(c.now) {
		return verdict
	}
	c.decisions = c.decisions[:before]
	return c.judge(j.Delivery.Channel)
}

// place is where a delivery lines up for its account: what goes first has a lane of its own, and the door merges the two.
func (c *choice) place(j notify.Job, s Sender) notify.Place {
	p := notify.Place{Lane: lane(c.merchant.ID, j.Delivery.Channel, s.Name), Rate: s.Rate}
	if j.Delivery.Urgent {
		p.Lane += "/urgent"
		return p
	}
	p.Rate -= express(s.Rate)
	return p
}

// sending rules that a delivery goes by an account now. Of one that failed lately it is the only one for a while.
func (c *choice) sending(j notify.Job, s Sender, verdict notify.Decision) notify.Ruling {
	r := notify.Ruling{State: notify.Sending, Reason: verdict.Reason, Decisions: c.decisions, Sender: s.Name, ByToken: c.now.Before(c.notification.CreatedAt.Add(tokenLife))}
	if p := j.Parked[notify.Account{Channel: j.Delivery.Channel, Sender: s.Name}]; !p.Until.IsZero() {
		r.ProbedUntil = c.now.Add(lease)
	}
	return r
}

func drop(s notify.State, r notify.Reason, ds []notify.Decision) notify.Ruling {
	return notify.Ruling{State: s, Reason: r, Decisions: ds}
}

// absent rules on a delivery that somebody or something is missing for. What a merchant's folder lacks may come back, so
// that waits until the notice expires; a customer who is not the order's any more does not.
func (c *choice) absent(gone notify.Reason) notify.Ruling {
	r := notify.Ruling{State: notify.Dropped, Reason: gone}
	verdict := notify.Drop
	switch {
	case gone == notify.NoConfig && c.now.After(c.notification.ExpiresAt):
		r.State, r.Reason = notify.Expired, notify.Stale
	case gone == notify.NoConfig:
		r.State, r.Due, verdict = notify.Held, c.now.Add(repairPause), notify.Hold
	case gone == notify.SupersededBy:
		r.State = notify.Superseded
	}
	c.remark(verdict, r.Reason, nil)
	c.decisions[0].Until = r.Due
	r.Decisions = c.decisions
	return r
}

// choice gathers who and what a job is about; a reason means that something of it is gone.
func (d *Dispatcher) choice(j notify.Job, now time.Time) (*choice, notify.Reason) {
	c := &choice{notification: j.Notification, story: j.Story, now: now, phase: notify.AtDispatch, attempts: j.Delivery.Attempts, round: j.Delivery.Round}
	m, ok := d.Merchant(j.Story.Merchant)
	if !ok {
		return c, notify.NoConfig
	}
	c.merchant = m
	person := m.audience(j.Notification.Audience, j.Story.Person)
	if c.market = m.present(j.Notification, person); c.market == nil {
		return c, notify.NoConfig
	}
	switch {
	case person == nil && !j.Story.ErasedAt.IsZero():
		return c, notify.SubjectErased
	case person == nil:
		return c, notify.NoPerson
	case person.ID != j.Notification.Person: // the order changed hands while this waited
		return c, notify.SupersededBy
	}
	c.person = *person
	return c, ""
}

// present is the market whose rules for sending hold now: the one a customer lives in today, else the one the notification
// was planned under.
func (m *Merchant) present(n notify.Notification, p *notify.Person) *rules.Market {
	if p != nil && n.Audience == notify.Customer {
		if market := m.market(*p); market != nil {
			return market
		}
	}
	return m.Markets[n.Market]
}

// next picks another channel and says in the record that it did, or that none is left. A silent copy has none: the
// delivery beside it speaks.
func (c *choice) next(j notify.Job) *notify.Delivery {
	if silent(j) || spoken(j) {
		return nil
	}
	next, reason := c.replan(c.channels(), j.Tried)
	if next != nil {
		c.remark(notify.Note, notify.NextChannel, next)
		return next
	}
	c.remark(notify.Drop, reason, nil)
	return nil
}

// replan picks as plan does, whenever it is asked: a delivery on another channel is only planned by it, and judged for sending
// when its own turn comes. So the decisions to send on record stay as many as the calls.
func (c *choice) replan(order, tried []notify.Channel) (*notify.Delivery, notify.Reason) {
	phase, attempts := c.phase, c.attempts
	c.phase, c.attempts = notify.AtPlan, 0
	next, reason := c.pick(order, tried)
	c.phase, c.attempts = phase, attempts
	return next, reason
}

// silent reports whether a delivery is the copy in the inbox beside one that speaks, which was planned before it.
func silent(j notify.Job) bool {
	return j.Delivery.Channel == notify.InApp && len(j.Tried) > 0 && j.Tried[0] != notify.InApp
}

func (c *choice) remark(v notify.Verdict, r notify.Reason, d *notify.Delivery) {
	note := notify.Decision{At: c.now, Phase: c.phase, Event: c.notification.Event, Rule: c.notification.Notice.Rule,
		Notification: c.notification.ID, Verdict: v, Reason: r}
	if d != nil {
		note.Delivery, note.Channel = d.ID, d.Channel
	}
	c.decisions = append(c.decisions, note)
}

// send renders a claimed delivery and makes the one call to its provider.
func (d *Dispatcher) send(ctx context.Context, j notify.Job) notify.Outcome {
	started := d.Now()
	c, gone := d.choice(j, started)
	c.phase = notify.AfterSend
	if gone != "" { // the merchant was reconfigured since the delivery was judged, a moment ago
		return c.postponed(j, gone, repairPause)
	}
	sender, ok := c.merchant.Senders.named(j.Delivery.Channel, j.Delivery.Sender)
	if !ok {
		return c.undone(j, notify.NoSender, c.next(j))
	}
	words, err := d.words(c, j)
	if err != nil {
		return c.unrendered(j, err)
	}
	if why, again := d.turn(ctx, j, sender.Rate); why != notify.OK {
		return c.postponed(j, why, max(again.Sub(d.Now()), 0))
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ctx, ended := d.Call(ctx, Call{Merchant: j.Story.Merchant, Delivery: j.Delivery})
	accepted, err := sender.Send(ctx, d.message(c, j, words))
	ended(err)
	c.now = d.Now()
	out := notify.Outcome{Delivery: j.Delivery.ID, StartedAt: started, EndedAt: c.now, Words: &words}
	if err != nil {
		d.settle(c, j, channels.AsError(err), &out)
	} else {
		d.taken(c, j, accepted, c.now, &out)
	}
	c.record(j, &out)
	return out
}

// taken notes a provider's yes, and when to look whether anybody noticed.
func (d *Dispatcher) taken(c *choice, j notify.Job, a channels.Accepted, sent time.Time, out *notify.Outcome) {
	out.State, out.Reason, out.ProviderID = a.State, notify.WasSent, a.ProviderID
	out.Due = d.nextLook(c, j, sent, c.now)
	if j.Parked[j.Delivery.Account()].Failures > 0 {
		out.Parking = works
	}
}

// stands asks once more, right before the call, whether the person or their consent has changed since the claim a moment ago.
// When nobody can say, nothing is sent.
func (d *Dispatcher) stands(ctx context.Context, j notify.Job) bool {
	if j.Notification.Audience != notify.Customer {
		return true
	}
	stamp, err := d.Ledger.Stamp(ctx, j.Story.Merchant, j.Notification.Person)
	return err == nil && stamp == j.Story.Stamp
}

// message is what the provider is given.
func (d *Dispatcher) message(c *choice, j notify.Job, words notify.Words) channels.Message {
	to, _ := c.address(j.Delivery.Channel)
	return channels.Message{
		Merchant: j.Story.Merchant, Delivery: j.Delivery.ID, Attempt: j.Delivery.Attempts, Key: j.Delivery.Key, To: to, Words: words, ReplyToken: j.Delivery.ReplyToken,
		Thread: string(j.Notification.Order), Notice: string(j.Notification.Notice.Say), Return: d.Return(j.Delivery.ID), Callback: d.Callback(j.Story.Merchant, j.Delivery.Channel), Unsubscribe: d.unsubscribe(c, j),
		Knock: c.knock(j),
	}
}

// knock is when and how a browser may be told of a card: in quiet hours it is told when they end.
func (c *choice) knock(j notify.Job) channels.Knock {
	if j.Delivery.Channel != notify.InApp {
		return channels.Knock{}
	}
	n := j.Notification
	k := channels.Knock{At: policy.Rings(c.candidate(notify.InApp), c.now), Until: n.ExpiresAt, Urgency: n.Notice.Urgency}
	if k.At.After(c.now) {
		k.At = c.merchant.World.release(j.Delivery.ID, k.At)
	}
	if n.Notice.Collapse != "" {
		k.Collapse = string(n.Parcel) + "/" + n.Notice.Collapse
	}
	return k
}

// words puts a delivery into words: an answer is about no parcel.
func (d *Dispatcher) words(c *choice, j notify.Job) (notify.Words, error) {
	n := j.Notification.Notice
	if (n.Class == notify.ChatReply || n.Say == senderRests) && j.Delivery.Words != nil { // written when it was planned
		return *j.Delivery.Words, nil
	}
	if n.Class == notify.ChatReply {
		return c.voice().Words.Answer(n.Say, j.Delivery.Channel, c.locale(), c.voice().Brand)
	}
	return c.voice().Words.Render(d.input(c, j))
}

// unsubscribe is where a customer ends mails like this one: advertising, and every mail in markets that ask for it.
func (d *Dispatcher) unsubscribe(c *choice, j notify.Job) string {
	n := j.Notification
	if j.Delivery.Channel != notify.Email || n.Audience != notify.Customer || n.Notice.Class != notify.MarketingClass && !c.market.Identify {
		return ""
	}
	return d.Leave(j.Story.Merchant, n.Person, j.Delivery.Channel, cmp.Or(n.Notice.Purpose, notify.OrderStatus))
}

// input is all that the words of a notice may say on a channel. Staff has nothing to choose and knows whose mail it is.
func (d *Dispatcher) input(c *choice, j notify.Job) templates.Input {
	in := templates.Input{
		Say: c.notification.Notice.Say, Channel: j.Delivery.Channel, Locale: c.locale(), Audience: c.notification.Audience, Now: c.now,
		Zone: c.merchant.Clock(c.person, c.market), Brand: c.voice().Brand, Person: c.person.Name, Postal: c.person.Postal, Order: c.story.Order, Parcel: c.story.Parcel,
		Event: c.event(), Link: d.Link(j.Story.Merchant, j.Story.Parcel.ID, j.Story.Order),
	}
	if c.notification.Audience == notify.Customer {
		in.Conversing = j.Delivery.Channel == notify.WhatsApp && c.talking(j.Delivery.Sender) && (j.Delivery.Attempts <= 1 || !c.approved())
		in.Preferences, in.Identify = d.Preferences(j.Story.Merchant, c.notification.Person), c.market.Identify
	}
	return in
}

// event is the one the notification tells of.
func (c *choice) event() parcel.Event {
	for _, m := range c.story.Marks {
		if m.Event.ID == c.notification.Event {
			return m.Event
		}
	}
	return parcel.Event{ID: c.notification.Event, Kind: c.notification.Kind}
}

// unrendered ends a delivery whose words could not be put together; another channel may have some.
func (c *choice) unrendered(j notify.Job, err error) notify.Outcome {
	reason := notify.RenderError
	switch {
	case errors.Is(err, templates.ErrMissing):
		reason = notify.TemplateMissing
	case errors.Is(err, templates.ErrNoContent):
		reason = notify.NoTemplate
	}
	out := c.undone(j, reason, c.next(j))
	out.Decisions[len(out.Decisions)-1].Detail = err.Error()
	return out
}

// postponed puts a delivery back that was claimed and for which something is missing, or has changed, after all; it is judged
// anew after a pause.
func (c *choice) postponed(j notify.Job, r notify.Reason, pause time.Duration) notify.Outcome {
	out := notify.Outcome{Delivery: j.Delivery.ID, StartedAt: c.now, EndedAt: c.now, Unspent: true}
	again(&out, r, c.now.Add(pause))
	c.record(j, &out)
	return out
}

// undone ends a delivery that was claimed and for which no provider was called after all.
func (c *choice) undone(j notify.Job, r notify.Reason, next *notify.Delivery) notify.Outcome {
	out := notify.Outcome{Delivery: j.Delivery.ID, StartedAt: c.now, EndedAt: c.now, State: notify.Failed, Reason: r, Next: next}
	c.record(j, &out)
	return out
}

// record adds the outcome itself to the decisions about it.
func (c *choice) record(j notify.Job, out *notify.Outcome) {
	out.Decisions = append(c.decisions, notify.Decision{
		At: out.EndedAt, Phase: notify.AfterSend, Event: c.notification.Event, Rule: c.notification.Notice.Rule, Notification: c.notification.ID,
		Delivery: j.Delivery.ID, Channel: j.Delivery.Channel, Verdict: notify.Note, Reason: out.Reason, Until: out.Due,
		Detail: detail(out, j.Delivery.Attempts),
	})
}

func detail(out *notify.Outcome, attempt int) string {
	s := fmt.Sprintf("attempt %d", attempt)
	if out.ProviderID != "" {
		s += ", provider id " + out.ProviderID
	}
	if out.Code != "" {
		s += ", provider code " + out.Code
	}
	return s
}
