package notify

// Person is a customer of one merchant.
type Person struct {
	ID       PersonID     `json:"id" yaml:"id"`
	Name     string       `json:"name,omitempty" yaml:"name"`
	Market   string       `json:"market,omitempty" yaml:"market"`       // ISO 3166-1; else the address's country
	Locale   string       `json:"locale,omitempty" yaml:"locale"`       // BCP 47; else the market's
	TimeZone string       `json:"time_zone,omitempty" yaml:"time_zone"` // IANA; else the market's
	Postal   Postal       `json:"address,omitzero" yaml:"address"`
	Phone    Phone        `json:"phone,omitempty" yaml:"phone"` // E.164
	Email    EmailAddress `json:"email,omitempty" yaml:"email"`
	Line     LineID       `json:"line,omitempty" yaml:"line"`
	InApp    bool         `json:"in_app,omitempty" yaml:"in_app"`
	Quiet    *Quiet       `json:"quiet_hours,omitempty" yaml:"quiet_hours"`
	Prefer   Channel      `json:"channel,omitempty" yaml:"channel"` // tried first with news of an order; empty: the market's order
	// Again says that the person became a customer anew since they were erased, so that they may be stored. It is not kept.
	Again bool `json:"-" yaml:"again"`
}

// Postal is the part of a delivery address that decides anything: rules, zone, language.
type Postal struct {
	Country    string `json:"country,omitempty" yaml:"country"` // ISO 3166-1 alpha-2
	Region     string `json:"region,omitempty" yaml:"region"`
	City       string `json:"city,omitempty" yaml:"city"`
	PostalCode string `json:"postal_code,omitempty" yaml:"postal_code"`
}

// MarketCode returns the market whose rules apply to p, or "" when nothing tells.
func (p Person) MarketCode() string {
	if p.Market != "" {
		return p.Market
	}
	return p.Postal.Country
}
