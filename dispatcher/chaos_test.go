package dispatcher

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"landfall/channels"
	"landfall/internal/ledger"
	"landfall/internal/ledger/ledgertest"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// post is a provider that loses answers, refuses and stumbles as told, and remembers what reached the person. LINE, mail and
// the inbox know their keys: the same key twice reaches the person once.
type post struct {
	kind    channels.Kind // how the next calls fail; "" for none
	taken   bool          // whether it takes the message all the same
	keys    map[string]bool
	reached map[notify.DeliveryID]int
}

func (p *post) answer(m channels.Message) error {
	if p.kind == "" || p.taken && p.kind == channels.Ambiguous {
		known := p.keys[m.Key] && m.To.Channel.Repeatable()
		p.keys[m.Key] = true
		if !known {
			p.reached[m.Delivery]++
		}
	}
	if p.kind == "" {
		return nil
	}
	return &channels.Error{Kind: p.kind, Code: "42"}
}

// mortal is a ledger whose process dies before a call is recorded.
type mortal struct {
	Ledger
	dying bool
}

func (m *mortal) Record(ctx context.Context, o notify.Outcome) error {
	if m.dying {
		return errors.New("the process died")
	}
	return m.Ledger.Record(ctx, o)
}

// chaos is a rig that things happen to.
type chaos struct {
	*rig
	rt     *rapid.T
	post   *post
	mortal *mortal
	events int
}

// Whatever happens in whatever order, every notification ends, with a reason that is explained, and no delivery reaches the
// person twice.
func TestChaos_EveryNotificationEndsOnceAndForAReason(t *testing.T) {
	t.Parallel()
	var book *ledger.Ledger // shared by all runs that come to rest, each a merchant of its own
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		if book == nil {
			book = ledgertest.New(t)
		}
		runs++
		c := newChaos(t, rt, book, notify.MerchantID(fmt.Sprint("m", runs)))
		rested := false
		defer func() {
			if !rested {
				book = nil // the next run must not find what this one left
			}
		}()
		if rapid.IntRange(0, 3).Draw(rt, "stranger") > 0 {
			c.person()
			c.order()
		}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			c.step()
		}
		c.rest()
		rested = true
		c.check()
	})
}

func newChaos(t *testing.T, rt *rapid.T, book *ledger.Ledger, id notify.MerchantID) *chaos {
	m := shop(t)
	m.ID = id
	c := &chaos{rig: rigOn(t, book, m), rt: rt, post: &post{keys: map[string]bool{}, reached: map[notify.DeliveryID]int{}}}
	c.mortal = &mortal{Ledger: book}
	c.Ledger = c.mortal
	c.provider.answer = c.post.answer
	return c
}

// step lets one thing happen.
func (c *chaos) step() {
	steps := map[string]func(){"event": c.event, "order": c.order, "person": c.person, "consent": c.consent, "wait": c.wait, "deliver": c.deliver,
		"crash": c.crash, "flush": c.flush, "sweep": c.sweep, "weather": c.weather, "receipt": c.receipt}
	often := strings.Fields("event event event event order person consent consent wait wait deliver deliver crash crash crash flush sweep weather weather weather receipt")
	name := rapid.SampledFrom(often).Draw(c.rt, "step")
	c.rt.Log(c.now.Format(time.DateTime), name)
	steps[name]()
}

func (c *chaos) must(err error) {
	if err != nil {
		c.rt.Fatal(err)
	}
}

func (c *chaos) event() {
	c.events++
	id := rapid.IntRange(max(1, c.events-3), c.events).Draw(c.rt, "event") // now and then one that was heard before
	e := parcel.Event{ID: parcel.EventID(fmt.Sprint("e", id)), Carrier: "dhl", Number: "0034", HeardAt: c.now}
	e.Kind = rapid.SampledFrom([]parcel.Kind{parcel.Departed, parcel.Arrived, parcel.Customs, parcel.OutForDeliv, parcel.Attempted, parcel.Delivered,
		parcel.Delay, parcel.Damaged}).Draw(c.rt, "kind")
	e.HappenedAt = c.now.Add(-time.Duration(rapid.SampledFrom([]int{0, 0, 5, 300, 6000}).Draw(c.rt, "minutes ago")) * time.Minute)
	_, err := c.Accept(c.t.Context(), c.shop, []parcel.Event{e})
	c.must(err)
}

func (c *chaos) order() {
	_, err := c.PutOrder(c.t.Context(), c.shop, coat())
	c.must(err)
}

func (c *chaos) person() {
	p := mei()
	p.InApp = rapid.Bool().Draw(c.rt, "in app")
	if rapid.Bool().Draw(c.rt, "no phone") {
		p.Phone = ""
	}
	_, err := c.PutPerson(c.t.Context(), c.shop, p)
	c.must(err)
}

