package httpapi

import "net/http"

// probes mounts what machines look at.
func (a *api) probes() {
	a.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		a.answer(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	a.mux.HandleFunc("GET /readyz", a.readyz)
	a.mux.Handle("GET /metrics", a.Metrics)
}

func (a *api) readyz(w http.ResponseWriter, r *http.Request) {
	if err := a.Ready(r.Context()); err != nil {
		a.problem(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	a.answer(w, http.StatusOK, map[string]string{"status": "ready"})
}
