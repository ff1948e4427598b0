package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"landfall/internal/play"
	"landfall/internal/sandbox"
	"landfall/internal/trace"
)

const (
	shopsTrace  = "0af7651916cd43dd8448eb211c80319c"
	shopsParent = "00-" + shopsTrace + "-b7ad6b7169203331-01"
)

// told is a stage that is followed.
type told struct {
	kept *spans
	*stage
}

// spans keeps what has ended, and says when there is more: a span ends a moment after what it is about.
type spans struct {
	*tracetest.InMemoryExporter
	more chan struct{}
}

// ExportSpans keeps spans.
func (k *spans) ExportSpans(ctx context.Context, all []sdk.ReadOnlySpan) error {
	err := k.InMemoryExporter.ExportSpans(ctx, all)
	select {
	case k.more <- struct{}{}:
	default:
	}
	return err
}

func (k *spans) named(name string) []sdk.ReadOnlySpan {
	return slices.DeleteFunc(k.GetSpans().Snapshots(), func(s sdk.ReadOnlySpan) bool { return s.Name() != name })
}

func (k *spans) names() (out []string) {
	for _, s := range k.GetSpans() {
		out = append(out, s.Name)
	}
	return out
}

// traced sets a stage that is followed.
func traced(t *testing.T, kind string) told {
	t.Helper()
	kept := &spans{tracetest.NewInMemoryExporter(), make(chan struct{}, 1)}
	o := ground(t, kind)
	o.Start, o.Tracer = instant(t, "2026-12-01T10:00:00Z"), trace.To(kept)
	s := told{kept, begin(t, o)}
	s.mei()
	s.kept.Reset()
	return s
}

// request sends what a shop, or anybody, sends within a trace of its own, and returns the status.
func (s told) request(method, path, key, body string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.App.URL()+path, bytes.NewReader([]byte(body)))
	s.must(err)
	req.Header = http.Header{"Traceparent": {shopsParent}, "Content-Type": {"application/json"}}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := http.DefaultClient.Do(req)
	s.must(err)
	s.must(res.Body.Close())
	return res.StatusCode
}

// first waits for a span of a name.
func (s told) first(name string) sdk.ReadOnlySpan {
	s.t.Helper()
	late := time.After(20 * time.Second)
	for {
		if found := s.kept.named(name); len(found) > 0 {
			return found[0]
		}
		select {
		case <-s.kept.more:
		case <-late:
			s.t.Fatalf("no span %q among %v", name, s.kept.names())
		}
	}
}

func value(s sdk.ReadOnlySpan, key string) string {
	for _, a := range s.Attributes() {
		if string(a.Key) == key {
			return a.Value.String()
		}
	}
	return ""
}

// news lets the coat leave, and the customer hear of it.
func (s told) news() {
	s.t.Helper()
	body := `{"id": "e-1", "parcel": "0034", "carrier": "dhl", "kind": "departed_origin", "happened_at": "2026-12-01T09:59:00Z"}`
	if status := s.request(http.MethodPost, "/v1/events", play.APIKey, body); status != http.StatusAccepted {
		s.t.Fatalf("status %d", status)
	}
	s.must(s.Work(s.t.Context()))
	if got := s.arrived(); len(got) != 1 || got[0].To != "whatsapp:"+phone && got[0].To != phone {
		s.t.Fatalf("%+v arrived", got)
	}
}

// A shop's request, the delivery it led to, and the call to the provider are one trace, the shop's own, across the queue.
func TestOneTraceFromTheRequestToTheProvider(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := traced(t, kind)
			s.news()
			request, deliver, call := s.first("POST /v1/events"), s.first("deliver"), s.first("send")
			if request.SpanContext().TraceID().String() != shopsTrace {
				t.Errorf("the request is in trace %s", request.SpanContext().TraceID())
			}
			for _, pair := range [][2]sdk.ReadOnlySpan{{request, deliver}, {deliver, call}} {
				parent, child := pair[0], pair[1]
				if child.Parent().SpanID() != parent.SpanContext().SpanID() || child.SpanContext().TraceID() != request.SpanContext().TraceID() {
					t.Errorf("%s does not belong to %s", child.Name(), parent.Name())
				}
			}
			said := []string{value(request, "http.response.status_code"), value(deliver, "landfall.state"), value(call, "landfall.channel"), value(call, "landfall.result")}
			if want := []string{"202", "sent", "whatsapp", "accepted"}; !slices.Equal(said, want) {
				t.Errorf("they say %q, want %q", said, want)
			}
			if id := value(deliver, "landfall.delivery"); id == "" || id != value(call, "landfall.delivery") || !strings.HasPrefix(id, value(deliver, "landfall.notification")) {
				t.Errorf("the delivery is %q, the call's %q", id, value(call, "landfall.delivery"))
			}
			if s.first("POST /v1/hooks/twilio/{merchant}/status").SpanContext().TraceID().String() == shopsTrace {
				t.Error("the trace has left the house, and come back with the provider's receipt")
			}
		})
	}
}

