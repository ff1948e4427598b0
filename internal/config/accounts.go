package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Accounts are a merchant's senders on one channel, in the order in which they are tried. A file that has only one may write it
// without the dash, and without a name.
type Accounts[C any] []Account[C]

// Account is one of them.
type Account[C any] struct {
	// Name tells it apart; "" for an only one. It is kept with every message that went by it.
	Name string `yaml:"name"`
	// Markets are whose people it writes to, by their codes; none: everybody's.
	Markets []string `yaml:"markets"`
	Config  C        `yaml:",inline"`
}

// UnmarshalYAML reads one account or a list of them, and knows every key.
func (a *Accounts[C]) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return n.Load((*[]Account[C])(a), yaml.WithKnownFields())
	}
	*a = make(Accounts[C], 1)
	return n.Load(&(*a)[0], yaml.WithKnownFields())
}

// served is what checkAccounts looks at.
type served struct {
	name    string
	markets []string
}

func (a Accounts[C]) served() []served {
	out := make([]served, len(a))
	for i, one := range a {
		out[i] = served{one.Name, one.Markets}
	}
	return out
}

// checkAccounts reports senders that cannot be told apart and markets that are none.
func (m *Merchant) checkAccounts(at place) error {
	var errs []error
	for _, c := range []struct {
		channel string
		all     []served
	}{{"whatsapp", m.Senders.WhatsApp.served()}, {"sms", m.Senders.SMS.served()}, {"line", m.Senders.LINE.served()}, {"email", m.Senders.Email.served()}} {
		var seen []string
		for i, one := range c.all {
			steps := []any{"senders", c.channel}
			if len(c.all) > 1 {
				steps = append(steps, i)
			}
			switch {
			case len(c.all) > 1 && one.name == "":
				errs = append(errs, at.problem("senders."+c.channel+" has several senders and this one has no name; give each a name of its own", steps...))
			case strings.ContainsAny(one.name, "/ \t"):
				errs = append(errs, at.problem(fmt.Sprintf("sender %q stands in addresses; name it with letters, digits and dashes", one.name), append(steps, "name")...))
			case slices.Contains(seen, one.name):
				errs = append(errs, at.problem(fmt.Sprintf("senders.%s has two senders called %q; give each a name of its own", c.channel, one.name), append(steps, "name")...))
			}
			seen = append(seen, one.name)
			errs = append(errs, m.checkServed(at, one.markets, steps))
		}
	}
	return errors.Join(errs...)
}

func (m *Merchant) checkServed(at place, codes []string, steps []any) error {
	var errs []error
	for i, code := range codes {
		if m.Markets != nil && m.Markets[code] == nil {
			errs = append(errs, at.problem(fmt.Sprintf("%q is no market of this merchant; write the code of one, such as DE", code), append(slices.Clone(steps), "markets", i)...))
		}
	}
	return errors.Join(errs...)
}
