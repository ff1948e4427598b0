package preview

import (
	"bytes"
	"html"
	"net/http"
	"sync"
)

// Live serves one page that is replaced now and then, and tells whoever has it open. The zero value serves an empty one.
type Live struct {
	mu      sync.Mutex
	page    []byte
	changed chan struct{} // closed by Replace
}

// Replace shows another page from now on.
func (l *Live) Replace(page []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.page = page
	if l.changed != nil {
		close(l.changed)
	}
	l.changed = make(chan struct{})
}

// Fail shows what is wrong with a folder until it is mended.
func (l *Live) Fail(err error) {
	text := "<p style=\"font:16px/1.5 system-ui;padding:24px;white-space:pre-wrap\">" + html.EscapeString(err.Error()) +
		"</p><script>new EventSource('events').onmessage = () => location.reload()</script>"
	l.Replace([]byte("<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Landfall preview</title>" + text))
}

func (l *Live) now() ([]byte, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return bytes.Clone(l.page), l.changed
}

// livePolicy keeps the page out of others' frames. It shows mails as they are, so what they load is left to them.
const livePolicy = "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ServeHTTP answers "/" with the page, and "/events" with a stream of server-sent events: one whenever the page has changed.
func (l *Live) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	page, changed := l.now()
	w.Header().Set("Cache-Control", "no-store")
	switch r.URL.Path {
	case "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", livePolicy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		_, _ = w.Write(page) // the caller may have hung up, which is its own affair
	case "/events":
		w.Header().Set("Content-Type", "text/event-stream")
		flush(w)
		select {
		case <-changed:
			_, _ = w.Write([]byte("data: changed\n\n"))
			flush(w)
		case <-r.Context().Done():
		}
	default:
		http.NotFound(w, r)
	}
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }
