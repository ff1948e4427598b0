package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	// heartbeat keeps proxies from closing a quiet stream.
	heartbeat = 15 * time.Second
	// recheck finds what another process stored when the bus did not carry the word.
	recheck   = 10 * time.Second
	streamRow = 100
)

// Stream serves an owner's new messages as server-sent events until the client leaves or ctx ends. A client that comes
// back with Last-Event-ID, or last_event_id in the address where a browser begins a new stream, gets what it missed; a new
// one gets only what comes. The counts come first, and again whenever they have changed.
func (b *Inbox) Stream(ctx context.Context, w http.ResponseWriter, r *http.Request, o Owner) error {
	bell, stop := b.listen(o)
	defer stop()
	after, err := b.position(r, o)
	if err != nil {
		return err
	}
	s := stream{w: w, flush: http.NewResponseController(w), after: after, counts: Counts{Total: -1}}
	if err := s.open(); err != nil {
		return err
	}
	beat, look := time.NewTicker(heartbeat), time.NewTicker(recheck)
	defer beat.Stop()
	defer look.Stop()
	for {
		if err := b.send(r.Context(), &s, o); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.Context().Done():
			return nil
		case <-bell:
		case <-look.C:
		case <-beat.C:
			if err := s.write(": ping\n\n"); err != nil {
				return err
			}
		}
	}
}

// position is the sequence after which the client wants messages.
func (b *Inbox) position(r *http.Request, o Owner) (int64, error) {
	last := cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("last_event_id"))
	if after, err := strconv.ParseInt(last, 10, 64); err == nil && after >= 0 {
		return after, nil
	}
	return b.Store.NewestCard(r.Context(), o)
}

// send writes everything the client has not been sent, page by page, and the counts when they are others than before.
func (b *Inbox) send(ctx context.Context, s *stream, o Owner) error {
	for more := true; more; {
		messages, err := b.Store.CardsAfter(ctx, o, s.after, streamRow)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if err := s.message(m); err != nil {
				return err
			}
		}
		more = len(messages) == streamRow
	}
	counts, err := b.Store.CountCards(ctx, o)
	if err != nil || counts == s.counts {
		return err
	}
	s.counts = counts
	return s.event("event: counts\n", counts)
}

// stream is one client's connection.
type stream struct {
	w      http.ResponseWriter
	flush  *http.ResponseController
	after  int64
	counts Counts // as the client knows them
}

func (s *stream) open() error {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	s.w.WriteHeader(http.StatusOK)
	if err := s.flush.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return s.write("retry: 3000\n\n")
}

func (s *stream) message(m Message) error {
	s.after = m.Seq
	return s.event(fmt.Sprintf("id: %d\nevent: message\n", m.Seq), m)
}

func (s *stream) event(head string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	return s.write(fmt.Sprintf("%sdata: %s\n\n", head, data))
}

func (s *stream) write(text string) error {
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.flush.Flush()
}
