package cli

import (
	"net"
	"testing"
)

func TestDialable(t *testing.T) {
	t.Parallel()
	for listening, want := range map[string]string{"0.0.0.0:8080": "127.0.0.1:8080", "[::]:8080": "127.0.0.1:8080", "127.0.0.1:81": "127.0.0.1:81", "192.0.2.1:80": "192.0.2.1:80"} {
		a, err := net.ResolveTCPAddr("tcp", listening)
		if err != nil {
			t.Fatal(err)
		}
		if got := dialable(a); got != want {
			t.Errorf("%s: open %s, want %s", listening, got, want)
		}
	}
}
