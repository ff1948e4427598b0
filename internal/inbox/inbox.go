// Package inbox is the in-app channel's other end: the list of a person's messages, what they have seen, read and put away,
// and a live stream of new ones; and the element that shows them in a shop's page. Rows are the ledger's; this package pages,
// wakes streams in this process and in others, and speaks server-sent events. Who may read which inbox is decided by the caller.
package inbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"landfall/channels"
	"landfall/channels/inapp"
	"landfall/internal/notify"
)

// Message is one card in a person's inbox.
type Message struct {
	ID         notify.DeliveryID `json:"id"`
	Seq        int64             `json:"seq" doc:"Grows with every message."`
	Title      string            `json:"title"`
	Text       string            `json:"text"`
	Link       string            `json:"link,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
	SeenAt     time.Time         `json:"seen_at,omitzero" doc:"When it was first shown in the list."`
	ReadAt     time.Time         `json:"read_at,omitzero" doc:"When it was first opened."`
	ArchivedAt time.Time         `json:"archived_at,omitzero" doc:"When it was put away; the list leaves it out unless asked for."`
}

// Counts are of everything in an inbox that is not archived. Unseen is what a badge shows.
type Counts struct {
	Total  int `json:"total"`
	Unread int `json:"unread"`
	Unseen int `json:"unseen"`
}

// Owner is whose inbox it is.
type Owner struct {
	Merchant notify.MerchantID
	Person   notify.PersonID
}

// Query asks for a part of an inbox.
type Query struct {
	Before   int64 // a sequence to list below; 0: from the newest
	Limit    int
	Unread   bool // only what has not been read
	Archived bool // what was put away, and nothing else
}

// Page is a part of an inbox, newest first.
type Page struct {
	Messages []Message
	Next     string // the cursor of the next page; empty at the end
	Counts   Counts
}

// Mark is what an owner does with one message.
type Mark string

// The marks. Unread and Unarchived take the others away.
const (
	Read       Mark = "read"
	Unread     Mark = "unread"
	Archived   Mark = "archive"
	Unarchived Mark = "unarchive"
)

// Marks lists every mark.
func Marks() []Mark { return []Mark{Read, Unread, Archived, Unarchived} }

// Store keeps the rows. What names a message of somebody else's finds nothing.
type Store interface {
	PutCard(ctx context.Context, m notify.MerchantID, c inapp.Card, now time.Time) (added bool, err error)
	// Cards lists messages newest first.
	Cards(ctx context.Context, o Owner, q Query) ([]Message, error)
	// CardsAfter lists messages oldest first, with a sequence above after.
	CardsAfter(ctx context.Context, o Owner, after int64, limit int) ([]Message, error)
	// NewestCard is the sequence of the newest message, archived or not; 0 for an empty inbox.
	NewestCard(ctx context.Context, o Owner) (int64, error)
	CountCards(ctx context.Context, o Owner) (Counts, error)
	// SeeCards and ReadCards mark everything up to a message.
	SeeCards(ctx context.Context, o Owner, upTo notify.DeliveryID, now time.Time) (found bool, err error)
	ReadCards(ctx context.Context, o Owner, upTo notify.DeliveryID, now time.Time) (found bool, err error)
	MarkCard(ctx context.Context, o Owner, id notify.DeliveryID, mark Mark, now time.Time) (found bool, err error)
}

// Bus carries the word between processes that something has changed in somebody's inbox: a name that tells nobody whose.
// It may lose words; streams look at the store now and then all the same.
type Bus interface {
	Ring(ctx context.Context, name string) error
	// Listen calls heard for every name that any process rings, until ctx ends.
	Listen(ctx context.Context, heard func(name string))
}

// Config is what an inbox is made of.
type Config struct {
	Store Store
	Now   func() time.Time
	Bus   Bus    // nil where no other process writes
	Key   []byte // makes the names on the bus; every process must be given the same

	Pusher   Pusher // tells browsers of new cards; nil where nobody is told
	Browsers Browsers
	Pushed   func(PushResult) // told of every try; required beside a Pusher
}

// Inbox stores cards and wakes the streams that wait for them.
type Inbox struct {
	Config
	told    chan string   // names to ring
	knocked chan struct{} // there may be a knock to make

	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool
}

// backlog is how many names may wait to be rung. What does not fit is found by looking.
const backlog = 256

// New returns an inbox.
func New(c Config) *Inbox {
	return &Inbox{Config: c, told: make(chan string, backlog), knocked: make(chan struct{}, 1), waiting: map[string]map[chan struct{}]bool{}}
}

// Run carries words between this process and the others, and tells browsers of new cards, until ctx ends.
func (b *Inbox) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	if b.Pusher != nil {
		running.Go(func() { b.knocking(ctx) })
	}
	if b.Bus == nil {
		return
	}
	running.Go(func() { b.Bus.Listen(ctx, b.ring) })
	for {
		select {
		case <-ctx.Done():
			return
		case name := <-b.told:
			_ = b.Bus.Ring(ctx, name) // without the bus the others find it by looking
		}
	}
}

// name stands for an owner where others may read it.
func (b *Inbox) name(o Owner) string {
	h := hmac.New(sha256.New, b.Key)
	h.Write([]byte("inbox\x00" + string(o.Merchant) + "\x00" + string(o.Person)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Put stores a card and wakes its owner's streams. Their browsers are told of it later, once, whatever comes of that.
func (b *Inbox) Put(ctx context.Context, m notify.MerchantID, c inapp.Card) error {
	if b.Pusher == nil {
		c.Knock = channels.Knock{}
	}
	added, err := b.Store.PutCard(ctx, m, c, b.Now())
	if err == nil && added {
		b.wake(Owner{Merchant: m, Person: c.Person})
		signal(b.knocked)
	}
	return err
}

// List returns a page of messages, newest first, with the counts of the whole inbox.
func (b *Inbox) List(ctx context.Context, o Owner, q Query) (Page, error) {
	limit := q.Limit
	q.Limit++ // one more tells whether another page follows
	found, err := b.Store.Cards(ctx, o, q)
	if err != nil {
		return Page{}, err
	}
	p := Page{Messages: found}
	if len(found) > limit {
		p.Messages = found[:limit]
		p.Next = cursor(found[limit-1].Seq)
	}
	p.Counts, err = b.Store.CountCards(ctx, o)
	return p, err
}

func cursor(seq int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte("before:" + strconv.FormatInt(seq, 10)))
}

// Cursor reads where a page begins; false for what no page gave.
func Cursor(text string) (before int64, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < len("before:") || string(b[:len("before:")]) != "before:" {
		return 0, false
	}
	before, err = strconv.ParseInt(string(b[len("before:"):]), 10, 64)
	return before, err == nil && before > 0
}

// See marks everything up to a message as shown; false when there is no such message in this inbox.
func (b *Inbox) See(ctx context.Context, o Owner, upTo notify.DeliveryID) (bool, error) {
	return b.changed(o)(b.Store.SeeCards(ctx, o, upTo, b.Now()))
}

// ReadAll marks everything up to a message as read; false when there is no such message in this inbox.
func (b *Inbox) ReadAll(ctx context.Context, o Owner, upTo notify.DeliveryID) (bool, error) {
	return b.changed(o)(b.Store.ReadCards(ctx, o, upTo, b.Now()))
}

// Mark marks one message; false when there is no such message in this inbox.
func (b *Inbox) Mark(ctx context.Context, o Owner, id notify.DeliveryID, mark Mark) (bool, error) {
	return b.changed(o)(b.Store.MarkCard(ctx, o, id, mark, b.Now()))
}

// changed tells the owner's other windows, which show the counts.
func (b *Inbox) changed(o Owner) func(bool, error) (bool, error) {
	return func(found bool, err error) (bool, error) {
		if err == nil && found {
			b.wake(o)
		}
		return found, err
	}
}

// wake wakes an owner's streams here and in the other processes.
func (b *Inbox) wake(o Owner) {
	name := b.name(o)
	b.ring(name)
	if b.Bus == nil {
		return
	}
	select {
	case b.told <- name:
	default: // the others find it by looking
	}
}

// ring wakes the streams of this process.
func (b *Inbox) ring(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ch := range b.waiting[name] {
		signal(ch)
	}
}

func signal(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default: // awake already
	}
}

// listen registers a stream; the caller must call stop.
func (b *Inbox) listen(o Owner) (bell <-chan struct{}, stop func()) {
	ch, name := make(chan struct{}, 1), b.name(o)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting[name] == nil {
		b.waiting[name] = map[chan struct{}]bool{}
	}
	b.waiting[name][ch] = true
	return ch, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waiting[name], ch)
		if len(b.waiting[name]) == 0 {
			delete(b.waiting, name)
		}
	}
}
