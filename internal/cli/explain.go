package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"landfall/dispatcher"
	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/notify"
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
	m, err := c.merchant()
	if err != nil {
		return err
	}
	event, history, err := c.events()
	if err != nil {
		return err
	}
	given, remark, err := c.given(m, event)
	if err != nil {
		return err
	}
	rows, err := explain(ctx, m, given, history, event)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(e.Stdout).Encode(explained(rows))
	}
	return printRows(e.Stdout, remark, rows)
}

func explain(ctx context.Context, m *dispatcher.Merchant, g simulate.Given, history []parcel.Event, event parcel.Event) (rows []report.Row, err error) {
	s, err := simulate.New(ctx, m)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	begin := event.HeardAt
	for _, h := range history {
		if h.HeardAt.Before(begin) {
			begin = h.HeardAt
		}
	}
	if err := s.Begin(ctx, begin, g); err != nil {
		return nil, err
	}
	return s.Explain(ctx, history, event)
}

// explanation is a row in the words of a rule test: these fields, always all of them.
type explanation struct {
	Person    notify.PersonID    `json:"person"`
	Say       notify.TemplateKey `json:"say"`
	Rule      string             `json:"rule"`
	Channel   notify.Channel     `json:"channel"`
	Outcome   string             `json:"outcome"`
	Reason    notify.Reason      `json:"reason"`
	At        time.Time          `json:"at"`
	HeldFor   notify.Reason      `json:"held_for"`
	Locale    string             `json:"locale"`
	Text      string             `json:"text"`
	Segments  int                `json:"segments"`
	Skipped   []report.Skipped   `json:"skipped"`
	Decisions []notify.Decision  `json:"decisions"`
}

func explained(rows []report.Row) []explanation {
	out := make([]explanation, len(rows))
	for i, r := range rows {
		out[i] = explanation{Person: r.Person, Say: r.Say, Rule: r.Rule, Channel: r.Channel, Outcome: r.Outcome, Reason: r.Reason, At: r.At,
			HeldFor: r.HeldFor, Locale: r.Locale, Text: r.Text, Segments: r.Segments,
			Skipped: append([]report.Skipped{}, r.Skipped...), Decisions: append([]notify.Decision{}, r.Decisions...)}
	}
	return out
}

// merchant reads the configuration as check does: what it says about credentials does not matter here.
func (c explainCmd) merchant() (*dispatcher.Merchant, error) {
	dir, err := oneMerchant(c.Config)
	if err != nil {
		return nil, err
	}
	m, err := readMerchant(dir, config.Providers{}, func(string) string { return "" }, func(string) {})
	if err != nil {
		return nil, err
	}
	t, err := app.BuildTenant(m, nil)
	if err != nil {
		return nil, err
	}
	return t.Merchant, nil
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

// givenFile is who and what there is, in the words of a rule test.
type givenFile struct {
	People []givenPerson `yaml:"people"`
	Orders []givenOrder  `yaml:"orders"`
}

type givenPerson struct {
	notify.Person `yaml:",inline"`
	Consents      []givenConsent `yaml:"consents"`
}

type givenConsent struct {
	Channel notify.Channel `yaml:"channel"`
	Purpose notify.Purpose `yaml:"purpose"`
	Action  notify.Action  `yaml:"action"`
	At      time.Time      `yaml:"at"`
	Method  string         `yaml:"method"`
}

type givenOrder struct {
	ID      parcel.OrderID `yaml:"id"`
	Person  string         `yaml:"person"`
	Value   parcel.Money   `yaml:"value"`
	Items   []parcel.Item  `yaml:"items"`
	Tags    []string       `yaml:"tags"`
	Parcels []parcel.Label `yaml:"parcels"`
}

// given reads --person, or makes up a customer who can be reached everywhere.
func (c explainCmd) given(m *dispatcher.Merchant, e parcel.Event) (simulate.Given, string, error) {
	f, remark := givenFile{}, ""
	if c.Person == "" {
		f, remark = sample(m, c.At.Time)
	} else if err := readGiven(c.Person, &f); err != nil {
		return simulate.Given{}, "", err
	}
	if len(f.People) == 0 {
		return simulate.Given{}, "", fmt.Errorf("%s names nobody; write the person's fields, or a list under 'people'", c.Person)
	}
	if len(f.Orders) == 0 {
		f.Orders = []givenOrder{{ID: "A1", Person: string(f.People[0].ID), Value: parcel.Money{Amount: 120, Currency: "EUR"},
			Items: []parcel.Item{{Title: "Wool coat"}}}}
		remark = strings.TrimSpace(remark + " The parcel is taken for one of a sample order A1: a wool coat for 120 EUR.")
	}
	if len(f.Orders) == 1 && len(f.Orders[0].Parcels) == 0 {
		f.Orders[0].Parcels = []parcel.Label{{Carrier: e.Carrier, Number: e.Number}}
	}
	return f.given(), remark, nil
}

// readGiven takes a whole 'given', or one person alone.
func readGiven(file string, f *givenFile) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s cannot be read; give a file with the person as YAML or JSON", file)
	}
	var shape map[string]any
	if err := yaml.Load(data, &shape); err != nil {
		return config.Located(file, err, data, shape)
	}
	into := any(f)
	if shape["people"] == nil {
		f.People = make([]givenPerson, 1)
		into = &f.People[0]
	}
	return config.Located(file, yaml.Load(data, into, yaml.WithKnownFields()), data, into)
}

