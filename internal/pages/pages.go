// Package pages is the customer's tracking page: what a person sees who taps the link in a message. It checks the
// link's token (internal/token), reads the parcel's story from the ledger, and shows it in the person's language and
// zone with the words beside this package and the plural rules and dates of package locales. internal/httpapi mounts
// it under /t/.
//
// It changes nothing, asks for no login and runs no script. It shows where the goods are, never who they are for:
// no name, no address, no number a person is reached under.
package pages

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/token"
	"landfall/locales"
)

//go:embed words/*.yaml
var shipped embed.FS

// Ledger is what the page reads.
type Ledger interface {
	// Parcel returns everything known about a parcel; nil when the merchant has no such parcel.
	Parcel(ctx context.Context, m notify.MerchantID, id parcel.ID) (*notify.Story, error)
}

// Config is what the pages are made of. All fields are required.
type Config struct {
	Ledger   Ledger
	Tokens   token.Signer
	Merchant func(notify.MerchantID) (*dispatcher.Merchant, bool) // the merchant as configured right now
	Now      func() time.Time
	Log      *slog.Logger
}

// errUnknown is a link that names nothing there is. Whoever tries links out learns no more than that.
var errUnknown = errors.New("no such parcel")

type handler struct {
	Config
	words *locales.Catalog
}

// New returns the handler of the tracking page. It is mounted at a pattern with a {token}.
func New(c Config) http.Handler { return &handler{Config: c, words: catalog()} }

// catalog is the shared words with the page's own laid over them. They are part of the program and read by every
// test, so a mistake in them stops the program at its start.
func catalog() *locales.Catalog {
	own, err := fs.Sub(shipped, "words")
	if err != nil {
		panic(fmt.Errorf("open the tracking page's words: %w", err))
	}
	c, err := locales.New(own)
	if err != nil {
		panic(fmt.Errorf("read the tracking page's words: %w", err))
	}
	return c
}

// ServeHTTP shows the page, or one sentence that says why not.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	story, m, err := h.find(r.Context(), r.PathValue("token"))
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	v, err := h.reader(story, m, r.Header.Get("Accept-Language")).view(story, m.Brand)
	if err == nil {
		err = send(w, http.StatusOK, "track", v, v.frame)
	}
	if err != nil {
		h.refuse(w, r, fmt.Errorf("show parcel %s: %w", story.Parcel.ID, err))
	}
}

// find returns what a token names: errUnknown or an error of package token when it names nothing.
func (h *handler) find(ctx context.Context, link string) (*notify.Story, *dispatcher.Merchant, error) {
	text, err := h.Tokens.Open(token.Track, link, h.Now())
	if err != nil {
		return nil, nil, err
	}
	merchant, id, _ := strings.Cut(text, "/")
	m, ok := h.Merchant(notify.MerchantID(merchant))
	if !ok {
		return nil, nil, errUnknown
	}
	story, err := h.Ledger.Parcel(ctx, m.ID, parcel.ID(id))
	if err != nil {
		return nil, nil, fmt.Errorf("read parcel %s of %s: %w", id, merchant, err)
	}
	if story == nil {
		return nil, nil, errUnknown
	}
	return story, m, nil
}

// refuse answers with one sentence. Only a fault of ours is logged, and never with the token, which opens the page.
func (h *handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status, key := http.StatusServiceUnavailable, "unavailable"
	switch {
	case errors.Is(err, token.ErrExpired):
		status, key = http.StatusGone, "expired"
	case errors.Is(err, token.ErrInvalid), errors.Is(err, errUnknown):
		status, key = http.StatusNotFound, "not_found"
	case r.Context().Err() == nil:
		h.Log.Error("tracking page not shown", "error", err)
	}
	v := h.sentence(r.Header.Get("Accept-Language"), key)
	if err := send(w, status, "sentence", v, v.frame); err != nil {
		http.Error(w, http.StatusText(status), status)
	}
}
