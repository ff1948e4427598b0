package desk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// Records are what a packet is made of.
type Records interface {
	Person(ctx context.Context, m notify.MerchantID, p notify.PersonID) (*notify.Person, error)
	History(ctx context.Context, m notify.MerchantID, id parcel.OrderID) (*report.History, error)
	Turns(ctx context.Context, m notify.MerchantID, p notify.PersonID, c notify.Channel, limit int) ([]notify.Turn, error)
}

// Ledger is where what is to be handed over waits.
type Ledger interface {
	Records
	DeskDue(ctx context.Context, now, again time.Time, limit int) ([]notify.DeskItem, error)
	DeskDone(ctx context.Context, i notify.DeskItem, now time.Time, place notify.DeskPlace) (ok bool, err error)
	DeskRefused(ctx context.Context, i notify.DeskItem, now time.Time) (ok bool, err error)
	DeskFailed(ctx context.Context, i notify.DeskItem, now, again time.Time) (ok bool, err error)
}

// OutboxConfig is what an outbox is made of. All fields are required.
type OutboxConfig struct {
	Ledger Ledger
	// Desk is a merchant's; nil for one without.
	Desk func(notify.MerchantID) Desk
	// Late tells the customer that nobody can be reached right now: once for a handoff, however often it is called.
	Late func(ctx context.Context, m notify.MerchantID, handoff string) error
	Now  func() time.Time
	// Jitter is a number from 0 to 1, another each time: what failed together is not tried again together.
	Jitter func() float64
	Log    *slog.Logger
}

// Outbox hands over what waits.
type Outbox struct {
	OutboxConfig
	wake chan struct{}
}

// NewOutbox returns an outbox; Run works on it.
func NewOutbox(c OutboxConfig) *Outbox { return &Outbox{c, make(chan struct{}, 1)} }

// Wake lets it look at once: something has been put in.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

const (
	// lease is how long whoever took something from the outbox has, before another may.
	lease = time.Minute
	// callWithin bounds all calls of one attempt: it is over while its lease still holds.
	callWithin = 45 * time.Second
	// batch is how many conversations are seen to in one go.
	batch = 20
	// firstPause is how long after a failure a desk is tried again; it doubles up to longestPause.
	firstPause, longestPause = 5 * time.Second, 10 * time.Minute
	// lateAfter is how long a desk is out of reach before the customer is told.
	lateAfter = 3 * time.Minute
	// giveUpAfter is when nobody tries any more.
	giveUpAfter = 24 * time.Hour
	// lastTurns and lastLines are how much of a conversation and of an order's timeline goes along.
	lastTurns, lastLines = 20, 20
)

// Sweep hands over what is due, and returns how much that was.
func (o *Outbox) Sweep(ctx context.Context) (int, error) {
	items, err := o.Ledger.DeskDue(ctx, o.Now(), o.Now().Add(lease), batch)
	var all sync.WaitGroup
	errs := make([]error, len(items))
	for n, i := range items { // each is another conversation: a desk that is slow holds up no other
		all.Go(func() { errs[n] = o.hand(ctx, i) })
	}
	all.Wait()
	return len(items), errors.Join(append(errs, err)...)
}

// Run sweeps when it is woken, and every second, until the context ends.
func (o *Outbox) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		n, err := o.Sweep(ctx)
		if err != nil && ctx.Err() == nil {
			o.Log.Error("hand conversations to desks", "error", err)
		}
		if n == batch && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-o.wake:
		}
	}
}

// hand hands over one thing, or says when it is tried again. An error is the ledger's.
func (o *Outbox) hand(ctx context.Context, i notify.DeskItem) error {
	began := o.Now()
	place, err := o.call(ctx, i)
	if err == nil {
		ok, err := o.Ledger.DeskDone(ctx, i, o.Now(), place)
		o.late(i, ok || err != nil)
		return err
	}
	failed, ours := errors.AsType[*unreached](err)
	switch {
	case !ours:
		return err
	case i.Message != nil && errors.Is(failed.why, ErrUnwanted):
		return o.refused(ctx, i, began, failed.why)
	}
	return o.failed(ctx, i, began, failed.why)
}

// refused leaves out a message that the desk will never take: what the customer writes after it is handed over.
func (o *Outbox) refused(ctx context.Context, i notify.DeskItem, now time.Time, why error) error {
	o.Log.Warn("a desk refused a message", "merchant", i.Merchant, "handoff", i.Handoff.ID, "attempt", i.Attempts, "error", why)
	ok, err := o.Ledger.DeskRefused(ctx, i, now)
	o.late(i, ok || err != nil)
	return err
}

