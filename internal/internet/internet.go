// Package internet tells addresses that the internet reaches from those of this machine and of the networks behind it. What strangers and merchants have called by us
// must be the former: it is looked at when a name has been resolved, right before the connection, so that a name which leads elsewhere the second time helps nobody.
package internet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrInside is the refusal to call a machine that the internet does not reach.
var ErrInside = errors.New("the address is none of the internet's")

// Dialer returns a function that connects to what is public, and to what also allows besides; nil for nothing. Its errors wrap ErrInside when an address is refused.
func Dialer(timeout time.Duration, also func(netip.Addr) bool) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !Public(at.Addr()) && (also == nil || !also(at.Addr().Unmap())) {
			return ErrInside
		}
		return nil
	}}
	return d.DialContext
}

// Public reports whether an address is one of the internet's: none of this machine, of a network behind it, or of a range that
// is kept for something else (IANA's special-purpose registries).
func Public(at netip.Addr) bool {
	at = at.Unmap()
	if !at.IsGlobalUnicast() || at.IsPrivate() || at.Zone() != "" {
		return false
	}
	for _, r := range reserved {
		if netip.MustParsePrefix(r).Contains(at) {
			return false
		}
	}
	if translated.Contains(at) { // an IPv4 address as networks of IPv6 alone write it
		b := at.As16()
		return Public(netip.AddrFrom4([4]byte(b[12:])))
	}
	return true
}

// Private reports whether an address is of this machine or of a network behind it, such as an operator may mean on purpose. What hosts tell their own machines at (link-local addresses, and those
// that clouds serve their credentials at) is never meant.
func Private(at netip.Addr) bool {
	at = at.Unmap()
	return (at.IsLoopback() || at.IsPrivate()) && at.Zone() == "" && at != netip.MustParseAddr("fd00:ec2::254")
}

var translated = netip.MustParsePrefix("64:ff9b::/96")

var reserved = [...]string{
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
}
