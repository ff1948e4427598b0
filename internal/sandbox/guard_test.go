package sandbox

import "testing"

// The guard behind the check of URLs cannot be reached through it, so it is tested by itself.
func TestOnlyLoopback(t *testing.T) {
	t.Parallel()
	for address, allowed := range map[string]bool{
		"127.0.0.1:80": true, "127.9.9.9:80": true, "[::1]:80": true,
		"192.0.2.1:80": false, "0.0.0.0:80": false, "10.0.0.1:80": false, "[2001:db8::1]:80": false, "nonsense": false,
	} {
		if err := onlyLoopback("tcp", address, nil); (err == nil) != allowed {
			t.Errorf("%s: %v, want allowed %t", address, err, allowed)
		}
	}
}

func TestRetryOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fragment string
		count    int
		rules    []string
	}{
		{"", 1, []string{"ct"}},
		{"rc=3", 3, []string{"ct"}},
		{"rc=9&rp=4xx,5xx", 5, []string{"4xx", "5xx"}},
		{"rc=-1&rp=all", 0, []string{"all"}},
		{"rc=many", 1, []string{"ct"}},
		{"%zz", 1, []string{"ct"}},
	} {
		got := retryOf(c.fragment)
		if got.count != c.count || len(got.on) != len(c.rules) {
			t.Errorf("%q: %+v, want %d on %v", c.fragment, got, c.count, c.rules)
		}
		for _, rule := range c.rules {
			if !got.on[rule] {
				t.Errorf("%q: %q is not covered", c.fragment, rule)
			}
		}
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"http://127.0.0.1:8080/x": true, "https://[::1]/x": true, "http://localhost/x": true,
		"http://localhost.example/x": false, "http://192.0.2.1/x": false, "ftp://127.0.0.1/x": false,
		"http://127.0.0.1@shop.example/x": false, "/x": false, "http://%zz": false,
	} {
		if got := loopback(url); got != want {
			t.Errorf("%s: %t, want %t", url, got, want)
		}
	}
}
