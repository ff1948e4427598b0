// Package redistest runs a real Redis for tests, where the machine has one. It keeps nothing on disk.
package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Available reports whether there is a redis-server to start. In CI its absence is an error: there the tests must not fall
// back to the embedded one without a word.
func Available() (bool, error) {
	_, err := exec.LookPath("redis-server")
	if err != nil && os.Getenv("CI") != "" {
		return false, errors.New("redis-server is missing; CI needs it: apt-get install redis-server")
	}
	return err == nil, nil
}

// FreePort returns a port of 127.0.0.1 that nobody listens on right now, below those that outgoing connections are given:
// a client that keeps dialling a port of that range may come to talk to itself, and nobody can listen there any more.
func FreePort() (string, error) {
	var err error
	for range 100 {
		port := strconv.Itoa(15000 + rand.IntN(15000))
		var l net.Listener
		if l, err = net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			return port, l.Close()
		}
	}
	return "", err
}

// Start starts a Redis on a port and waits until it serves. The caller calls stop, which ends it.
func Start(port string) (url string, stop func(), err error) {
	cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "64")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill() // nothing it holds is wanted any more
		_ = cmd.Wait()
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			return "redis://127.0.0.1:" + port, stop, nil
		}
	}
	stop()
	return "", nil, fmt.Errorf("redis-server did not start on port %s", port)
}

// Shared starts the Redis that all tests of a package share; its address is empty where there is none to start.
func Shared() (url string, stop func(), err error) {
	there, err := Available()
	if err != nil || !there {
		return "", func() {}, err
	}
	port, err := FreePort()
	if err != nil {
		return "", nil, err
	}
	return Start(port)
}