func (c *chaos) consent() {
	channel := rapid.SampledFrom(notify.Channels()).Draw(c.rt, "channel")
	action := rapid.SampledFrom([]notify.Action{notify.Granted, notify.Withdrawn, notify.Blocked}).Draw(c.rt, "action")
	c.must(c.book.AddConsents(c.t.Context(), c.shop.ID, "mei", []notify.ConsentEvent{{ID: fmt.Sprint(len(c.provider.calls), channel, action, c.now), Channel: channel, Action: action, OccurredAt: c.now}}))
}

func (c *chaos) wait() {
	c.now = c.now.Add(time.Duration(rapid.SampledFrom([]int{1, 5, 40, 130, 3600, 36000}).Draw(c.rt, "seconds")) * time.Second)
}

// deliver works on what is on the belt, in a queue's manner: some tasks come twice, some are lost.
func (c *chaos) deliver() {
	ids := c.belt.ids
	c.belt.ids = nil
	for _, id := range ids {
		for range rapid.SampledFrom([]int{1, 1, 2, 2, 0}).Draw(c.rt, "times") {
			err := c.Deliver(c.t.Context(), id)
			if _, later := errors.AsType[*Later](err); err != nil && !later && !c.mortal.dying {
				c.rt.Fatal(err)
			}
		}
	}
}

// crash lets the process die in the middle of its calls, fresh news among them; another one takes over.
func (c *chaos) crash() {
	c.event()
	c.mortal.dying = true
	c.deliver()
	c.mortal.dying = false
	c.belt.ids = nil
	_, err := c.Recover(c.t.Context())
	c.must(err)
}

func (c *chaos) flush() { c.belt.ids = nil }

func (c *chaos) sweep() {
	_, err := c.Sweep(c.t.Context())
	c.must(err)
}

// weather changes how the providers answer.
func (c *chaos) weather() {
	c.post.kind = rapid.SampledFrom(append(channels.Kinds(), channels.Ambiguous, channels.Ambiguous, "", "", "")).Draw(c.rt, "kind")
	c.post.taken = rapid.Bool().Draw(c.rt, "taken")
}

func (c *chaos) receipt() {
	if len(c.provider.calls) == 0 {
		return
	}
	m := rapid.SampledFrom(c.provider.calls).Draw(c.rt, "call")
	state := rapid.SampledFrom([]notify.State{notify.Arrived, notify.Read, notify.Failed}).Draw(c.rt, "state")
	err := c.Receipt(c.t.Context(), c.shop.ID, notify.Receipt{ID: fmt.Sprint(m.Delivery, state), Delivery: m.Delivery, State: state, At: c.now}, nil)
	c.must(err)
}

// rest lets the providers recover and time pass until nothing is left to do.
func (c *chaos) rest() {
	c.post.kind = ""
	for range 200 {
		c.sweep()
		c.deliver()
		busy, err := c.book.Busy(c.t.Context(), c.now)
		c.must(err)
		next, err := c.book.NextDue(c.t.Context(), c.now)
		c.must(err)
		switch {
		case busy > 0:
			c.now = c.now.Add(lease + time.Second)
		case next.IsZero():
			return
		default:
			c.now = next
		}
	}
	c.rt.Fatal("it never comes to rest")
}

func (c *chaos) check() {
	all, err := c.book.Notifications(c.t.Context(), c.shop.ID, ledger.Filter{})
	c.must(err)
	for _, t := range all {
		if len(t.Deliveries) == 0 && t.Reason.Means() == "" {
			c.rt.Errorf("%s reaches nobody for the reason %q", t.Notification.ID, t.Reason)
		}
		went := 0
		for _, d := range t.Deliveries {
			if !d.State.Fact().End || d.Reason.Means() == "" {
				c.rt.Errorf("%s ends %s %q", d.ID, d.State, d.Reason)
			}
			if d.Channel != notify.InApp && d.Reason == notify.WasSent { // a receipt may confirm what was given up
				went++
			}
		}
		for _, d := range t.Decisions {
			if d.Reason == notify.NoReceipt { // nobody confirmed the one before, in four hours
				went--
			}
		}
		if went > 1 {
			c.rt.Errorf("%s went on %d channels", t.Notification.ID, went)
		}
	}
	for id, n := range c.post.reached {
		most := 1
		if strings.HasSuffix(string(id), "."+string(notify.Email)) { // one doubtful email is repeated, under its Message-ID
			most = 2
		}
		if n > most {
			c.rt.Errorf("%s reached the person %d times", id, n)
		}
	}
}
