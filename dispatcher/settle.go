package dispatcher

import (
	"cmp"
	"math"
	"strings"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
)

const (
	maxAttempts   = 14               // calls that count, on one channel
	firstPause    = 2 * time.Second  // before the second call; doubles from there
	longestPause  = 10 * time.Minute // never more between two calls: an hour of trying in all
	repairPause   = 5 * time.Minute  // while something of a merchant's folder is missing
	throttlePause = 5 * time.Second  // when a provider asks us to slow down without saying for how long
)

// settle decides by its kind what a failed call means for the delivery, and for the account it went by.
func (d *Dispatcher) settle(c *choice, j notify.Job, e *channels.Error, out *notify.Outcome) {
	out.Code = e.Code
	if e.Unlisted {
		d.Unlisted(j.Delivery.Channel, e.Code)
	}
	switch {
	case e.Down || e.Kind == channels.Misconfigured:
		out.Parking, out.Alarm = d.alarmed(j, e, c.now), c.alarm(j.Delivery, c.now)
	case e.Kind != channels.Ambiguous && j.Parked[j.Delivery.Account()].Failures > 0: // a clear no comes from a provider that works
		out.Parking = works
	}
	switch c.kind(e.Kind, j.Delivery) {
	case channels.Temporary:
		d.tryAgain(c, j, e, out)
	case channels.Throttled:
		out.Unspent = true
		again(out, notify.RetryScheduled, c.now.Add(max(e.RetryAfter, throttlePause)))
	case channels.Misconfigured: // another account may take it at once; if there is none it waits with this one
		out.Unspent = true
		again(out, notify.SenderPaused, c.now)
	case channels.Unreachable:
		fail(out, notify.BadEndpoint.With(e.Code), c.next(j))
		out.DeadEnd = true
	case channels.NotAllowedNow:
		c.notAllowed(j, e, out)
	case channels.OptedOut:
		fail(out, notify.OptedOut.With(e.Code), nil)
		out.Consent = optOut(j, c.now)
	case channels.Ambiguous:
		out.State, out.Reason = notify.UnknownSt, notify.UnknownOutcome
		if d.asker(c, j) != nil {
			out.Due = c.now.Add(askAfter)
		}
	default:
		fail(out, notify.ProviderRejected.With(e.Code), nil)
	}
}

func (d *Dispatcher) tryAgain(c *choice, j notify.Job, e *channels.Error, out *notify.Outcome) {
	if j.Delivery.Attempts >= cmp.Or(e.Tries, maxAttempts) {
		fail(out, notify.RetriesSpent.With(e.Code), c.next(j))
		return
	}
	out.Unspent = c.byNumber(j.Delivery.Channel) // a try that counts there is one that may have arrived
	again(out, notify.RetryScheduled, c.now.Add(max(e.RetryAfter, pause(j.Delivery.Attempts, d.Jitter()))))
}

// notAllowed tries an approved text where free words were refused, since the provider's window may have closed a moment ago;
// else the next channel.
func (c *choice) notAllowed(j notify.Job, e *channels.Error, out *notify.Outcome) {
	if j.Delivery.Channel == notify.WhatsApp && j.Delivery.Attempts <= 1 && c.talking(j.Delivery.Sender) && c.approved() {
		again(out, notify.SessionClosed.With(e.Code), c.now)
		return
	}
	fail(out, notify.SessionClosed.With(e.Code), c.next(j))
}

// alarmed counts a failure of the account, and tells the operator once when it comes to rest.
func (d *Dispatcher) alarmed(j notify.Job, e *channels.Error, now time.Time) func(notify.Parking) notify.Parking {
	fold := strike(e, now, !j.Parked[j.Delivery.Account()].Until.IsZero())
	return func(before notify.Parking) notify.Parking {
		after := fold(before)
		if before.Until.IsZero() && !after.Until.IsZero() {
			d.Log.Error("a sender does not work; its messages wait or go another way until it does", "merchant", j.Story.Merchant,
				"channel", j.Delivery.Channel, "sender", j.Delivery.Sender, "code", e.Code, "detail", e.Detail)
		}
		return after
	}
}

