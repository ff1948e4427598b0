package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"landfall/internal/notify"
)

// Atlas loads time zones once. It may be used from many goroutines; the zero Atlas is ready.
type Atlas struct{ zones sync.Map }

// Zone returns the zone of an IANA name, and whether there is one. The empty name, "Local" and "localtime" are none: what clock
// the machine goes by decides nothing. Nor is "Factory", which is what a machine goes by that nobody told where it stands.
func (a *Atlas) Zone(name string) (Zone, bool) {
	switch name {
	case "", "Local", "localtime", "Factory":
		return Zone{}, false
	}
	if known, ok := a.zones.Load(name); ok {
		return known.(Zone), true
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return Zone{}, false
	}
	z := Zone{loc}
	a.zones.Store(name, z)
	return z, true
}

// Zones returns the zones of several names, passing over those there are none of.
func (a *Atlas) Zones(names []string) []Zone {
	var out []Zone
	for _, name := range names {
		if z, ok := a.Zone(name); ok {
			out = append(out, z)
		}
	}
	return out
}

// Edition names what the zones of some names say about the year of an instant and the one after it: it changes when what the
// zone files say does, whichever files the program was started with, and once a year.
func (a *Atlas) Edition(names []string, now time.Time) string {
	from := time.Date(now.UTC().Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	h := sha256.New()
	for _, z := range a.Zones(names) {
		fmt.Fprintln(h, z.String())
		for at := from; at.Before(from.AddDate(2, 0, 0)); {
			local := at.In(z.Location)
			_, end := local.ZoneBounds()
			fmt.Fprintln(h, offset(local), end.Unix())
			if !end.After(at) { // there is no end, or, for some zones in the far future, one that lies behind
				break
			}
			at = end
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// zoneReasons is the source of the zone, where the hour matters.
func (c Candidate) zoneReasons() []notify.Reason {
	if c.ZoneSource == "" || c.zoneDetail() == "" {
		return nil
	}
	return []notify.Reason{c.ZoneSource}
}

func (c Candidate) zoneDetail() string {
	if len(c.Zones) == 0 || !c.Channel.Interrupts() && c.Class != notify.MarketingClass {
		return ""
	}
	names := make([]string, 0, len(c.Zones))
	for _, z := range c.Zones {
		names = append(names, z.String())
	}
	return strings.TrimSpace(string(c.ZoneSource) + " " + strings.Join(names, ", "))
}