// failed says when something whose attempt began at now is tried again, and tells the customer once it has taken long.
func (o *Outbox) failed(ctx context.Context, i notify.DeskItem, now time.Time, why error) error {
	o.Log.Warn("a desk was not reached", "merchant", i.Merchant, "handoff", i.Handoff.ID, "attempt", i.Attempts, "error", why)
	again := now.Add(o.pause(i.Attempts, why))
	if now.Sub(i.Since) >= giveUpAfter {
		again = time.Time{}
	}
	ok, err := o.Ledger.DeskFailed(ctx, i, now, again)
	if err != nil || !ok {
		o.late(i, err != nil)
		return err
	}
	if !i.Handoff.Failing.IsZero() && now.Sub(i.Handoff.Failing) >= lateAfter {
		return o.Late(ctx, i.Merchant, i.Handoff.ID)
	}
	return nil
}

// late leaves a trace of an attempt that came to its end when it counted no more.
func (o *Outbox) late(i notify.DeskItem, counted bool) {
	if !counted {
		o.Log.Info("an attempt at a desk ended after another had begun, or after the handoff was closed", "merchant", i.Merchant, "handoff", i.Handoff.ID, "attempt", i.Attempts)
	}
}

// pause is how long after an attempt the next one is: somewhere between half and all of a time that doubles, and no sooner than the desk asks for.
func (o *Outbox) pause(attempt int, why error) time.Duration {
	most := min(firstPause<<min(max(attempt, 1)-1, 10), longestPause)
	pause := most/2 + o.spread(most/2)
	if a, ok := errors.AsType[*answer](why); ok && a.wait > 0 {
		pause = max(pause, a.wait+o.spread(firstPause))
	}
	return pause
}

// spread is some of a time.
func (o *Outbox) spread(most time.Duration) time.Duration {
	return time.Duration(o.Jitter() * float64(most))
}

// unreached is a failure of the desk's.
type unreached struct{ why error }

// Error is why.
func (u *unreached) Error() string { return u.why.Error() }

// call makes the calls of one attempt. Any but the first looks at what the desk has already: the answer to an earlier one may have been lost.
func (o *Outbox) call(ctx context.Context, i notify.DeskItem) (place notify.DeskPlace, err error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	d, again := o.Desk(i.Merchant), i.Attempts > 1
	if d == nil {
		return place, &unreached{errors.New("the merchant has no desk any more; name one under 'desk' in merchant.yaml")}
	}
	if m := i.Message; m != nil {
		place, err = d.Say(ctx, i.Handoff.Place, Message{Handoff: i.Handoff.ID, ID: m.ID, At: m.At, Text: m.Text}, again)
	} else {
		var p Packet
		if p, err = o.packet(ctx, i); err != nil {
			return place, err
		}
		place, err = d.Open(ctx, p, again)
	}
	if err != nil {
		return place, &unreached{err}
	}
	return place, nil
}

// packet is a handoff as it stood when it was made: what came later is handed over by itself.
func (o *Outbox) packet(ctx context.Context, i notify.DeskItem) (Packet, error) {
	p, err := Pack(ctx, o.Ledger, i.Merchant, i.Handoff)
	p.Turns = slices.DeleteFunc(p.Turns, func(t notify.Turn) bool { return t.At.Truncate(time.Millisecond).After(i.Handoff.CreatedAt) })
	return p, err
}

// Pack gathers what whoever answers needs to know.
func Pack(ctx context.Context, l Records, m notify.MerchantID, h notify.DeskHandoff) (Packet, error) {
	p := Packet{Handoff: h.ID, Merchant: string(m), Reason: h.Reason, CreatedAt: h.CreatedAt, Person: h.Person, Channel: h.Channel}
	who, err := l.Person(ctx, m, h.Person)
	if err != nil {
		return p, err
	}
	if who != nil {
		a, _ := who.Address(h.Channel)
		p.Name, p.Locale, p.Address = who.Name, who.Locale, a.Value.String()
	}
	if p.Turns, err = l.Turns(ctx, m, h.Person, h.Channel, lastTurns); err != nil || h.Order == "" {
		return p, err
	}
	known, err := l.History(ctx, m, h.Order)
	if err != nil || known == nil {
		return p, err
	}
	p.Order = about(*known)
	return p, nil
}

func about(h report.History) *OrderBrief {
	o := &OrderBrief{ID: h.Order.ID, OrderedAt: h.Order.OrderedAt}
	var titles []string
	for _, i := range h.Order.Items {
		titles = append(titles, i.Title)
	}
	o.Title = strings.Join(titles, ", ")
	for _, x := range h.Parcels {
		s := ParcelBrief{Carrier: x.Carrier, Number: x.Number, Stage: x.State.Stage, Kind: x.State.Kind, LastScan: x.State.LastScan, ETA: x.State.ETA}
		if t := x.State.Trouble; t != nil {
			s.Trouble = t.Kind
		}
		o.Parcels = append(o.Parcels, s)
	}
	for _, e := range h.Timeline() {
		if slices.Contains([]string{"scan", "sent", "receipt"}, e.What) {
			o.Timeline = append(o.Timeline, Line{At: e.At, Summary: e.Summary})
		}
	}
	o.Timeline = o.Timeline[max(len(o.Timeline)-lastLines, 0):]
	return o
}
