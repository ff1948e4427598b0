package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"landfall/channels"
	"landfall/channels/line"
	"landfall/channels/sms"
	"landfall/internal/notify"
	"landfall/internal/tracking"
)

// hooks mounts what carriers' feeds and providers call. Every body is read raw, since signatures are over its bytes.
func (a *api) hooks() {
	for _, h := range []struct {
		id, path, summary string
		serve             func(http.ResponseWriter, *http.Request, *Tenant, []byte)
	}{
		{"tracking-hook", "/v1/hooks/tracking/{merchant}/{feed}", "Webhook of AfterShip, 17TRACK or EasyPost", a.tracking},
		{"twilio-inbound", "/v1/hooks/twilio/{merchant}/inbound", "Twilio: a customer's message", a.twilio},
		{"twilio-status", "/v1/hooks/twilio/{merchant}/status", "Twilio: a message's fate", a.twilio},
		{"desk-hook", "/v1/hooks/desk/{merchant}", "The merchant's desk: what an agent says, or the end of a conversation", a.fromDesk},
		{"line-hook", "/v1/hooks/line/{merchant}", "LINE: follow, unfollow, a customer's message", a.line},
	} {
		a.huma.OpenAPI().AddOperation(&huma.Operation{OperationID: h.id, Method: http.MethodPost, Path: h.path, Summary: h.summary,
			Description: "Signed by the sender over its raw body.", Parameters: inPath(h.path), Responses: map[string]*huma.Response{
				"200": {Description: "Taken"}, "202": {Description: "Taken and durable"}, "400": a.refusal("Not understood"),
				"401": a.refusal("Wrong signature"), "404": a.refusal("No such merchant, feed or open handoff"), "413": a.refusal("Too large"), "429": a.refusal("Called too often")}})
		a.mux.HandleFunc("POST "+h.path, a.hook(h.serve))
	}
}

// inPath describes the parameters in a path, for operations described by hand.
func inPath(path string) []*huma.Param {
	var out []*huma.Param
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			out = append(out, &huma.Param{Name: strings.TrimSuffix(name, "}"), In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
		}
	}
	return out
}

// hook finds the merchant in the path and reads the body.
func (a *api) hook(serve func(http.ResponseWriter, *http.Request, *Tenant, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, ok := a.Tenant(notify.MerchantID(r.PathValue("merchant")))
		if !ok {
			a.Count(r.Pattern, "unknown_merchant")
			a.problem(w, http.StatusNotFound, "there is no such merchant; the address names the merchant's folder")
			return
		}
		if body, ok := a.body(w, r); ok {
			serve(w, r, t, body)
		}
	}
}

// refuse turns a callback away and leaves a trace of it, without its body.
func (a *api) refuse(w http.ResponseWriter, r *http.Request, t *Tenant, status, bytes int, reason string) {
	a.Count(r.Pattern, "refused")
	a.Log.Warn("callback refused", "merchant", t.ID, "route", r.Pattern, "reason", reason, "bytes", bytes)
	if err := a.Ledger.Refuse(r.Context(), t.ID, r.Pattern, reason, bytes, a.Now()); err != nil {
		a.Log.Error("keep trace of a refused callback", "error", err)
	}
	a.problem(w, status, reason)
}

func (a *api) tracking(w http.ResponseWriter, r *http.Request, t *Tenant, body []byte) {
	feed, ok := t.Feeds[r.PathValue("feed")]
	if !ok {
		a.Count(r.Pattern, "unknown_feed")
		a.problem(w, http.StatusNotFound, "this merchant has no such feed; add it under 'feeds' in merchant.yaml")
		return
	}
	if err := tracking.Verify(feed.Kind, feed.Secret.Reveal(), r.Header.Get, body); err != nil {
		a.refuse(w, r, t, http.StatusUnauthorized, len(body), err.Error())
		return
	}
	events, err := tracking.Decode(feed.Kind, body, a.Now())
	if err != nil {
		a.refuse(w, r, t, http.StatusBadRequest, len(body), err.Error())
		return
	}
	a.take(w, r, t, events)
}

// twilio takes status reports and inbound messages alike. Twilio signs the address it was given, which is the public one,
// whatever this server believes it is called.
func (a *api) twilio(w http.ResponseWriter, r *http.Request, t *Tenant, body []byte) {
	address := a.PublicURL + r.URL.RequestURI()
	if err := sms.Verify(t.secrets(notify.WhatsApp, notify.SMS), address, body, r.Header.Get("X-Twilio-Signature")); err != nil {
		a.refuse(w, r, t, http.StatusUnauthorized, len(body), err.Error())
		return
	}
	signals, err := sms.Receive(address, body, a.Now())
	if err != nil {
		a.refuse(w, r, t, http.StatusBadRequest, len(body), err.Error())
		return
	}
	signals = slices.DeleteFunc(signals, func(s channels.Signal) bool { return s.Reply != nil && t.own(s.From) })
	for _, s := range signals {
		if s.Reply != nil {
			s.Reply.Sender = t.writtenTo(s.From.Channel, s.Reply.To)
		}
	}
	if !a.apply(w, r, t, signals) {
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	if _, err := w.Write([]byte("<Response/>")); err != nil {
		a.Log.Debug("answer callback", "error", err)
	}
}

// lineAccount names the account whose secret a webhook was signed with.
func (t *Tenant) lineAccount(body []byte, signature string) (string, error) {
	for _, s := range t.Signers {
		if s.Channel == notify.LINE && line.Verify(s.Secrets, body, signature) == nil {
			return s.Sender, nil
		}
	}
	return "", line.ErrSignature
}

func (a *api) line(w http.ResponseWriter, r *http.Request, t *Tenant, body []byte) {
	account, err := t.lineAccount(body, r.Header.Get("X-Line-Signature"))
	if err != nil {
		a.refuse(w, r, t, http.StatusUnauthorized, len(body), err.Error())
		return
	}
	signals, err := line.Receive(body, a.Now())
	if err != nil {
		a.Log.Warn("part of a webhook was not understood", "merchant", t.ID, "error", err)
	}
	for _, s := range signals {
		if s.Reply != nil {
			s.Reply.Sender = account
		}
	}
	if a.apply(w, r, t, signals) {
		w.WriteHeader(http.StatusOK)
	}
}

// apply writes signals down; on failure it has answered, so that the provider calls again.
func (a *api) apply(w http.ResponseWriter, r *http.Request, t *Tenant, signals []channels.Signal) bool {
	if err := a.Apply(r.Context(), t.ID, signals); err != nil {
		a.broken(w, r, err)
		return false
	}
	a.Count(r.Pattern, "accepted")
	return true
}
