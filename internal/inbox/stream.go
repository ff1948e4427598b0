package inbox

import (
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
	// recheck finds messages that another process stored.
	recheck   = 2 * time.Second
	streamRow = 100
)

// Stream serves an owner's new messages as server-sent events until the client leaves or ctx ends. A client that comes
// back with Last-Event-ID gets what it missed; a new one gets only what comes.
func (b *Inbox) Stream(ctx context.Context, w http.ResponseWriter, r *http.Request, o Owner) error {
	bell, stop := b.listen(o)
	defer stop()
	after, err := b.position(r, o)
	if err != nil {
		return err
	}
	s := stream{w: w, flush: http.NewResponseController(w), after: after}
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
	if last, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil && last >= 0 {
		return last, nil
	}
	newest, err := b.store.Cards(r.Context(), o, 0, 1)
	if err != nil || len(newest) == 0 {
		return 0, err
	}
	return newest[0].Seq, nil
}

// send writes everything the client has not seen, page by page.
func (b *Inbox) send(ctx context.Context, s *stream, o Owner) error {
	for {
		messages, err := b.store.CardsAfter(ctx, o, s.after, streamRow)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if err := s.message(m); err != nil {
				return err
			}
		}
		if len(messages) < streamRow {
			return nil
		}
	}
}

// stream is one client's connection.
type stream struct {
	w     http.ResponseWriter
	flush *http.ResponseController
	after int64
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
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	if err := s.write(fmt.Sprintf("id: %d\nevent: message\ndata: %s\n\n", m.Seq, data)); err != nil {
		return err
	}
	s.after = m.Seq
	return nil
}

func (s *stream) write(text string) error {
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.flush.Flush()
}
