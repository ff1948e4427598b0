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
	"landfall/internal/cases"
	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/simulate"
)

// given reads --person, or makes up a customer who can be reached everywhere. A consent without a time was given by begin.
func (c explainCmd) given(m *dispatcher.Merchant, e parcel.Event, begin time.Time) (simulate.Given, string, error) {
	f, remark := cases.Given{}, ""
	if c.Person == "" {
		f, remark = sample(m, begin)
	} else if err := readGiven(c.Person, &f); err != nil {
		return simulate.Given{}, "", err
	}
	if len(f.People) == 0 {
		return simulate.Given{}, "", fmt.Errorf("%s names nobody; write the person's fields, or a list under 'people'", c.Person)
	}
	if len(f.Orders) == 0 {
		f.Orders = []cases.Order{{ID: "A1", Person: string(f.People[0].ID), Value: parcel.Money{Amount: 120, Currency: "EUR"},
			Items: []parcel.Item{{Title: "Wool coat"}}}}
		remark = strings.TrimSpace(remark + " The parcel is taken for one of a sample order A1: a wool coat for 120 EUR.")
	}
	if len(f.Orders) == 1 && len(f.Orders[0].Parcels) == 0 {
		f.Orders[0].Parcels = []parcel.Label{{Carrier: e.Carrier, Number: e.Number}}
	}
	return f.World(begin), remark, nil
}

// readGiven takes a whole 'given', or one person alone.
func readGiven(file string, f *cases.Given) error {
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
		f.People = make([]cases.Person, 1)
		into = &f.People[0]
	}
	return config.Located(file, yaml.Load(data, into, yaml.WithKnownFields()), data, into)
}

// sample is a customer with every address and consent, of the merchant's default market or else the first of its own.
func sample(m *dispatcher.Merchant, at time.Time) (cases.Given, string) {
	code := home(m)
	if code == "" {
		return cases.Given{}, ""
	}
	p := cases.Person{Person: notify.Person{ID: "sample", Name: "Sample Customer", Market: code, Postal: notify.Postal{Country: code},
		Phone: "+15005550006", Email: "customer@example.com", Line: notify.LineID("U" + strings.Repeat("0", 32)), InApp: true}}
	for _, c := range notify.Channels() {
		p.Consents = append(p.Consents, cases.Consent{Channel: c, Action: notify.Granted, At: at.AddDate(0, -1, 0)})
	}
	return cases.Given{People: []cases.Person{p}}, "No --person given: a sample customer of market " + code + " with every address and consent."
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
