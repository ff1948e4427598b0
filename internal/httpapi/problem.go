package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// plain makes every error one sentence, and takes out the rejected values: they may be somebody's address.
func plain(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok || len(e.Errors) == 0 {
		return v, nil
	}
	clean := *e
	clean.Errors = nil
	said := make([]string, len(e.Errors))
	for i, d := range e.Errors {
		said[i] = strings.TrimPrefix(d.Location+": ", ": ") + d.Message
	}
	clean.Detail = strings.Join(said, "; ")
	return &clean, nil
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
		a.problem(w, http.StatusRequestEntityTooLarge, "the body is larger than 512 KiB; send fewer events at a time")
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
