package trace

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// RouteLog makes OpenTelemetry say where everything else does that spans could not be sent. It holds for the whole process.
func RouteLog(log *slog.Logger) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces", "error", err) }))
}

// protocol is the only one that is spoken.
const protocol = "http/protobuf"

// FromEnv returns a tracer that sends spans where OpenTelemetry's own variables say, nil when they name no place. getenv decides
// whether there is one; all else, from headers to the sampler, OpenTelemetry reads from the process's environment itself.
func FromEnv(ctx context.Context, getenv func(string) string, version string) (*Tracer, error) {
	if !wanted(getenv) {
		return nil, nil
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if spoken := cmp.Or(getenv(name), protocol); spoken != protocol {
			return nil, fmt.Errorf("%s is %q and Landfall speaks %s only; leave it out, and name the collector's port for HTTP (4318 by default)", name, spoken, protocol)
		}
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("send traces: %w; check OTEL_EXPORTER_OTLP_ENDPOINT", err)
	}
	// Not the machine, the user or the command line: they may say more than is meant to leave here.
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "landfall"), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("describe this service in traces: %w; check OTEL_RESOURCE_ATTRIBUTES", err)
	}
	return over(sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))), nil
}

func wanted(getenv func(string) string) bool {
	if getenv == nil || strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") {
		return false
	}
	if kind := getenv("OTEL_TRACES_EXPORTER"); kind != "" && kind != "otlp" {
		return false
	}
	return getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
}
