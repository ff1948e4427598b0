package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"landfall/internal/notify"
)

func TestPack_ZonesOfAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct{ market, region, code, want string }{
		{"DE", "", "", "Europe/Berlin"},
		{"US", "", "", ""},
		{"US", "AZ", "85001", "America/Phoenix"},
		{"US", "AZ", "", "America/Phoenix"},
		{"US", "US-AZ", "", "America/Phoenix"},
		{"US", "Arizona", "", ""},
		{"US", "Arizona", "85001-1234", "America/Phoenix"},
		{"US", "", "86503", "America/Phoenix America/Denver"},
		{"US", "", "33101", "America/New_York"},
		{"US", "fl", "32501", "America/Chicago"},
		{"US", "FL", "", "America/New_York America/Chicago"},
		{"US", "AZ", "33101", "America/Phoenix"}, // the region is meant, the code mistyped
		{"US", "TX", "79901", "America/Denver"},
		{"US", "", "88510", "America/Denver"},
		{"US", "", "75201", "America/Chicago"},
		{"US", "", "46402", "America/Chicago"},
		{"US", "", "57701", "America/Denver"},
		{"US", "", "83814", "America/Los_Angeles"},
		{"US", "", "97914", "America/Denver"},
		{"US", "AK", "99501", "America/Anchorage"},
		{"US", "AK", "99546", "America/Adak"},
		{"US", "", "96799", "Pacific/Pago_Pago"},
		{"US", "", "96701", "Pacific/Honolulu"},
		{"US", "", "00901", "America/Puerto_Rico"},
		{"US", "ZZ", "", ""},
		{"CA", "", "V6B 1A1", "America/Vancouver"},
		{"CA", "", "v1g1a1", "America/Dawson_Creek"},
		{"CA", "SK", "", "America/Regina"},
		{"CA", "", "A1A 1A1", "America/St_Johns"},
		{"CA", "", "A0P 1E0", "America/Halifax"},
		{"CA", "ON", "P9N 1A1", "America/Winnipeg"},
		{"CA", "", "X0A 0H0", "America/Toronto"},
		{"AU", "", "2880", "Australia/Adelaide"},
		{"AU", "", "2000", "Australia/Sydney"},
		{"AU", "", "0800", "Australia/Darwin"},
		{"AU", "WA", "", "Australia/Perth"},
		{"AU", "", "2898", "Australia/Lord_Howe"},
		{"BR", "", "69900-000", "America/Rio_Branco"},
		{"BR", "", "69300-000", "America/Manaus"},
		{"BR", "", "01310-100", "America/Sao_Paulo"},
		{"BR", "PE", "53990-000", "America/Noronha"},
		{"BR", "MT", "", "America/Cuiaba"},
		{"MX", "", "77500", "America/Cancun"},
		{"MX", "", "32000", "America/Ciudad_Juarez"},
		{"MX", "JAL", "", "America/Mexico_City"},
		{"ES", "", "35001", "Atlantic/Canary"},
		{"ES", "CN", "", "Atlantic/Canary"},
		{"ES", "", "28001", "Europe/Madrid"},
		{"ES", "MD", "", "Europe/Madrid"},
		{"ES", "Las Palmas", "", ""},
		{"ES", "Las Palmas", "35001", "Atlantic/Canary"},
		{"ES", "", "51001", "Africa/Ceuta"},
		{"PT", "", "9500-150", "Atlantic/Azores"},
		{"PT", "", "9000-001", "Atlantic/Madeira"},
		{"PT", "", "1000-001", "Europe/Lisbon"},
		{"FR", "", "97400", "Indian/Reunion"},
		{"FR", "", "75001", "Europe/Paris"},
		{"FR", "GP", "", "America/Guadeloupe"},
		{"CL", "MA", "", "America/Punta_Arenas"},
		{"CL", "", "2770000", "Pacific/Easter"},
		{"CL", "", "8320000", "America/Santiago"},
		{"ID", "", "80361", "Asia/Makassar"},
		{"ID", "PA", "", "Asia/Jayapura"},
		{"ID", "", "10110", "Asia/Jakarta"},
		{"NZ", "", "8942", "Pacific/Chatham"},
		{"NZ", "", "6011", "Pacific/Auckland"},
	}
	pack := shippedPack(t)
	for _, tt := range tests {
		got := pack[tt.market].ZonesAt(notify.Postal{Country: tt.market, Region: tt.region, PostalCode: tt.code})
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s, region %q, code %q: zones %v, want %s", tt.market, tt.region, tt.code, got, tt.want)
		}
	}
}

