package line

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

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

// The rows of LINE's table. Source: LINE's Messaging API reference, "Status codes" and "Error responses".
var (
	unread   = channels.Outcome{Code: "2xx, unreadable", Kind: channels.Temporary, Means: "LINE's answer could not be read; trying again under the same key is safe"}
	wrongID  = channels.Outcome{Code: "400, of the user id", Kind: channels.Unreachable, Means: "LINE knows no such user"}
	wrong    = channels.Outcome{Code: "400", Kind: channels.Rejected, Means: "LINE refused the message's form; mend its template"}
	noRight  = channels.Outcome{Code: "401, 403", Kind: channels.Misconfigured, Means: "LINE does not accept the channel token, or the account may not push; check channel_token and the plan"}
	redirect = channels.Outcome{Code: "3xx", Kind: channels.Misconfigured, Means: "the address answers with a redirect; check base_url"}
	tooFast  = channels.Outcome{Code: "429", Kind: channels.Throttled, Means: "LINE takes no more calls for now"}
	noQuota  = channels.Outcome{Code: "429, monthly limit", Kind: channels.Misconfigured, Again: time.Hour,
		Means: "monthly limit reached; nothing more goes out until the month turns or the plan is raised"}
	failing = channels.Outcome{Code: "5xx, 408, no answer", Kind: channels.Temporary, Down: true, Means: "LINE failed on its side; trying again under the same key is safe"}
	strange = channels.Outcome{Code: "409", Kind: channels.Temporary, Means: "LINE says that it has the message and not under which id; trying again under the same key is safe"}
	// Of notification messages, which go to a phone number, and of answers by reply token: neither has a key.
	notOnLINE = channels.Outcome{Code: "422, by number", Kind: channels.NotAllowedNow, Means: "nobody is reached on LINE by this phone number"}
	doubtful  = channels.Outcome{Code: "2xx unreadable, 5xx, 408, no answer, by number or reply token", Kind: channels.Ambiguous, Down: true,
		Means: "LINE may have taken the message, and knows no key by which it could be tried again"}
	refused = channels.Outcome{Code: "other 4xx", Kind: channels.Rejected, Means: "LINE refused the message"}
)

// Outcomes is what LINE's answers mean. A 409 that names the request which was accepted is a yes and stands in no table.
func Outcomes() channels.Outcomes {
	return channels.Outcomes{unread, redirect, wrongID, wrong, noRight, strange, tooFast, noQuota, failing, notOnLINE, doubtful, refused}
}

// refusal turns an answer that is no yes into our words. LINE knows the key of a push, so whatever is not a clear no
// may be tried again.
func refusal(res *http.Response) *channels.Error {
	var t trouble
	_ = json.NewDecoder(res.Body).Decode(&t) // a body that is not LINE's leaves the status to decide
	e := judge(res.StatusCode, t).Error()
	e.Code = strconv.Itoa(res.StatusCode)
	if e.Kind == channels.Throttled {
		e.RetryAfter = outbound.RetryAfter(res.Header)
	}
	return e
}

func judge(status int, t trouble) channels.Outcome {
	switch {
	case status < 300:
		return unread
	case status < 400:
		return redirect
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return noRight
	case status == http.StatusTooManyRequests && strings.Contains(t.Message, "monthly limit"):
		return noQuota
	case status == http.StatusTooManyRequests:
		return tooFast
	case status == http.StatusBadRequest && t.aboutUser():
		return wrongID
	case status == http.StatusBadRequest:
		return wrong
	case status == http.StatusConflict:
		return strange
	case status == http.StatusRequestTimeout || status >= 500:
		return failing
	}
	return refused
}

// aboutUser tells a wrong user id from a wrong message. LINE forbids sending to such an id again.
func (t trouble) aboutUser() bool {
	wrong := strings.HasPrefix(t.Message, "Failed to send messages") || strings.Contains(t.Message, "'to'")
	for _, d := range t.Details {
		wrong = wrong || d.Property == "to"
	}
	return wrong
}
