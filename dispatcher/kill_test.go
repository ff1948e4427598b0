package dispatcher

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// A worker may die at any step of Deliver: the process is gone, what it had written is there, what it had not is not.
var deaths = []string{"before the claim", "after the claim", "during the call, before the provider took it", "during the call, after the provider took it", "before the record"}

var errKilled = errors.New("the process was killed")

// doomed is a rig whose worker dies once, at one of those steps.
type doomed struct {
	*rig
	at    string // "" once it has died
	took  map[notify.DeliveryID][]channels.Accepted
	keys  map[string]bool
	times map[notify.DeliveryID]int // how often a message showed up at the person
}

type mortalLedger struct {
	Ledger
	d *doomed
}

func (m mortalLedger) Claim(ctx context.Context, id notify.DeliveryID, now time.Time, judge func(notify.Job) notify.Ruling) (*notify.Claim, error) {
	if m.d.dies("before the claim") {
		return nil, errKilled
	}
	claim, err := m.Ledger.Claim(ctx, id, now, judge)
	if claim != nil && claim.Ruling.State == notify.Sending && m.d.dies("after the claim") {
		return nil, errKilled
	}
	return claim, err
}

func (m mortalLedger) Record(ctx context.Context, o notify.Outcome) error {
	if m.d.dead(o) || m.d.dies("before the record") {
		return errKilled
	}
	return m.Ledger.Record(ctx, o)
}

// mortalSender is a provider with a memory: Twilio's, which can be asked, or LINE's and the inbox's, which know their keys.
type mortalSender struct{ d *doomed }

var errCut = &channels.Error{Kind: channels.Ambiguous, Code: "killed"}

func (s mortalSender) Send(_ context.Context, m channels.Message) (channels.Accepted, error) {
	if s.d.dies("during the call, before the provider took it") {
		return channels.Accepted{}, errCut
	}
	id := fmt.Sprint("id", len(s.d.took), len(s.d.took[m.Delivery]))
	if known := s.d.keys[m.Key] && m.To.Channel.Repeatable(); !known {
		s.d.times[m.Delivery]++
		s.d.took[m.Delivery] = append(s.d.took[m.Delivery], channels.Accepted{ProviderID: id, State: notify.Sent})
	}
	s.d.keys[m.Key] = true
	if s.d.dies("during the call, after the provider took it") {
		return channels.Accepted{}, errCut
	}
	return channels.Accepted{ProviderID: id, State: notify.Sent}, nil
}

// Ask answers for all channels; only Twilio's are ever asked, since the others' doubts are settled by their keys.
func (s mortalSender) Ask(_ context.Context, m channels.Message, _ time.Time) ([]channels.Accepted, error) {
	return s.d.took[m.Delivery], nil
}

// dies reports whether the worker dies at a step, which it does once.
func (d *doomed) dies(at string) bool {
	if d.at != at {
		return false
	}
	d.at = ""
	return true
}

// dead reports whether an outcome is that of a call in which the worker died, and so never comes to be known.
func (d *doomed) dead(o notify.Outcome) bool { return o.Code == errCut.Code }

func newDoomed(t *testing.T, c notify.Channel) *doomed {
	d := &doomed{rig: newRig(t), took: map[notify.DeliveryID][]channels.Accepted{}, keys: map[string]bool{}, times: map[notify.DeliveryID]int{}}
	d.Ledger = mortalLedger{d.book, d}
	for _, all := range notify.Channels() {
		d.shop.Senders[all] = []Sender{{Sender: mortalSender{d}}}
	}
	d.shop.Markets["DE"] = market(t, fmt.Sprintf(`
market: DE
locale: de
time_zones: [Europe/Berlin]
channels: [%s]
rules:
  - {name: departed, on: departed_origin, say: departed}
`, c))
	p := mei()
	d.knows(p)
	d.consents(notify.LINE, notify.Granted)
	d.orders(rounds)
	return d
}

// work is what a worker does with a task, a killed one's coming back to the queue or not, as chance has it.
func (d *doomed) deliver(id notify.DeliveryID, again bool) {
	d.t.Helper()
	err := d.Deliver(d.t.Context(), id)
	if errors.Is(err, errKilled) && again {
		err = d.Deliver(d.t.Context(), id)
	}
	if _, later := errors.AsType[*Later](err); err != nil && !later && !errors.Is(err, errKilled) {
		d.t.Fatal(err)
	}
}

// Killed at each step, at random messages, 200 times: nothing is lost, and nobody gets the same message twice.
func TestDeliver_KilledAtAnyStep(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, c := range []notify.Channel{notify.WhatsApp, notify.SMS, notify.LINE} {
		for _, at := range deaths {
			seed := rnd.Uint64()
			t.Run(string(c)+" "+at, func(t *testing.T) {
				t.Parallel()
				d := newDoomed(t, c)
				killedOften(d, at, rand.New(rand.NewPCG(seed, 0)))
			})
		}
	}
}

// rounds are the deaths at each step on each channel: 210 in all.
const rounds = 14

func killedOften(d *doomed, at string, rnd *rand.Rand) {
	t := d.t
	for round := range rounds {
		d.now = d.now.Add(time.Hour)
		e := d.event(parcel.EventID(fmt.Sprint("e", round)), parcel.Departed)
		e.Number = parcel.Number(fmt.Sprint("p", round))
		_, err := d.Accept(t.Context(), d.shop, []parcel.Event{e})
		d.must(err)
		victims := d.belt.ids
		d.belt.ids = nil
		d.at = at
		for _, id := range victims {
			d.deliver(id, rnd.IntN(2) == 0)
		}
		if d.at != "" {
			t.Errorf("round %d: nobody died", round)
		}
		d.recover(rnd)
	}
	checkOnce(d)
}

// recover lets time pass in uneven steps, as sweeps of the processes that are left bring what the dead one held.
func (d *doomed) recover(rnd *rand.Rand) {
	for range 12 {
		d.now = d.now.Add(time.Duration(20+rnd.IntN(60)) * time.Second)
		_, err := d.Sweep(d.t.Context())
		d.must(err)
		ids := d.belt.ids
		d.belt.ids = nil
		for _, id := range ids {
			d.deliver(id, false)
		}
	}
}

func checkOnce(d *doomed) {
	d.t.Helper()
	all := d.deliveries()
	if len(all) != rounds {
		d.t.Errorf("%d deliveries, want %d", len(all), rounds)
	}
	for _, one := range all {
		if one.State != notify.Sent || d.times[one.ID] != 1 {
			d.t.Errorf("%s is %s %s and came %d times", one.ID, one.State, one.Reason, d.times[one.ID])
		}
	}
}