func TestPack_LanguagesOfAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct{ market, region, code, want string }{
		{"CH", "", "", "de"}, {"CH", "", "8001", "de"}, {"CH", "", "1200", "fr"}, {"CH", "", "6900", "it"}, {"CH", "", "1712", "de"},
		{"CH", "VD", "", "fr"}, {"CH", "", "2502", "de"}, {"CH", "", "2720", "fr"},
		{"BE", "", "", "nl-BE"}, {"BE", "", "1000", "fr-BE"}, {"BE", "", "2000", "nl-BE"}, {"BE", "", "4000", "fr-BE"}, {"BE", "", "4700", "de"},
		{"BE", "", "9000", "nl-BE"}, {"BE", "WAL", "", "fr-BE"},
		{"CA", "", "H2X 1Y4", "fr-CA"}, {"CA", "", "M5V 2T6", "en-CA"}, {"FI", "", "22100", "sv-FI"}, {"US", "", "00901", "es-US"}, {"DE", "BY", "80331", "de"},
	}
	pack := shippedPack(t)
	for _, tt := range tests {
		if got := pack[tt.market].LocaleAt(notify.Postal{Region: tt.region, PostalCode: tt.code}); got != tt.want {
			t.Errorf("%s, region %q, code %q: locale %s, want %s", tt.market, tt.region, tt.code, got, tt.want)
		}
	}
}

func TestRegion(t *testing.T) {
	t.Parallel()
	tests := []struct{ market, region, code, want string }{
		{"US", "tx", "", "TX"}, {"US", "US-RI", "", "RI"}, {"US", "", "02903", "RI"}, {"US", "Florida", "33101", "FL"}, {"US", "Florida", "", ""},
		{"US", "ZZ", "", ""}, {"DE", "DE-BY", "", "BY"}, {"DE", "", "80331", ""},
	}
	pack := shippedPack(t)
	for _, tt := range tests {
		if got := pack[tt.market].Region(notify.Postal{Region: tt.region, PostalCode: tt.code}); got != tt.want {
			t.Errorf("%s, region %q, code %q: region %q, want %q", tt.market, tt.region, tt.code, got, tt.want)
		}
	}
}

// Every zone a country lists is reached by some place, and no place's codes are all taken by those before it.
func TestPack_PlacesReachEveryZone(t *testing.T) {
	t.Parallel()
	for code, m := range shippedPack(t) {
		for _, zone := range m.Zones {
			if len(m.Zones) > 1 && !slices.ContainsFunc(m.Places, func(p Place) bool { return slices.Equal(p.Zones, []string{zone}) }) {
				t.Errorf("%s: no place is in %s alone", code, zone)
			}
		}
		for i, p := range m.Places {
			if len(p.Codes) == 0 {
				continue
			}
			if !slices.ContainsFunc(p.Codes, func(r CodeRange) bool { return m.place(notify.Postal{PostalCode: r.From}) == &m.Places[i] }) &&
				!slices.ContainsFunc(p.Codes, func(r CodeRange) bool { return m.place(notify.Postal{PostalCode: r.To}) == &m.Places[i] }) {
				t.Errorf("%s: place %d, %s %v, is never found by its postal codes", code, i, p.Region, p.Codes)
			}
		}
	}
}

func TestLoud(t *testing.T) {
	t.Parallel()
	at := func(hour int) notify.Clock { return notify.Clock(hour * 60) }
	whole := &notify.Stretch{FromDay: time.Monday, From: at(0), ToDay: time.Sunday, To: at(23)}
	tests := map[string]struct {
		quiet notify.Quiet
		want  bool
	}{
		"night":                   {notify.Quiet{From: at(21), To: at(8)}, true},
		"all day but an hour":     {notify.Quiet{From: at(9), To: at(8)}, true},
		"the week but one hour":   {notify.Quiet{From: at(21), To: at(8), Also: whole}, false},
		"open in the gap":         {notify.Quiet{From: at(8), To: at(21), Also: whole}, true},
		"the gap shut on Sundays": {notify.Quiet{From: at(8), To: at(21), SundaysUntil: at(24), Also: whole}, false},
	}
	for name, tt := range tests {
		if got := loud(tt.quiet); got != tt.want {
			t.Errorf("%s: leaves something open: %t, want %t", name, got, tt.want)
		}
	}
}
