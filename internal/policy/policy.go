// Package policy answers one question: may this message go, on this channel, now? Every answer carries a reason.
// The facts are gathered before (dispatcher does that); gates take values and an instant and return a decision,
// so production, explain and tests run the same code, and a decision can be made again from the facts kept with it.
// It chooses no channel, knows no rule file, and reads no clock.
package policy

import (
	"encoding/json"
	"fmt"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Candidate is everything the gates look at: one notice, one person, one channel. It holds no personal data, since it is
// kept as JSON with the decision made from it.
type Candidate struct {
	Channel notify.Channel `json:"channel"`
	Class   notify.Class   `json:"class"`
	Purpose notify.Purpose `json:"purpose,omitempty"`
	Market  string         `json:"market,omitempty"`
	// Versions name the rules, time zones and holidays the facts come from.
	Versions Versions `json:"versions"`

	// Promotional names what makes the words advertising, and where it stands; empty when nothing does.
	Promotional string `json:"promotional,omitempty"`
	Erased      bool   `json:"erased,omitempty"` // the person asked to be forgotten

	HasAddress bool `json:"has_address"`
	// ByNumber is set on LINE when the person is reached by phone number, which is for news of an order alone.
	ByNumber bool `json:"by_number,omitempty"`
	// DeadEnd is the code with which the provider said that the address leads nowhere; empty when it did not.
	DeadEnd   string `json:"dead_end,omitempty"`
	HasSender bool   `json:"has_sender"`
	// HasWords is false when the channel only takes texts approved beforehand and none is.
	HasWords bool `json:"has_words"`

	Need     Need     `json:"need,omitempty"`
	Standing Standing `json:"standing"`
	// ErasedAt is when one of the person's addresses was erased: advertising needs a newer yes of the person's own.
	ErasedAt time.Time `json:"erased_at,omitzero"`
	// GrantMonths is how long a grant without an end of its own holds; 0 for ever.
	GrantMonths int `json:"grant_months,omitempty"`
	// Confirms is set for the one message that confirms a STOP.
	Confirms bool `json:"confirms,omitempty"`

	HeardAt    time.Time `json:"heard_at,omitzero"`
	HappenedAt time.Time `json:"happened_at,omitzero"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	// OvertakenBy names the later event that made this old news, if any.
	OvertakenBy parcel.EventID `json:"overtaken_by,omitempty"`

	// FullUntil is when a cap leaves room for another message, and FullFor the cap; zero when there is room.
	FullUntil time.Time     `json:"full_until,omitzero"`
	FullFor   notify.Reason `json:"full_for,omitempty"`

	Urgent notify.Urgent `json:"urgent,omitempty"`
	// UrgentSpent is set when the person was disturbed for the same kind of news about the parcel in this night already.
	UrgentSpent bool      `json:"urgent_spent,omitempty"`
	ArrivesFrom time.Time `json:"arrives_from,omitzero"` // when the promised delivery window begins

	// RestsUntil is until when nothing goes by the sender, because it has failed; zero when it works.
	RestsUntil time.Time `json:"rests_until,omitzero"`
	// FreeAt is when the sender's turn comes for this message; zero when it may send at once.
	FreeAt time.Time `json:"free_at,omitzero"`

	Windows
	Attempts int `json:"attempts,omitempty"` // calls to the provider so far
}

// Versions name what a decision rests on besides its facts.
type Versions struct {
	Rules    string `json:"rules,omitempty"`    // of the market's files
	Zones    string `json:"zones,omitempty"`    // of the time zones
	Holidays string `json:"holidays,omitempty"` // of the table of public holidays
}

// Gate looks at one aspect of a candidate. It returns Allow and OK when it has nothing to say about it.
type Gate func(Candidate, time.Time) notify.Decision

// gates is the order in which a candidate is judged; the first answer with a reason of its own stands.
var gates = [...]Gate{
	subject,
	class,
	suppression,
	reach,
	consent,
	wording,
	freshness,
	frequency,
	hours,
	turn,
}

// Decide runs the gates. The decision of an allowed candidate names the basis on which it goes, or the urgency that lets it
// go at this hour. The facts are kept with every decision.
func Decide(c Candidate, now time.Time) notify.Decision {
	d := decide(c, now)
	d.At, d.Channel = now, c.Channel
	facts, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("encode candidate: %v", err)) // plain values always encode
	}
	d.Facts = facts
	return d
}

func decide(c Candidate, now time.Time) notify.Decision {
	allowed := notify.Decision{Verdict: notify.Allow, Reason: c.basis(now), Also: c.zoneReasons(), Detail: c.zoneDetail()}
	for _, gate := range gates {
		if d := gate(c, now); d.Verdict != notify.Allow {
			return d
		} else if d.Reason != notify.OK {
			allowed = d
		}
	}
	return allowed
}

// Replay decides again from the facts kept with a decision. It answers as Decide did, whatever has changed since.
func Replay(d notify.Decision) (notify.Decision, error) {
	var c Candidate
	if err := json.Unmarshal(d.Facts, &c); err != nil {
		return notify.Decision{}, fmt.Errorf("read the facts of a decision: %w", err)
	}
	again := Decide(c, d.At)
	again.Phase, again.Event, again.Rule, again.Notification, again.Delivery = d.Phase, d.Event, d.Rule, d.Notification, d.Delivery
	return again, nil
}

func allow() notify.Decision { return notify.Decision{Verdict: notify.Allow, Reason: notify.OK} }

func skip(r notify.Reason) notify.Decision { return notify.Decision{Verdict: notify.Skip, Reason: r} }

func drop(r notify.Reason, detail string) notify.Decision {
	return notify.Decision{Verdict: notify.Drop, Reason: r, Detail: detail}
}

// basis is the right by which an allowed candidate goes.
func (c Candidate) basis(now time.Time) notify.Reason {
	switch {
	case c.Class == notify.ChatReply:
		return notify.UserInitiatedBasis
	case c.Need.recorded() && c.Standing.some(func(a Act) bool { return a.strength() > soft && c.lacks(a, now) == "" }):
		return notify.BasisConsent
	case c.Need.recorded():
		return notify.BasisSoftOptIn
	case c.Class == notify.MarketingClass:
		return notify.BasisInterest
	}
	return notify.BasisContract
}
