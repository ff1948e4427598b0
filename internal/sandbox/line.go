package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// retryKeyLife is how long LINE remembers a retry key after the first try.
const retryKeyLife = 24 * time.Hour

// longestRequest is LINE's limit for a whole request in bytes.
const longestRequest = 2 << 20

// line stands in for LINE's Messaging API.
type line struct {
	credentials Credentials
	now         func() time.Time
	book        *book
	faults      *faults
	courier     *courier
	ids         *ids

	mu         sync.Mutex
	webhook    string
	accepted   map[string]acceptance // by retry key
	unfollowed map[string]bool
	numbers    map[string]string // users by the hash of their phone number
	tokens     map[string]replyToken
	limit      int // of messages a month; 0 for none
	used       int
}

// acceptance is what LINE remembers of a push under its retry key.
type acceptance struct {
	requestID string
	body      [sha256.Size]byte
	sent      []sentMessage
	at        time.Time
}

func newLine(o Options, b *book, f *faults, c *courier, made *ids) *line {
	return &line{
		credentials: o.Credentials, now: o.Now, book: b, faults: f, courier: c, ids: made,
		accepted: map[string]acceptance{}, unfollowed: map[string]bool{}, numbers: map[string]string{}, tokens: map[string]replyToken{},
	}
}

func (l *line) register(mux *http.ServeMux) {
	mux.HandleFunc("POST /v2/bot/message/push", l.push)
	mux.HandleFunc("POST /v2/bot/message/reply", l.reply)
	mux.HandleFunc("POST /bot/pnp/push", l.pushByNumber)
	mux.HandleFunc("GET /v2/bot/info", l.info)
	mux.HandleFunc("GET /v2/bot/message/quota", l.quota)
	mux.HandleFunc("GET /v2/bot/message/quota/consumption", l.consumption)
}

// lineError is LINE's error document.
type lineError struct {
	Message string        `json:"message"`
	Details []lineProblem `json:"details,omitempty"`
}

// lineProblem names the property that is wrong.
type lineProblem struct {
	Message  string `json:"message"`
	Property string `json:"property,omitempty"`
}

// sentMessage is LINE's record of one message it took.
type sentMessage struct {
	ID         string `json:"id"`
	QuoteToken string `json:"quoteToken"`
}

// refuse answers with an error and records it as a problem.
func (l *line) refuse(w http.ResponseWriter, status int, no lineError) {
	l.book.problem("line: %d: %s%s", status, no.Message, first(no.Details))
	answerJSON(w, status, no)
}

func first(details []lineProblem) string {
	if len(details) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s: %s)", details[0].Property, details[0].Message)
}

// push takes up to five messages for one person: POST /v2/bot/message/push.
func (l *line) push(w http.ResponseWriter, r *http.Request) {
	if p, fault, ok := l.request(w, r, readPush); ok {
		l.answer(w, p, fault)
	}
}

// request names a call, and lets it through when it has the token, does not fail as it was told to, and read finds nothing wrong with it.
func (l *line) request(w http.ResponseWriter, r *http.Request, read func(http.ResponseWriter, *http.Request) (push, *lineError)) (push, Fault, bool) {
	requestID := l.ids.uuid()
	w.Header().Set("X-Line-Request-Id", requestID)
	if !l.admitted(w, r) {
		return push{}, Fault{}, false
	}
	fault, failing := l.faults.next(LINE)
	if failing && !fault.takes() {
		fault.retryAfter(w.Header())
		answerJSON(w, fault.status(500), lineError{Message: fault.message()})
		return push{}, Fault{}, false
	}
	p, no := read(w, r)
	if no != nil {
		l.refuse(w, http.StatusBadRequest, *no)
		return push{}, Fault{}, false
	}
	p.requestID = requestID
	return p, fault, true
}

// admitted checks the channel token, and refuses a call without it.
func (l *line) admitted(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Authorization") == "Bearer "+l.credentials.LineChannelToken {
		return true
	}
	l.refuse(w, http.StatusUnauthorized, lineError{Message: "Authentication failed: the channel access token is not valid"})
	return false
}

// answer takes a sound push, unless it was taken before.
func (l *line) answer(w http.ResponseWriter, p push, fault Fault) {
	before, again := l.take(&p)
	switch {
	case again:
		l.repeat(w, p, before)
	case fault.CutAnswer:
		cut(w)
	default:
		answerJSON(w, http.StatusOK, map[string]any{"sentMessages": p.sent})
	}
}

