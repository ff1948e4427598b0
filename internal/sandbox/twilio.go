package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// serviceSender is the number every Messaging Service sends from: Twilio's official good test number.
const serviceSender = "+15005550006"

// whatsappPrefix marks WhatsApp addresses on Twilio's wire.
const whatsappPrefix = "whatsapp:"

// window is how long after a person's last message WhatsApp takes free-form text.
const window = 24 * time.Hour

// pair is a business's number and a person's; opt-outs and WhatsApp's window belong to one.
type pair struct {
	channel          Channel
	business, person string
}

// twilio stands in for Twilio's Messages API.
type twilio struct {
	credentials Credentials
	now         func() time.Time
	book        *book
	faults      *faults
	courier     *courier
	ids         *ids

	mu       sync.Mutex
	contents map[string]content
	inbound  map[Channel]string
	furthest map[Channel]string // the last status reported
	wrote    map[pair]time.Time // when the person last wrote
	optedOut map[pair]bool
	sent     []*twilioMessage // in the order they were taken
}

func newTwilio(o Options, b *book, f *faults, c *courier, made *ids) *twilio {
	return &twilio{
		credentials: o.Credentials, now: o.Now, book: b, faults: f, courier: c, ids: made,
		contents: map[string]content{},
		inbound:  map[Channel]string{},
		furthest: map[Channel]string{},
		wrote:    map[pair]time.Time{},
		optedOut: map[pair]bool{},
	}
}

func (t *twilio) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /2010-04-01/Accounts/{file}", t.account)
	mux.HandleFunc("POST /2010-04-01/Accounts/{sid}/Messages.json", t.guarded(t.create))
	mux.HandleFunc("GET /2010-04-01/Accounts/{sid}/Messages.json", t.guarded(t.list))
	mux.HandleFunc("GET /2010-04-01/Accounts/{sid}/Messages/{message}", t.guarded(t.fetch))
}

// guarded lets only calls with the right credentials and account through.
func (t *twilio) guarded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case !t.knows(user, password):
			t.refuse(w, &refusal{Status: http.StatusUnauthorized, Code: 20003, Message: "Authenticate"})
		case r.PathValue("sid") != t.credentials.TwilioAccountSID:
			t.refuse(w, &refusal{Status: http.StatusNotFound, Code: 20404, Message: "The requested account was not found"})
		default:
			next(w, r)
		}
	}
}

// account shows the account: GET Accounts/{sid}.json. As with Twilio, the auth token opens it and an API key does not.
func (t *twilio) account(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	if user != t.credentials.TwilioAccountSID || password != t.credentials.TwilioAuthToken {
		t.refuse(w, &refusal{Status: http.StatusUnauthorized, Code: 20003, Message: "Authenticate"})
		return
	}
	if r.PathValue("file") != t.credentials.TwilioAccountSID+".json" {
		t.refuse(w, &refusal{Status: http.StatusNotFound, Code: 20404, Message: "The requested account was not found"})
		return
	}
	answerJSON(w, http.StatusOK, map[string]string{"sid": t.credentials.TwilioAccountSID, "status": "active", "type": "Full"})
}

func (t *twilio) knows(user, password string) bool {
	c := t.credentials
	own := user == c.TwilioAccountSID && password == c.TwilioAuthToken
	key := c.TwilioAPIKey != "" && user == c.TwilioAPIKey && password == c.TwilioAPISecret
	return own || key
}

// refusal is Twilio's error document.
type refusal struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
	// arranged is set when the test asked for it, so that it is no problem.
	arranged bool
}

// refuse answers with an error and records it, unless it was arranged.
func (t *twilio) refuse(w http.ResponseWriter, no *refusal) {
	if !no.arranged {
		t.book.problem("twilio: %d (%d): %s", no.Status, no.Code, no.Message)
	}
	no.MoreInfo = fmt.Sprintf("https://www.twilio.com/docs/errors/%d", no.Code)
	answerJSON(w, no.Status, no)
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the caller may have hung up, which is its own affair
	_ = http.NewResponseController(w).Flush()
}

