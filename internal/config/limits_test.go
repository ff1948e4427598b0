package config

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestLimits_Proxies(t *testing.T) {
	t.Parallel()
	for list, inside := range map[string]map[string]bool{
		"":                       {"127.0.0.1": false},
		"none":                   {"127.0.0.1": false},
		"private":                {"127.0.0.1": true, "::1": true, "10.9.9.9": true, "172.20.0.1": true, "192.168.1.1": true, "fd00::1": true, "8.8.8.8": false, "172.32.0.1": false},
		"10.1.0.0/16, 192.0.2.7": {"10.1.2.3": true, "10.2.2.3": false, "192.0.2.7": true, "192.0.2.8": false, "127.0.0.1": false},
	} {
		networks, err := Limits{Proxies: list}.ProxyNetworks()
		if err != nil {
			t.Errorf("%q: %v", list, err)
		}
		for at, want := range inside {
			if got := slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(netip.MustParseAddr(at)) }); got != want {
				t.Errorf("%s is a proxy by %q: %t", at, list, got)
			}
		}
	}
}

func TestLimits_Mistakes(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]Limits{"LANDFALL_RATE_KEYS": {RateKeys: -1}, "LANDFALL_RATE_INBOXES": {RateInboxes: -1}, "LANDFALL_RATE_HOOKS": {RateHooks: -1},
		"LANDFALL_RATE_OPEN": {RateOpen: -1}, "LANDFALL_RATE_MESSAGES": {RateMessages: -1}, "LANDFALL_PROXIES": {Proxies: "the proxy"}} {
		errs := l.check()
		if len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), name+" ") || !strings.Contains(errs[0].Error(), "; ") {
			t.Errorf("%s: %v", name, errs)
		}
	}
}