// repeat answers a retry of a push that was taken: a success, although the status says conflict.
func (l *line) repeat(w http.ResponseWriter, p push, before acceptance) {
	if before.body != p.sum {
		l.book.problem("line: a retry key was used again with another request; the second message is lost")
	}
	w.Header().Set("X-Line-Accepted-Request-Id", before.requestID)
	answerJSON(w, http.StatusConflict, map[string]any{
		"message": "The retry key is already accepted", "sentMessages": before.sent,
	})
}

// take remembers the push under its key and shows it to the person; the second result is true when a push with
// this key was taken before.
func (l *line) take(p *push) (acceptance, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before, ok := l.accepted[p.key]; ok && p.key != "" && l.now().Sub(before.at) < retryKeyLife {
		return before, true
	}
	for range p.Messages {
		p.sent = append(p.sent, sentMessage{ID: l.ids.number(), QuoteToken: l.ids.hex("q")})
	}
	l.accepted[p.key] = acceptance{requestID: p.requestID, body: p.sum, sent: p.sent, at: l.now()}
	l.show(*p)
	return acceptance{}, false
}

// show lets the person read the push, who sees nothing after unfollowing although LINE answers 200.
func (l *line) show(p push) {
	if p.key == "" {
		l.book.problem("line: a push without X-Line-Retry-Key can never be tried again safely")
	}
	if l.unfollowed[p.To] {
		l.book.problem("line: pushed to somebody who unfollowed, who sees nothing of it")
		return
	}
	l.display(p)
}

// display puts the messages of a push before the person's eyes.
func (l *line) display(p push) {
	for i, m := range p.parsed {
		l.book.receive(Received{
			Channel: LINE, To: p.To, Title: m.AltText, Text: m.readable(), At: l.now(),
			ProviderID: p.sent[i].ID, RequestID: p.requestID, ByToken: p.ReplyToken != "", Raw: p.Messages[i],
		})
	}
}

// push is one request as LINE reads it.
type push struct {
	To                   string            `json:"to"`
	ReplyToken           string            `json:"replyToken"`
	Messages             []json.RawMessage `json:"messages"`
	NotificationDisabled bool              `json:"notificationDisabled"`
	Units                []string          `json:"customAggregationUnits"`

	key       string
	requestID string
	sum       [sha256.Size]byte
	parsed    []lineMessage
	sent      []sentMessage
}

var (
	recipient = regexp.MustCompile(`^[UCR][0-9a-f]{32}$`)
	uuidForm  = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// readPush reads and judges a request.
func readPush(w http.ResponseWriter, r *http.Request) (push, *lineError) {
	keys := r.Header.Values("X-Line-Retry-Key")
	if len(keys) > 0 && !uuidForm.MatchString(keys[0]) {
		return push{}, &lineError{Message: "The retry key must be a UUID in hexadecimal notation"}
	}
	p := push{key: r.Header.Get("X-Line-Retry-Key")}
	return p.read(w, r, recipient)
}

// read takes a push from a request's body and judges it; form is that of whom it goes to.
func (p push) read(w http.ResponseWriter, r *http.Request, form *regexp.Regexp) (push, *lineError) {
	if no := p.parse(w, r); no != nil {
		return p, no
	}
	return p, p.judge(form)
}

// parse reads a request's body.
func (p *push) parse(w http.ResponseWriter, r *http.Request) *lineError {
	var body bytes.Buffer
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, longestRequest)); err != nil {
		return &lineError{Message: "The request body could not be read or exceeds 2 MB"}
	}
	p.sum = sha256.Sum256(body.Bytes())
	if err := json.Unmarshal(body.Bytes(), p); err != nil {
		return &lineError{Message: "The request body could not be parsed as JSON of a push"}
	}
	return nil
}

// judge holds a push against LINE's rules; form is that of whom it goes to.
func (p *push) judge(form *regexp.Regexp) *lineError {
	if !form.MatchString(p.To) {
		return &lineError{Message: "The property, 'to', in the request body is invalid"}
	}
	return p.judgeMessages()
}

// judgeMessages holds what is to be shown against LINE's rules.
func (p *push) judgeMessages() *lineError {
	var f findings
	if len(p.Messages) < 1 || len(p.Messages) > 5 {
		f.add("messages", "Size must be between 1 and 5")
	}
	for i, raw := range p.Messages {
		p.parsed = append(p.parsed, readLineMessage(raw, fmt.Sprintf("messages[%d]", i), &f))
	}
	if len(f) == 0 {
		return nil
	}
	return &lineError{Message: fmt.Sprintf("The request body has %d error(s)", len(f)), Details: f}
}

// findings are the mistakes found in a request so far.
type findings []lineProblem

func (f *findings) add(property, format string, args ...any) {
	*f = append(*f, lineProblem{Message: fmt.Sprintf(format, args...), Property: property})
}