// twilioMessage is a message Twilio took. Its status is guarded by twilio.mu.
type twilioMessage struct {
	sid       string
	channel   Channel
	from, to  string // bare numbers
	service   string // the Messaging Service, "" when From was given
	body      string // as the person reads it
	callback  string
	created   time.Time
	updated   time.Time
	status    string
	errorCode int
}

// create takes one message: POST Messages.json.
func (t *twilio) create(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		t.refuse(w, &refusal{Status: http.StatusBadRequest, Code: 20001, Message: "The form could not be read"})
		return
	}
	s := t.read(r.PostForm)
	fault, failing := t.faults.next(s.channel)
	if failing && !fault.takes() {
		fault.retryAfter(w.Header())
		t.refuse(w, &refusal{Status: fault.status(500), Code: fault.Code, Message: fault.message(), arranged: true})
		return
	}
	if no := t.check(&s); no != nil {
		t.refuse(w, no)
		return
	}
	t.accept(w, s, fault)
}

// accept answers and then lets the statuses follow.
func (t *twilio) accept(w http.ResponseWriter, s submission, fault Fault) {
	m := t.keep(s)
	t.book.receive(received(m, s))
	reports := t.courier.reserve(t.reports(m, t.fate(s, fault))...)
	defer t.courier.post(reports)
	if fault.CutAnswer {
		cut(w)
		return
	}
	answerJSON(w, http.StatusCreated, t.view(m))
}

// keep remembers the message under a new sid.
func (t *twilio) keep(s submission) *twilioMessage {
	now := t.now()
	m := &twilioMessage{
		sid: t.ids.hex("SM"), channel: s.channel, from: s.from, to: s.to, service: s.service, body: s.text,
		callback: s.form.Get("StatusCallback"), created: now, updated: now, status: "queued",
	}
	if s.service != "" {
		m.status = "accepted"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = append(t.sent, m)
	return m
}

func received(m *twilioMessage, s submission) Received {
	form := map[string]string{}
	for key := range s.form {
		form[key] = s.form.Get(key)
	}
	raw, _ := json.Marshal(form) // strings always marshal
	return Received{
		Channel: m.channel, To: m.to, From: m.from, Text: m.body, At: m.created, ProviderID: m.sid,
		Locale: s.content.locale, Status: m.status, Raw: raw,
	}
}

// step is one status still to be reported.
type step struct {
	status string
	code   int
}

// fate is what becomes of a message after it was taken.
func (t *twilio) fate(s submission, fault Fault) []step {
	switch {
	case fault.Unreported:
		return nil
	case fault.Later:
		return []step{{"queued", 0}, {"failed", fault.Code}}
	case s.free && s.channel == WhatsApp && !t.windowOpen(s):
		t.book.problem("whatsapp: free-form text outside the 24 hour window fails with 63016; use an approved template")
		return []step{{"queued", 0}, {"failed", 63016}}
	default:
		return t.goodFate(s.channel)
	}
}

// goodFate lists the statuses of a message that arrives, up to the furthest one asked for.
func (t *twilio) goodFate(ch Channel) []step {
	steps := []step{{"queued", 0}, {"sent", 0}, {"delivered", 0}}
	if ch == WhatsApp {
		steps = append(steps, step{"read", 0})
	}
	t.mu.Lock()
	last := t.furthest[ch]
	t.mu.Unlock()
	if i := slices.IndexFunc(steps, func(s step) bool { return s.status == last }); i >= 0 {
		steps = steps[:i+1]
	}
	return steps
}

func (t *twilio) windowOpen(s submission) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	wrote, ok := t.wrote[s.pair()]
	return ok && t.now().Sub(wrote) < window
}

// ReportUpTo makes status ("queued", "sent", "delivered", "read") the last one Twilio reports for later messages
// of ch, as for a phone that is switched off or a person who does not look. Default: all of them; only WhatsApp
// reports "read".
func (s *Sandbox) ReportUpTo(ch Channel, status string) {
	s.twilio.mu.Lock()
	defer s.twilio.mu.Unlock()
	s.twilio.furthest[ch] = status
}

