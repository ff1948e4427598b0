package cli

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"landfall/dispatcher"
	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/simulate"
	"landfall/internal/tracking"
)

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
