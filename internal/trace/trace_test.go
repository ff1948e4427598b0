package trace_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"

	"landfall/internal/trace"
)

const (
	caller      = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	callersSpan = "b7ad6b7169203331"
	callers     = "0af7651916cd43dd8448eb211c80319c"
)

func recorder(t *testing.T) (*trace.Tracer, *tracetest.InMemoryExporter) {
	t.Helper()
	kept := tracetest.NewInMemoryExporter()
	tracer := trace.To(kept)
	t.Cleanup(func() {
		if err := tracer.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tracer, kept
}

// only is the one span there is.
func only(t *testing.T, kept *tracetest.InMemoryExporter) sdk.ReadOnlySpan {
	t.Helper()
	spans := kept.GetSpans().Snapshots()
	if len(spans) != 1 {
		t.Fatalf("there are %d spans, want one", len(spans))
	}
	return spans[0]
}

func TestServe_JoinsWhomItKnowsAndLinksToOthers(t *testing.T) {
	t.Parallel()
	for name, joins := range map[string]bool{"a merchant": true, "anybody": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tracer, kept := recorder(t)
			r := httptest.NewRequest(http.MethodPost, "/v1/people/mei@example.com?phone=1", nil)
			r.Header.Set("Traceparent", caller)
			r.Header.Set("Tracestate", "shop=mei")
			serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Errorf("a stream cannot be flushed: %v", err)
				}
			})
			tracer.Serve(serve, httptest.NewRecorder(), r, "POST /v1/people/{id}", joins)
			got := only(t, kept)
			if joined := got.SpanContext().TraceID().String() == callers && got.Parent().SpanID().String() == callersSpan; joined != joins {
				t.Errorf("joined: %v, want %v", joined, joins)
			}
			if linked := len(got.Links()) == 1 && got.Links()[0].SpanContext.SpanID().String() == callersSpan; linked == joins {
				t.Errorf("linked: %v, want %v", linked, !joins)
			}
			if got.Name() != "POST /v1/people/{id}" || got.SpanKind() != oteltrace.SpanKindServer || got.Status().Description != "503" {
				t.Errorf("it is %q, a %s, %+v", got.Name(), got.SpanKind(), got.Status())
			}
			for _, a := range got.Attributes() {
				if strings.Contains(a.Value.String(), "mei") || strings.Contains(a.Value.String(), "phone") {
					t.Errorf("%s is %s", a.Key, a.Value.String())
				}
			}
			if got.SpanContext().TraceState().Len() > 0 {
				t.Error("what the caller wrote beside its trace is kept")
			}
		})
	}
}

func TestCarryAndResumeGoOnInTheSameTrace(t *testing.T) {
	t.Parallel()
	tracer, kept := recorder(t)
	if got := tracer.Carry(t.Context()); got != nil {
		t.Errorf("outside of a trace %v travels", got)
	}
	ctx, first := tracer.Deliver(t.Context(), trace.Facts{Delivery: "d1"})
	carried := tracer.Carry(ctx)
	if len(carried) != 1 || carried["traceparent"] == "" {
		t.Errorf("what travels is %v, want the traceparent alone", carried)
	}
	_, second := tracer.Call(tracer.Resume(context.Background(), carried), "send", trace.Facts{Attempt: 2})
	second.Note(trace.Facts{Result: "rejected", Code: "21211"})
	second.End("rejected")
	_, third := tracer.Call(tracer.Along(context.Background(), ctx), "ask", trace.Facts{})
	third.End("")
	tracer.Note(ctx, trace.Facts{State: "sent"})
	first.End("")
	spans := kept.GetSpans()
	if len(spans) != 3 {
		t.Fatalf("there are %d spans", len(spans))
	}
	deliver := spans[2]
	for _, s := range spans[:2] {
		if s.Parent.SpanID() != deliver.SpanContext.SpanID() || s.SpanContext.TraceID() != deliver.SpanContext.TraceID() {
			t.Errorf("%s is no part of the delivery", s.Name)
		}
	}
	if got := said(spans[0].Snapshot()); got != "landfall.attempt=2 landfall.result=rejected landfall.code=21211" {
		t.Errorf("the call says %s", got)
	}
	if got := said(deliver.Snapshot()); got != "landfall.delivery=d1 landfall.state=sent" {
		t.Errorf("the delivery says %s", got)
	}
}

func said(s sdk.ReadOnlySpan) string {
	var out []string
	for _, a := range s.Attributes() {
		out = append(out, string(a.Key)+"="+a.Value.String())
	}
	return strings.Join(out, " ")
}

// It sets variables of the process, which OpenTelemetry reads itself, so it is not parallel.
func TestFromEnv_SendsWhereTheStandardVariablesSay(t *testing.T) {
	asked := make(chan *http.Request, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r }))
	defer collector.Close()
	env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20x", "OTEL_SERVICE_NAME": "elsewhere"}
	for name, value := range env {
		t.Setenv(name, value)
	}
	tracer, err := trace.FromEnv(t.Context(), func(name string) string { return env[name] }, "1")
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracer.Deliver(t.Context(), trace.Facts{Delivery: "d1"})
	span.End("")
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case r := <-asked:
		if r.URL.Path != "/v1/traces" || r.Header.Get("Authorization") != "Bearer x" || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("it was sent to %s with %v", r.URL.Path, r.Header)
		}
	default:
		t.Error("nothing was sent")
	}
}

func TestFromEnv_OffUnlessAPlaceIsNamed(t *testing.T) {
	t.Parallel()
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for name, env := range map[string]map[string]string{
		"nothing":      {},
		"disabled":     {endpoint: "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
		"no exporter":  {endpoint: "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
		"metrics only": {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:1"},
	} {
		if tracer, err := trace.FromEnv(t.Context(), func(name string) string { return env[name] }, "1"); tracer != nil || err != nil {
			t.Errorf("%s: %v, %v", name, tracer, err)
		}
	}
	env := map[string]string{endpoint: "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
	if _, err := trace.FromEnv(t.Context(), func(name string) string { return env[name] }, "1"); err == nil || !strings.Contains(err.Error(), "4318") {
		t.Errorf("another protocol: %v", err)
	}
}

// deliver is all that a delivery asks of a tracer.
func deliver(ctx context.Context, t *trace.Tracer) {
	ctx, span := t.Deliver(ctx, trace.Facts{Delivery: "d1"})
	carried := t.Carry(ctx)
	t.Note(ctx, trace.Facts{Channel: "sms", State: "sending"})
	_, call := t.Call(t.Resume(ctx, carried), "send", trace.Facts{Delivery: "d1", Channel: "sms", Attempt: 1})
	call.Note(trace.Facts{Result: "accepted"})
	call.End("")
	span.End("")
}

func TestOffCostsNoMemory(t *testing.T) {
	ctx := context.Background()
	if n := testing.AllocsPerRun(1000, func() { deliver(ctx, nil) }); n != 0 {
		t.Errorf("a delivery that nobody follows allocates %v times", n)
	}
}

func BenchmarkDelivery(b *testing.B) {
	ctx := context.Background()
	for name, tracer := range map[string]*trace.Tracer{"off": nil, "on": trace.To(tracetest.NewNoopExporter())} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				deliver(ctx, tracer)
			}
		})
	}
}
