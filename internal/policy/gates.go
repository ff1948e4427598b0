package policy

import (
	"time"

	"landfall/internal/notify"
)

// Need is what must be on record before a message may go on a channel, in the words of market files.
type Need string

// The needs that ask for more, or less, than a grant on record.
const (
	NeedNotice    Need = "notice"        // nothing
	NeedSoft      Need = "soft_opt_in"   // a grant, or a purchase under soft opt-in
	NeedDouble    Need = "double_opt_in" // a grant confirmed by a click
	NeedForbidden Need = "forbidden"     // the channel must not carry it
)

func (n Need) recorded() bool { return n != "" && n != NeedNotice }

// subject ends everything for a person who asked to be forgotten.
func subject(c Candidate, _ time.Time) notify.Decision {
	if c.Erased {
		return drop(notify.SubjectErased, "")
	}
	return allow()
}

// class holds the words against what the rule calls them: advertising may not travel as news of an order or as an answer.
func class(c Candidate, _ time.Time) notify.Decision {
	if c.Promotional != "" && c.Class != notify.MarketingClass {
		return drop(notify.ClassMismatch, c.Promotional)
	}
	return allow()
}

// suppression keeps the promise of a STOP: nothing goes on that channel, whatever else is on record. Only the message that
// confirms it does.
func suppression(c Candidate, _ time.Time) notify.Decision {
	no := c.Standing.No
	stopped := no.Action == notify.Withdrawn && notify.SaysStop(no.Method)
	switch {
	case c.Confirms && stopped:
		return allow()
	case c.Confirms && no.Action == "":
		return drop(notify.SupersededBy, "the person took the STOP back")
	case no.Action == notify.Blocked:
		return skip(notify.SuppressedBlocked)
	case no.Action == notify.Objected:
		return skip(notify.SuppressedObjection)
	case stopped:
		return skip(notify.SuppressedStop)
	case no.Action == notify.Withdrawn:
		return skip(notify.ConsentWithdrawn)
	case no.Action == notify.Denied:
		return skip(notify.NoConsent)
	case c.Class == notify.MarketingClass && !c.ErasedAt.IsZero() && !c.Standing.some(func(a Act) bool { return a.own(c.ErasedAt) }):
		return skip(notify.SuppressedErasure)
	}
	return allow()
}

// Refused reports whether r is the person's own no, after which a message must not turn up on another channel.
func Refused(r notify.Reason) bool {
	switch r {
	case notify.SuppressedStop, notify.SuppressedBlocked, notify.SuppressedObjection, notify.ConsentWithdrawn:
		return true
	}
	return false
}

// reach asks whether there are both ends of a wire: a sender of the merchant's, an address of the person's. It stands before
// consent, so that nobody goes and collects an opt-in for a channel they cannot use.
func reach(c Candidate, _ time.Time) notify.Decision {
	switch {
	case !c.HasSender:
		return skip(notify.NoSender)
	case !c.HasAddress:
		return skip(notify.NoEndpoint)
	case c.ByNumber && c.Class != notify.Transactional:
		return skip(notify.ChannelForbidden)
	case c.DeadEnd != "":
		return skip(notify.BadEndpoint.With(c.DeadEnd))
	}
	return allow()
}

// consent asks for a recorded grant where one is needed.
func consent(c Candidate, now time.Time) notify.Decision {
	switch {
	case c.Class == notify.ChatReply:
		return allow()
	case c.Need == NeedForbidden:
		return skip(notify.ChannelForbidden)
	case !c.Need.recorded():
		return allow()
	}
	return c.granted(now)
}

// granted looks for the yes that the need asks for. When there is none, the latest says what is missing.
func (c Candidate) granted(now time.Time) notify.Decision {
	if c.Standing.some(func(a Act) bool { return c.lacks(a, now) == "" }) {
		return allow()
	}
	return skip(c.lacks(c.Standing.Yes, now))
}

// Relied returns the yes on which the candidate may go at an instant: a grant before a soft opt-in, of equals the latest. It is
// the zero Act when none is good enough.
func (c Candidate) Relied(at time.Time) Act {
	var found Act
	for _, a := range append([]Act{c.Standing.Yes}, c.Standing.Earlier...) {
		switch {
		case c.lacks(a, at) != "":
		case a.strength() > soft:
			return a
		case found.Action == "":
			found = a
		}
	}
	return found
}

// lacks says what keeps a yes from being the one that the need asks for; "" when nothing does.
func (c Candidate) lacks(yes Act, now time.Time) notify.Reason {
	switch {
	case yes.Action == "", yes.strength() == soft && c.Need != NeedSoft:
		return c.missing()
	case yes.strength() == requested, c.Need == NeedDouble && yes.strength() != confirmed:
		return notify.ConsentPending
	case yes.over(now, c.GrantMonths):
		return notify.ConsentExpired
	}
	return ""
}

// missing says which yes is not there.
func (c Candidate) missing() notify.Reason {
	switch {
	case c.Standing.Ended:
		return notify.ConsentExpired
	case c.Standing.Elsewhere:
		return notify.ConsentWrongPurpose
	case c.Class != notify.Transactional:
		return notify.NoConsent
	case c.Channel == notify.WhatsApp:
		return notify.OptInMissing
	case c.Channel == notify.LINE:
		return notify.NotFriend
	}
	return notify.NoConsent
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
		return drop(notify.SupersededBy, "by event "+string(c.OvertakenBy))
	case c.HeardAt.Sub(c.HappenedAt) > TooLate:
		return drop(notify.Stale, "heard more than 72 hours after it happened")
	case !c.ExpiresAt.IsZero() && now.After(c.ExpiresAt):
		return drop(notify.Stale, "")
	}
	return allow()
}

// frequency holds what would be one message too many until there is room again, and shuts the channel when it will be old by
// then: a cap on what lights up a phone says nothing against an email.
func frequency(c Candidate, now time.Time) notify.Decision {
	switch {
	case !c.FullUntil.After(now):
		return allow()
	case !c.ExpiresAt.IsZero() && c.FullUntil.After(c.ExpiresAt):
		return skip(c.FullFor)
	}
	return notify.Decision{Verdict: notify.Hold, Reason: c.FullFor, Until: c.FullUntil}
}

// Room returns when a cap of limit messages a day leaves room for another, given when earlier ones went, the newest first;
// the zero time when there is room now or no limit.
func Room(sent []time.Time, limit int, now time.Time) time.Time {
	if limit <= 0 || len(sent) < limit {
		return time.Time{}
	}
	if free := sent[limit-1].Add(24 * time.Hour); free.After(now) {
		return free
	}
	return time.Time{}
}

// turn makes a message wait until its sender has sent those before it.
func turn(c Candidate, now time.Time) notify.Decision {
	if c.RestsUntil.After(now) {
		return notify.Decision{Verdict: notify.Hold, Reason: notify.SenderParked, Until: c.RestsUntil}
	}
	if c.FreeAt.After(now) {
		return notify.Decision{Verdict: notify.Hold, Reason: notify.SenderRate, Until: c.FreeAt}
	}
	return allow()
}