func (f givenFile) given() simulate.Given {
	g := simulate.Given{Consents: map[notify.PersonID][]notify.ConsentEvent{}}
	for _, p := range f.People {
		if p.ID == "" {
			p.ID = "person"
		}
		g.People = append(g.People, p.Person)
		for i, c := range p.Consents {
			g.Consents[p.ID] = append(g.Consents[p.ID], notify.ConsentEvent{ID: fmt.Sprint(i), Channel: c.Channel, Purpose: c.Purpose, Action: c.Action,
				OccurredAt: c.At, ReceivedAt: c.At, Method: c.Method})
		}
	}
	for _, o := range f.Orders {
		for i, l := range o.Parcels {
			o.Parcels[i] = parcel.Label{Carrier: tracking.Carrier(string(l.Carrier)), Number: tracking.Number(string(l.Number))}
		}
		if o.Person == "" {
			o.Person = string(g.People[0].ID)
		}
		g.Orders = append(g.Orders, parcel.Order{ID: o.ID, Person: o.Person, Value: o.Value, Items: o.Items, Tags: o.Tags, Parcels: o.Parcels})
	}
	return g
}

// sample is a customer with every address and consent, of the merchant's default market or else the first of its own.
func sample(m *dispatcher.Merchant, at time.Time) (givenFile, string) {
	code := home(m)
	if code == "" {
		return givenFile{}, ""
	}
	p := givenPerson{Person: notify.Person{ID: "sample", Name: "Sample Customer", Market: code, Postal: notify.Postal{Country: code},
		Phone: "+15005550006", Email: "customer@example.com", Line: notify.LineID("U" + strings.Repeat("0", 32)), InApp: true}}
	for _, c := range notify.Channels() {
		p.Consents = append(p.Consents, givenConsent{Channel: c, Action: notify.Granted, At: at.AddDate(0, -1, 0)})
	}
	return givenFile{People: []givenPerson{p}}, "No --person given: a sample customer of market " + code + " with every address and consent."
}

// home is the market a sample customer lives in; empty when there are no markets at all.
func home(m *dispatcher.Merchant) string {
	if m.Markets[m.DefaultMarket] != nil {
		return m.DefaultMarket
	}
	codes := slices.Sorted(maps.Keys(m.Markets))
	for _, code := range codes { // the pack's are always there: one the merchant wrote says more
		if ownMarket(m.Markets[code]) {
			return code
		}
	}
	return strings.Join(codes[:min(1, len(codes))], "")
}

// printRows prints rows for people.
func printRows(w io.Writer, remark string, rows []report.Row) error {
	var b strings.Builder
	if remark != "" {
		fmt.Fprintf(&b, "%s\n\n", remark)
	}
	for _, r := range rows {
		printRow(&b, r)
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}

func printRow(b *strings.Builder, r report.Row) {
	head := strings.ToUpper(r.Outcome)
	if r.Say != "" {
		head += fmt.Sprintf("  %s to %s", r.Say, r.Person)
	}
	if r.Channel != "" {
		head += " on " + label(r.Channel)
	}
	when := "at"
	if r.Outcome == string(notify.Held) {
		when = "until"
	}
	fmt.Fprintf(b, "%s  %s %s\n", head, when, r.At.UTC().Format(time.RFC3339))
	fmt.Fprintf(b, "  why    %s\n", because(r))
	if r.Rule != "" {
		fmt.Fprintf(b, "  rule   %s\n", r.Rule)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(b, "  not    on %s: %s (%s)\n", label(s.Channel), s.Reason.Means(), s.Reason)
	}
	printWords(b, r)
	b.WriteString("\n")
}

// because says why a row ended as it did; of one that would be sent, what allows it.
func because(r report.Row) string {
	if r.Outcome != "sent" {
		return r.Why + " (" + string(r.Reason) + ")"
	}
	r.Skipped = nil // they have lines of their own
	return why(r)
}

func printWords(b *strings.Builder, r report.Row) {
	if r.Text == "" {
		return
	}
	segments := ""
	switch {
	case r.Segments == 1:
		segments = ", 1 text message segment"
	case r.Segments > 1:
		segments = fmt.Sprintf(", %d text message segments", r.Segments)
	}
	fmt.Fprintf(b, "  words  in %s%s:\n", r.Locale, segments)
	for line := range strings.Lines(r.Text) {
		fmt.Fprintln(b, strings.TrimRight("         "+line, " \n"))
	}
}
