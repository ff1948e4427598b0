package dispatcher

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"landfall/internal/notify"
	"landfall/internal/policy"
	"landfall/rules"
	"landfall/templates"
)

// atlas is a merchant with markets of one zone, of several told by places, and of several that nothing tells.
func atlas(t testing.TB) *Merchant {
	t.Helper()
	m := &Merchant{Voice: Voice{Words: &templates.Set{}}, Markets: map[string]*rules.Market{
		"DE": {Code: "DE", Zones: []string{"Europe/Berlin"}, Places: []rules.Place{{Region: "BY", Codes: []rules.CodeRange{{From: "80", To: "87"}}}}},
		"US": {Code: "US", Zones: []string{"America/New_York", "America/Chicago", "America/Denver", "America/Phoenix"}, Places: []rules.Place{
			{Region: "AZ", Codes: []rules.CodeRange{{From: "850", To: "865"}}, Zones: []string{"America/Phoenix"}},
			{Region: "FL", Codes: []rules.CodeRange{{From: "32", To: "34"}}, Zones: []string{"America/New_York", "America/Chicago"}},
		}},
		"ES": {Code: "ES", Zones: []string{"Europe/Madrid", "Atlantic/Canary", "Africa/Ceuta"}},
		"PT": {Code: "PT", Zones: []string{"Europe/Lisbon", "Atlantic/Madeira", "Atlantic/Azores"}},
		"ID": {Code: "ID", Zones: []string{"Asia/Jakarta", "Mars/Phobos"}}, // no loader lets this through
		"IN": {Code: "IN", Zones: []string{"Asia/Kolkata"}},                // which the numbering plan calls Asia/Calcutta
		"FR": {Code: "FR", Zones: []string{"Europe/Paris", "America/Guadeloupe", "Indian/Reunion"}},
		"NZ": {Code: "NZ", Zones: []string{"Pacific/Auckland", "Pacific/Chatham"}, MainZone: true},
		"NL": {Code: "NL"},
		"XX": {Code: "XX"},
	}}
	var err error
	if m.World, err = NewWorld(m.Markets, noon()); err != nil {
		t.Fatal(err)
	}
	return m
}

func names(zones []policy.Zone) string {
	var out []string
	for _, z := range zones {
		out = append(out, z.String())
	}
	return strings.Join(out, " ")
}

const (
	german, spanish, phoenix, florida = "+4915112345678", "+34612345678", "+16025551234", "+13055551234"
	tollFree, australian, portuguese  = "+18005551234", "+61412345678", "+351912345678"
	indonesian, indian, french, dutch = "+628123456789", "+919812345678", "+33612345678", "+31612345678"
)

