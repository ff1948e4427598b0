package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// address is where a request comes from. Of IPv6 it is the network of 64 bits, which is what one household or server has.
func (a *api) address(r *http.Request) string { return network(clientOf(r, a.Proxies)) }

func network(at netip.Addr) string {
	if at.Is6() {
		if p, err := at.Prefix(64); err == nil {
			return p.String()
		}
	}
	return at.String()
}

// clientOf finds who asks. What a proxy says is believed of the proxies that are named and of nobody else: X-Forwarded-For is read from its end, which the nearest proxy wrote, up to the first
// address that is no proxy's. Whatever stands before that, anybody may have made up.
func clientOf(r *http.Request, proxies []netip.Prefix) netip.Addr {
	at, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(at) }) {
			return at
		}
		before, ok := parseAddress(hop)
		if !ok {
			return at
		}
		at = before
	}
	return at
}

// parseAddress reads an address with or without a port.
func parseAddress(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if with, err := netip.ParseAddrPort(s); err == nil {
		return with.Addr().Unmap().WithZone(""), true
	}
	at, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return at.Unmap().WithZone(""), err == nil
}
