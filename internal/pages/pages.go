// Package pages is what a customer sees who taps a link in a message: the parcel's tracking page, the page of preferences,
// and the one to unsubscribe on. It checks the link's token (internal/token), reads the ledger, and shows what is there in
// the person's language and zone with the words beside this package and the plural rules and dates of package locales.
// internal/httpapi mounts it under /t/, /p/ and /u/.
//
// It asks for no login and runs no script. A GET changes nothing; a POST writes down what the person chose, and what follows
// from that is decided elsewhere. The tracking page shows where the goods are, never who they are for: no name, no address, no
// number a person is reached under; the others show addresses in outline.
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
	"sync"
	"time"

	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/token"
	"landfall/locales"
)

//go:embed words/*.yaml
var shipped embed.FS

// Ledger is what the pages read, and where they write down what a person chose.
type Ledger interface {
	// Parcel returns everything known about a parcel; nil when the merchant has no such parcel.
	Parcel(ctx context.Context, m notify.MerchantID, id parcel.ID) (*notify.Story, error)
	// Person returns a person; nil when the merchant has no such customer.
	Person(ctx context.Context, m notify.MerchantID, p notify.PersonID) (*notify.Person, error)
	Preferences(ctx context.Context, m notify.MerchantID, p notify.PersonID) (notify.Preferences, error)
	Consents(ctx context.Context, m notify.MerchantID, p notify.PersonID) ([]notify.ConsentEvent, error)
	// PutPreferences and AddOwnConsents keep nothing and return false when there is no such person.
	PutPreferences(ctx context.Context, m notify.MerchantID, p notify.PersonID, chosen notify.Preferences, acts []notify.ConsentEvent, now time.Time) (known bool, err error)
	AddOwnConsents(ctx context.Context, m notify.MerchantID, p notify.PersonID, acts []notify.ConsentEvent) (known bool, err error)
}

// Config is what the pages are made of. All fields are required.
type Config struct {
	Ledger   Ledger
	Tokens   token.Signer
	Merchant func(notify.MerchantID) (*dispatcher.Merchant, bool) // the merchant as configured right now
	// Preferences returns a person's page of preferences, "" for none.
	Preferences func(notify.MerchantID, notify.PersonID) string
	Now         func() time.Time
	Log         *slog.Logger
}

// errUnknown is a link that names nothing there is. Whoever tries links out learns no more than that.
var errUnknown = errors.New("no such parcel or person")

type handler struct {
	Config
}

// New returns the handler of all pages, to be mounted at the paths that routes lists.
func New(c Config) http.Handler { return (&handler{Config: c}).routes() }

func (h *handler) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /t/{token}", h.track)
	mux.HandleFunc("GET /p/{token}", h.showChoices)
	mux.HandleFunc("POST /p/{token}", h.saveChoices)
	mux.HandleFunc("GET /u/{token}", h.showLeaving)
	mux.HandleFunc("POST /u/{token}", h.leave)
	return mux
}

// words are the shared ones with the page's own laid over them, read when the first page is asked for. They are part of the
// program, and a mistake in them is found by every test.
var words = sync.OnceValue(func() *locales.Catalog {
	own, err := fs.Sub(shipped, "words")
	if err != nil {
		panic(fmt.Errorf("open the pages' words: %w", err))
	}
	c, err := locales.New(own)
	if err != nil {
		panic(fmt.Errorf("read the pages' words: %w", err))
	}
	return c
})

// track shows a parcel, or one sentence that says why not.
func (h *handler) track(w http.ResponseWriter, r *http.Request) {
	story, m, err := h.find(r.Context(), r.PathValue("token"))
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	v, err := h.reader(story, m, r.Header.Get("Accept-Language")).view(story, brandOf(story, m))
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
	story, err := h.Ledger.Parcel(ctx, m.ID, parcel.Expand(id))
	if err != nil {
		return nil, nil, fmt.Errorf("read parcel %s of %s: %w", parcel.Expand(id), merchant, err)
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
		h.Log.Error("page not shown", "error", err)
	}
	h.tell(w, status, h.readerIn(h.accepted(r.Header.Get("Accept-Language")), time.UTC).sentence(key))
}

// tell answers with a page of one sentence.
func (h *handler) tell(w http.ResponseWriter, status int, v notice) {
	if err := send(w, status, "sentence", v, v.frame); err != nil {
		http.Error(w, http.StatusText(status), status)
	}
}
