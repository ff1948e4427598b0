package play

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // for the page
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"landfall/internal/token"
	"landfall/locales"
)

//go:embed window.html
var windowPage string

// windowPolicy lets the page run its own script and Landfall's, and ask Landfall and its own server.
const windowPolicy = "default-src 'none'; script-src 'sha256-%s' %[2]s/inbox/; style-src 'unsafe-inline'; connect-src 'self' %[2]s; img-src data:; worker-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// window is a page of the sample merchant's shop with the inbox in it, and the server behind that page.
type window struct {
	world   *World
	page    *template.Template
	policy  string
	locales []string
	orders  atomic.Int64
}

// Window returns the page, to be mounted at /inbox and below: the origin that Options.Origin names. Everybody who looks in is
// a customer of their own by language.
func (w *World) Window() (http.Handler, error) {
	catalog, err := locales.New()
	if err != nil {
		return nil, err
	}
	page, err := template.New("window").Parse(windowPage)
	if err != nil {
		return nil, err
	}
	_, script, _ := strings.Cut(windowPage, "<script>")
	script, _, _ = strings.Cut(script, "</script>")
	sum := sha256.Sum256([]byte(script))
	v := &window{world: w, page: page, locales: catalog.Locales(), policy: fmt.Sprintf(windowPolicy, base64.StdEncoding.EncodeToString(sum[:]), w.App.URL())}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /inbox", v.show)
	mux.HandleFunc("GET /inbox/token", v.token)
	mux.HandleFunc("GET /inbox/push.js", v.worker)
	mux.HandleFunc("POST /inbox/order", v.order)
	return http.NewCrossOriginProtection().Handler(mux), nil
}

// visitor is who looks into the window, in a language.
func (v *window) visitor(r *http.Request) (id, locale string) {
	locale = r.URL.Query().Get("locale")
	if !slices.Contains(v.locales, locale) {
		locale = "en"
	}
	return "window-" + locale, locale
}

// sign makes a token as a shop's server would, with the secret it shares with Landfall.
func (v *window) sign(person string) (string, error) {
	return token.SignJWT(token.Session{Merchant: string(Merchant), Person: person, Expires: v.world.Clock.Now().Add(time.Hour)}, inboxSecret)
}

func (v *window) show(w http.ResponseWriter, r *http.Request) {
	person, locale := v.visitor(r)
	if err := v.enter(r.Context(), person, locale); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	key, err := v.sign(person)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	var out bytes.Buffer
	choice := func(name string, known ...string) string {
		if got := r.URL.Query().Get(name); slices.Contains(known, got) {
			return got
		}
		return known[0]
	}
	dirs, themes := []string{"auto", "ltr", "rtl"}, []string{"", "light", "dark"}
	err = v.page.Execute(&out, map[string]any{"Landfall": v.world.App.URL(), "Token": key, "Locale": locale, "Locales": v.locales,
		"Dirs": dirs, "Dir": choice("dir", dirs...), "Themes": themes, "Theme": choice("theme", themes...)})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", v.policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(out.Bytes()) // the caller may have hung up, which is its own affair
}

// enter makes a customer of whoever looks in, who has an inbox and nothing else.
func (v *window) enter(ctx context.Context, person, locale string) error {
	return v.world.Put(ctx, "people/"+person, map[string]any{"name": "Sam Sample", "market": "US", "locale": locale, "in_app": true})
}

func (v *window) token(w http.ResponseWriter, r *http.Request) {
	person, _ := v.visitor(r)
	key, err := v.sign(person)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(key)) // as above
}

// worker is the service worker as a shop hosts it.
func (v *window) worker(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = fmt.Fprintf(w, "importScripts(%q);\n", v.world.App.URL()+"/inbox/landfall-push.js") // as above
}

// order has the visitor order something, of which there is news at once.
func (v *window) order(w http.ResponseWriter, r *http.Request) {
	person, locale := v.visitor(r)
	n := v.orders.Add(1)
	id, now := fmt.Sprint("W", n), v.world.Clock.Now()
	kinds := []string{"departed_origin", "out_for_delivery", "delivered", "customs_started"}
	kind := kinds[int(n-1)%len(kinds)]
	err := v.enter(r.Context(), person, locale)
	if err == nil {
		err = v.world.Put(r.Context(), "orders/"+id, map[string]any{"person": person, "value": map[string]any{"amount": 180, "currency": "USD"},
			"items": []any{map[string]any{"title": "Wool coat"}}, "parcels": []any{map[string]any{"carrier": "dhl", "number": "WINDOW" + id}}})
	}
	if err == nil {
		err = v.world.Post(r.Context(), "events", map[string]any{"id": id, "parcel": "WINDOW" + id, "carrier": "dhl", "kind": kind, "happened_at": now})
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
