// Package chat answers customers who write back. From what somebody wrote, what is known of their orders and what was said before it makes an
// answer, and remembers what it asked. It is a pure function: it records nothing, sends nothing, and reads no clock.
//
// Whose orders may be spoken of is not its business: it is given one person's and knows no others. Of an order it says what the record says, in the
// words of the notices; what is unknown it says is unknown.
package chat

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"landfall/internal/notify"
	"landfall/internal/optout"
	"landfall/internal/parcel"
	"landfall/internal/understand"
	"landfall/locales"
	"landfall/templates"
)

//go:embed words/*.yaml
var shipped embed.FS

// Talk is what is remembered of a conversation with one person on one channel.
type Talk struct {
	// Desk is set while the merchant's own people have the conversation. The assistant is silent then.
	Desk    bool        `json:"desk,omitempty"`
	Asked   *Asked      `json:"asked,omitempty"`   // what was asked last and not answered yet
	Told    *Asked      `json:"told,omitempty"`    // the order spoken of last, before those it may have been taken for
	Misses  int         `json:"misses,omitempty"`  // how many messages in a row were not understood
	Answers []time.Time `json:"answers,omitempty"` // the last ones, the newest at the end
}

// Asked is a question to the customer.
type Asked struct {
	Kind   string            `json:"kind"` // understand.Choose or understand.Confirm
	Orders []parcel.OrderID  `json:"orders,omitempty"`
	For    understand.Intent `json:"for"` // what is done with the answer
}

// Bought is an order and its parcels.
type Bought struct {
	Order   parcel.Order
	Parcels []parcel.Parcel
}

// Turn is one message of a customer's, and all that an answer may use.
type Turn struct {
	Text   string
	Now    time.Time
	Talk   Talk
	Person notify.Person
	Locale string // the person's, or their market's
	Zone   *time.Location
	Brand  templates.Brand
	Words  *templates.Set
	Orders []Bought // the person's own, and nobody else's
	Hint   string   // what somebody else takes the text to mean, in the words of package understand; "" for nobody
}

// Answer is what is said and done.
type Answer struct {
	Text    string // "" for silence
	Locale  string
	Talk    Talk     // to be remembered
	Handoff *Handoff // nil when nobody needs to see to it
	Told    []notify.Told
	Heard   notify.Heard
	Reading understand.Reading
}

// Handoff is why a person of the merchant's own is asked to see to a conversation.
type Handoff struct {
	Reason understand.Intent `json:"reason"` // what the customer wants; OutOfScope when nobody understood
	Order  parcel.OrderID    `json:"order,omitempty"`
}

const (
	// flood is how many answers one conversation gets within floodIn. What is more is not answered: it may be a machine.
	flood   = 8
	floodIn = 10 * time.Minute
	// afresh is how long a conversation may rest before it begins anew.
	afresh = 24 * time.Hour
	// offerAt and giveUpAt are how many messages in a row are not understood before a person is offered, and called.
	offerAt, giveUpAt = 2, 3
	// listed is how many orders a question lists: each is answered with one figure.
	listed = 9
	// told is how many orders, and parcels of an order, one answer speaks of.
	told = 3
)

// Assistant answers messages. It never changes once made and is safe for concurrent use.
type Assistant struct {
	reader *understand.Reader
	words  *locales.Catalog
}

// New returns an assistant. An error is a mistake in the files that are part of the program.
func New(o *optout.Reader) (*Assistant, error) {
	reader, err := understand.New(o)
	if err != nil {
		return nil, err
	}
	words, err := said()
	if err != nil {
		return nil, fmt.Errorf("read the words of conversations: %w", err)
	}
	return &Assistant{reader, words}, nil
}

// said are the words of conversations, read once: they are part of the program, and nobody changes them.
var said = sync.OnceValues(func() (*locales.Catalog, error) {
	layer, err := fs.Sub(shipped, "words")
	if err != nil {
		return nil, err
	}
	return locales.New(layer)
})

