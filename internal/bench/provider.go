package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// provider stands in for LINE: it takes pushes, at once, and notes when each customer was called.
type provider struct {
	url    string
	server *http.Server

	mu     sync.Mutex
	called map[string]time.Time // by the user's id
	twice  []string
	late   bool
	more   *sync.Cond
}

func newProvider() *provider {
	p := &provider{called: map[string]time.Time{}}
	p.more = sync.NewCond(&p.mu)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // without a port on loopback there is nothing to measure
	}
	p.url = "http://" + l.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/bot/message/push", p.push)
	p.server = &http.Server{Handler: mux}
	go func() { _ = p.server.Serve(l) }()
	return p
}

func (p *provider) close() { _ = p.server.Close() }

func (p *provider) push(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	var body struct{ To string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Line-Request-Id", body.To)
	fmt.Fprintf(w, `{"sentMessages":[{"id":"1%s"}]}`, body.To[1:])
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, before := p.called[body.To]; before {
		p.twice = append(p.twice, body.To)
		return
	}
	p.called[body.To] = now
	p.more.Broadcast()
}

// patience is how long the last call may keep everybody waiting.
const patience = 2 * time.Minute

// await waits until so many customers were called.
func (p *provider) await(n int) error {
	give := time.AfterFunc(patience, func() { p.mu.Lock(); defer p.mu.Unlock(); p.late = true; p.more.Broadcast() })
	defer give.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.called) < n && !p.late {
		p.more.Wait()
	}
	if len(p.called) < n {
		return fmt.Errorf("%d of %d customers were called after %s", len(p.called), n, patience)
	}
	return nil
}

func (p *provider) at(user string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.called[user]
}

// check insists that every customer was called, and none twice.
func (p *provider) check(want int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.called) != want || len(p.twice) > 0 {
		return fmt.Errorf("%d customers were called, want %d; %d were called twice", len(p.called), want, len(p.twice))
	}
	return nil
}
