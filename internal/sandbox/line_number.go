package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
)

// hashForm is how LINE takes a phone number: the SHA-256 of its E.164 form in hexadecimal.
var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// A delivery tag has so many bytes.
const (
	shortestTag = 16
	longestTag  = 100
)

// LineNumber lets LINE know a user's phone number, to which notification messages can then be sent. What arrives is shown as sent
// to user, and the signed delivery event is posted to the webhook. Other numbers are answered with 422.
func (s *Sandbox) LineNumber(number, user string) {
	sum := sha256.Sum256([]byte(number))
	s.line.mu.Lock()
	defer s.line.mu.Unlock()
	s.line.numbers[hex.EncodeToString(sum[:])] = user
}

// pushByNumber takes a notification message: POST /bot/pnp/push.
func (l *line) pushByNumber(w http.ResponseWriter, r *http.Request) {
	p, fault, ok := l.request(w, r, readByNumber)
	switch {
	case !ok:
	case !l.deliver(p, r.Header.Get("X-Line-Delivery-Tag"), fault):
		answerJSON(w, http.StatusUnprocessableEntity, lineError{Message: "Failed to send messages"})
	case fault.CutAnswer:
		cut(w)
	default:
		answerJSON(w, http.StatusOK, struct{}{})
	}
}

// deliver shows a notification message to whoever has the number, and reports it; false when nobody has. A fault that comes
// later is a phone that was never reached: LINE took the message, and nothing follows.
func (l *line) deliver(p push, tag string, fault Fault) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	user, known := l.numbers[p.To]
	if !known || fault.Later {
		return known
	}
	p.To = user
	for range p.Messages {
		p.sent = append(p.sent, sentMessage{ID: l.ids.number()})
	}
	l.display(p)
	if l.webhook == "" || !loopback(l.webhook) {
		l.book.problem("line: a notification message arrived and there is no webhook on this machine to tell")
		return true
	}
	if err := l.report(user, event{Type: "delivery", Done: &eventDelivery{Data: tag}}); err != nil {
		l.book.problem("line: %v", err)
	}
	return true
}

// readByNumber reads and judges a notification message.
func readByNumber(w http.ResponseWriter, r *http.Request) (push, *lineError) {
	tag := r.Header.Get("X-Line-Delivery-Tag")
	switch {
	case len(r.Header.Values("X-Line-Retry-Key")) > 0:
		return push{}, &lineError{Message: "The retry key is not supported by this API"}
	case tag != "" && (len(tag) < shortestTag || len(tag) > longestTag):
		return push{}, &lineError{Message: "The delivery tag must have 16 to 100 characters"}
	}
	return push{}.read(w, r, hashForm)
}
