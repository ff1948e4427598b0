package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"landfall/dispatcher"
	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/parcel"
	"landfall/internal/report"
	"landfall/internal/simulate"
	"landfall/internal/tracking"
)

type explainCmd struct {
	Config  string  `help:"The merchant's folder." required:"" placeholder:"DIR"`
	Event   string  `help:"The event, as for POST /v1/events." required:"" placeholder:"FILE"`
	Person  string  `help:"Who it is for: people and orders as under 'given' in a rule test, or one person. Default: a sample customer." placeholder:"FILE"`
	History string  `help:"Events heard before, as for POST /v1/events." placeholder:"FILE"`
	At      instant `help:"When the event is heard, as in 2026-12-02T03:00:00Z." required:"" placeholder:"TIME"`
	JSON    bool    `help:"Print for a program."`
}

// instant is a time on the command line.
type instant struct{ time.Time }

// UnmarshalText reads RFC 3339.
func (i *instant) UnmarshalText(text []byte) (err error) {
	if i.Time, err = time.Parse(time.RFC3339, string(text)); err != nil {
		return fmt.Errorf("%q is no time; write it as 2026-12-02T03:00:00Z", text)
	}
	return nil
}

// Run plays the event through the code of production and prints what it would lead to.
func (c explainCmd) Run(ctx context.Context, e Env) error {
	m, supposed, err := c.merchant()
	if err != nil {
		return err
	}
	event, history, err := c.events()
	if err != nil {
		return err
	}
	given, remark, err := c.given(m, event, simulate.First(append(history, event)))
	if err != nil {
		return err
	}
	rows, err := simulate.Ask(ctx, m, simulate.Question{Given: given, History: history, Event: event})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(e.Stdout).Encode(report.Explain(rows))
	}
	return printRows(e.Stdout, strings.TrimSpace(supposed+" "+remark), rows)
}

// merchant reads the configuration as check does: what it says about credentials does not matter here. Where it names no
// senders yet every channel is supposed to have one, as in rule tests; supposed says so.
func (c explainCmd) merchant() (_ *dispatcher.Merchant, supposed string, err error) {
	dir, err := oneMerchant(c.Config)
	if err != nil {
		return nil, "", err
	}
	m, err := readMerchant(dir, config.Providers{}, func(string) string { return "" }, func(string) {})
	if err != nil {
		return nil, "", err
	}
	if m.Senders.None() {
		s := built(m)
		if s.wrong != nil {
			return nil, "", s.wrong
		}
		return simulate.Reachable(s.merchant), "merchant.yaml names no senders yet: every channel is taken to have one.", nil
	}
	world, err := dispatcher.NewWorld(m.Markets, c.At.Time)
	if err != nil {
		return nil, "", err
	}
	t, err := app.BuildTenant(m, world, nil)
	if err != nil {
		return nil, "", err
	}
	return t.Merchant, "", nil
}

// events reads the event, heard at --at, and the history, each heard when it happened.
func (c explainCmd) events() (parcel.Event, []parcel.Event, error) {
	event, err := readEvents(c.Event, c.At.Time)
	if err != nil {
		return parcel.Event{}, nil, err
	}
	if len(event) != 1 {
		return parcel.Event{}, nil, fmt.Errorf("%s holds %d events; give one, and the earlier ones with --history", c.Event, len(event))
	}
	if c.History == "" {
		return event[0], nil, nil
	}
	history, err := readEvents(c.History, c.At.Time)
	for i, h := range history {
		history[i].HeardAt = h.HappenedAt
	}
	slices.SortStableFunc(history, func(a, b parcel.Event) int { return a.HeardAt.Compare(b.HeardAt) })
	return event[0], history, err
}

func readEvents(file string, heard time.Time) ([]parcel.Event, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read; give a file with an event as JSON", file)
	}
	text, err := asJSON(file, data)
	if err != nil {
		return nil, err
	}
	events, err := tracking.DecodeOwn(text, heard)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return events, nil
}

// asJSON lets people write their files in YAML, of which JSON is a part.
func asJSON(file string, data []byte) ([]byte, error) {
	if s := strings.TrimSpace(string(data)); strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[") {
		return data, nil
	}
	var v any
	if err := yaml.Load(data, &v); err != nil {
		return nil, config.Located(file, err, data, &v)
	}
	return json.Marshal(v)
}
