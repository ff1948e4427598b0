// Package dispatcher conducts: Accept turns events into planned messages, Deliver sends one of them, Sweep finds what is
// due or was left behind. It decides with pure functions (plan, judge, settle) that see only values and an instant, and
// leaves effects to what it is given: a ledger, a queue, and each merchant's senders. It knows no SQL, no Redis, no HTTP.
package dispatcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/rules"
	"landfall/templates"
)

// Intake is the half of the ledger that takes news in. Each method is one transaction that calls plan with all that is
// known and writes what it returns.
type Intake interface {
	Accept(ctx context.Context, m notify.MerchantID, events []parcel.Event, now time.Time, plan notify.Planner) (notify.Intake, error)
	PutOrder(ctx context.Context, m notify.MerchantID, o parcel.Order, now time.Time, plan notify.Planner) (notify.Intake, error)
	PutPerson(ctx context.Context, m notify.MerchantID, p notify.Person, now time.Time, plan notify.Planner) (notify.Intake, error)
	// AddAddressConsent stores an act of whoever is behind an address; a repeated id is no act and has no reaction.
	AddAddressConsent(ctx context.Context, m notify.MerchantID, a notify.Address, e notify.ConsentEvent, now time.Time, react notify.Reaction) (notify.Intake, error)
	// Person reads who somebody is; nil for nobody.
	Person(ctx context.Context, m notify.MerchantID, p notify.PersonID) (*notify.Person, error)
	// Say writes what react plans for the customer of an open handoff; ok is false when there is none.
	Say(ctx context.Context, m notify.MerchantID, handoff string, now time.Time, react func(notify.Story, notify.DeskHandoff) *notify.Planning) (in notify.Intake, ok bool, err error)
	// Converse keeps what a person wrote and writes what react answers; a repeated message is not answered again.
	Converse(ctx context.Context, m notify.MerchantID, p notify.PersonID, c notify.Channel, msg notify.Message, now time.Time, react func(notify.Exchange) notify.Response) (notify.Intake, error)
}

// Outbox is the half of the ledger that gives deliveries out.
type Outbox interface {
	// Claim judges a delivery inside a transaction. A nil claim means there is nothing to do; an error with a method
	// DueAt() time.Time that it is too early.
	Claim(ctx context.Context, id notify.DeliveryID, now time.Time, judge func(notify.Job) notify.Ruling) (*notify.Claim, error)
	Record(ctx context.Context, o notify.Outcome) error
	// AddReceipt folds what a provider said later into its delivery, as react says; nil when it changes nothing.
	AddReceipt(ctx context.Context, m notify.MerchantID, r notify.Receipt, now time.Time, react func(notify.Job) notify.Outcome) (*notify.Outcome, error)
	// Unclaimed returns those of a provider's ids that no delivery of the merchant's has.
	Unclaimed(ctx context.Context, m notify.MerchantID, ids []string) ([]string, error)
	// Stamp is Story.Stamp of a person as it would be now.
	Stamp(ctx context.Context, m notify.MerchantID, p notify.PersonID) (string, error)
}

// Graveyard is where dead letters are.
type Graveyard interface {
	// Revive plans a dead letter anew; ok is false when it is not dead, or not any more.
	Revive(ctx context.Context, m notify.MerchantID, id notify.NotificationID, now time.Time, plan func(notify.Job) notify.Planning) (ready []notify.Handoff, ok bool, err error)
}

// Backlog is where the ledger says what waits.
type Backlog interface {
	// Due lists what is due and not with the queue; what was handed over before lost counts as left behind.
	Due(ctx context.Context, now, lost time.Time, limit int) ([]notify.Handoff, error)
	// Release takes back that deliveries were handed over.
	Release(ctx context.Context, hs []notify.Handoff) error
	Orphans(ctx context.Context, claimed time.Time, limit int) ([]notify.Delivery, error)
	NextDue(ctx context.Context, after time.Time) (time.Time, error)
	// Reconsider makes held deliveries due when they were held under another edition, and returns how many.
	Reconsider(ctx context.Context, m notify.MerchantID, edition string, now time.Time) (int, error)
}

// Ledger is what the dispatcher needs of storage.
type Ledger interface {
	Intake
	Outbox
	Backlog
	Graveyard
}

