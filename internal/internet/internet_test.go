package internet

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"142.250.185.74": true, "2a00:1450:4001:830::200a": true, "64:ff9b::8efa:b94a": true, "::ffff:142.250.185.74": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "0.0.0.0": false, "::": false, "0.1.2.3": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.168.0.1": false, "169.254.169.254": false, "100.64.0.1": false, "100.127.255.255": false, "192.0.0.8": false, "192.0.2.1": false, "198.18.0.1": false, "198.19.255.255": false,
		"198.51.100.1": false, "203.0.113.9": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false,
		"fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12:3456::1": false, "fec0::1": false, "ff02::1": false, "2001:db8::1": false, "2001::1": false, "2002:7f00:1::": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %t", address, got)
		}
	}
}

// What is allowed besides is called, and nothing else of this machine.
func TestDialer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if _, err := Dialer(time.Second, nil)(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, ErrInside) {
		t.Errorf("this machine is called: %v", err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if _, err := Dialer(time.Second, nil)(t.Context(), "tcp", "localhost:"+port); !errors.Is(err, ErrInside) {
		t.Errorf("this machine is called by its name: %v", err)
	}
	c, err := Dialer(time.Second, netip.Addr.IsLoopback)(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

// An operator may mean private networks, and never where a cloud serves its machines' credentials.
func TestPrivate(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "172.16.0.1": true, "192.168.0.1": true, "fd12:3456::1": true, "::ffff:10.0.0.1": true,
		"169.254.169.254": false, "fe80::1": false, "fd00:ec2::254": false, "100.100.100.200": false, "0.0.0.0": false, "::": false, "224.0.0.1": false, "8.8.8.8": false,
	} {
		if got := Private(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is private: %t", address, got)
		}
	}
}
