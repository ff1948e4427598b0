// Package tracking turns foreign tracking payloads into parcel events, and checks the signatures they come with.
// It speaks AfterShip, 17TRACK and EasyPost webhooks and our own POST /v1/events.
//
// Its neighbours: internal/httpapi hands it raw bodies, the dispatcher takes the events, internal/parcel folds them.
// It opens no connection, reads no clock, stores nothing, and judges nothing: a webhook repeats the whole history,
// and which of it is news is for the fold to say. All it promises is that the same checkpoint has the same event
// id every time.
package tracking

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"landfall/internal/parcel"
)

// Feed is a kind of tracking feed, as it stands in a callback's URL and in Event.Feed.
type Feed string

// The feeds whose webhooks Decode and Verify understand.
const (
	AfterShip      Feed = "aftership"
	SeventeenTrack Feed = "17track"
	EasyPost       Feed = "easypost"
)

// Feeds lists all feeds.
func Feeds() []Feed { return []Feed{AfterShip, SeventeenTrack, EasyPost} }

// Known reports whether f is a feed.
func (f Feed) Known() bool { return slices.Contains(Feeds(), f) }

// Decode translates a verified webhook body. The events come oldest first, at most MostEvents of them, the newest
// kept; heard is when the webhook was received, and no event happened later. A webhook that is not about the
// progress of a parcel gives no events and no error. An error is one sentence and names the field at fault.
func Decode(f Feed, body []byte, heard time.Time) ([]parcel.Event, error) {
	read, err := readerOf(f)
	if err != nil {
		return nil, fmt.Errorf("decode webhook: %w", err)
	}
	h, err := read(body)
	if err != nil {
		return nil, fmt.Errorf("decode %s webhook: %w", f, err)
	}
	h.feed = f
	return h.events(heard.UTC()), nil
}

func readerOf(f Feed) (func([]byte) (history, error), error) {
	switch f {
	case AfterShip:
		return readAfterShip, nil
	case SeventeenTrack:
		return readSeventeen, nil
	case EasyPost:
		return readEasyPost, nil
	default:
		return nil, noFeed(f)
	}
}

func noFeed(f Feed) error {
	var names []string
	for _, known := range Feeds() {
		names = append(names, string(known))
	}
	return fmt.Errorf("%q is no tracking feed; use one of %s", string(f), strings.Join(names, ", "))
}
