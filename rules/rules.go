// Package rules reads, checks and matches market rules: which events of a parcel are told, to whom, in which words'
// name, and on which channels and at which hours a market may be written to. Package parcel supplies the events and
// package notify the notices; the dispatcher turns a match into notifications, internal/policy judges when they go
// and templates finds the words. The files of the shipped pack lie in rules/markets.
//
// It sends nothing, stores nothing and reads no clock; the only input and output is the file system it is given.
// Everything a file can get wrong is found when it is loaded, all of it at once and with file, line and column.
package rules

import (
	"fmt"
	"slices"
	"time"

	"landfall/internal/notify"
	"landfall/internal/parcel"
)

// Market is the rules and settings for one destination country, with everything it extends merged in. It does not
// change after loading and may be used from many goroutines.
type Market struct {
	Code    string   // ISO 3166-1 alpha-2
	Extends string   // as written, such as "pack/DE"; empty for a market of its own
	Locale  string   // BCP 47, for people who have not chosen one and whose address does not tell
	Locales []string // the country's languages, Locale first
	// Zone is the IANA name of the time zone for people whose own is not known, and Zones lists all of the
	// country's, with Zone first.
	Zone  string
	Zones []string
	// Channels is the order of preference. The in-app inbox is always added by whoever plans deliveries.
	Channels []notify.Channel
	Quiet    notify.Quiet            // zero when the market has no quiet hours
	Ramadan  bool                    // moves quiet hours and advertising out of the fast's nights while it lasts
	Consent  map[notify.Channel]Need // has an answer for every channel
	// MainZone says that nearly everybody lives in Zone: where nothing tells another, advertising need not mind the others.
	MainZone bool
	// Identify asks that messages about an order, too, name the sender and how to hear no more.
	Identify bool
	// Patience is how long a channel has to confirm that a message arrived; a channel that is not named has as long as is usual for it.
	Patience  map[notify.Channel]time.Duration
	Places    []Place // parts of the country where something differs
	Marketing Marketing
	Daily     int      // the most messages of all classes a person is sent in 24 hours on channels that light up a phone; 0 for no limit
	Version   string   // changes with anything in Files: a hash, for the record kept with each decision
	Rules     []*Rule  // in file order, those of the extended market first
	Files     []string // the files the market is made of, the extended ones first

	name    string              // the file's name without .yaml, which extends refers to
	parent  *Market             // what it extends
	written map[string]Position // where each setting is written, by its keys with dots between
	digest  []byte              // of the files' bytes
	index   map[parcel.Kind][]*Rule
}

// Need is what a market asks for before a transactional message may go on a channel.
type Need string

// The needs. A merchant's market may ask for more than the pack's, never for less.
const (
	// NeedNotice: the person was told at checkout; nothing is recorded.
	NeedNotice Need = "notice"
	// NeedOptIn: the person agreed, and the grant is on record.
	NeedOptIn Need = "opt_in"
	// NeedFriend: the person added the merchant's LINE account, which is recorded as a grant.
	NeedFriend Need = "friend"
	// NeedSoft: a grant on record, or a customer's purchase under soft opt-in on record. Of advertising only.
	NeedSoft Need = "soft_opt_in"
	// NeedDouble: a grant on record that was confirmed by a click in a mail. Of advertising only.
	NeedDouble Need = "double_opt_in"
	// NeedForbidden: the channel must not carry it, whatever is on record. Of advertising only.
	NeedForbidden Need = "forbidden"
)

// strictness orders the needs: a merchant may ask for more, never for less.
var strictness = [...]Need{NeedNotice, NeedSoft, NeedOptIn, NeedFriend, NeedDouble, NeedForbidden}

// Recorded reports whether n asks for a grant on record.
func (n Need) Recorded() bool { return slices.Index(strictness[:], n) > 0 }

// Weaker reports whether n asks for less than law does.
func (n Need) Weaker(law Need) bool {
	return slices.Index(strictness[:], n) < slices.Index(strictness[:], law)
}

// needs lists what a market may write for a channel, the default first. WhatsApp's business policy asks for an
// opt-in to the named business, and LINE delivers only to friends, whatever the law of a country says.
func needs(c notify.Channel) []Need {
	switch c {
	case notify.WhatsApp:
		return []Need{NeedOptIn}
	case notify.LINE:
		return []Need{NeedFriend}
	default:
		return []Need{NeedNotice, NeedOptIn}
	}
}

// adNeeds is the same for advertising.
func adNeeds(c notify.Channel) []Need {
	switch c {
	case notify.WhatsApp:
		return []Need{NeedOptIn, NeedDouble, NeedForbidden}
	case notify.LINE:
		return []Need{NeedFriend, NeedForbidden}
	default:
		return []Need{NeedOptIn, NeedDouble, NeedSoft, NeedNotice, NeedForbidden}
	}
}

// Marketing is what a country's law, and WhatsApp's and LINE's own rules, ask of advertising.
type Marketing struct {
	Channels []notify.Channel        // in order of preference; none when a market has no advertising
	Consent  map[notify.Channel]Need // has an answer for every channel
	Hours    notify.Hours            // when it may go out, in local time
	// Regions narrow Hours in parts of the country, by subdivision. Where a person lives is not always known: then the hours
	// that all parts allow hold.
	Regions map[string]notify.Hours
	// ValidMonths is how long a grant holds that has no end of its own; 0 for ever.
	ValidMonths int
	// Daily is the most a person may be sent in 24 hours; 0 for no limit. DailyByLaw says that the country asks for it.
	Daily      int
	DailyByLaw bool
}

// Rule says that certain events are worth a notice.
type Rule struct {
	Name     string // unique within its market
	On       []parcel.Kind
	When     Condition // the zero Condition always holds
	Say      notify.TemplateKey
	To       []notify.Audience // never empty
	Urgency  notify.Urgency
	Class    notify.Class       // notify.Transactional or notify.MarketingClass
	Purpose  notify.Purpose     // what must have been agreed to where consent is asked for
	Urgent   notify.Urgent      // may light up a phone at night; "" when it may not
	Collapse string             // the group in which later notices supersede earlier unsent ones; "" for none
	Expires  time.Duration      // how long after we heard of the event the notice is worth sending
	Escalate *notify.Escalation // nil for none
	Off      bool               // switched off; never fires
	At       Position           // where it is written
}

// The defaults of a rule.
const (
	DefaultExpires = 24 * time.Hour
	// DefaultAdExpires is that of advertising, which may have to wait for the end of a long weekend.
	DefaultAdExpires = 7 * 24 * time.Hour
	DefaultUrgency   = notify.Normal
	// MaxAtDoor is how long a courier at the door is news: the longest such a notice may last, and its default.
	MaxAtDoor = 30 * time.Minute
)

// Position is a place in a market file; Line and Column count from 1, columns in characters.
type Position struct {
	File   string
	Line   int
	Column int
}

// String returns "file:line:column".
func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// notice is what r wants said. It shares To with the rule.
func (r *Rule) notice() notify.Notice {
	return notify.Notice{Rule: r.Name, Say: r.Say, To: r.To, Urgency: r.Urgency, Collapse: r.Collapse, TTL: r.Expires,
		Class: r.Class, Purpose: r.Purpose, Urgent: r.Urgent, Escalate: r.Escalate}
}

// rule returns the rule called name and its place among m's rules, or nil and -1.
func (m *Market) rule(name string) (*Rule, int) {
	i := slices.IndexFunc(m.Rules, func(r *Rule) bool { return r.Name == name })
	if i < 0 {
		return nil, -1
	}
	return m.Rules[i], i
}
