package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Limits are how often whoever may ask; 0 is no limit.
type Limits struct {
	RateKeys     int    `name:"rate-keys" env:"LANDFALL_RATE_KEYS" default:"60000" help:"Requests a minute with one API key; 0 for no limit, here and in the four below."`
	RateInboxes  int    `name:"rate-inboxes" env:"LANDFALL_RATE_INBOXES" default:"300" help:"Requests a minute for one person's inbox."`
	RateHooks    int    `name:"rate-hooks" env:"LANDFALL_RATE_HOOKS" default:"6000" help:"Calls a minute of one merchant's webhooks from one address."`
	RateOpen     int    `name:"rate-open" env:"LANDFALL_RATE_OPEN" default:"600" help:"Requests a minute from one address without a good key: customers' pages, probes, and whoever tries keys out."`
	RateMessages int    `name:"rate-messages" env:"LANDFALL_RATE_MESSAGES" default:"60" help:"Messages of one person in an hour that are kept and answered; a STOP is obeyed beyond that."`
	Proxies      string `name:"proxies" env:"LANDFALL_PROXIES" default:"private" help:"Networks of the proxies before Landfall, whose X-Forwarded-For is believed, such as 10.1.0.0/16,192.0.2.7; private for this machine and every private network, none for none."`
}

// check reports every mistake.
func (l Limits) check() (errs []error) {
	for _, rate := range []struct {
		name  string
		value int
	}{
		{"LANDFALL_RATE_KEYS", l.RateKeys}, {"LANDFALL_RATE_INBOXES", l.RateInboxes}, {"LANDFALL_RATE_HOOKS", l.RateHooks},
		{"LANDFALL_RATE_OPEN", l.RateOpen}, {"LANDFALL_RATE_MESSAGES", l.RateMessages},
	} {
		if rate.value < 0 {
			errs = append(errs, fmt.Errorf("%s is negative; set it to a number of requests, or to 0 for no limit", rate.name))
		}
	}
	if _, err := l.ProxyNetworks(); err != nil {
		errs = append(errs, err)
	}
	return errs
}

// privateNetworks are this machine and what stands behind a router.
const privateNetworks = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"

// ProxyNetworks are the networks whose word is taken for where a request comes from.
func (l Limits) ProxyNetworks() (out []netip.Prefix, err error) {
	list := l.Proxies
	switch list {
	case "", "none":
		return nil, nil
	case "private":
		list = privateNetworks
	}
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		p, err := netip.ParsePrefix(one)
		if at, single := netip.ParseAddr(one); err != nil && single == nil {
			p, err = at.Prefix(at.BitLen())
		}
		if err != nil {
			return nil, errors.New("LANDFALL_PROXIES is no list of networks; write it as 10.1.0.0/16,192.0.2.7, or as private or none")
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
