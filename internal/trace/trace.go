// Package trace follows an event through Landfall in spans of OpenTelemetry: the request that brought it, each delivery it led to,
// and the calls to providers. It is the only place that knows OpenTelemetry. A span says which and what, never who: its attributes
// are the fields of Facts, ids and words of Landfall's own.
package trace

import (
	"context"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracer makes spans. A nil one makes none, and costs next to nothing.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
	format   propagation.TraceContext
}

// To returns a tracer whose spans go to an exporter as soon as they end: for tests.
func To(e sdk.SpanExporter) *Tracer { return over(sdk.NewTracerProvider(sdk.WithSyncer(e))) }

func over(p *sdk.TracerProvider) *Tracer {
	return &Tracer{provider: p, tracer: p.Tracer("landfall")}
}

// Close sends what is left and stops.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Facts are all that a span may say: ids that Landfall made or a merchant's folder names, and words of its own tables. What is empty
// is left out. There is no field for what somebody else wrote, and there must be none.
type Facts struct {
	Merchant, Notification, Delivery string
	Channel, State, Reason           string
	Attempt                          int
	Result                           string // of a call: accepted, or a kind of failure
	Code                             string // the provider's own, of its failure
}

func (f Facts) attributes() []attribute.KeyValue {
	attempt := ""
	if f.Attempt > 0 {
		attempt = strconv.Itoa(f.Attempt)
	}
	var out []attribute.KeyValue
	for _, a := range []attribute.KeyValue{
		attribute.String("landfall.merchant", f.Merchant),
		attribute.String("landfall.notification", f.Notification),
		attribute.String("landfall.delivery", f.Delivery),
		attribute.String("landfall.channel", f.Channel),
		attribute.String("landfall.state", f.State),
		attribute.String("landfall.reason", f.Reason),
		attribute.String("landfall.attempt", attempt),
		attribute.String("landfall.result", f.Result),
		attribute.String("landfall.code", f.Code),
	} {
		if a.Value.AsString() != "" {
			out = append(out, a)
		}
	}
	return out
}

// Span is a piece of work under way. The zero one is nobody's.
type Span struct{ span trace.Span }

// Deliver begins the span of one delivery.
func (t *Tracer) Deliver(ctx context.Context, f Facts) (context.Context, Span) {
	return t.begin(ctx, "deliver", trace.SpanKindConsumer, f)
}

// Call begins the span of one call to a provider, named by what is asked of it.
func (t *Tracer) Call(ctx context.Context, name string, f Facts) (context.Context, Span) {
	return t.begin(ctx, name, trace.SpanKindClient, f)
}

func (t *Tracer) begin(ctx context.Context, name string, kind trace.SpanKind, f Facts) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(f.attributes()...))
	return ctx, Span{span}
}

// Note adds what has become known to the span that a context is within.
func (t *Tracer) Note(ctx context.Context, f Facts) {
	if t != nil {
		trace.SpanFromContext(ctx).SetAttributes(f.attributes()...)
	}
}

// Note adds what has become known.
func (s Span) Note(f Facts) {
	if s.span != nil {
		s.span.SetAttributes(f.attributes()...)
	}
}

// End ends a span. failed says why in a word of our own, "" that it did not fail.
func (s Span) End(failed string) {
	if s.span == nil {
		return
	}
	if failed != "" {
		s.span.SetStatus(codes.Error, failed)
	}
	s.span.End()
}

// Carry is what has to travel with a piece of work so that Resume goes on in the same trace; nil for nothing.
func (t *Tracer) Carry(ctx context.Context) map[string]string {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return nil
	}
	out := propagation.MapCarrier{}
	t.format.Inject(ctx, out)
	return out
}

// Resume goes on in the trace that Carry was called within.
func (t *Tracer) Resume(ctx context.Context, carried map[string]string) context.Context {
	if t == nil || len(carried) == 0 {
		return ctx
	}
	return t.format.Extract(ctx, propagation.MapCarrier(carried))
}

// Along lets work that lives as long as one context go on in the trace of another.
func (t *Tracer) Along(ctx, of context.Context) context.Context {
	if t == nil {
		return ctx
	}
	return trace.ContextWithSpanContext(ctx, trace.SpanContextFromContext(of))
}
