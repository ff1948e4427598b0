package webpush

import (
	"net/netip"

	"landfall/channels/internal/outbound"
	"landfall/internal/internet"
)

// also is what may be called besides the internet: this machine, on a stage.
func (p *Pusher) also(at netip.Addr) bool { return p.Loopback && at.IsLoopback() }

// allowedHost refuses a host that is written as an address nobody may push to; names are looked at when they are resolved.
func (p *Pusher) allowedHost(host string) bool {
	if outbound.Loopback(host) {
		return p.Loopback
	}
	at, err := netip.ParseAddr(host)
	return err != nil || internet.Public(at) || p.also(at.Unmap())
}