func TestWhere(t *testing.T) {
	t.Parallel()
	at := func(country, region, code string) notify.Postal {
		return notify.Postal{Country: country, Region: region, PostalCode: code}
	}
	allOfUS := "America/New_York America/Chicago America/Denver America/Phoenix"
	for name, c := range map[string]struct {
		market string
		p      notify.Person
		want   string // the zones, their source, the country and region of the calendar
	}{
		"explicit beats all":                {"DE", notify.Person{TimeZone: "Asia/Tokyo", Postal: at("DE", "BY", ""), Phone: german}, "Asia/Tokyo: TZ_EXPLICIT, DE BY"},
		"explicit and unknown":              {"DE", notify.Person{TimeZone: "Mars/Phobos", Postal: at("DE", "", "")}, "Europe/Berlin: TZ_ADDRESS, DE "},
		"explicit, the machine's own":       {"DE", notify.Person{TimeZone: "Local", Postal: at("DE", "", "")}, "Europe/Berlin: TZ_ADDRESS, DE "},
		"address in a country of one zone":  {"DE", notify.Person{Postal: at("DE", "", "80331"), Phone: florida}, "Europe/Berlin: TZ_ADDRESS, DE BY"},
		"address by region, not by number":  {"US", notify.Person{Postal: at("US", "AZ", ""), Phone: florida}, "America/Phoenix: TZ_ADDRESS, US AZ"},
		"address by region, in full":        {"US", notify.Person{Postal: at("US", "us-az", "")}, "America/Phoenix: TZ_ADDRESS, US AZ"},
		"address by postal code":            {"US", notify.Person{Postal: at("US", "", "85001")}, "America/Phoenix: TZ_ADDRESS, US AZ"},
		"address in a part of two zones":    {"US", notify.Person{Postal: at("US", "FL", "")}, "America/New_York America/Chicago: TZ_ADDRESS, US FL"},
		"address in another country":        {"DE", notify.Person{Postal: at("US", "AZ", "")}, "America/Phoenix: TZ_ADDRESS, US AZ"},
		"address in a part nobody listed":   {"US", notify.Person{Postal: at("US", "TX", "")}, allOfUS + ": TZ_MARKET_DEFAULT, US TX"},
		"another country's unlisted part":   {"DE", notify.Person{Postal: at("US", "TX", "")}, allOfUS + ": TZ_MARKET_DEFAULT, US TX"},
		"address without a market":          {"DE", notify.Person{Postal: at("JP", "13", "100-0001")}, "Europe/Berlin: TZ_MARKET_DEFAULT, DE "},
		"address without a market, a phone": {"DE", notify.Person{Postal: at("JP", "", ""), Phone: spanish}, "Europe/Berlin Africa/Ceuta Atlantic/Canary Europe/Madrid: TZ_MARKET_DEFAULT, DE "},
		"unlisted part, a phone":            {"US", notify.Person{Postal: at("US", "TX", ""), Phone: phoenix}, "America/Phoenix: TZ_PHONE, US TX"},
		"phone tied to a place":             {"US", notify.Person{Phone: phoenix}, "America/Phoenix: TZ_PHONE, US "},
		"phone tied to a place abroad":      {"DE", notify.Person{Phone: florida}, "America/New_York: TZ_PHONE, DE "},
		"mobile in a country of one zone":   {"US", notify.Person{Phone: german}, "Europe/Berlin: TZ_PHONE, US "},
		"mobile in a country of several": {"ES", notify.Person{Phone: spanish},
			"Europe/Madrid Africa/Ceuta Atlantic/Canary: TZ_MARKET_DEFAULT, ES "},
		"mobile that the plan puts into two zones of three": {"PT", notify.Person{Phone: portuguese},
			"Europe/Lisbon Atlantic/Azores Atlantic/Madeira: TZ_MARKET_DEFAULT, PT "},
		"mobile in a country of several, market of one": {"DE", notify.Person{Phone: spanish},
			"Europe/Berlin Africa/Ceuta Atlantic/Canary Europe/Madrid: TZ_MARKET_DEFAULT, DE "},
		"mobile of a country without a market":                   {"DE", notify.Person{Phone: australian}, "Australia/Sydney: TZ_PHONE, DE "},
		"mobile in a country with a zone that is not there":      {"ID", notify.Person{Phone: indonesian}, "Asia/Jakarta: TZ_MARKET_DEFAULT, ID "},
		"mobile of a country whose market names no zone":         {"DE", notify.Person{Phone: dutch}, "Europe/Amsterdam: TZ_PHONE, DE "},
		"mobile of a country whose other zones have other codes": {"FR", notify.Person{Phone: french, Postal: at("FR", "", "")}, "Europe/Paris: TZ_PHONE, FR "},
		"mobile in a country whose zone has two names":           {"DE", notify.Person{Phone: indian}, "Asia/Kolkata: TZ_PHONE, DE "},
		"phone that is none":                                     {"DE", notify.Person{Phone: "+491"}, "Europe/Berlin: TZ_MARKET_DEFAULT, DE "},
		"phone of no country":                                    {"DE", notify.Person{Phone: "+80012345678"}, "Europe/Berlin: TZ_MARKET_DEFAULT, DE "},
		"nothing, a market of several":                           {"PT", notify.Person{}, "Europe/Lisbon Atlantic/Azores Atlantic/Madeira: TZ_MARKET_DEFAULT, PT "},
		"nothing, a market with a main zone":                     {"NZ", notify.Person{}, "Pacific/Auckland: TZ_MARKET_DEFAULT, NZ "},
		"mobile in a market with a main zone":                    {"NZ", notify.Person{Phone: "+64211234567"}, "Pacific/Auckland: TZ_PHONE, NZ "},
		"nothing, a market of none":                              {"XX", notify.Person{}, ": TZ_MARKET_DEFAULT, XX "},
		"a phone, a market of none":                              {"XX", notify.Person{Phone: phoenix}, "America/Phoenix: TZ_PHONE, XX "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := atlas(t)
			before := slices.Clone(m.Markets[c.market].Zones)
			w := m.where(c.p, m.Markets[c.market])
			if got := fmt.Sprintf("%s: %s, %s %s", names(w.zones), w.source, w.country, w.region); !sameZones(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if diff := cmp.Diff(before, m.Markets[c.market].Zones); diff != "" {
				t.Errorf("the market's zones were changed\n%s", diff)
			}
		})
	}
}

