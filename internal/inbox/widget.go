package inbox

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the scripts and their parts
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

//go:embed widget/landfall-inbox.js
var widgetCode []byte

//go:embed widget/landfall-inbox.css
var widgetStyle string

//go:embed widget/words.json
var widgetWords []byte

//go:embed widget/landfall-push.js
var workerCode []byte

// Widget is <landfall-inbox>, the part of a shop's page that shows the inbox: one script without dependencies, put together from
// its code, its style and its words.
func Widget() []byte {
	var said bytes.Buffer
	if err := json.Compact(&said, widgetWords); err != nil {
		panic(err) // the embedded file is JSON, as a test insists
	}
	sheet, err := json.Marshal(widgetStyle)
	if err != nil {
		panic(err) // a string can be encoded
	}
	script := bytes.Replace(widgetCode, []byte("__WORDS__"), said.Bytes(), 1)
	return bytes.Replace(script, []byte("__CSS__"), sheet, 1)
}

// Worker is the service worker that shows what a browser is told of new messages. A shop hosts it, since browsers take none from
// another site, or imports it into its own.
func Worker() []byte { return bytes.Clone(workerCode) }

// WidgetHandler serves the widget and the worker. A browser keeps them for an hour, and then asks whether they have changed. Any
// page may load them: who sees an inbox is decided by the token.
func WidgetHandler() http.Handler {
	widget, worker := script(Widget()), script(Worker())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/landfall-push.js") {
			worker.ServeHTTP(w, r)
			return
		}
		widget.ServeHTTP(w, r)
	})
}

func script(code []byte) http.Handler {
	sum := sha256.Sum256(code)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("Cache-Control", "public, max-age=3600")
		h.Set("ETag", tag)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Access-Control-Allow-Origin", "*") // for pages that pin its hash
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(code))
	})
}
