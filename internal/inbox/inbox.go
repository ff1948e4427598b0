// Package inbox is the in-app channel's other end: the list of a person's messages and a live stream of new ones. Rows are
// the ledger's; this package pages, wakes streams and speaks server-sent events. Who may read which inbox is decided by
// the caller.
package inbox

import (
	"context"
	"sync"
	"time"

	"landfall/channels/inapp"
	"landfall/internal/notify"
)

// Message is one card in a person's inbox.
type Message struct {
	ID        notify.DeliveryID `json:"id"`
	Seq       int64             `json:"seq" doc:"Grows with every message; give it as 'before' to read older ones."`
	Title     string            `json:"title"`
	Text      string            `json:"text"`
	Link      string            `json:"link,omitempty"`
	CreatedAt time.Time         `json:"created_at"`
	ReadAt    time.Time         `json:"read_at,omitzero"`
}

// Owner is whose inbox it is.
type Owner struct {
	Merchant notify.MerchantID
	Person   notify.PersonID
}

// Store keeps the rows.
type Store interface {
	PutCard(ctx context.Context, m notify.MerchantID, c inapp.Card, now time.Time) (added bool, err error)
	// Cards lists messages newest first, with a sequence below before (0: from the newest).
	Cards(ctx context.Context, o Owner, before int64, limit int) ([]Message, error)
	// CardsAfter lists messages oldest first, with a sequence above after.
	CardsAfter(ctx context.Context, o Owner, after int64, limit int) ([]Message, error)
	// ReadCard marks a message read; false when it is not the owner's.
	ReadCard(ctx context.Context, o Owner, id notify.DeliveryID, now time.Time) (bool, error)
}

// Inbox stores cards and wakes the streams that wait for them.
type Inbox struct {
	store Store
	now   func() time.Time

	mu      sync.Mutex
	waiting map[Owner]map[chan struct{}]bool
}

// New returns an inbox over a store.
func New(store Store, now func() time.Time) *Inbox {
	return &Inbox{store: store, now: now, waiting: map[Owner]map[chan struct{}]bool{}}
}

// Put stores a card and wakes its owner's streams.
func (b *Inbox) Put(ctx context.Context, m notify.MerchantID, c inapp.Card) error {
	added, err := b.store.PutCard(ctx, m, c, b.now())
	if err == nil && added {
		b.wake(Owner{Merchant: m, Person: c.Person})
	}
	return err
}

// List returns a page of messages, newest first.
func (b *Inbox) List(ctx context.Context, o Owner, before int64, limit int) ([]Message, error) {
	return b.store.Cards(ctx, o, before, limit)
}

// Read marks a message read; false when there is no such message in this inbox.
func (b *Inbox) Read(ctx context.Context, o Owner, id notify.DeliveryID) (bool, error) {
	return b.store.ReadCard(ctx, o, id, b.now())
}

func (b *Inbox) wake(o Owner) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ch := range b.waiting[o] {
		select {
		case ch <- struct{}{}:
		default: // awake already
		}
	}
}

// listen registers a stream; the caller must call stop.
func (b *Inbox) listen(o Owner) (bell <-chan struct{}, stop func()) {
	ch := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting[o] == nil {
		b.waiting[o] = map[chan struct{}]bool{}
	}
	b.waiting[o][ch] = true
	return ch, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waiting[o], ch)
		if len(b.waiting[o]) == 0 {
			delete(b.waiting, o)
		}
	}
}
