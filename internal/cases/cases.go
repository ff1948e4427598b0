// Package cases is a merchant's own rule tests: what somebody writes about people, orders and news, played through the code
// of production on a clock that is set, and held against what they expected to be sent. It reads, plays and compares; it
// opens no file and prints nothing.
package cases

import (
	"errors"
	"time"

	"go.yaml.in/yaml/v4"

	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Case is one rule test.
type Case struct {
	Name  string    `yaml:"name"`
	Given Given     `yaml:"given"`
	When  []Item    `yaml:"when"`
	Until time.Time `yaml:"until"` // when the clock stops; default: once nothing waits any more

	// Expect lists all deliveries, in any order. ExpectNone says that nobody is told anything.
	Expect     []Expectation `yaml:"expect"`
	ExpectNone bool          `yaml:"expect_none"`

	// Wrong is why the case cannot be played, with its place in the file; nil when it can.
	Wrong error `yaml:"-"`

	file  string
	doc   *yaml.Node
	index int
}

// Item is one thing that happens, exactly one of the fields beside At.
type Item struct {
	At      time.Time       `yaml:"at"` // when we hear of it
	Event   *Event          `yaml:"event"`
	Consent *Consent        `yaml:"consent"`
	Reply   *Reply          `yaml:"reply"`
	Receipt *Receipt        `yaml:"receipt"`
	Person  *Change         `yaml:"person"`
	Erase   notify.PersonID `yaml:"erase"`

	index int // as it was written
}

// Event is news of a parcel, with the fields of POST /v1/events.
type Event struct {
	ID         string `yaml:"id" json:"id,omitempty"` // default: one of its own
	Parcel     string `yaml:"parcel" json:"parcel,omitempty"`
	Carrier    string `yaml:"carrier" json:"carrier,omitempty"`
	Order      string `yaml:"order" json:"order,omitempty"`
	Kind       string `yaml:"kind" json:"kind,omitempty"`
	Detail     string `yaml:"detail" json:"detail,omitempty"`
	Code       string `yaml:"code" json:"code,omitempty"`
	Note       string `yaml:"note" json:"note,omitempty"`
	HappenedAt string `yaml:"happened_at" json:"happened_at,omitempty"` // default: when it is heard
	Place      *Place `yaml:"place" json:"place,omitempty"`
	ETA        *ETA   `yaml:"eta" json:"eta,omitempty"`
}

// Place is where something happened.
type Place struct {
	City    string `yaml:"city" json:"city,omitempty"`
	Country string `yaml:"country" json:"country,omitempty"`
}

// ETA is when a parcel is expected.
type ETA struct {
	From string `yaml:"from" json:"from,omitempty"`
	To   string `yaml:"to" json:"to,omitempty"`
}

// Reply is what a person writes back, from their address on a channel.
type Reply struct {
	Person  notify.PersonID `yaml:"person"`
	Channel notify.Channel  `yaml:"channel"`
	Text    string          `yaml:"text"`
}

// Receipt is what a provider reports of the message it took last for a person on a channel.
type Receipt struct {
	Person  notify.PersonID `yaml:"person"`
	Channel notify.Channel  `yaml:"channel"`
	State   notify.State    `yaml:"state"`
	Code    string          `yaml:"code"`
}

// Change is a person from now on: what is written replaces what was known, and the rest stays. A person not known is new.
type Change struct {
	ID       notify.PersonID      `yaml:"id"`
	Name     *string              `yaml:"name"`
	Market   *string              `yaml:"market"`
	Locale   *string              `yaml:"locale"`
	TimeZone *string              `yaml:"time_zone"`
	Postal   *notify.Postal       `yaml:"address"`
	Phone    *notify.Phone        `yaml:"phone"`
	Email    *notify.EmailAddress `yaml:"email"`
	Line     *notify.LineID       `yaml:"line"`
	InApp    *bool                `yaml:"in_app"`
	Quiet    *notify.Quiet        `yaml:"quiet_hours"`
	Consents []Consent            `yaml:"consents"`
}

// over returns p with the change made.
func (c Change) over(p notify.Person) notify.Person {
	p.ID = c.ID
	put(&p.Name, c.Name)
	put(&p.Market, c.Market)
	put(&p.Locale, c.Locale)
	put(&p.TimeZone, c.TimeZone)
	put(&p.Postal, c.Postal)
	put(&p.Phone, c.Phone)
	put(&p.Email, c.Email)
	put(&p.Line, c.Line)
	put(&p.InApp, c.InApp)
	if c.Quiet != nil {
		p.Quiet = c.Quiet
	}
	return p
}

func put[T any](into, value *T) {
	if value != nil {
		*into = *value
	}
}

// Expectation is a delivery as somebody expects it; what is nil is not compared.
type Expectation struct {
	Person    *notify.PersonID    `yaml:"person"`
	Order     *parcel.OrderID     `yaml:"order"`
	Say       *notify.TemplateKey `yaml:"say"`
	Rule      *string             `yaml:"rule"`
	Channel   *notify.Channel     `yaml:"channel"`
	Outcome   *string             `yaml:"outcome"`
	Reason    *notify.Reason      `yaml:"reason"`
	At        *time.Time          `yaml:"at"`
	HeldFor   *notify.Reason      `yaml:"held_for"`
	Locale    *string             `yaml:"locale"`
	Title     *string             `yaml:"title"`
	Text      *string             `yaml:"text"`
	TextHas   Texts               `yaml:"text_has"`
	Segments  *int                `yaml:"segments"`
	Skipped   []Skip              `yaml:"skipped"`   // among the channels passed over; an empty field is not compared
	Decisions []Verdict           `yaml:"decisions"` // among the decisions; an empty field is not compared
}

// Skip is a channel passed over, as somebody expects it.
type Skip struct {
	Channel notify.Channel `yaml:"channel"`
	Reason  notify.Reason  `yaml:"reason"`
}

// Verdict is a decision as somebody expects it.
type Verdict struct {
	Phase   notify.Phase   `yaml:"phase"`
	Channel notify.Channel `yaml:"channel"`
	Verdict notify.Verdict `yaml:"verdict"`
	Reason  notify.Reason  `yaml:"reason"`
	Until   time.Time      `yaml:"until"`
}

// Texts is one text or several.
type Texts []string

// UnmarshalYAML reads either.
func (t *Texts) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*t = Texts{n.Value}
		return nil
	}
	var many []string
	err := n.Decode(&many)
	*t = many
	return err
}

// Read reads the cases of a file. An error is of the file as a whole; what is wrong with one case stands in its Wrong.
func Read(file string, data []byte) ([]*Case, error) {
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		return nil, config.Located(file, err, data, &doc)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.SequenceNode {
		return nil, config.Misplaced(file, &doc, "a file of rule tests is a list; begin each case with a dash and its name")
	}
	out := make([]*Case, len(doc.Content[0].Content))
	for i, n := range doc.Content[0].Content {
		c := &Case{file: file, doc: &doc, index: i}
		c.Wrong = config.Located(file, n.Load(c, yaml.WithKnownFields()), data, c)
		out[i] = c
		if c.Wrong == nil {
			c.Wrong = errors.Join(c.check()...)
		}
	}
	return out, nil
}

// problem is a mistake at what steps lead to, from the case on.
func (c *Case) problem(message string, steps ...any) error {
	return config.Misplaced(c.file, c.doc, message, append([]any{c.index}, steps...)...)
}