// Report makes Twilio report status for a message it took, in any order and as often as one likes; code is the
// error code of "failed" and "undelivered", else 0. It is an error when there is no such message.
func (s *Sandbox) Report(sid, status string, code int) error {
	m := s.twilio.find(sid)
	if m == nil {
		return fmt.Errorf("report on %s: Twilio took no such message", sid)
	}
	s.courier.post(s.courier.reserve(s.twilio.reports(m, []step{{status, code}})...))
	return nil
}

func (t *twilio) find(sid string) *twilioMessage {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.IndexFunc(t.sent, func(m *twilioMessage) bool { return m.sid == sid }); i >= 0 {
		return t.sent[i]
	}
	return nil
}

// move sets a message's status when the report of it is about to leave.
func (t *twilio) move(m *twilioMessage, s step) {
	t.mu.Lock()
	m.status, m.errorCode, m.updated = s.status, s.code, t.now()
	t.mu.Unlock()
	t.book.setStatus(m.sid, s.status)
}

// messageView is a message as the API shows it; all numbers but the error code are strings there.
type messageView struct {
	SID          string            `json:"sid"`
	AccountSID   string            `json:"account_sid"`
	APIVersion   string            `json:"api_version"`
	To           string            `json:"to"`
	From         *string           `json:"from"`
	Service      *string           `json:"messaging_service_sid"`
	Body         string            `json:"body"`
	Status       string            `json:"status"`
	NumSegments  string            `json:"num_segments"`
	NumMedia     string            `json:"num_media"`
	Direction    string            `json:"direction"`
	DateCreated  string            `json:"date_created"`
	DateUpdated  string            `json:"date_updated"`
	DateSent     *string           `json:"date_sent"`
	Price        *string           `json:"price"`
	PriceUnit    string            `json:"price_unit"`
	ErrorCode    *int              `json:"error_code"`
	ErrorMessage *string           `json:"error_message"`
	URI          string            `json:"uri"`
	Subresources map[string]string `json:"subresource_uris"`
}

func (t *twilio) view(m *twilioMessage) messageView {
	t.mu.Lock()
	defer t.mu.Unlock()
	uri := t.uri("/Messages/" + m.sid)
	v := messageView{
		SID: m.sid, AccountSID: t.credentials.TwilioAccountSID, APIVersion: apiVersion,
		To: onWire(m.channel, m.to), Body: m.body, Status: m.status,
		NumSegments: strconv.Itoa(segments(m)), NumMedia: "0", Direction: "outbound-api", PriceUnit: "USD",
		DateCreated: stamp(m.created), DateUpdated: stamp(m.updated), URI: uri + ".json",
		Subresources: map[string]string{"media": uri + "/Media.json"},
	}
	if m.service != "" {
		v.Service = &m.service
	}
	if m.status != "accepted" {
		v.From, v.DateSent = new(onWire(m.channel, m.from)), new(stamp(m.created))
	}
	if m.errorCode != 0 {
		v.ErrorCode, v.ErrorMessage = new(m.errorCode), new("The message could not be delivered")
	}
	return v
}

const apiVersion = "2010-04-01"

func (t *twilio) uri(rest string) string {
	return "/" + apiVersion + "/Accounts/" + t.credentials.TwilioAccountSID + rest
}

// stamp is the date form of Twilio's API.
func stamp(at time.Time) string { return at.UTC().Format(time.RFC1123Z) }

// onWire is a bare number as Twilio's API writes it on a channel.
func onWire(ch Channel, number string) string {
	if ch == WhatsApp {
		return whatsappPrefix + number
	}
	return number
}

// fetch shows one message: GET Messages/{sid}.json.
func (t *twilio) fetch(w http.ResponseWriter, r *http.Request) {
	m := t.find(strings.TrimSuffix(r.PathValue("message"), ".json"))
	if m == nil {
		t.refuse(w, &refusal{Status: http.StatusNotFound, Code: 20404, Message: "The requested message was not found"})
		return
	}
	answerJSON(w, http.StatusOK, t.view(m))
}

