package phone

import (
	"slices"
	"testing"
)

func TestHomeOf(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]struct {
		country, zone string
		zones         int
		local         bool
	}{
		"+16025551234":   {"US", "America/Phoenix", 1, true},
		"+13055551234":   {"US", "America/New_York", 1, true},
		"+18005551234":   {"US", "America/Adak", 42, false}, // toll-free
		"+15064561234":   {"CA", "America/Halifax", 1, true},
		"+5592991234567": {"BR", "America/Manaus", 1, true}, // a mobile with an area code
		"+34928123456":   {"ES", "Atlantic/Canary", 1, true},
		"+34612345678":   {"ES", "Europe/Madrid", 1, false}, // may be in the Canaries all the same
		"+61412345678":   {"AU", "Australia/Sydney", 1, false},
		"+4915112345678": {"DE", "Europe/Berlin", 1, false},
		"+80012345678":   {"", "", 0, false},
	} {
		got, ok := HomeOf(number)
		if !ok && want.zone != "" {
			t.Errorf("%s is taken for no number", number)
			continue
		}
		if got.Country != want.country || got.Local != want.local || want.zone != "" && (len(got.Zones) != want.zones || !slices.Contains(got.Zones, want.zone)) {
			t.Errorf("%s: got %+v, want %+v", number, got, want)
		}
	}
}

func TestHomeOf_OneZone(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{"+33612345678": true, "+4915112345678": true, "+34612345678": false, "+61412345678": false, "+16025551234": false} {
		if got, _ := HomeOf(number); got.OneZone != want {
			t.Errorf("%s: got %+v, want %v", number, got, want)
		}
	}
}

func TestHomeOf_NoNumber(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "+", "4915112345678", "+491", "mei@example.com"} {
		if got, ok := HomeOf(s); ok {
			t.Errorf("%q is at home at %+v", s, got)
		}
	}
}

func TestNormal(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"+49 151 1234-5678": "+4915112345678", "+49 (0)151 12345678": "+4915112345678", "nobody": "nobody"} {
		if got := Normal(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func BenchmarkHomeOf(b *testing.B) {
	for b.Loop() {
		HomeOf("+16025551234")
	}
}
