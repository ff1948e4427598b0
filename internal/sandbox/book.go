package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Received is one message as the person it was for got it.
type Received struct {
	Channel Channel `json:"channel"`
	To      string  `json:"to"`   // E.164 without prefix, a LINE user id or an e-mail address
	From    string  `json:"from"` // the sender the person sees; empty on LINE
	Title   string  `json:"title,omitempty"`
	// Text is what the person reads: a template with its variables filled in, a flex message line by line, the
	// plain part of a mail.
	Text string    `json:"text"`
	HTML string    `json:"html,omitempty"` // of a mail
	At   time.Time `json:"at"`
	// ProviderID is what the provider calls the message: Twilio's MessageSid, LINE's sentMessages id, the mail's
	// Message-ID.
	ProviderID string `json:"provider_id"`
	// RequestID is LINE's x-line-request-id, shared by the messages of one push.
	RequestID string `json:"request_id,omitempty"`
	ByToken   bool   `json:"by_token,omitempty"` // on LINE: it came as an answer by reply token
	Locale    string `json:"locale,omitempty"`   // of the WhatsApp template that was used
	// Status is the latest one Twilio reported; "" on the other channels, which report none.
	Status  string              `json:"status,omitempty"`
	Headers map[string][]string `json:"headers,omitempty"` // of a mail, decoded
	Raw     json.RawMessage     `json:"raw,omitempty"`     // as it was sent: Twilio's form, LINE's message, a mail's envelope
}

// direction tells who wrote an entry of the book.
type direction string

const (
	toPerson   direction = "in"   // the program wrote to the person
	fromPerson direction = "out"  // the person wrote
	byProvider direction = "note" // the provider told the person something itself
)

type entry struct {
	direction direction
	Received
}

// person is the address of the one who holds the phone.
func (e entry) person() string {
	if e.direction == fromPerson {
		return e.From
	}
	return e.To
}

// business is the address of the other side.
func (e entry) business() string {
	if e.direction == fromPerson {
		return e.To
	}
	return e.From
}

// owner is what is known of who has an address.
type owner struct {
	name string
	zone *time.Location // nil when nobody told
}

// book remembers what was said and what went wrong.
type book struct {
	log func(string)

	mu      sync.Mutex
	entries []entry
	wrong   []string
	who     map[string]owner // by address
	version int
	changed chan struct{} // closed and replaced at each change
}

func newBook(o Options) *book {
	return &book{log: o.Log, who: map[string]owner{}, changed: make(chan struct{})}
}

// touch tells everybody who waits; the caller holds mu.
func (b *book) touch() {
	b.version++
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *book) add(d direction, r Received) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, entry{d, r})
	b.touch()
}

// receive records a message to a person.
func (b *book) receive(r Received) {
	b.add(toPerson, r)
	b.log(fmt.Sprintf("%s %s accepted", r.Channel, r.ProviderID))
}

// setStatus records what was reported of a message.
func (b *book) setStatus(id, status string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.entries, func(e entry) bool { return e.ProviderID == id && e.direction == toPerson })
	if i >= 0 {
		b.entries[i].Status = status
		b.touch()
	}
}

// problem records a mistake of the program under test; the text may name messages but no person.
func (b *book) problem(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	b.mu.Lock()
	b.wrong = append(b.wrong, text)
	b.mu.Unlock()
	b.log("problem: " + text)
}

func (b *book) problems() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.wrong)
}

func (b *book) received() []Received {
	got, _ := b.receivedAndChange()
	return got
}

// receivedAndChange also returns a channel that is closed when there may be more.
func (b *book) receivedAndChange() ([]Received, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var got []Received
	for _, e := range b.entries {
		if e.direction == toPerson {
			got = append(got, e.Received)
		}
	}
	return got, b.changed
}

func (b *book) name(person string, addresses []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range addresses {
		b.who[a] = owner{person, b.who[a].zone}
	}
	b.touch()
}

func (b *book) zone(address string, zone *time.Location) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.who[address] = owner{b.who[address].name, zone}
	b.touch()
}

// lastSender is who wrote to the person last on the channel, "" when nobody did.
func (b *book) lastSender(ch Channel, person string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range slices.Backward(b.entries) {
		if e.Channel == ch && e.direction == toPerson && e.To == person {
			return e.From
		}
	}
	return ""
}

// snapshot returns copies of all that the page of phones shows.
func (b *book) snapshot() (entries []entry, who map[string]owner, version int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.entries), maps.Clone(b.who), b.version
}
