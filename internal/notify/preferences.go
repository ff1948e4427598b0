package notify

// Preferences are what a person chose on their own page. They are kept apart from what the shop tells of the person, which
// it may tell anew every night.
type Preferences struct {
	Locale   string  `json:"locale,omitempty"`      // BCP 47; empty: as without a choice, like all of them
	TimeZone string  `json:"time_zone,omitempty"`   // IANA
	Quiet    *Quiet  `json:"quiet_hours,omitempty"` // in place of those the shop told; the market's hold besides
	Prefer   Channel `json:"channel,omitempty"`     // is tried first with news of an order
}

// Over returns a person with the preferences laid over what the shop told.
func (c Preferences) Over(p Person) Person {
	if c.Locale != "" {
		p.Locale = c.Locale
	}
	if c.TimeZone != "" {
		p.TimeZone = c.TimeZone
	}
	if c.Quiet != nil {
		p.Quiet = c.Quiet
	}
	if c.Prefer != "" {
		p.Prefer = c.Prefer
	}
	return p
}