// sameZones compares two descriptions; behind the likeliest zone the order of the others tells nothing.
func sameZones(a, b string) bool {
	sorted := func(s string) string {
		zones, rest, _ := strings.Cut(s, ":")
		list := strings.Fields(zones)
		if len(list) > 1 {
			slices.Sort(list[1:])
		}
		return strings.Join(list, " ") + rest
	}
	return sorted(a) == sorted(b)
}

// A number without a place lies in so many zones that no advertising goes; order news goes by the market's clock.
func TestWhere_TollFree(t *testing.T) {
	t.Parallel()
	m := atlas(t)
	w := m.where(notify.Person{Phone: tollFree}, m.Markets["US"])
	if len(w.zones) < 42 || w.zones[0].String() != "America/New_York" || w.source != notify.ZoneMarket {
		t.Errorf("%d zones, %s first, by %s", len(w.zones), w.zones[0], w.source)
	}
	if n := strings.Count(" "+names(w.zones)+" ", " America/New_York "); n != 1 {
		t.Errorf("New York is listed %d times", n)
	}
}

// advertised decides about a text message with an offer to p, agreed to, at noon.
func advertised(m *Merchant, p notify.Person, market string) notify.Decision {
	open := notify.Hours{}
	for day := range open.Days {
		open.Days[day] = []notify.Span{{From: 0, To: 24 * 60}}
	}
	home := *m.Markets[market]
	home.Marketing = rules.Marketing{Channels: []notify.Channel{notify.SMS}, Consent: map[notify.Channel]rules.Need{notify.SMS: rules.NeedOptIn}, Hours: open}
	m.Senders = nil
	c := &choice{merchant: m, market: &home, person: p, now: noon(), notification: notify.Notification{ID: "n", Audience: notify.Customer, Only: notify.SMS,
		Notice: notify.Notice{Class: notify.MarketingClass, Purpose: notify.Marketing}}}
	c.story.Consents = []notify.ConsentEvent{{ID: "g", Channel: notify.SMS, Action: notify.Granted, OccurredAt: noon().AddDate(0, -1, 0)}}
	cand := c.candidate(notify.SMS)
	cand.HasSender, cand.HasAddress = true, true
	return policy.Decide(cand, c.now)
}