// Somebody without a merchant's key does not decide in which trace things are recorded; probes leave none.
func TestStrangersBeginNoTraceOfOurs(t *testing.T) {
	t.Parallel()
	s := traced(t, "embedded")
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/wp-login.php"} {
		s.request(http.MethodGet, path, "", "")
	}
	if spans := s.kept.names(); len(spans) > 0 {
		t.Errorf("probes left %v", spans)
	}
	s.request(http.MethodPost, "/v1/events", "wrong", "{}")
	got := s.first("POST /v1/events")
	if got.SpanContext().TraceID().String() == shopsTrace || len(got.Links()) != 1 || value(got, "http.response.status_code") != "401" {
		t.Errorf("it is in trace %s with %d links", got.SpanContext().TraceID(), len(got.Links()))
	}
}

// sayable are the names of all attributes there may be. A new one needs a reason why it can name nobody.
var sayable = []string{"http.request.method", "http.route", "http.response.status_code", "landfall.merchant", "landfall.notification", "landfall.delivery",
	"landfall.channel", "landfall.state", "landfall.reason", "landfall.attempt", "landfall.result", "landfall.code"}

// Whatever is asked for, sent, refused or answered: no span names a person, an address, an order or a word.
func TestTracesNameNobody(t *testing.T) {
	t.Parallel()
	s := traced(t, "embedded")
	s.news()
	s.must(s.Put(t.Context(), "people/mei@example.com", map[string]any{"name": "Mei Schneider", "market": "DE", "locale": "de", "phone": "+4915199999999"}))
	for _, path := range []string{"/v1/people/mei@example.com/consents", "/v1/orders/A1/timeline?x=mei", "/v1/people/mei/export", "/t/mei-token", "/p/" + mail, "/v1/inbox?token=mei"} {
		s.request(http.MethodGet, path, play.APIKey, "")
	}
	s.request(http.MethodPost, "/v1/events", play.APIKey, `{"id": "Mei Schneider"}`)
	s.must(s.Sandbox.Reply(sandbox.WhatsApp, phone, ours, "Wo ist mein Wollmantel?"))
	s.must(s.Work(t.Context()))
	for _, name := range []string{"deliver", "send", "PUT /v1/people/{id}", "GET /t/{token}", "POST /v1/hooks/twilio/{merchant}/inbound", "GET /v1/inbox"} {
		s.first(name)
	}
	for _, span := range s.kept.GetSpans().Snapshots() {
		nameless(t, span)
	}
}

func nameless(t *testing.T, s sdk.ReadOnlySpan) {
	t.Helper()
	said := []string{s.Name(), s.Status().Description, s.SpanContext().TraceState().String()}
	attributes := slices.Concat(s.Attributes(), s.Resource().Attributes())
	for _, l := range s.Links() {
		attributes = append(attributes, l.Attributes...)
	}
	for _, a := range s.Attributes() {
		if !slices.Contains(sayable, string(a.Key)) {
			t.Errorf("%s says %s", s.Name(), a.Key)
		}
	}
	if len(s.Events()) > 0 {
		t.Errorf("%s has events, whose words nobody looks at", s.Name())
	}
	for _, text := range append(said, texts(attributes)...) {
		for _, secret := range []string{"mei", "schneider", "4915", "@", "mantel", "a1", "0034", "paket", "token="} {
			if strings.Contains(strings.ToLower(text), secret) && !strings.HasPrefix(text, "n_") {
				t.Errorf("%s says %q", s.Name(), text)
			}
		}
	}
}

func texts(as []attribute.KeyValue) (out []string) {
	for _, a := range as {
		out = append(out, fmt.Sprint(a.Value.AsInterface()))
	}
	return out
}
