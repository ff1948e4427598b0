package channeltest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/internal/notify"
)

func TestLeaks(t *testing.T) {
	t.Parallel()
	m := channels.Message{To: notify.Address{Value: "+4915112345678"}}
	all := hidden([]string{"t0ken", ""}, m)
	for text, want := range map[string][]string{
		"nothing":             {},
		"a t0ken in it":       {"t0ken"},
		"To=%2B4915112345678": {"4915112345678"},
		"to +4915112345678":   {"+4915112345678", "4915112345678"},
	} {
		if diff := cmp.Diff(want, leaks(text, all)); diff != "" {
			t.Errorf("leaks(%q): %s", text, diff)
		}
	}
}

func TestStatusesHaveKnownKinds(t *testing.T) {
	t.Parallel()
	h := Harness{Lost: channels.Ambiguous, Statuses: map[int]channels.Kind{404: channels.Temporary}}
	for status, want := range map[int]channels.Kind{
		200: channels.Ambiguous, 307: channels.Misconfigured, 401: channels.Misconfigured,
		404: channels.Temporary, 429: channels.Throttled, 503: channels.Ambiguous,
	} {
		if got := h.verdict(status); got != want {
			t.Errorf("verdict(%d) = %s, want %s", status, got, want)
		}
	}
}
