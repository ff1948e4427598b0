package twilio

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"landfall/channels"
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, o := range outcomes {
		if seen[o.Code] {
			t.Errorf("%s stands in the table twice", o.Code)
		}
		seen[o.Code] = true
		if !slices.Contains(channels.Kinds(), o.Kind) || o.Kind == channels.Ambiguous || o.Means == "" || o.Tries > 0 && o.Kind != channels.Temporary {
			t.Errorf("%+v; a code is a clear answer with an explanation", o)
		}
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	h := http.Header{"Retry-After": {"3"}}
	for name, c := range map[string]struct {
		status, code int
		want         channels.Error
	}{
		"known code":               {400, 21610, channels.Error{Kind: channels.OptedOut, Code: "21610"}},
		"known code, odd status":   {404, 21211, channels.Error{Kind: channels.Unreachable, Code: "21211"}},
		"unknown code":             {400, 29999, channels.Error{Kind: channels.Rejected, Code: "29999", Unlisted: true}},
		"no code":                  {400, 0, channels.Error{Kind: channels.Rejected, Code: "400"}},
		"unknown code with 401":    {401, 29999, channels.Error{Kind: channels.Misconfigured, Code: "29999", Unlisted: true}},
		"rate":                     {429, 20429, channels.Error{Kind: channels.Throttled, Code: "20429", RetryAfter: 3 * time.Second}},
		"full queue":               {400, 21611, channels.Error{Kind: channels.Throttled, Code: "21611", RetryAfter: 30 * time.Second}},
		"server error comes first": {500, 21211, channels.Error{Kind: channels.Ambiguous, Code: "21211", Down: true}},
		"refused by the SDK":       {0, 21222, channels.Error{Kind: channels.Misconfigured, Code: "21222"}},
	} {
		got := refusal(c.status, c.code, h)
		if got.Detail == "" {
			t.Errorf("%s: no detail", name)
		}
		got.Detail = ""
		if *got != c.want {
			t.Errorf("%s: %+v, want %+v", name, *got, c.want)
		}
	}
}
