package httpapi

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// Only what a named proxy wrote is believed, so that nobody takes another address by writing it into a header.
func TestClientOf(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, tt := range []struct {
		from      string
		forwarded []string
		want      string
	}{
		{"198.51.100.7:4000", nil, "198.51.100.7"},
		{"198.51.100.7:4000", []string{"192.0.2.1"}, "198.51.100.7"}, // no proxy of ours
		{"10.0.0.1:4000", []string{"192.0.2.1"}, "192.0.2.1"},
		{"10.0.0.1:4000", []string{"1.1.1.1, 192.0.2.1"}, "192.0.2.1"}, // the first was made up
		{"10.0.0.1:4000", []string{"1.1.1.1, 192.0.2.1, 10.0.0.2"}, "192.0.2.1"},
		{"10.0.0.1:4000", []string{"1.1.1.1", "192.0.2.1:55, 10.0.0.2"}, "192.0.2.1"},
		{"10.0.0.1:4000", []string{"10.0.0.3"}, "10.0.0.3"},
		{"10.0.0.1:4000", []string{"nonsense"}, "10.0.0.1"},
		{"10.0.0.1:4000", nil, "10.0.0.1"},
		{"[fd00::1]:4000", []string{"[2001:db8:1:2:3:4:5:6]:99"}, "2001:db8:1:2::/64"},
		{"[::ffff:10.0.0.1]:4000", []string{"2001:db8:1:2::9"}, "2001:db8:1:2::/64"},
		{"@", []string{"192.0.2.1"}, "invalid IP"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr, r.Header = tt.from, http.Header{"X-Forwarded-For": tt.forwarded}
		if got := network(clientOf(r, proxies)); got != tt.want {
			t.Errorf("from %s by %q: %s, want %s", tt.from, tt.forwarded, got, tt.want)
		}
	}
}
