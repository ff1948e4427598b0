package tracking

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"landfall/internal/parcel"
)

// MostEvents is how many events one body may hold. A webhook with a longer history keeps its newest; a longer
// request of our own is refused.
const MostEvents = 200

// history is one webhook in common terms: what each feed's reader produces and events turns into parcel events.
type history struct {
	feed   Feed
	label  string // the carrier as the feed names it: part of every id, so that a new alias moves none
	who    parcel.Carrier
	number parcel.Number
	order  parcel.OrderID
	scans  []scan // oldest first, as far as the feed keeps an order
	status scan   // where the feed says the parcel stands; no code when it does not say
	eta    *parcel.Window
	// revised is news of the estimate alone; no code when there is none.
	revised scan
}

// scan is one checkpoint.
type scan struct {
	key   []string // what makes it this checkpoint and no other, as it came
	stamp string   // when it happened, as it came
	spare string   // read instead when stamp cannot be
	code  string
	means meaning
	note  string
	place parcel.Place
	eta   *parcel.Window
}

func (h history) events(heard time.Time) []parcel.Event {
	var events []parcel.Event
	seen := map[parcel.EventID]bool{}
	for _, s := range h.all() {
		e := h.event(s, heard)
		if !seen[e.ID] {
			seen[e.ID] = true
			events = append(events, e)
		}
	}
	slices.SortStableFunc(events, func(a, b parcel.Event) int { return a.HappenedAt.Compare(b.HappenedAt) })
	events = events[max(0, len(events)-MostEvents):]
	if len(events) > 0 {
		events[len(events)-1].ETA = h.eta
	}
	return events
}

// all returns the checkpoints and what the webhook says beside them. Where the parcel stands is a scan of its own
// when no checkpoint tells it: a webhook may come before the first scan, and a feed declares a silent parcel
// expired without any.
func (h history) all() []scan {
	scans := slices.Clone(h.scans)
	told := slices.ContainsFunc(h.scans, func(c scan) bool { return c.means.kind == h.status.means.kind })
	news := h.status.means.kind != parcel.Unknown && !told
	if h.status.code != "" && (len(h.scans) == 0 || news) {
		scans = append(scans, h.status.since(h.scans))
	}
	if h.revised.code != "" {
		scans = append(scans, h.revised)
	}
	return scans
}

// since gives a status a key of its own for each checkpoint it may follow, so that a parcel may expire twice.
func (s scan) since(scans []scan) scan {
	if len(scans) > 0 {
		s.key = append(slices.Clone(s.key), scans[len(scans)-1].key...)
	}
	return s
}

func (h history) event(s scan, heard time.Time) parcel.Event {
	at, guessed := s.happened(heard)
	return parcel.Event{
		ID:      h.id(s),
		Feed:    string(h.feed),
		Carrier: h.who,
		Number:  h.number,
		Order:   h.order,

		Kind:   s.means.kind,
		Detail: s.means.detail,
		Code:   s.code,
		Note:   s.note,

		HappenedAt:  at,
		ZoneGuessed: guessed,
		HeardAt:     heard,
		Place:       s.place,
		ETA:         s.eta,
	}
}

// revise makes a scan that carries a new estimate and nothing else. The newest checkpoint was told in an earlier
// webhook, so its event is a repeat by now and what it carries would be lost.
func (h *history) revise(code, stamp string) {
	if h.eta == nil {
		return
	}
	h.revised = scan{
		key:   []string{code, stamp, h.eta.From.String(), h.eta.To.String()},
		stamp: stamp,
		code:  code,
		means: meaning{kind: parcel.Unknown},
		eta:   h.eta,
	}
}

// named is an error when nobody can say which parcel h is about. field is where its number should stand.
func (h history) named(field string) error {
	if h.number == "" {
		return fmt.Errorf("field %s is missing, so nobody can say which parcel this is about; send the webhook as the feed made it", field)
	}
	return nil
}

// id is the same for the same checkpoint in every webhook. Feeds' own envelope ids differ each time.
func (h history) id(s scan) parcel.EventID {
	parts := append([]string{h.label, string(h.number)}, s.key...)
	// Readers drop control characters, so the separator cannot occur in a part.
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return parcel.EventID(string(h.feed) + ":" + hex.EncodeToString(sum[:10]))
}

// happened is when s happened, never later than heard, and whether that is a guess: a wall clock without a zone,
// or, without any readable time, the moment the scan was heard of.
func (s scan) happened(heard time.Time) (time.Time, bool) {
	for _, stamp := range []string{s.stamp, s.spare} {
		t, exact, ok := readTime(stamp, zoneOf(s.place.Country))
		if !ok {
			continue
		}
		return earlier(t, heard).UTC(), !exact
	}
	return heard, true
}
