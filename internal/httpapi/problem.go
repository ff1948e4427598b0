package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// The sentences for what is wrong with a body as a whole.
const (
	tooLarge = "the body is larger than 512 KiB; send it in smaller parts"
	notJSON  = "the body is not JSON; send what /openapi.json describes for this address"
	notTyped = "the body is not marked as JSON; send it with Content-Type: application/json"
)

// plain makes every error one sentence, and takes out the rejected values: they may be somebody's address.
func plain(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	clean := *e
	clean.Errors = nil
	switch {
	case e.Status == http.StatusRequestEntityTooLarge:
		clean.Detail = tooLarge
	case e.Status == http.StatusUnsupportedMediaType:
		clean.Detail = notTyped
	case e.Status == http.StatusBadRequest:
		clean.Detail = notJSON
	case len(e.Errors) > 0:
		clean.Detail = "correct " + faults(e.Errors) + "; /openapi.json describes every field"
	}
	return &clean, nil
}

// faults names each field at fault and what was expected of it.
func faults(ds []*huma.ErrorDetail) string {
	said := make([]string, len(ds))
	for i, d := range ds {
		said[i] = d.Location + " (" + expected(d.Message) + ")"
	}
	return strings.Join(said, ", ")
}

// expected is a validation message without what it quotes of the value.
func expected(message string) string {
	if missing, ok := strings.CutPrefix(message, "expected required property "); ok {
		return strings.TrimSuffix(missing, " to be present") + " is missing"
	}
	for quoting, plain := range map[string]string{
		"unexpected property":                  "it is not known",
		"expected string to be RFC 5322 email": "expected an e-mail address",
		"expected string to be RFC 3986 uri":   "expected an address such as https://example.com/orders/1",
		"expected string to be RFC 3339":       "expected a time such as 2026-12-02T02:55:00Z",
		"invalid date/time":                    "expected a time such as 2026-12-02T02:55:00Z",
		"invalid integer":                      "expected a whole number",
	} {
		if strings.HasPrefix(message, quoting) {
			return plain
		}
	}
	return message
}

// problem answers with RFC 9457 problem details, for routes that read their body raw.
func (a *api) problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	err := json.NewEncoder(w).Encode(huma.ErrorModel{Title: http.StatusText(status), Status: status, Detail: detail})
	if err != nil {
		a.Log.Debug("answer problem", "error", err)
	}
}

// broken answers for a fault of ours, which is logged and not shown.
func (a *api) broken(w http.ResponseWriter, r *http.Request, err error) {
	a.Log.Error("serve", "method", r.Method, "route", r.Pattern, "error", err)
	a.Count(r.Pattern, "failed")
	a.problem(w, http.StatusServiceUnavailable, "this could not be stored just now and nothing of it was kept; send it again in a moment")
}

// fault is broken for operations that return their error.
func (a *api) fault(what string, err error) error {
	a.Log.Error(what, "error", err)
	return huma.Error503ServiceUnavailable("this could not be done just now and nothing of it was kept; try again in a moment")
}

// body reads a request body of at most maxBody bytes; on failure it has answered.
func (a *api) body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		a.problem(w, http.StatusRequestEntityTooLarge, tooLarge)
		return nil, false
	}
	if err != nil {
		a.problem(w, http.StatusBadRequest, "the body ended early; send it again")
		return nil, false
	}
	return b, true
}

// answer writes JSON.
func (a *api) answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		a.Log.Debug("answer", "error", err)
	}
}
