package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// fault is what a provider does instead of its work.
type fault string

const (
	works  fault = ""
	down   fault = "is down"         // refuses with 503
	slow   fault = "is slow"         // answers after a while
	silent fault = "loses answers"   // takes the message and cuts the connection
	crowd  fault = "asks for a rest" // refuses with 429 and Retry-After
)

// provider stands in for LINE and Twilio: it takes pushes, knows their retry keys as LINE does, takes text messages, and notes when each
// customer was called.
type provider struct {
	url    string
	server *http.Server

	mu     sync.Mutex
	called map[string]time.Time // by LINE's id of the user, or number
	took   map[string][]string  // the retry keys that were taken for a user: more than one is a second message
	keys   map[string]bool
	fault  fault
	late   bool
	more   *sync.Cond

	sent             map[string][]text // by number
	texts, questions int
}

func newProvider() *provider {
	p := &provider{called: map[string]time.Time{}, took: map[string][]string{}, keys: map[string]bool{}, sent: map[string][]text{}}
	p.more = sync.NewCond(&p.mu)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // without a port on loopback there is nothing to measure
	}
	p.url = "http://" + l.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/bot/message/push", p.push)
	mux.HandleFunc("POST /2010-04-01/Accounts/{account}/Messages.json", p.text)
	mux.HandleFunc("GET /2010-04-01/Accounts/{account}/Messages.json", p.asked)
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
	fault := p.now()
	if refused(w, r, fault) {
		return
	}
	again := p.take(body.To, r.Header.Get("X-Line-Retry-Key"), now)
	if fault == silent {
		panic(http.ErrAbortHandler)
	}
	if again {
		w.Header().Set("X-Line-Accepted-Request-Id", body.To)
		w.WriteHeader(http.StatusConflict)
	}
	fmt.Fprintf(w, `{"sentMessages":[{"id":"1%s"}]}`, body.To[1:])
}

// refused refuses a message, or keeps it waiting, as the fault says.
func refused(w http.ResponseWriter, r *http.Request, f fault) bool {
	switch f {
	case down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case crowd:
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	case slow:
		pause(r.Context(), 1500*time.Millisecond)
		return false
	default:
		return false
	}
	return true
}

// take notes a message, unless it is the repetition of one that was taken.
func (p *provider) take(to, key string, now time.Time) (again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if key != "" && p.keys[key] {
		return true
	}
	p.keys[key] = true
	p.took[to] = append(p.took[to], key)
	if _, before := p.called[to]; !before {
		p.called[to] = now
	}
	p.more.Broadcast()
	return false
}

func (p *provider) now() fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault
}

func (p *provider) set(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

// patience is how long the last call may keep everybody waiting.
const patience = 12 * time.Minute

// await waits until so many customers were called.
func (p *provider) await(n int) error {
	return p.until(fmt.Sprintf("%d customers", n), func() bool { return len(p.called) >= n })
}

// awaitThose waits until customers from up to, and without, to were called.
func (p *provider) awaitThose(from, to int) error {
	return p.until(fmt.Sprintf("customers %d to %d", from, to-1), func() bool {
		for from < to && !p.called[user(from)].IsZero() {
			from++
		}
		return from == to
	})
}

// until waits for something that calls bring about.
func (p *provider) until(what string, so func() bool) error {
	give := time.AfterFunc(patience, func() { p.mu.Lock(); defer p.mu.Unlock(); p.late = true; p.more.Broadcast() })
	defer give.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !so() {
		if p.late {
			return fmt.Errorf("%s were not all called after %s; %d were", what, patience, len(p.called))
		}
		p.more.Wait()
	}
	return nil
}

// count is how many customers were called so far.
func (p *provider) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.called)
}

func (p *provider) at(user string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.called[user]
}

// check insists that customers 0 to n-1 were called at their addresses, and none twice.
func (p *provider) check(n int, address func(int) string) error {
	users := make([]string, n)
	for i := range users {
		users[i] = address(i)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return compare(users, p.took)
}

// compare holds what a provider took against who was to hear something, each once.
func compare(users []string, took map[string][]string) error {
	var lost, twice []string
	known := map[string]bool{}
	for _, u := range users {
		known[u] = true
		switch n := len(took[u]); {
		case n == 0:
			lost = append(lost, u)
		case n > 1:
			twice = append(twice, u)
		}
	}
	var strangers []string
	for u := range took {
		if !known[u] {
			strangers = append(strangers, u)
		}
	}
	if len(lost)+len(twice)+len(strangers) == 0 {
		return nil
	}
	return fmt.Errorf("of %d messages %d were lost %.3v, %d sent twice %.3v, %d sent to nobody who waits for one", len(users), len(lost), lost, len(twice), twice, len(strangers))
}
