package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
	"landfall/internal/simulate"
)

// patience is how long after its last item a case waits for what is still held.
const patience = 30 * 24 * time.Hour

// Play plays the case for a merchant, on a channel each of which has a sender, and compares.
func (c *Case) Play(ctx context.Context, m *dispatcher.Merchant) Result {
	r := Result{Case: c, Err: c.Wrong}
	if r.Err == nil {
		r.Err = c.play(ctx, simulate.Reachable(m), &r)
	}
	if r.Err == nil {
		r.compare()
	}
	return r
}

func (c *Case) play(ctx context.Context, m *dispatcher.Merchant, r *Result) (err error) {
	s, err := simulate.New(ctx, m)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	p := player{Simulation: s, c: c, people: map[notify.PersonID]notify.Person{}}
	if err := p.begin(ctx); err != nil {
		return err
	}
	for _, i := range c.When {
		if err := p.item(ctx, i); err != nil {
			return err
		}
	}
	if r.Rows, err = p.end(ctx); err != nil {
		return err
	}
	if r.Touched, err = s.Touched(ctx); err != nil {
		return err
	}
	return p.silences(ctx, m, r)
}

// player plays one case.
type player struct {
	*simulate.Simulation
	c      *Case
	orders []parcel.Order
	people map[notify.PersonID]notify.Person // as they were told to us last
	heard  []parcel.Event
}

func (p *player) begin(ctx context.Context) error {
	at, err := p.first()
	if err != nil {
		return err
	}
	world := p.c.Given.World(at)
	p.orders = world.Orders
	for _, who := range world.People {
		p.people[who.ID] = who
	}
	return p.Begin(ctx, at, world)
}

// first is when the case begins: with its first item, or when the first thing happened that is told of.
func (p *player) first() (time.Time, error) {
	at := p.c.When[0].At
	for _, i := range p.c.When {
		if i.Event == nil {
			continue
		}
		e, err := p.c.event(i)
		if err != nil {
			return at, err
		}
		if e.HappenedAt.Before(at) {
			at = e.HappenedAt
		}
	}
	return at, nil
}

// item lets time pass until something happens, and has it happen.
func (p *player) item(ctx context.Context, i Item) error {
	pass := p.Before
	if i.Receipt != nil { // of a message that may have gone out at that very instant
		pass = p.Until
	}
	if err := pass(ctx, i.At); err != nil {
		return err
	}
	switch {
	case i.Event != nil:
		e, err := p.c.event(i)
		if err != nil {
			return err
		}
		p.heard = append(p.heard, e)
		return p.Hear(ctx, e)
	case i.Consent != nil:
		return p.Consent(ctx, i.Consent.Person, i.Consent.event(fmt.Sprintf("item-%d", i.index+1), i.At))
	case i.Reply != nil:
		return p.reply(ctx, i)
	case i.Receipt != nil:
		return p.receipt(ctx, i)
	case i.Person != nil:
		who := i.Person.over(p.people[i.Person.ID])
		p.people[who.ID] = who
		return p.Person(ctx, who, i.Person.acts(i)...)
	}
	if err := p.Erase(ctx, i.Erase); err != nil {
		return p.c.problem(err.Error(), "when", i.index, "erase")
	}
	return nil
}

func (c Change) acts(i Item) []notify.ConsentEvent {
	var out []notify.ConsentEvent
	for j, a := range c.Consents {
		out = append(out, a.event(fmt.Sprintf("item-%d-%d", i.index+1, j+1), i.At))
	}
	return out
}

// reply has a person write back from the address they were known under last, even when it has been erased since.
func (p *player) reply(ctx context.Context, i Item) error {
	from, ok := p.people[i.Reply.Person].Address(channel(i.Reply.Channel))
	if !ok {
		return p.c.problem(fmt.Sprintf("%s has no address on %s to write from", i.Reply.Person, i.Reply.Channel), "when", i.index, "reply")
	}
	return p.Signal(ctx, channels.Signal{From: from, Reply: &channels.Reply{ID: fmt.Sprintf("item-%d", i.index+1), Text: i.Reply.Text, At: i.At}})
}

// receipt has a provider report of the last message it took.
func (p *player) receipt(ctx context.Context, i Item) error {
	on := channel(i.Receipt.Channel)
	id, err := p.LastTaken(ctx, i.Receipt.Person, on)
	if err != nil {
		return err
	}
	if id == "" {
		return p.c.problem(fmt.Sprintf("no message to %s has gone out on %s by then", i.Receipt.Person, on), "when", i.index, "receipt")
	}
	return p.Signal(ctx, channels.Signal{Receipt: &notify.Receipt{ID: fmt.Sprintf("item-%d", i.index+1), Delivery: id, Channel: on,
		State: i.Receipt.State, Code: i.Receipt.Code, At: i.At}})
}

// end lets time run out, or stops the clock, and reports what there is by then. A case that expects something held is looked
// at right after its last item, since in the end nothing is.
func (p *player) end(ctx context.Context) ([]report.Row, error) {
	last := p.c.When[len(p.c.When)-1].At
	var err error
	switch {
	case !p.c.Until.IsZero():
		err = p.Until(ctx, p.c.Until)
	case !p.c.expectsHeld():
		err = p.Settle(ctx, last.Add(patience))
	}
	if err != nil {
		return nil, err
	}
	rows, err := p.Rows(ctx)
	if err != nil {
		return nil, err
	}
	return p.Foresee(ctx, rows)
}

// silences adds what was decided about events beside the deliveries, and which rules and markets that touched.
func (p *player) silences(ctx context.Context, m *dispatcher.Merchant, r *Result) error {
	for _, e := range p.heard {
		rows, err := p.Silence(ctx, e)
		if err != nil {
			return err
		}
		who := p.customer(e)
		market := m.Markets[p.people[who].MarketCode()]
		if market == nil {
			market = m.Markets[m.DefaultMarket]
		}
		for _, row := range rows {
			row.Person = who
			r.Silences = append(r.Silences, row)
			if market != nil {
				r.Touched = append(r.Touched, simulate.Touch{Market: market.Code, Rule: row.Rule})
			}
		}
	}
	return nil
}

// customer is whose parcel an event is about; "" when no order of the case tells.
func (p *player) customer(e parcel.Event) notify.PersonID {
	for _, o := range p.orders {
		carries := slices.ContainsFunc(o.Parcels, func(l parcel.Label) bool { return l.Number == e.Number })
		if carries || e.Order != "" && e.Order == o.ID {
			return notify.PersonID(o.Person)
		}
	}
	return ""
}

func (c *Case) expectsHeld() bool {
	return slices.ContainsFunc(c.Expect, func(e Expectation) bool { return e.Outcome != nil && *e.Outcome == string(notify.Held) })
}