// senderRests is the notice of an account that has come to rest.
const senderRests notify.TemplateKey = "sender_rests"

// alarmIn is how long it is worth telling the merchant that a sender does not work.
const alarmIn = 12 * time.Hour

// alarm plans the one mail by which the merchant's own people hear that an account has come to rest. Nobody is told by what rests.
func (c *choice) alarm(d notify.Delivery, now time.Time) func(notify.Parking) *notify.Planning {
	return func(p notify.Parking) *notify.Planning {
		m := c.merchant
		if m == nil || m.Contact == nil || c.market == nil || d.Channel == notify.Email && len(m.Senders.in(notify.Email, c.market.Code)) < 2 {
			return nil
		}
		words, err := c.voice().Words.Rests(m.Contact.Locale, strings.TrimSpace(string(d.Channel)+" "+d.Sender), p.Code)
		if err != nil {
			return nil
		}
		n := notify.Notification{
			Merchant: m.ID, Person: m.Contact.ID, Audience: notify.Staff, Market: c.market.Code, Only: notify.Email,
			Notice:    notify.Notice{Rule: "sender rests", Say: senderRests, To: []notify.Audience{notify.Staff}, Urgency: notify.High, TTL: alarmIn},
			CreatedAt: now, ExpiresAt: now.Add(alarmIn),
		}
		n.ID = answerID(n, string(d.Channel)+"/"+d.Sender+"/"+p.Since.UTC().Format(time.RFC3339Nano))
		told := choice{merchant: m, market: c.market, notification: n, person: *m.Contact, now: now, phase: notify.AtPlan}
		plan := told.plan()
		for i := range plan.Deliveries {
			plan.Deliveries[i].Words = &words
			plan.Deliveries[i].Due = now.Add(time.Millisecond) // the sweep brings it: nobody hands over what an outcome brings about
		}
		return &plan
	}
}

// kind treats a doubtful call as a failed one where sending again under the same key cannot reach the person twice. An
// email is repeated once at most: its Message-ID stays the same, and not every mailbox looks at that.
func (c *choice) kind(k channels.Kind, d notify.Delivery) channels.Kind {
	if k == channels.Ambiguous && repeatable(d) && !c.byNumber(d.Channel) {
		return channels.Temporary
	}
	return k
}

// repeatable reports whether the provider knows the delivery's key, so that a second call cannot reach the person twice. LINE knows none of what goes by a reply token.
func repeatable(d notify.Delivery) bool {
	return d.Channel.Repeatable() && d.ReplyToken == "" || d.Channel == notify.Email && d.Attempts <= 1
}

func fail(out *notify.Outcome, r notify.Reason, next *notify.Delivery) {
	out.State, out.Reason, out.Next = notify.Failed, r, next
}

func again(out *notify.Outcome, r notify.Reason, at time.Time) {
	out.State, out.Reason, out.Due = notify.Queued, r, at
}

// pause is how long to wait after the given attempt: doubling, up to a fifth shorter by jitter in [0,1), so that what
// failed together does not come back together.
func pause(attempt int, jitter float64) time.Duration {
	p := min(float64(firstPause)*math.Exp2(float64(attempt-1)), float64(longestPause))
	return time.Duration(p - p/5*jitter)
}

// optOut is the consent event for a provider that tells us a person opted out there.
func optOut(j notify.Job, now time.Time) *notify.ConsentEvent {
	return &notify.ConsentEvent{
		ID: "provider:" + string(j.Delivery.ID), Channel: j.Delivery.Channel, Action: notify.Withdrawn,
		OccurredAt: now, ReceivedAt: now, Actor: "provider", Method: notify.MethodStop, Source: string(j.Delivery.ID),
	}
}
