// Package policy answers one question: may this message go, on this channel, now? Every answer carries a reason.
// The facts are gathered before (dispatcher does that); gates take values and an instant and return a decision,
// so production, explain and tests run the same code. It chooses no channel, knows no rule file, and reads no clock.
package policy

import (
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Candidate is everything the gates look at: one notice, one person, one channel.
type Candidate struct {
	Channel    notify.Channel
	HasAddress bool
	HasSender  bool
	// HasWords is false when the channel only takes texts approved beforehand and none is.
	HasWords bool

	Consents []notify.ConsentEvent
	// NeedsConsent is set where the market or the channel asks for a recorded grant; without it the message
	// goes because it carries out the order.
	NeedsConsent bool

	HeardAt    time.Time
	HappenedAt time.Time
	ExpiresAt  time.Time
	// OvertakenBy names the later event that made this old news, if any.
	OvertakenBy parcel.EventID

	Quiet      notify.Quiet  // the market's; zero for none
	OwnQuiet   *notify.Quiet // the person's own choice
	Zone       *time.Location
	ZoneSource ZoneSource
	Attempts   int // calls to the provider so far
}

// Gate looks at one aspect of a candidate. It returns Allow when it has nothing against it.
type Gate func(Candidate, time.Time) notify.Decision

// gates is the order in which a candidate is judged; the first answer other than Allow stands.
var gates = [...]Gate{
	suppression,
	reach,
	consent,
	wording,
	freshness,
	quietHours,
}

// Decide runs the gates. The decision of an allowed candidate names the basis on which it goes.
func Decide(c Candidate, now time.Time) notify.Decision {
	for _, gate := range gates {
		if d := gate(c, now); d.Verdict != notify.Allow {
			return stamp(c, now, d)
		}
	}
	return stamp(c, now, notify.Decision{Verdict: notify.Allow, Reason: basis(c), Detail: zoneDetail(c)})
}

func stamp(c Candidate, now time.Time, d notify.Decision) notify.Decision {
	d.At, d.Channel = now, c.Channel
	return d
}

func allow() notify.Decision { return notify.Decision{Verdict: notify.Allow, Reason: notify.OK} }

func skip(r notify.Reason) notify.Decision { return notify.Decision{Verdict: notify.Skip, Reason: r} }

func basis(c Candidate) notify.Reason {
	if c.NeedsConsent {
		return notify.BasisConsent
	}
	return notify.BasisContract
}

// suppression keeps the promise of a STOP: nothing goes on that channel, whatever else is on record.
func suppression(c Candidate, _ time.Time) notify.Decision {
	switch s := Standing(c.Consents, c.Channel, notify.OrderStatus); {
	case s.Action == notify.Blocked:
		return skip(notify.SuppressedBlocked)
	case s.Action == notify.Withdrawn && s.Method == MethodStop:
		return skip(notify.SuppressedStop)
	case s.Action == notify.Withdrawn:
		return skip(notify.ConsentWithdrawn)
	}
	return allow()
}

// Refused reports whether r is the person's own no, after which a message must not turn up on another channel.
func Refused(r notify.Reason) bool {
	return r == notify.SuppressedStop || r == notify.SuppressedBlocked || r == notify.ConsentWithdrawn
}

// consent asks for a recorded grant where one is needed.
func consent(c Candidate, _ time.Time) notify.Decision {
	if !c.NeedsConsent || Standing(c.Consents, c.Channel, notify.OrderStatus).Action == notify.Granted {
		return allow()
	}
	switch c.Channel {
	case notify.WhatsApp:
		return skip(notify.OptInMissing)
	case notify.LINE:
		return skip(notify.NotFriend)
	default:
		return skip(notify.NoConsent)
	}
}

// reach asks whether there are both ends of a wire: a sender of the merchant's, an address of the person's. It stands before
// consent, so that nobody goes and collects an opt-in for a channel they cannot use.
func reach(c Candidate, _ time.Time) notify.Decision {
	switch {
	case !c.HasSender:
		return skip(notify.NoSender)
	case !c.HasAddress:
		return skip(notify.NoEndpoint)
	}
	return allow()
}

// wording asks whether the channel takes the words there are.
func wording(c Candidate, _ time.Time) notify.Decision {
	if !c.HasWords {
		return skip(notify.NoTemplate)
	}
	return allow()
}

// TooLate is how long after it happened an event may still be heard of and told.
const TooLate = 72 * time.Hour

// freshness drops what nobody wants to hear any more.
func freshness(c Candidate, now time.Time) notify.Decision {
	switch {
	case c.OvertakenBy != "":
		return notify.Decision{Verdict: notify.Drop, Reason: notify.SupersededBy, Detail: "by event " + string(c.OvertakenBy)}
	case c.HeardAt.Sub(c.HappenedAt) > TooLate:
		return notify.Decision{Verdict: notify.Drop, Reason: notify.Stale, Detail: "heard more than 72 hours after it happened"}
	case !c.ExpiresAt.IsZero() && now.After(c.ExpiresAt):
		return notify.Decision{Verdict: notify.Drop, Reason: notify.Stale}
	}
	return allow()
}

// quietHours holds what would light up a phone at an hour its owner does not accept.
func quietHours(c Candidate, now time.Time) notify.Decision {
	if !c.Channel.Interrupts() {
		return allow()
	}
	w := heldBy(c, now)
	if w.until.IsZero() {
		return allow()
	}
	if c.Attempts > 0 {
		w.reason = notify.RetryHitQuiet
	}
	return notify.Decision{Verdict: notify.Hold, Reason: w.reason, Until: w.until, Detail: zoneDetail(c)}
}

type wait struct {
	until  time.Time
	reason notify.Reason
}

// heldBy walks from window to window until neither the market's nor the person's own hours stand in the way; the
// last window names the reason. Two windows that cover the whole day between them end the walk after a week.
func heldBy(c Candidate, now time.Time) wait {
	var w wait
	for at, limit := now, now.AddDate(0, 0, 7); at.Before(limit); {
		next := window(c, at)
		if next.until.IsZero() {
			return w
		}
		w, at = next, next.until
	}
	return w
}

func window(c Candidate, at time.Time) wait {
	if end, sunday, in := Inside(c.Quiet, c.Zone, at); in {
		if sunday {
			return wait{end, notify.Sunday}
		}
		return wait{end, notify.QuietCourtesy}
	}
	if c.OwnQuiet == nil {
		return wait{}
	}
	if end, _, in := Inside(*c.OwnQuiet, c.Zone, at); in {
		return wait{end, notify.QuietConsumer}
	}
	return wait{}
}

func zoneDetail(c Candidate) string {
	if c.Zone == nil || !c.Channel.Interrupts() {
		return ""
	}
	return string(c.ZoneSource) + " " + c.Zone.String()
}
