package tracking

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/parcel"
)

func TestHappened(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stamp, spare, country string
		want                  string
		guessed               bool
	}{
		"with an offset":                {"2026-11-30T09:00:00+01:00", "", "JPN", "2026-11-30T08:00:00Z", false},
		"in UTC":                        {"2026-11-30T09:00:00Z", "", "JPN", "2026-11-30T09:00:00Z", false},
		"with fractions":                {"2026-11-30T09:00:00.25Z", "", "", "2026-11-30T09:00:00.25Z", false},
		"an offset without a colon":     {"2026-11-30T09:00:00+0900", "", "", "2026-11-30T00:00:00Z", false},
		"UTC by name":                   {"2026-11-30 09:00:00 UTC", "", "JPN", "2026-11-30T09:00:00Z", false},
		"Japan's wall clock":            {"2026-11-30T09:00:00", "", "JPN", "2026-11-30T00:00:00Z", true},
		"Germany in summer":             {"2026-07-30T09:00:00", "", "DEU", "2026-07-30T07:00:00Z", true},
		"alpha-2":                       {"2026-11-30 09:00:00", "", "TH", "2026-11-30T02:00:00Z", true},
		"a country of many zones":       {"2026-11-30T09:00:00", "", "USA", "2026-11-30T09:00:00Z", true},
		"Spain has islands":             {"2026-11-30T09:00:00", "", "ESP", "2026-11-30T09:00:00Z", true},
		"no country":                    {"2026-11-30T09:00:00", "", "", "2026-11-30T09:00:00Z", true},
		"no such country":               {"2026-11-30T09:00:00", "", "QQZ", "2026-11-30T09:00:00Z", true},
		"a day":                         {"2026-11-30", "", "JPN", "2026-11-29T15:00:00Z", true},
		"never later than heard":        {"2026-12-01T18:00:00", "", "BRA", "2026-12-01T10:00:00Z", true},
		"an exact time, never later":    {"2026-12-02T18:00:00Z", "", "", "2026-12-01T10:00:00Z", false},
		"unreadable, so when listed":    {"yesterday", "2026-11-30T09:00:00Z", "", "2026-11-30T09:00:00Z", false},
		"a zone nobody can place":       {"2026-11-30 09:00:00 CST", "", "", "2026-12-01T10:00:00Z", true},
		"nothing readable, so as heard": {"", "", "JPN", "2026-12-01T10:00:00Z", true},
		"the zero time is no time":      {"0001-01-01T00:00:00Z", "", "", "2026-12-01T10:00:00Z", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := fmt.Sprintf(`{"msg":{"tracking_number":"1","checkpoints":[{"checkpoint_time":%q,"created_at":%q,"country_iso3":%q,"subtag":"InTransit_001"}]}}`,
				tt.stamp, tt.spare, tt.country)
			e := decode(t, AfterShip, body, heard)[0]
			if got := e.HappenedAt.Format(time.RFC3339Nano); got != tt.want || e.ZoneGuessed != tt.guessed {
				t.Errorf("got %s, guessed %v; want %s, %v", got, e.ZoneGuessed, tt.want, tt.guessed)
			}
		})
	}
}

func TestZones_AllExist(t *testing.T) {
	t.Parallel()
	for code, name := range zones {
		if country(code) != code {
			t.Errorf("%s is no country", code)
		}
		if _, err := time.LoadLocation(name); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestCountry(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"DEU": "DE", "deu": "DE", "CHN": "CN", "THA": "TH", "HKG": "HK", "TWN": "TW", "GBR": "GB", "UK": "GB", "de": "DE",
		"": "", "D": "", "Germany": "", "150": "", "EU": "", "ZZZ": "", "??": "",
	}
	for code, want := range tests {
		if got := country(code); got != want {
			t.Errorf("country(%q) is %q, want %q", code, got, want)
		}
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := map[string]struct {
		from, to, place string
		want            *parcel.Window
	}{
		"instants":                    {"2026-12-03T10:00:00+01:00", "2026-12-03T14:00:00+01:00", "DE", &parcel.Window{From: at("2026-12-03T09:00:00Z"), To: at("2026-12-03T13:00:00Z")}},
		"an instant alone":            {"2026-12-03T10:00:00Z", "", "DE", &parcel.Window{From: at("2026-12-03T10:00:00Z"), To: at("2026-12-03T10:00:00Z")}},
		"a day in Germany":            {"2026-12-03", "", "DE", &parcel.Window{From: at("2026-12-02T23:00:00Z"), To: at("2026-12-03T22:59:59Z")}},
		"the day the clocks go back":  {"2027-10-31", "", "DE", &parcel.Window{From: at("2027-10-30T22:00:00Z"), To: at("2027-10-31T22:59:59Z")}},
		"days in Japan":               {"2026-12-03", "2026-12-05", "JP", &parcel.Window{From: at("2026-12-02T15:00:00Z"), To: at("2026-12-05T14:59:59Z")}},
		"a day written as midnight":   {"2026-12-03T00:00:00Z", "", "JP", &parcel.Window{From: at("2026-12-02T15:00:00Z"), To: at("2026-12-03T14:59:59Z")}},
		"a day in nobody knows where": {"2026-12-03", "", "US", &parcel.Window{From: at("2026-12-03T12:00:00Z"), To: at("2026-12-03T12:00:00Z")}},
		"backwards":                   {"2026-12-05", "2026-12-03", "DE", nil},
		"unreadable":                  {"soon", "", "DE", nil},
		"nothing":                     {"", "", "DE", nil},
		"the zero time":               {"0001-01-01T00:00:00Z", "", "DE", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, window(tt.from, tt.to, tt.place)); diff != "" {
				t.Errorf("window differs (-want +got):\n%s", diff)
			}
		})
	}
}
