package sandbox

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // for the page
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed phones.html
var phonesPage []byte

// phonesPolicy lets the page run its own script, named by its hash, and nothing else. Mails inherit the policy: they
// may style themselves and show pictures they carry, but fetch nothing.
const phonesPolicy = "default-src 'none'; script-src 'sha256-%s'; style-src 'unsafe-inline'; connect-src 'self'; " +
	"img-src data:; frame-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func policyOf(page []byte) string {
	_, rest, _ := bytes.Cut(page, []byte("<script>"))
	script, _, _ := bytes.Cut(rest, []byte("</script>"))
	sum := sha256.Sum256(script)
	return fmt.Sprintf(phonesPolicy, base64.StdEncoding.EncodeToString(sum[:]))
}

// mostShown is how many messages of a thread, and how many mails, the page shows; older ones stay in Received.
const mostShown = 100

// longestReply is the longest text the page may send back, in bytes.
const longestReply = 16 << 10

// Phones is a page of simulated phones: one for each person with their WhatsApp, LINE and SMS threads, and a list
// of mails. Whoever opens it may answer as that person. It also serves phones.json, which the page asks again and
// again, and takes POST reply. Mount it at the root of a path that ends in a slash; all its links are relative.
func (s *Sandbox) Phones() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showPhones)
	mux.HandleFunc("GET /phones.json", s.listPhones)
	mux.HandleFunc("POST /reply", s.replyFromPhone)
	return http.NewCrossOriginProtection().Handler(mux)
}

func (s *Sandbox) showPhones(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policyOf(phonesPage))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(phonesPage) // the caller may have hung up, which is its own affair
}

// listPhones answers 304 while nothing has changed.
func (s *Sandbox) listPhones(w http.ResponseWriter, r *http.Request) {
	entries, who, version := s.book.snapshot()
	tag := strconv.Quote(fmt.Sprint(version))
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	answerJSON(w, http.StatusOK, shelfOf(entries, who))
}

// replyFromPhone sends what somebody typed into a phone.
func (s *Sandbox) replyFromPhone(w http.ResponseWriter, r *http.Request) {
	var typed struct {
		Channel  Channel `json:"channel"`
		Person   string  `json:"person"`
		Business string  `json:"business"`
		Text     string  `json:"text"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestReply)).Decode(&typed); err != nil {
		http.Error(w, "The reply could not be read; send it as JSON.", http.StatusBadRequest)
		return
	}
	if err := s.Reply(typed.Channel, typed.Person, typed.Business, typed.Text); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// shelf is all that the page shows.
type shelf struct {
	Phones []*phone    `json:"phones"`
	Mails  []shownMail `json:"mails"`
}

// phone is one person's.
type phone struct {
	Name    string    `json:"name"`
	Zone    string    `json:"zone,omitempty"` // the person's; empty when nobody told
	Threads []*thread `json:"threads"`
}

// thread is what one person and one sender wrote each other on one channel.
type thread struct {
	Channel  Channel  `json:"channel"`
	Person   string   `json:"person"`
	Business string   `json:"business"`
	Bubbles  []bubble `json:"bubbles"`
}

// bubble is one message on a phone.
type bubble struct {
	Direction direction `json:"direction"`
	Title     string    `json:"title,omitempty"`
	Text      string    `json:"text"`
	At        time.Time `json:"at"`
	Clock     string    `json:"clock,omitempty"` // at in the person's zone, "2 Dec, 09:00"; empty when nobody told it
	Status    string    `json:"status,omitempty"`
}

// shownMail is one mail in the list.
type shownMail struct {
	ID      int       `json:"id"`
	Person  string    `json:"person"`
	To      string    `json:"to"`
	From    string    `json:"from"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html,omitempty"`
	At      time.Time `json:"at"`
	Clock   string    `json:"clock,omitempty"` // with the zone's name; otherwise as in bubble
}

// shelfOf sorts everything that was said onto phones, in the order people were first written to, and into the
// mail list, the newest first.
func shelfOf(entries []entry, who map[string]owner) shelf {
	s := shelf{Phones: []*phone{}, Mails: []shownMail{}}
	for i, e := range entries {
		o := who[e.person()]
		o.name = cmp.Or(o.name, e.person())
		if e.Channel == Email {
			s.Mails = append(s.Mails, mailOf(e, i, o))
			continue
		}
		p := s.phone(o.name)
		p.Zone = cmp.Or(p.Zone, o.zoneName())
		t := p.thread(e)
		t.Bubbles = append(t.Bubbles, bubble{e.direction, e.Title, e.Text, e.At, o.clock(e.At), e.Status})
		t.Bubbles = t.Bubbles[max(0, len(t.Bubbles)-mostShown):]
	}
	s.Mails = s.Mails[max(0, len(s.Mails)-mostShown):]
	slices.Reverse(s.Mails)
	return s
}

func mailOf(e entry, id int, o owner) shownMail {
	return shownMail{
		ID: id, Person: o.name, To: e.To, From: e.From, Subject: e.Title, Text: e.Text, HTML: e.HTML, At: e.At,
		Clock: strings.TrimSpace(o.clock(e.At) + " " + o.zoneName()),
	}
}

// clock is an instant as the owner's own clock shows it; "" when nobody told their zone.
func (o owner) clock(at time.Time) string {
	if o.zone == nil {
		return ""
	}
	return at.In(o.zone).Format("2 Jan, 15:04")
}

func (o owner) zoneName() string {
	if o.zone == nil {
		return ""
	}
	return o.zone.String()
}

func (s *shelf) phone(name string) *phone {
	if i := slices.IndexFunc(s.Phones, func(p *phone) bool { return p.Name == name }); i >= 0 {
		return s.Phones[i]
	}
	p := &phone{Name: name}
	s.Phones = append(s.Phones, p)
	return p
}

func (p *phone) thread(e entry) *thread {
	i := slices.IndexFunc(p.Threads, func(t *thread) bool {
		return t.Channel == e.Channel && t.Person == e.person() && t.Business == e.business()
	})
	if i >= 0 {
		return p.Threads[i]
	}
	t := &thread{Channel: e.Channel, Person: e.person(), Business: e.business()}
	p.Threads = append(p.Threads, t)
	return t
}