// Extend returns an assistant that knows a merchant's own words too.
func (a *Assistant) Extend(e *understand.Extension) (*Assistant, error) {
	reader, err := a.reader.Extend(e)
	if err != nil {
		return nil, err
	}
	return &Assistant{reader, a.words}, nil
}

// Answer reads a message and answers it.
func (a *Assistant) Answer(t Turn) Answer {
	t.Talk.Answers = slices.DeleteFunc(slices.Clone(t.Talk.Answers), func(at time.Time) bool { return t.Now.Sub(at) > afresh })
	if len(t.Talk.Answers) == 0 && !t.Talk.Desk {
		t.Talk = Talk{}
	}
	r := a.reader.Read(understand.Message{Text: t.Text, Locale: t.Locale, Now: t.Now.In(t.zone()), Orders: t.known(), Expecting: t.expecting(), Hint: understand.Intent(t.Hint)})
	if t.Talk.Desk || t.flooded() {
		return Answer{Talk: t.Talk, Reading: r, Heard: heard(r, notify.LeftAlone, "")}
	}
	s := &speaker{Turn: t, assistant: a, reading: r}
	s.speak()
	return s.answer()
}

// Unsure reports whether a text says nothing that is known, so that somebody else may be asked what it means.
func (a *Assistant) Unsure(text, locale string, now time.Time) bool {
	return a.reader.Unsure(understand.Message{Text: text, Locale: locale, Now: now})
}

// Late says that nobody can be reached right now, in the person's language or the nearest there are words in.
func (a *Assistant) Late(locale string, b templates.Brand) (text, in string) {
	s := &speaker{Turn: Turn{Locale: locale, Brand: b}, assistant: a}
	s.locale = s.speakable()
	return s.text("late", nil), s.locale
}

// heard is what is written down of a message.
func heard(r understand.Reading, o notify.HeardOutcome, about parcel.OrderID) notify.Heard {
	return notify.Heard{Outcome: o, Intent: string(r.Intent), Lang: r.Lang, Confidence: r.Confidence, Order: about}
}

func (t Turn) zone() *time.Location {
	if t.Zone == nil {
		return time.UTC
	}
	return t.Zone
}

func (t Turn) flooded() bool {
	n := 0
	for _, at := range t.Talk.Answers {
		if t.Now.Sub(at) < floodIn {
			n++
		}
	}
	return n >= flood
}

// known are the orders as they are understood: what is in them, and whether somebody still waits for them.
func (t Turn) known() []understand.Order {
	out := []understand.Order{}
	for _, b := range t.Orders {
		out = append(out, b.understood())
	}
	return out
}

func (b Bought) understood() understand.Order {
	o := understand.Order{ID: string(b.Order.ID), State: b.state()}
	for i, item := range b.Order.Items {
		if i > 0 {
			o.Title += ", "
		}
		o.Title += item.Title
	}
	if !b.Order.OrderedAt.IsZero() {
		o.OrderedAt = understand.DateOf(b.Order.OrderedAt)
	}
	return o
}

// state is the stage of its parcels: one that is still to come keeps an order open.
func (b Bought) state() string {
	state := ""
	for _, p := range b.Parcels {
		if !p.State.Ended && p.State.Stage != parcel.StageDelivered {
			return string(p.State.Stage)
		}
		state = string(p.State.Stage)
	}
	return state
}

// expecting is what was asked, with the orders it was asked about.
func (t Turn) expecting() *understand.Expecting {
	if t.Talk.Asked == nil {
		return nil
	}
	e := &understand.Expecting{Kind: t.Talk.Asked.Kind}
	for _, id := range t.Talk.Asked.Orders {
		if b := t.bought(id); b != nil {
			e.Options = append(e.Options, b.understood())
		} else {
			e.Options = append(e.Options, understand.Order{ID: string(id)})
		}
	}
	return e
}

// bought is an order by its id; nil when there is none any more.
func (t Turn) bought(id parcel.OrderID) *Bought {
	for i := range t.Orders {
		if t.Orders[i].Order.ID == id {
			return &t.Orders[i]
		}
	}
	return nil
}
