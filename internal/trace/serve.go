package trace

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Serve lets next serve a request within a span. The route, a pattern such as "GET /v1/people/{id}", stands for the address, which may
// name somebody. joins says whether the span belongs to the trace that the caller has begun; that of anybody else is only linked to,
// so that who sends a webhook does not decide what is recorded here.
func (t *Tracer) Serve(next http.Handler, w http.ResponseWriter, r *http.Request, route string, joins bool) {
	method, path, _ := strings.Cut(route, " ")
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", method), attribute.String("http.route", path))}
	ctx, caller := r.Context(), t.caller(r)
	switch {
	case caller.IsValid() && joins:
		ctx = trace.ContextWithRemoteSpanContext(ctx, caller)
	case caller.IsValid():
		options = append(options, trace.WithLinks(trace.Link{SpanContext: caller}))
	}
	ctx, span := t.tracer.Start(ctx, route, options...)
	defer span.End()
	answer := &answer{ResponseWriter: w, status: http.StatusOK}
	next.ServeHTTP(answer, r.WithContext(ctx))
	span.SetAttributes(attribute.Int("http.response.status_code", answer.status))
	if answer.status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, strconv.Itoa(answer.status))
	}
}

// caller is the span that a request was made within, without what else its caller wrote there.
func (t *Tracer) caller(r *http.Request) trace.SpanContext {
	ctx := t.format.Extract(context.Background(), propagation.HeaderCarrier(r.Header))
	return trace.SpanContextFromContext(ctx).WithTraceState(trace.TraceState{})
}

// answer remembers a response's status.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the status.
func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap lets streams flush.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
