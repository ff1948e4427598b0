package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// probes mounts what machines look at, the customer's pages and the inbox's scripts: whatever is no part of the API proper.
func (a *api) probes() {
	for _, p := range []struct {
		id, method, path, summary, media string
		serve                            http.HandlerFunc
	}{
		{"healthz", http.MethodGet, "/healthz", "Whether the process lives", "application/json", a.healthz},
		{"readyz", http.MethodGet, "/readyz", "Whether ledger and queue answer; 503 and what is missing when they do not", "application/json", a.readyz},
		{"metrics", http.MethodGet, "/metrics", "Figures for Prometheus", "text/plain", a.Metrics.ServeHTTP},
		{"tracking-page", http.MethodGet, "/t/{token}", "A parcel's page for its customer; the signed token is the permission", "text/html", a.Pages.ServeHTTP},
		{"preference-page", http.MethodGet, "/p/{token}", "A customer's channel, language, quiet hours and consent; changes nothing", "text/html", a.Pages.ServeHTTP},
		{"save-preferences", http.MethodPost, "/p/{token}", "Keep what a customer chose there; answers with a redirect to the page", "text/html", a.Pages.ServeHTTP},
		{"unsubscribe-page", http.MethodGet, "/u/{token}", "The button to unsubscribe with; changes nothing", "text/html", a.Pages.ServeHTTP},
		{"unsubscribe", http.MethodPost, "/u/{token}", "Unsubscribe in one click, as RFC 8058 describes it", "text/html", a.Pages.ServeHTTP},
		{"inbox-widget", http.MethodGet, "/inbox/landfall-inbox.js", "The element <landfall-inbox> for a shop's page", "text/javascript", a.Widget.ServeHTTP},
		{"inbox-worker", http.MethodGet, "/inbox/landfall-push.js", "The service worker that shows what a browser is told", "text/javascript", a.Widget.ServeHTTP},
	} {
		a.huma.OpenAPI().AddOperation(&huma.Operation{OperationID: p.id, Method: p.method, Path: p.path, Summary: p.summary,
			Parameters: inPath(p.path), Responses: map[string]*huma.Response{"200": {Description: "Served", Content: map[string]*huma.MediaType{p.media: {}}}, "429": a.refusal("Asked too often")}})
		a.mux.HandleFunc(p.method+" "+p.path, p.serve)
	}
	a.huma.OpenAPI().Paths["/p/{token}"].Post.Responses = map[string]*huma.Response{"303": {Description: "Kept; the page shows it"}, "413": {Description: "More than a form"}, "429": a.refusal("Asked too often")}
	a.huma.OpenAPI().Paths["/readyz"].Get.Responses["503"] = a.refusal("What is missing")
}

func (a *api) healthz(w http.ResponseWriter, _ *http.Request) {
	a.answer(w, http.StatusOK, map[string]string{"status": "alive"})
}

func (a *api) readyz(w http.ResponseWriter, r *http.Request) {
	if err := a.Ready(r.Context()); err != nil {
		a.problem(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	a.answer(w, http.StatusOK, map[string]string{"status": "ready"})
}