// Pace keeps senders to their rates, each in a lane of its own, and evenly, so that a morning's held messages do not hit a provider
// all at once. Processes that send by one account share it.
type Pace interface {
	// Reserve takes the next turn in a lane and returns when it is: now, when the lane is free. It is called inside the ledger's
	// transaction and does not wait.
	Reserve(ctx context.Context, p notify.Place, now time.Time) time.Time
	// Enter takes the next place at the lane's door, which lets no more through in any second than the rate, and returns when it is.
	// A place further off than within is named and not taken. A place that was missed is given back; zero for none.
	Enter(ctx context.Context, p notify.Place, now time.Time, within time.Duration, missed time.Time) time.Time
}

// Queue hands deliveries to workers, soon. It may lose them, and may hand one over twice: the ledger notices both.
type Queue interface {
	Enqueue(ctx context.Context, hs ...notify.Handoff) error
}

// Voice is how a merchant speaks: its words, and the name and colours they bear.
type Voice struct {
	Brand templates.Brand
	Words *templates.Set
}

// Merchant is everything that is a merchant's own: rules, words and senders.
type Merchant struct {
	ID            notify.MerchantID
	Voice                          // of everywhere but Voices
	Voices        map[string]Voice // of the markets where the merchant speaks otherwise
	Markets       map[string]*rules.Market
	DefaultMarket string         // for people no market is known of; "" for none
	Contact       *notify.Person // who hears notices for the merchant's own staff; nil for nobody
	Senders       Senders
	World         *World // clocks and calendars; the same for all merchants
	// Assistant answers customers who write back; nil for nobody. It is made when first asked for, since its words take a moment to read.
	Assistant func() (Assistant, error)
	Desk      bool // whether conversations are handed to a desk
	Model     bool // whether a language model is asked what they mean where nobody else knows
}

// VoiceIn is how the merchant speaks to people of a market.
func (m *Merchant) VoiceIn(market string) Voice {
	if v, ok := m.Voices[market]; ok {
		return v
	}
	return m.Voice
}

