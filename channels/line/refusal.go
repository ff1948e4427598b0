package line

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"landfall/channels"
	"landfall/channels/internal/outbound"
)

// trouble is the body of LINE's refusals. Its texts decide where LINE gives no code, and are never shown.
type trouble struct {
	Message string `json:"message"`
	Details []struct {
		Property string `json:"property"`
	} `json:"details"`
}

// refusal turns an answer that is no yes into our words. LINE knows the key of a push, so whatever is not a clear no
// may be tried again.
func refusal(res *http.Response) *channels.Error {
	var t trouble
	_ = json.NewDecoder(res.Body).Decode(&t) // a body that is not LINE's leaves the status to decide
	kind, detail := judge(res.StatusCode, t)
	e := &channels.Error{Kind: kind, Code: strconv.Itoa(res.StatusCode), Detail: detail}
	if kind == channels.Throttled {
		e.RetryAfter = outbound.RetryAfter(res.Header)
	}
	return e
}

func judge(status int, t trouble) (channels.Kind, string) {
	switch {
	case status < 300:
		return channels.Temporary, "LINE's answer could not be read; trying again under the same key is safe"
	case status < 400:
		return channels.Misconfigured, "the address answers with a redirect; check base_url"
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return channels.Misconfigured, "LINE does not accept the channel token, or the account may not push; check channel_token and the plan"
	case status == http.StatusTooManyRequests:
		return judgeLimit(t)
	case status == http.StatusBadRequest:
		return judgeRequest(t)
	case status == http.StatusRequestTimeout || status == http.StatusConflict || status >= 500:
		return channels.Temporary, "LINE failed on its side; trying again under the same key is safe"
	default:
		return channels.Rejected, "LINE refused the message"
	}
}

// judgeLimit tells the month's quota from the rate; LINE uses one status for both.
func judgeLimit(t trouble) (channels.Kind, string) {
	if strings.Contains(t.Message, "monthly limit") {
		return channels.Misconfigured, "monthly limit reached; nothing more goes out until the month turns or the plan is raised"
	}
	return channels.Throttled, "LINE takes no more calls for now"
}

// judgeRequest tells a wrong user id from a wrong message. LINE forbids sending to such an id again.
func judgeRequest(t trouble) (channels.Kind, string) {
	wrongID := strings.HasPrefix(t.Message, "Failed to send messages") || strings.Contains(t.Message, "'to'")
	for _, d := range t.Details {
		wrongID = wrongID || d.Property == "to"
	}
	if wrongID {
		return channels.Unreachable, "LINE knows no such user"
	}
	return channels.Rejected, "LINE refused the message's form; mend its template"
}
