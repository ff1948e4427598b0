package httpapi

import (
	"fmt"
	"net/http"
)

// The parts of the API that a merchant's key may be for, as merchant.yaml names them.
const (
	events  = "events"
	orders  = "orders"
	read    = "read"
	support = "support"
	privacy = "privacy"
)

// scopes says which part of the API each route belongs to that a merchant's key opens.
var scopes = map[string]string{
	"POST /v1/events":                  events,
	"PUT /v1/orders/{id}":              orders,
	"PUT /v1/people/{id}":              orders,
	"POST /v1/people/{id}/consents":    orders,
	"POST /v1/people/{id}/inbox-token": orders,
	"GET /v1/orders/{id}/timeline":     read,
	"GET /v1/people/{id}/consents":     read,
	"GET /v1/notifications":            read,
	"GET /v1/notifications/{id}":       read,
	"GET /v1/dead":                     read,
	"GET /v1/assistant/report":         read,
	"GET /v1/senders":                  read,
	"POST /v1/explain":                 read,
	"GET /v1/handoffs":                 support,
	"GET /v1/handoffs/{id}":            support,
	"POST /v1/handoffs/{id}/messages":  support,
	"POST /v1/handoffs/{id}/close":     support,
	"POST /v1/dead/retry":              support,
	"DELETE /v1/people/{id}":           privacy,
	"GET /v1/people/{id}/export":       privacy,
	"GET /v1/notifications/{id}/proof": privacy,
}

// shut says why a merchant's key does not open a route; "" when it does, or when there is no good key to speak of.
func (a *api) shut(pattern string, r *http.Request) string {
	scope, keyed := scopes[pattern]
	if !keyed {
		return ""
	}
	k := Key{Authorization: r.Header.Get("Authorization")}
	t, err := a.tenant(k)
	if err != nil {
		return ""
	}
	if opens, ok := t.Key(k.bearer(), a.Now()); ok && !opens(scope) {
		return fmt.Sprintf("this API key is not for that; give it the scope %q in merchant.yaml, or use one that has it", scope)
	}
	return ""
}
