package dispatcher

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/rules"
)

// planner returns the pure function that turns a merchant's story into a plan at an instant.
func planner(m *Merchant, now time.Time) notify.Planner {
	return func(s notify.Story, fresh map[parcel.EventID]bool) notify.Plan {
		p := planning{merchant: m, story: s, now: now}
		for i, mark := range s.Marks {
			if fresh == nil || fresh[mark.Event.ID] {
				p.event(i, mark, fresh)
			}
		}
		p.collapse()
		return p.plan
	}
}

// planning is a plan half way through.
type planning struct {
	merchant *Merchant
	story    notify.Story
	now      time.Time
	plan     notify.Plan
}

// event plans what one event means, or notes why it means nothing.
func (p *planning) event(i int, mark parcel.Mark, fresh map[parcel.EventID]bool) {
	market, reason := p.audible(mark)
	if reason == "" && fresh != nil && p.toldBefore(i, fresh) {
		reason = notify.NotNews
	}
	if reason != "" {
		p.note(mark, "", reason, "")
		return
	}
	matches := market.Match(rules.NewEnv(mark, p.before(i), p.story.Order, p.story.Person, p.now))
	if len(matches) == 0 {
		p.note(mark, "", notify.NoRule, string(mark.Event.Kind)+" in "+market.Code)
	}
	for _, m := range matches {
		switch {
		case m.Rule.Off:
			p.note(mark, m.Rule.Name, notify.RuleOff, "")
		case m.Err != nil:
			p.note(mark, m.Rule.Name, notify.RuleFalse, m.Err.Error())
		case !m.Fired:
			p.note(mark, m.Rule.Name, notify.RuleFalse, "")
		default:
			p.notice(mark, market, m.Notice)
		}
	}
}

// toldBefore reports whether the entry at i is an earlier report of what was heard, and told, before: a feed that brings
// its whole history may date a scan earlier than the feed that told of it first.
func (p *planning) toldBefore(i int, fresh map[parcel.EventID]bool) bool {
	entry := p.story.Marks[i].Event
	for _, later := range p.story.Marks[i+1:] {
		if later.Entered {
			return false
		}
		if later.Event.Kind == entry.Kind && !fresh[later.Event.ID] {
			return true
		}
	}
	return false
}

// before returns the parcel as it stood once the event at i had happened, so that a rule's condition means the same
// whether events come one by one or together.
func (p *planning) before(i int) parcel.Parcel {
	events := make([]parcel.Event, i+1)
	for j := range events {
		events[j] = p.story.Marks[j].Event
	}
	then := p.story.Parcel
	then.State, _ = parcel.Fold(events)
	return then
}

// audible says whether an event is news to somebody, and under which market's rules; else why not.
func (p *planning) audible(mark parcel.Mark) (*rules.Market, notify.Reason) {
	switch {
	case !mark.Entered:
		return nil, notify.NotNews
	case mark.Overtaken:
		return nil, notify.OutOfOrder
	case p.story.Order == nil:
		return nil, notify.NoOrder
	case p.story.Person == nil && !p.story.ErasedAt.IsZero():
		return nil, notify.SubjectErased
	case p.story.Person == nil:
		return nil, notify.NoPerson
	}
	market := p.merchant.market(*p.story.Person)
	if market == nil {
		return nil, notify.NoMarket
	}
	return market, ""
}

func (m *Merchant) market(p notify.Person) *rules.Market {
	if market := m.Markets[p.MarketCode()]; market != nil {
		return market
	}
	return m.Markets[m.DefaultMarket]
}

func (p *planning) note(mark parcel.Mark, rule string, r notify.Reason, detail string) {
	p.plan.Decisions = append(p.plan.Decisions, notify.Decision{
		At: p.now, Phase: notify.AtPlan, Event: mark.Event.ID, Rule: rule, Verdict: notify.Drop, Reason: r, Detail: detail,
	})
}

// notice plans one fired rule for each audience it speaks to.
func (p *planning) notice(mark parcel.Mark, market *rules.Market, n notify.Notice) {
	for _, audience := range n.To {
		person := p.merchant.audience(audience, p.story.Person)
		if person == nil {
			p.note(mark, n.Rule, notify.NoPerson, "the merchant names no contact for its staff")
			continue
		}
		note := notify.Notification{
			Merchant: p.merchant.ID, Person: person.ID, Audience: audience, Order: p.story.Order.ID, Parcel: p.story.Parcel.ID,
			Event: mark.Event.ID, Kind: mark.Event.Kind, Occurrence: mark.Occurrence, Market: market.Code, Notice: n,
			CreatedAt: p.now, ExpiresAt: mark.Event.HeardAt.Add(n.TTL),
		}
		note.ID = notificationID(note)
		c := choice{merchant: p.merchant, market: market, notification: note, person: *person, story: p.story, now: p.now, phase: notify.AtPlan}
		p.plan.Notifications = append(p.plan.Notifications, c.plan())
	}
}

