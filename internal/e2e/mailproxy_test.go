//go:build mail

package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// greylist is a policy service of Postfix's that turns the first mail to slow@customers.test away for now.
func greylist(t *testing.T) (address string) {
	t.Helper()
	var mu sync.Mutex
	seen := map[string]bool{}
	return serve(t, func(link net.Conn) {
		asked := map[string]string{}
		for lines := bufio.NewScanner(link); lines.Scan(); {
			if name, value, ok := strings.Cut(lines.Text(), "="); ok {
				asked[name] = value
				continue
			}
			answer := "DUNNO"
			mu.Lock()
			if to := asked["recipient"]; strings.HasPrefix(to, "slow@") && !seen[to] {
				answer, seen[to] = "450 4.2.0 greylisted, come again", true
			}
			mu.Unlock()
			if _, err := fmt.Fprintf(link, "action=%s\n\n", answer); err != nil {
				return
			}
		}
	})
}

// serve answers connections until the test ends.
func serve(t *testing.T, answer func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	var mu sync.Mutex
	var links []net.Conn
	running.Go(func() {
		for {
			link, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			links = append(links, link)
			mu.Unlock()
			running.Go(func() {
				answer(link)
				_ = link.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, link := range links {
			_ = link.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	return l.Addr().String()
}

// wire is a proxy before a mail server. It keeps what the client says, and can cut one connection when the server has taken a mail
// and before the client hears of it.
type wire struct {
	mu   sync.Mutex
	said bytes.Buffer
	cuts int // connections to cut from now on
}

func (w *wire) start(t *testing.T, server string) (address string) {
	t.Helper()
	return serve(t, func(client net.Conn) {
		link, err := net.Dial("tcp", server)
		if err != nil {
			t.Error(err)
			return
		}
		whole := make(chan struct{}) // closed when the client has sent a whole mail that it is not to hear of
		var up sync.WaitGroup
		up.Go(func() {
			w.up(client, link, whole)
			_ = link.Close()
		})
		w.down(link, client, whole)
		_ = client.Close()
		up.Wait()
	})
}

// up carries what the client says.
func (w *wire) up(client io.Reader, server io.Writer, whole chan struct{}) {
	part := make([]byte, 4096)
	cut := false
	for {
		n, err := client.Read(part)
		w.mu.Lock()
		w.said.Write(part[:n])
		if !cut && w.cuts > 0 && bytes.HasSuffix(w.said.Bytes(), []byte("\r\n.\r\n")) {
			w.cuts--
			cut = true
			close(whole)
		}
		w.mu.Unlock()
		if _, failed := server.Write(part[:n]); err != nil || failed != nil {
			return
		}
	}
}

// down carries what the server says, up to its yes to a mail that the client is not to hear of.
func (w *wire) down(server io.Reader, client io.Writer, whole chan struct{}) {
	part := make([]byte, 4096)
	for {
		n, err := server.Read(part)
		select {
		case <-whole:
			return
		default:
		}
		if _, failed := client.Write(part[:n]); err != nil || failed != nil {
			return
		}
	}
}

// heard is what clients said so far.
func (w *wire) heard() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said.String()
}
