package httpapi

import (
	"net/http"
	"slices"
)

// followed lets requests be followed by the pattern of their route, never by their address. What machines look at every few seconds,
// and what is no route, nobody follows.
func (a *api) followed(next http.Handler) http.Handler {
	if a.Follow == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, route := a.mux.Handler(r)
		if slices.Contains([]string{"", "/", "GET /healthz", "GET /readyz", "GET /metrics"}, route) {
			next.ServeHTTP(w, r)
			return
		}
		_, stranger := a.tenant(Key{Authorization: r.Header.Get("Authorization")})
		a.Follow(next, w, r, route, stranger == nil)
	})
}
