package httpapi

import (
	"net/http"
	"time"
)

// Patterns are those of every route that is served.
func Patterns() []string {
	nothing := http.NotFoundHandler()
	return build(Config{Metrics: nothing, Pages: nothing, Widget: nothing, Now: time.Now}).mux.patterns
}

// StreamsAtOnce is how many streams a person may have open.
const StreamsAtOnce = streamsAtOnce