// Misclassed lists the rules that call advertising news of an order: what they say is refused when it is to be sent.
func (m *Merchant) Misclassed() []*rules.Rule {
	var out []*rules.Rule
	for _, code := range slices.Sorted(maps.Keys(m.Markets)) {
		for _, r := range m.Markets[code].Rules {
			advertises, _ := m.VoiceIn(code).Words.Class(r.Say)
			if advertises && !r.Off && r.Class == notify.Transactional && slices.Contains(r.To, notify.Customer) && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// Edition names everything that decides when the merchant's messages go: its rules, the time zones, the holidays.
func (m *Merchant) Edition() string {
	parts := []string{m.World.Edition, m.World.Days.Version()}
	for _, code := range slices.Sorted(maps.Keys(m.Markets)) {
		parts = append(parts, code, m.Markets[code].Version)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// Reconsider has what a merchant's held deliveries wait for judged anew when its rules, the time zones or the holidays are
// others than those they were held under.
func (d *Dispatcher) Reconsider(ctx context.Context, m *Merchant) error {
	n, err := d.Ledger.Reconsider(ctx, m.ID, m.Edition(), d.Now())
	if err == nil && n > 0 {
		d.Log.Info("rules, time zones or holidays have changed; held messages are judged anew", "merchant", m.ID, "deliveries", n)
	}
	return err
}

// Config is what a dispatcher is made of. All fields but Pace, Wait, Return, Preferences, Leave, Observe, Call, Died, Advise, Heard and Unlisted are required.
type Config struct {
	Ledger   Ledger
	Queue    Queue
	Pace     Pace
	Merchant func(notify.MerchantID) (*Merchant, bool) // the merchant as configured right now
	Now      func() time.Time
	Jitter   func() float64                            // in [0,1): spreads retries
	Wait     func(context.Context, time.Duration) bool // lets time pass; false when the context ends first
	// Callback returns the public URL a provider reports a delivery's fate to, "" for none.
	Callback func(notify.MerchantID, notify.Channel) string
	// Return names a delivery where mails come back to, signed; nil leaves it to its id.
	Return func(notify.DeliveryID) string
	// Link returns the customer's tracking page for a parcel, "" for none.
	Link func(notify.MerchantID, parcel.ID, *parcel.Order) string
	// Preferences returns a person's page of choices, "" for none; nil for nobody's.
	Preferences func(notify.MerchantID, notify.PersonID) string
	// Leave returns where a person ends one kind of message on a channel in one click, "" for nowhere; nil for nobody.
	Leave func(notify.MerchantID, notify.PersonID, notify.Channel, notify.Purpose) string
	Log   *slog.Logger
	// Observe is told of each step of a delivery, for metrics and traces; nil for nobody.
	Observe func(context.Context, notify.Delivery)
	// Call is told of each call to a provider before it is made, and through what it returns of what came of it; nil for nobody.
	Call func(context.Context, Call) (context.Context, func(error))
	// Died is told of each delivery that failed with nobody to follow it, for metrics; nil for nobody.
	Died func(notify.Delivery)
	// Advise says what a text may mean, in the words of package understand, "" for nothing; names are left out of what it is told. Nil for nobody to ask.
	Advise func(ctx context.Context, m notify.MerchantID, p notify.PersonID, text string, names ...string) string
	// Heard is told what became of each message of a customer's, for metrics; nil for nobody.
	Heard func(notify.Heard)
	// Unlisted is told of each code of a provider's that is in no table, for metrics; nil for nobody.
	Unlisted func(c notify.Channel, code string)
}

// Call is a call to a provider.
type Call struct {
	Merchant notify.MerchantID
	Delivery notify.Delivery
	Asks     bool // it asks what the provider took, and sends nothing
}

// Dispatcher conducts. Its methods may be called from many goroutines.
type Dispatcher struct {
	Config
}

// New returns a dispatcher.
func New(c Config) *Dispatcher {
	if c.Observe == nil {
		c.Observe = func(context.Context, notify.Delivery) {}
	}
	if c.Died == nil {
		c.Died = func(notify.Delivery) {}
	}
	if c.Call == nil {
		c.Call = func(ctx context.Context, _ Call) (context.Context, func(error)) { return ctx, func(error) {} }
	}
	if c.Heard == nil {
		c.Heard = func(notify.Heard) {}
	}
	if c.Unlisted == nil {
		c.Unlisted = func(notify.Channel, string) {}
	}
	if c.Pace == nil {
		c.Pace = NewPace()
	}
	if c.Return == nil {
		c.Return = func(id notify.DeliveryID) string { return string(id) }
	}
	if c.Wait == nil {
		c.Wait = pass
	}
	if c.Preferences == nil {
		c.Preferences = func(notify.MerchantID, notify.PersonID) string { return "" }
	}
	if c.Leave == nil {
		c.Leave = func(notify.MerchantID, notify.PersonID, notify.Channel, notify.Purpose) string { return "" }
	}
	return &Dispatcher{Config: c}
}

// Accept stores events durably, plans what they mean and hands what is due to the queue. When it returns without an
// error nothing of it can be lost any more, whatever happens to the queue.
func (d *Dispatcher) Accept(ctx context.Context, m *Merchant, events []parcel.Event) (notify.Intake, error) {
	now := d.Now()
	in, err := d.Ledger.Accept(ctx, m.ID, events, now, planner(m, now))
	return d.handOver(ctx, in, err)
}

// PutOrder stores an order; parcels heard of before it are linked and planned.
func (d *Dispatcher) PutOrder(ctx context.Context, m *Merchant, o parcel.Order) (notify.Intake, error) {
	now := d.Now()
	in, err := d.Ledger.PutOrder(ctx, m.ID, o, now, planner(m, now))
	return d.handOver(ctx, in, err)
}

// PutPerson stores a person; news that had nobody to be told to is planned.
func (d *Dispatcher) PutPerson(ctx context.Context, m *Merchant, p notify.Person) (notify.Intake, error) {
	now := d.Now()
	in, err := d.Ledger.PutPerson(ctx, m.ID, p, now, planner(m, now))
	return d.handOver(ctx, in, err)
}

// handOverIn is how long an intake waits for a queue that does not answer. What it accepted is safe by then.
const handOverIn = time.Second

// handOver gives committed deliveries to the queue. Its failure is no failure of the intake: the sweep brings them.
func (d *Dispatcher) handOver(ctx context.Context, in notify.Intake, err error) (notify.Intake, error) {
	if err != nil || len(in.Ready) == 0 {
		return in, err
	}
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), handOverIn)
	defer cancel()
	if err := d.enqueue(soon, in.Ready); err != nil {
		d.Log.Warn("queue did not take deliveries; the sweep will bring them", "deliveries", len(in.Ready), "error", err)
	}
	return in, nil
}

// enqueue gives deliveries to the queue. Those it does not take are due for the sweep again.
func (d *Dispatcher) enqueue(ctx context.Context, hs []notify.Handoff) error {
	err := d.Queue.Enqueue(ctx, hs...)
	if err == nil {
		return nil
	}
	if released := d.Ledger.Release(context.WithoutCancel(ctx), hs); released != nil { // they count as lost after a while
		d.Log.Warn("deliveries wait longer than they need to", "deliveries", len(hs), "error", released)
	}
	return err
}
