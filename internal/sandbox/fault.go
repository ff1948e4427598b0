package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Fault makes a provider misbehave.
type Fault struct {
	// Status is the HTTP status, or on Email the SMTP reply code. Default: 500, on Email 451.
	Status int
	// Code is Twilio's error code, or on Email the digits of the enhanced status (511 is 5.1.1).
	Code int
	// Message is the provider's text; LINE's two kinds of 429 differ in nothing else. Default: a plain sentence.
	Message string
	// RetryAfter becomes a Retry-After header, in whole seconds rounded up. 0: none.
	RetryAfter time.Duration
	// CutAnswer takes the message and then drops the connection instead of answering.
	CutAnswer bool
	// Later takes the message, answers well, and reports by callback that it failed with Code, as most WhatsApp
	// failures come. Only Twilio reports; on other channels the message is taken and nothing follows.
	Later bool
	// Unreported has Twilio report nothing of the message, as when its callbacks are lost.
	Unreported bool
	// Times is how many calls the fault lasts. Default: 1.
	Times int
}

// takes reports whether the provider takes the message all the same.
func (f Fault) takes() bool { return f.CutAnswer || f.Later }

func (f Fault) status(otherwise int) int {
	if f.Status == 0 {
		return otherwise
	}
	return f.Status
}

func (f Fault) message() string {
	if f.Message == "" {
		return "The sandbox was asked to fail here"
	}
	return f.Message
}

// retryAfter writes the header, if there is one to write.
func (f Fault) retryAfter(h http.Header) {
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
}

// faults are the faults still to come.
type faults struct {
	mu      sync.Mutex
	waiting map[Channel][]Fault
}

func (f *faults) add(ch Channel, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting == nil {
		f.waiting = map[Channel][]Fault{}
	}
	fault.Times = max(fault.Times, 1)
	f.waiting[ch] = append(f.waiting[ch], fault)
}

func (f *faults) clear(ch Channel) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.waiting, ch)
}

// next uses up one call's fault; the zero Fault with false when the call should go well.
func (f *faults) next(ch Channel) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue := f.waiting[ch]
	if len(queue) == 0 {
		return Fault{}, false
	}
	fault := queue[0]
	queue[0].Times--
	if queue[0].Times == 0 {
		f.waiting[ch] = queue[1:]
	}
	return fault, true
}

// ids makes identifiers that look random and are the same in every run with the same clock.
type ids struct {
	seed string
	n    atomic.Int64
}

// hex returns prefix and 32 hex digits, Twilio's form of an identifier.
func (i *ids) hex(prefix string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", i.seed, prefix, i.n.Add(1)))
	return prefix + hex.EncodeToString(sum[:16])
}

// uuid returns 32 hex digits in the five groups of a UUID.
func (i *ids) uuid() string {
	h := i.hex("")
	return fmt.Sprintf("%s-%s-4%s-a%s-%s", h[:8], h[8:12], h[13:16], h[17:20], h[20:])
}

// number returns a decimal identifier, LINE's form for messages.
func (i *ids) number() string { return fmt.Sprintf("5%017d", i.n.Add(1)) }

// cut drops the connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 cannot be hijacked; aborting has the same effect
	}
	_ = conn.Close()
}

// quiet is a logger for servers whose complaints nobody needs: a client that hangs up is part of the play.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