func TestWhere_AdvertisingNeverGoesByAnUnknownClock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		p       notify.Person
		market  string
		verdict notify.Verdict
		reason  notify.Reason
	}{
		"known":                   {notify.Person{TimeZone: "Europe/Berlin"}, "DE", notify.Allow, notify.BasisConsent},
		"an unknown name, market": {notify.Person{TimeZone: "Mars/Phobos"}, "DE", notify.Allow, notify.BasisConsent},
		"toll-free":               {notify.Person{Phone: tollFree}, "US", notify.Drop, notify.ZoneUnresolved},
		"a market without zones":  {notify.Person{}, "XX", notify.Drop, notify.ZoneUnresolved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := advertised(atlas(t), c.p, c.market); d.Verdict != c.verdict || d.Reason != c.reason {
				t.Errorf("got %s %s, want %s %s", d.Verdict, d.Reason, c.verdict, c.reason)
			}
		})
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	m := atlas(t)
	arizona, florida := notify.Postal{Country: "US", Region: "AZ"}, notify.Postal{Country: "US", Region: "FL"}
	for name, c := range map[string]struct {
		p            notify.Person
		market, want string
	}{
		"nothing known":                     {notify.Person{}, "ES", "Europe/Madrid"},
		"a market without zones":            {notify.Person{}, "XX", "UTC"},
		"chosen":                            {notify.Person{TimeZone: "Asia/Tokyo"}, "ES", "Asia/Tokyo"},
		"the door's before the chosen":      {notify.Person{TimeZone: "Asia/Tokyo", Postal: arizona}, "US", "America/Phoenix"},
		"chosen, where a door is uncertain": {notify.Person{TimeZone: "Asia/Tokyo", Postal: florida}, "US", "Asia/Tokyo"},
	} {
		if got := m.Clock(c.p, m.Markets[c.market]).String(); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestWorld_Holidays(t *testing.T) {
	t.Parallel()
	w, december := atlas(t).World, time.Date(2026, 12, 30, 23, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		at      whereabouts
		careful bool
		want    []string
	}{
		"the whole country's":                {whereabouts{country: "DE"}, false, []string{"2027-01-01"}},
		"a region's":                         {whereabouts{country: "DE", region: "BY"}, true, []string{"2027-01-01", "2027-01-06"}},
		"another region's":                   {whereabouts{country: "DE", region: "HH"}, true, []string{"2027-01-01"}},
		"advertising, region unknown":        {whereabouts{country: "DE"}, true, []string{"2027-01-01", "2027-01-06"}},
		"advertising, region not in the set": {whereabouts{country: "DE", region: "Bayern"}, true, []string{"2027-01-01", "2027-01-06"}},
		"order news, region not in the set":  {whereabouts{country: "DE", region: "Bayern"}, false, []string{"2027-01-01"}},
		"a country not in the table":         {whereabouts{country: "XX"}, true, nil},
	} {
		if diff := cmp.Diff(c.want, w.holidays(c.at, december, c.careful)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// The days that facts name do not depend on whose clock the instant is read from, and reach as far as policy looks.
func TestWorld_DaysAround(t *testing.T) {
	t.Parallel()
	w, ramadan := atlas(t).World, time.Date(2027, 2, 15, 23, 30, 0, 0, time.UTC)
	fast := w.fast(ramadan)
	if len(fast) != daysBefore+1+daysAfter || fast[0] != "2027-02-13" || fast[len(fast)-1] != "2027-03-05" {
		t.Errorf("fast %v", fast)
	}
	if len(w.fast(noon())) != 0 {
		t.Error("there is a fast in December 2026")
	}
	east, newYear := time.FixedZone("east", 14*3600), time.Date(2027, 1, 3, 12, 0, 0, 0, time.UTC)
	if diff := cmp.Diff(fast, w.fast(ramadan.In(east))); diff != "" {
		t.Error(diff)
	}
	for range 4 {
		newYear = newYear.Add(6 * time.Hour)
		at := whereabouts{country: "DE"}
		if diff := cmp.Diff(w.holidays(at, newYear, false), w.holidays(at, newYear.In(east), false)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNewWorld_EditionNamesTheZonesOfAllMarkets(t *testing.T) {
	t.Parallel()
	one := atlas(t)
	again, err := NewWorld(one.Markets, noon())
	if err != nil || again.Edition != one.World.Edition {
		t.Errorf("the same zones: %s and %s, %v", again.Edition, one.World.Edition, err)
	}
	delete(one.Markets, "ES")
	fewer, err := NewWorld(one.Markets, noon())
	if err != nil || fewer.Edition == again.Edition {
		t.Errorf("other zones: %s twice, %v", fewer.Edition, err)
	}
}

func TestWorld_ReleaseIsSpread(t *testing.T) {
	t.Parallel()
	at := noon()
	rapid.Check(t, func(t *rapid.T) {
		id := notify.DeliveryID(rapid.String().Draw(t, "id"))
		w := &World{Spread: time.Duration(rapid.Int64Range(-1, int64(time.Hour)).Draw(t, "spread"))}
		got := w.release(id, at)
		if again := w.release(id, at); !again.Equal(got) {
			t.Fatalf("released at %s and at %s", got, again)
		}
		if got.Before(at) || w.Spread > 0 && got.Sub(at) >= w.Spread || w.Spread <= 0 && !got.Equal(at) {
			t.Fatalf("held until %s, released at %s", at, got)
		}
		if got.Nanosecond()%1e6 != 0 {
			t.Fatalf("released at %s, which no ledger keeps", got)
		}
	})
	w, seen := &World{Spread: time.Minute}, map[time.Time]bool{}
	for i := range 100 {
		seen[w.release(notify.DeliveryID(fmt.Sprint(i, ".sms")), at)] = true
	}
	if len(seen) < 90 {
		t.Errorf("100 deliveries at %d instants", len(seen))
	}
}

func BenchmarkJudge(b *testing.B) {
	m, err := ours()
	if err != nil {
		b.Fatal(err)
	}
	c := &choice{merchant: shop(b), market: m.Markets["DE"], person: mei(), now: noon(), notification: notify.Notification{ID: "n", Audience: notify.Customer}}
	b.ReportAllocs()
	for b.Loop() {
		c.hours, c.decisions = nil, nil // nothing is remembered from one message to the next
		c.judge(notify.SMS)
	}
}
