package httpapi

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"landfall/internal/notify"
	"landfall/internal/throttle"
)

// Limits is how often whoever may ask. What is nil limits nothing.
type Limits struct {
	Keys    *throttle.Throttle // each API key
	Inboxes *throttle.Throttle // each person's inbox
	Hooks   *throttle.Throttle // each merchant's webhooks, from each address
	Open    *throttle.Throttle // each address that has no good key: pages, probes, and whoever tries keys out
}

// readsForm are the routes that take a customer's form: they read little of a body, and say in the customer's language what is wrong with it. Leaving works whatever the body, as RFC 8058 asks.
func readsForm(pattern string) bool {
	return pattern == "POST /p/{token}" || pattern == "POST /u/{token}"
}

// guard stands before every route: nobody asks too often, and no body is too large.
func (a *api) guard(pattern string, next http.HandlerFunc) http.HandlerFunc {
	caller := a.callerOf(pattern)
	return func(w http.ResponseWriter, r *http.Request) {
		limit, who := caller(r)
		if wait := limit.Take(who, a.Now()); wait > 0 {
			a.Count(pattern, "too_many")
			a.tooMany(w, wait, "this was asked too often; ask again after the seconds that Retry-After names")
			return
		}
		if why := a.shut(pattern, r); why != "" {
			a.problem(w, http.StatusForbidden, why)
			return
		}
		if r.ContentLength > maxBody && !readsForm(pattern) {
			a.problem(w, http.StatusRequestEntityTooLarge, tooLarge)
			return
		}
		next(w, r)
	}
}

// headed gives every answer what a browser must know of it. The customers' pages write a policy of their own over it. Scripts carry none: a service worker would live by it.
func headed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if !strings.HasPrefix(r.URL.Path, "/inbox/") {
			h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		}
		next.ServeHTTP(w, r)
	})
}

// callerOf tells the callers of a route apart, and which limit holds for them.
func (a *api) callerOf(pattern string) func(*http.Request) (*throttle.Throttle, string) {
	_, path, _ := strings.Cut(pattern, " ")
	switch {
	case strings.HasPrefix(path, "/v1/hooks/"):
		return a.hookCaller
	case path == "/v1/inbox" || strings.HasPrefix(path, "/v1/inbox/"):
		return a.inboxCaller
	case strings.HasPrefix(path, "/v1/"):
		return a.keyCaller
	case pattern == "POST /u/{token}":
		return a.leaver
	}
	return a.stranger
}

func (a *api) stranger(r *http.Request) (*throttle.Throttle, string) {
	return a.Limits.Open, "from " + a.address(r)
}

func (a *api) keyCaller(r *http.Request) (*throttle.Throttle, string) {
	k := Key{Authorization: r.Header.Get("Authorization")}
	if _, err := a.tenant(k); err != nil {
		return a.stranger(r)
	}
	return a.Limits.Keys, k.bearer()
}

func (a *api) inboxCaller(r *http.Request) (*throttle.Throttle, string) {
	owner, err := a.owner(streamToken(r))
	if err != nil {
		return a.stranger(r)
	}
	return a.Limits.Inboxes, string(owner.Merchant) + "/" + string(owner.Person)
}

func (a *api) hookCaller(r *http.Request) (*throttle.Throttle, string) {
	merchant := r.PathValue("merchant")
	if _, ok := a.Tenant(notify.MerchantID(merchant)); !ok {
		return a.stranger(r)
	}
	return a.Limits.Hooks, merchant + " from " + a.address(r)
}

// leaver is whoever uses one link to unsubscribe by. Mail providers press the button for many people from few addresses: an opt-out is never refused for the sake of another's.
func (a *api) leaver(r *http.Request) (*throttle.Throttle, string) {
	return a.Limits.Open, "by " + r.PathValue("token")
}

// tooMany answers whoever came too often.
func (a *api) tooMany(w http.ResponseWriter, wait time.Duration, detail string) {
	w.Header().Set("Retry-After", strconv.Itoa(seconds(wait)))
	a.problem(w, http.StatusTooManyRequests, detail)
}

// seconds rounds up, so that who waits as long is let through.
func seconds(wait time.Duration) int { return max(1, int(math.Ceil(wait.Seconds()))) }

// refuseStream is what is said when somebody has too many streams open.
func refuseStream() string {
	return fmt.Sprintf("%d streams of this inbox are open; close one of them first", streamsAtOnce)
}
