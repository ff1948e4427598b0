// Package doctor says whether a Landfall has what it needs: settings, merchants, senders, the public URL, Redis, the ledger and the
// clock. Each part says how it is, and is given by internal/app; what that means, and what to do about it, is decided here. It
// changes nothing, and no secret passes through it.
package doctor

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"landfall/internal/ledger"
	"landfall/internal/queue"
)

// State is what became of a check.
type State string

// The states. With a fault Landfall does not start, or does not do a part of its work; with a warning it does.
const (
	OK      State = "ok"
	Warning State = "warning"
	Fault   State = "fault"
)

// Finding is what one check found.
type Finding struct {
	Check string `json:"check"`
	State State  `json:"state"`
	Says  string `json:"says"`
	Do    string `json:"do,omitempty"` // a sentence; "" where there is nothing to do
}

// Redis is a Redis that says how it is. An error means that it does not answer.
type Redis interface {
	Look(ctx context.Context) (queue.Health, error)
}

// Database is a ledger's database that says how it is and is left as it is.
type Database interface {
	Ping(ctx context.Context) error
	Status(ctx context.Context) (ledger.Status, error)
}

// Merchant is one merchant's folder.
type Merchant struct {
	ID      string
	Wrong   error // why it cannot be used; nil when it can
	Feeds   int
	Senders []Sender
}

// Sender is one of a merchant's accounts, with all the credentials it needs.
type Sender struct {
	Name     string // the channel, and after a slash what the merchant calls it, if anything
	Provider string // who takes its messages, for people
	// Probe asks the provider whether it would take messages, and sends none. Its error is a *channels.Error.
	Probe func(ctx context.Context) error
}

// Patient is what is examined. What is wrong stands beside what it keeps from being there.
type Patient struct {
	Settings error // what is wrong with them, joined

	Folder    string // of the merchants
	Unread    error  // why the folder, or the shipped markets, cannot be read
	Merchants []Merchant

	PublicURL string
	// Online allows calls to others: providers, name servers, and the public URL.
	Online  bool
	Client  *http.Client // follows no redirect
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)

	Redis      Redis // nil for the embedded one
	RedisWrong error

	Database      Database
	DatabaseWrong error // ledger.ErrNone when there is none yet

	Now func() time.Time
}

// Examine makes every check there is, in the order in which they should be mended.
func Examine(ctx context.Context, p Patient) []Finding {
	e := &examination{Patient: p}
	e.settings()
	e.merchants()
	e.senders(ctx)
	e.address(ctx)
	e.redis(ctx)
	e.database(ctx)
	e.clock()
	return e.findings
}

// examination is one under way.
type examination struct {
	Patient
	findings []Finding
	readings []reading // of clocks, come upon on the way
}

func (e *examination) ok(check, says string)        { e.add(check, OK, says, "") }
func (e *examination) warn(check, says, do string)  { e.add(check, Warning, says, do) }
func (e *examination) fault(check, says, do string) { e.add(check, Fault, says, do) }
func (e *examination) add(c string, s State, f, d string) {
	e.findings = append(e.findings, Finding{c, s, f, d})
}

// wrong notes an error as a fault, one for each of those joined in it. Landfall's errors say what is wrong, and after a semicolon
// what to do; where one does not, otherwise is what to do.
func (e *examination) wrong(check string, err error, otherwise string) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			e.wrong(check, one, otherwise)
		}
		return
	}
	says, do, found := strings.Cut(strings.TrimSpace(err.Error()), "; ")
	if !found {
		do = otherwise
	}
	e.fault(check, says, sentence(do))
}

// sentence begins with a capital letter, unless it begins with a name, and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

func (e *examination) settings() {
	if e.Settings == nil {
		e.ok("settings", "complete")
		return
	}
	e.wrong("settings", e.Settings, "see docs/operations.md")
}