// page is Twilio's answer to a list.
type page struct {
	Page     int           `json:"page"`
	PageSize int           `json:"page_size"`
	Start    int           `json:"start"`
	End      int           `json:"end"`
	URI      string        `json:"uri"`
	First    string        `json:"first_page_uri"`
	Next     *string       `json:"next_page_uri"`
	Previous *string       `json:"previous_page_uri"`
	Messages []messageView `json:"messages"`
}

// list finds messages by To, From and DateSent, the newest first: GET Messages.json.
func (t *twilio) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	wanted, err := filterOf(query)
	if err != nil {
		t.refuse(w, &refusal{Status: http.StatusBadRequest, Code: 20001, Message: err.Error()})
		return
	}
	answerJSON(w, http.StatusOK, t.paged(t.matching(wanted), query))
}

func (t *twilio) matching(wanted func(*twilioMessage) bool) []*twilioMessage {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []*twilioMessage
	for _, m := range slices.Backward(t.sent) {
		if wanted(m) {
			found = append(found, m)
		}
	}
	return found
}

func (t *twilio) paged(found []*twilioMessage, query url.Values) page {
	size := cmp.Or(number(query, "PageSize"), 50)
	at := number(query, "Page")
	start := min(at*size, len(found))
	end := min(start+size, len(found))
	p := page{Page: at, PageSize: size, Start: start, End: max(end-1, 0), Messages: []messageView{}}
	p.URI, p.First = t.pageURI(query, at), t.pageURI(query, 0)
	if end < len(found) {
		p.Next = new(t.pageURI(query, at+1))
	}
	if at > 0 {
		p.Previous = new(t.pageURI(query, at-1))
	}
	for _, m := range found[start:end] {
		p.Messages = append(p.Messages, t.view(m))
	}
	return p
}

// number reads a parameter between 0 and 1000, Twilio's largest page.
func number(query url.Values, key string) int {
	n, _ := strconv.Atoi(query.Get(key)) // absent or nonsense is 0, the default
	return min(max(n, 0), 1000)
}

func (t *twilio) pageURI(query url.Values, at int) string {
	q := maps.Clone(query)
	q.Set("Page", strconv.Itoa(at))
	return t.uri("/Messages.json?") + q.Encode()
}

// filterOf turns a list's query into a question about one message.
func filterOf(query url.Values) (func(*twilioMessage) bool, error) {
	var tests []func(*twilioMessage) bool
	for _, bound := range []struct {
		key string
		ok  func(sent, given time.Time) bool
	}{
		{"DateSent>", func(sent, given time.Time) bool { return !sent.Before(given) }},
		{"DateSent<", func(sent, given time.Time) bool { return !sent.After(given) }},
		{"DateSent", sameDay},
	} {
		if !query.Has(bound.key) {
			continue
		}
		given, err := date(query.Get(bound.key))
		if err != nil {
			return nil, err
		}
		tests = append(tests, func(m *twilioMessage) bool { return bound.ok(m.created, given) })
	}
	return func(m *twilioMessage) bool {
		for _, test := range tests {
			if !test(m) {
				return false
			}
		}
		return sameAddress(query, "To", m.channel, m.to) && sameAddress(query, "From", m.channel, m.from)
	}, nil
}

func sameDay(sent, given time.Time) bool {
	return sent.UTC().Format(time.DateOnly) == given.UTC().Format(time.DateOnly)
}

func sameAddress(query url.Values, key string, ch Channel, number string) bool {
	return !query.Has(key) || query.Get(key) == onWire(ch, number)
}

// date reads the two forms Twilio takes, a day and an instant.
func date(s string) (time.Time, error) {
	if at, err := time.Parse(time.DateOnly, s); err == nil {
		return at, nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no date; write it as 2006-01-02 or as 2006-01-02T15:04:05Z", s)
	}
	return at.UTC(), nil
}