// audience returns who is meant: the customer, or the merchant's contact, which may be nobody.
func (m *Merchant) audience(a notify.Audience, customer *notify.Person) *notify.Person {
	if a == notify.Staff {
		return m.Contact
	}
	return customer
}

// notificationID names a notification by what makes it one: the same news for the same person has the same id, however
// often and by whichever feed it is heard.
func notificationID(n notify.Notification) notify.NotificationID {
	key := strings.Join([]string{string(n.Merchant), string(n.Parcel), string(n.Person), string(n.Audience), n.Notice.Rule,
		string(n.Kind), fmt.Sprint(n.Occurrence)}, "\x00")
	sum := sha256.Sum256([]byte(key))
	return notify.NotificationID("n_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])[:20]))
}

// deliveryID names a delivery: by its notification, its channel and, after somebody sent a dead letter again, the round.
func deliveryID(n notify.NotificationID, c notify.Channel, round int) notify.DeliveryID {
	id := string(n) + "." + string(c)
	if round > 0 {
		id += fmt.Sprintf(".%d", round)
	}
	return notify.DeliveryID(id)
}

// newDelivery returns a notification's delivery on a channel. Its id and idempotency key follow from those two and the round.
func newDelivery(n notify.Notification, c notify.Channel, round int, now time.Time) notify.Delivery {
	id := deliveryID(n.ID, c, round)
	return notify.Delivery{
		ID: id, Notification: n.ID, Channel: c, Round: round, State: notify.Planned, Reason: notify.OK, Due: now, UpdatedAt: now,
		Key: uuid.NewSHA1(uuid.NameSpaceOID, []byte(id)).String(), Urgent: n.Notice.Urgency == notify.High || n.Kind.Trouble(),
	}
}

// collapse ends waiting deliveries that newer news replaces: those whose event something later made old, and those whose
// group has a newer member in this plan.
func (p *planning) collapse() {
	for _, u := range p.story.Unsent {
		if s, replaced := p.replaced(u.Notification); replaced {
			s.Delivery = u.Delivery.ID
			p.plan.Supersede = append(p.plan.Supersede, s)
		}
	}
	for i := range p.plan.Notifications {
		p.collapsePlanned(i)
	}
}

func (p *planning) replaced(n notify.Notification) (notify.Supersession, bool) {
	at := p.index(n.Event)
	if at >= 0 && p.story.Marks[at].Over != "" {
		by := p.story.Marks[at].Over
		return notify.Supersession{Event: by, By: p.toldBy(by, n.Person)}, true
	}
	for _, newer := range p.plan.Notifications {
		if sameGroup(newer.Notification, n) && p.index(newer.Notification.Event) > at {
			return notify.Supersession{By: newer.Notification.ID}, true
		}
	}
	return notify.Supersession{}, false
}

// collapsePlanned replaces a notification of this very plan by a later one of its group.
func (p *planning) collapsePlanned(i int) {
	old := &p.plan.Notifications[i]
	for _, newer := range p.plan.Notifications[i+1:] {
		if !sameGroup(newer.Notification, old.Notification) {
			continue
		}
		for j := range old.Deliveries {
			old.Deliveries[j].State, old.Deliveries[j].Reason = notify.Superseded, notify.SupersededBy
		}
		return
	}
}

// sameGroup reports whether a may take the place of b. Trouble never gives way to good news, whatever group a rule puts it in.
func sameGroup(a, b notify.Notification) bool {
	return a.ID != b.ID && a.Person == b.Person && a.Notice.Collapse != "" && a.Notice.Collapse == b.Notice.Collapse &&
		a.Kind.Trouble() == b.Kind.Trouble()
}

func (p *planning) index(e parcel.EventID) int {
	return slices.IndexFunc(p.story.Marks, func(m parcel.Mark) bool { return m.Event.ID == e })
}

// toldBy returns the notification in this plan that tells a person of an event, "" when none does.
func (p *planning) toldBy(e parcel.EventID, who notify.PersonID) notify.NotificationID {
	for _, n := range p.plan.Notifications {
		if n.Notification.Event == e && n.Notification.Person == who {
			return n.Notification.ID
		}
	}
	return ""
}
