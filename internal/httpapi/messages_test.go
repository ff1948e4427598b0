package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"landfall/internal/config"
	"landfall/internal/play"
)

// Of somebody who writes and writes only so much is kept, and the rest is counted.
func TestMessages_OnlySoManyOfOnePerson(t *testing.T) {
	t.Parallel()
	s := beginWith(t, play.Options{Operator: func(s *config.Settings) { s.RateMessages = 4 }})
	s.coat()
	mei := s.token(play.APIKey, "mei")
	for i := range 5 {
		s.good(request{method: http.MethodPost, path: "/v1/inbox/messages", key: mei, body: fmt.Sprintf(`{"id":"q%d","text":"where is my coat?"}`, i)}, http.StatusAccepted)
	}
	if metrics := s.good(request{method: http.MethodGet, path: "/metrics"}, http.StatusOK); !strings.Contains(metrics, `landfall_messages_dropped_total{channel="inapp"} 3`) {
		t.Error("three of five are not counted as dropped")
	}
}
