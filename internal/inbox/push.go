package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"landfall/channels"
	"landfall/channels/inapp"
	"landfall/internal/notify"
)

// Pusher tells a browser of a card, in one call. Its errors are those of a channel.
type Pusher interface {
	// Key is the public key with which browsers subscribe.
	Key() string
	// Check says in a sentence what is wrong with a subscription.
	Check(b inapp.Browser) error
	Push(ctx context.Context, b inapp.Browser, p inapp.Push) error
}

// Knock is a browser that is to be told of a card.
type Knock struct {
	Merchant notify.MerchantID
	Browser  string // its id
	At       inapp.Browser
	Card     notify.DeliveryID
	Title    string
	Text     string
	Link     string
	Urgency  notify.Urgency
	Collapse string
	Until    time.Time
	Tries    int // so far
}

// Browsers keeps who is told of new cards, and of which cards they are still to be told. Store.PutCard adds a knock for each of
// the owner's browsers.
type Browsers interface {
	// PutBrowser makes a browser the owner's and nobody else's; known is false when there is no such person. A person has a
	// bounded number of browsers, and the one that was put first makes room.
	PutBrowser(ctx context.Context, o Owner, id string, b inapp.Browser, now time.Time) (known bool, err error)
	DropBrowser(ctx context.Context, o Owner, id string) (found bool, err error)
	BrowserIDs(ctx context.Context, o Owner) ([]string, error)
	// ForgetBrowser drops a browser, whosever it is.
	ForgetBrowser(ctx context.Context, m notify.MerchantID, id string) error
	// TakeKnocks takes what is due away, so that nobody else takes it. What has expired, and what was seen meanwhile, is not
	// among it.
	TakeKnocks(ctx context.Context, now time.Time, limit int) ([]Knock, error)
	// KnockAgain puts a knock back. It is not kept when its card or its browser is gone.
	KnockAgain(ctx context.Context, k Knock, due time.Time) error
}

// BrowserID names a browser by the hash of its endpoint, in hex: the page that has the endpoint can make it too.
func BrowserID(b inapp.Browser) string {
	sum := sha256.Sum256([]byte(b.Endpoint.Reveal()))
	return hex.EncodeToString(sum[:])
}

// Subscribe has a browser told of an owner's new cards; known is false when there is no such person.
func (b *Inbox) Subscribe(ctx context.Context, o Owner, browser inapp.Browser) (id string, known bool, err error) {
	id = BrowserID(browser)
	known, err = b.Browsers.PutBrowser(ctx, o, id, browser, b.Now())
	return id, known, err
}

const (
	// knocksAtOnce is how many browsers are told at a time.
	knocksAtOnce = 64
	// knockPause is how often knocks are looked for that have become due by themselves, or that another process has added.
	knockPause = 5 * time.Second
)

// knockPauses is how long after each try that failed for now the next one comes; after the last there is none. The card is
// in the inbox all the while.
var knockPauses = [...]time.Duration{10 * time.Second, time.Minute, 5 * time.Minute}

// knocking tells browsers of cards until ctx ends.
func (b *Inbox) knocking(ctx context.Context) {
	look := time.NewTicker(knockPause)
	defer look.Stop()
	for {
		due, err := b.Browsers.TakeKnocks(ctx, b.Now(), knocksAtOnce)
		if err == nil {
			b.knockAll(context.WithoutCancel(ctx), due)
		}
		if len(due) == knocksAtOnce && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-b.knocked:
		case <-look.C:
		}
	}
}

// knockAll makes what was taken to its end: nobody else will.
func (b *Inbox) knockAll(ctx context.Context, due []Knock) {
	var under sync.WaitGroup
	for _, k := range due {
		under.Go(func() { b.Pushed(b.knock(ctx, k)) })
	}
	under.Wait()
}

// knock tells one browser of one card, and says what came of it.
func (b *Inbox) knock(ctx context.Context, k Knock) PushResult {
	err := b.Pusher.Push(ctx, k.At, inapp.Push{Card: k.Card, Title: k.Title, Text: k.Text, Link: k.Link, Urgency: k.Urgency, Collapse: k.Collapse, TTL: k.Until.Sub(b.Now())})
	if err == nil {
		return PushTaken
	}
	e := channels.AsError(err)
	switch e.Kind {
	case channels.Unreachable:
		err = b.Browsers.ForgetBrowser(ctx, k.Merchant, k.Browser)
		if err != nil {
			return PushFailed // the next knock finds it gone as well
		}
		return PushGone
	case channels.Throttled, channels.Temporary:
		return b.again(ctx, k, e.RetryAfter)
	}
	return PushRefused
}

// again puts a knock off, unless it was tried often enough or would come too late.
func (b *Inbox) again(ctx context.Context, k Knock, wait time.Duration) PushResult {
	if k.Tries >= len(knockPauses) {
		return PushFailed
	}
	due := b.Now().Add(max(wait, knockPauses[k.Tries]))
	if k.Tries++; !due.Before(k.Until) || b.Browsers.KnockAgain(ctx, k, due) != nil {
		return PushFailed
	}
	return PushPutOff
}

// PushResult is what came of one try to tell a browser.
type PushResult string

// The results of a try.
const (
	PushTaken   PushResult = "taken"
	PushGone    PushResult = "gone"    // there is no such browser any more, and it was forgotten
	PushPutOff  PushResult = "put_off" // it is tried again
	PushFailed  PushResult = "failed"  // it was tried often enough
	PushRefused PushResult = "refused" // the push service does not take it, or not from us
)
