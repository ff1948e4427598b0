package twilio

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"landfall/channels"
	"landfall/channels/internal/outbound"
)

// Outcomes is what Twilio's error codes mean. A code comes with a refused call or, for most failures of WhatsApp, later with a
// status callback. Source: Twilio's error and warning dictionary.
func Outcomes() channels.Outcomes { return outcomes }

var outcomes = channels.Outcomes{
	{Code: "20003", Kind: channels.Misconfigured, Means: "Twilio does not accept the credentials; check account_sid and auth_token or the API key"},
	{Code: "20403", Kind: channels.Misconfigured, Means: "Twilio does not let these credentials send; check the account's permissions"},
	{Code: "20429", Kind: channels.Throttled, Means: "Twilio takes no more calls for now"},

	{Code: "21211", Kind: channels.Unreachable, Means: "the number does not exist"},
	{Code: "21217", Kind: channels.Unreachable, Means: "the number cannot be valid"},
	{Code: "21614", Kind: channels.Unreachable, Means: "the number is no mobile number"},
	{Code: "21610", Kind: channels.OptedOut, Means: "the person told this sender to stop"},

	// A country that is not enabled stops messages to that country only, so the sender is not paused for it.
	{Code: "21408", Kind: channels.NotAllowedNow, Means: "the account may not send to this country; enable it in the Twilio console"},
	{Code: "21612", Kind: channels.NotAllowedNow, Means: "this sender has no route to the number; add a sender for its country"},

	{Code: "21222", Kind: channels.Misconfigured, Means: "the account SID or API key holds characters it cannot have"},
	{Code: "21224", Kind: channels.Misconfigured, Means: "the auth token or API secret holds characters it cannot have"},
	{Code: "21212", Kind: channels.Misconfigured, Means: "from is no valid sender"},
	{Code: "21606", Kind: channels.Misconfigured, Means: "from does not belong to the account or cannot send messages"},
	{Code: "21659", Kind: channels.Misconfigured, Means: "from is no number of the account"},
	{Code: "21703", Kind: channels.Misconfigured, Means: "the messaging service has no sender; add one in the Twilio console"},

	{Code: "21611", Kind: channels.Throttled, Again: 30 * time.Second, Means: "the sender's queue is full"},
	{Code: "30001", Kind: channels.Throttled, Again: 30 * time.Second, Means: "the sender's queue is full"},

	{Code: "21602", Kind: channels.Rejected, Means: "the message is empty; mend its template"},
	{Code: "21617", Kind: channels.Rejected, Means: "the message is longer than 1600 characters; shorten its template"},
	{Code: "21656", Kind: channels.Rejected, Means: "a template variable is empty or holds a line break, a tab or more than four spaces"},
	{Code: "92007", Kind: channels.Rejected, Means: "the template's variables do not fit it"},
	{Code: "63005", Kind: channels.Rejected, Means: "WhatsApp does not take this content"},
	{Code: "63013", Kind: channels.Rejected, Means: "the message breaks a rule of WhatsApp's"},
	{Code: "63027", Kind: channels.Rejected, Means: "the template does not exist in this language; register it"},
	{Code: "63028", Kind: channels.Rejected, Means: "the number of template variables is not the one approved"},

	{Code: "30002", Kind: channels.Misconfigured, Means: "the account is suspended"},
	{Code: "30003", Kind: channels.Temporary, Again: 30 * time.Minute, Tries: 2, Means: "the phone is switched off or out of reach"},
	{Code: "30004", Kind: channels.NotAllowedNow, Means: "the phone or its carrier blocks the message"},
	{Code: "30005", Kind: channels.Unreachable, Means: "the number is unknown to its carrier"},
	{Code: "30006", Kind: channels.Unreachable, Means: "the number is a landline or its carrier cannot be reached"},
	{Code: "30007", Kind: channels.NotAllowedNow, Means: "the carrier filtered the message"},
	{Code: "30008", Kind: channels.Temporary, Again: 5 * time.Minute, Tries: 2, Means: "the carrier failed without saying why"},
	{Code: "30034", Kind: channels.Misconfigured, Means: "the sender is not registered for A2P 10DLC"},
	{Code: "30036", Kind: channels.NotAllowedNow, Means: "the message waited for longer than it was valid"},
	// The guard judges one destination; pausing the sender would let one bad number silence a merchant.
	{Code: "30450", Kind: channels.NotAllowedNow, Means: "Twilio's pumping guard blocked the destination"},

	{Code: "63003", Kind: channels.Unreachable, Means: "the number is not on WhatsApp"},
	{Code: "63024", Kind: channels.Unreachable, Means: "WhatsApp cannot reach the number"},
	{Code: "63016", Kind: channels.NotAllowedNow, Means: "the 24 hours after the person's last message are over; only a template may be sent"},
	{Code: "63018", Kind: channels.Throttled, Again: time.Minute, Means: "the WhatsApp sender's rate is used up"},
	{Code: "63020", Kind: channels.Misconfigured, Means: "Meta's invitation to the business was not accepted"},
	{Code: "63022", Kind: channels.Misconfigured, Means: "WhatsApp does not accept the sender's certificate; check its display name"},
	{Code: "63032", Kind: channels.NotAllowedNow, Means: "WhatsApp limits what this person may be sent"},
	{Code: "63049", Kind: channels.NotAllowedNow, Means: "Meta chose not to deliver the message"},
}

// unread stands for an answer that says yes and cannot be read.
var unread = channels.Outcome{Kind: channels.Ambiguous, Means: "Twilio's answer could not be read; it may have taken the message"}

// statuses is what a status means when Twilio gives no code, or one that is not in the table.
var statuses = []struct {
	from, to int
	channels.Outcome
}{
	{0, 299, unread},
	{300, 399, channels.Outcome{Kind: channels.Misconfigured, Means: "the address answers with a redirect; check base_url"}},
	{401, 401, channels.Outcome{Kind: channels.Misconfigured, Means: "Twilio does not accept the credentials; check account_sid and auth_token or the API key"}},
	{403, 403, channels.Outcome{Kind: channels.Misconfigured, Means: "Twilio does not accept the credentials; check account_sid and auth_token or the API key"}},
	{408, 408, channels.Outcome{Kind: channels.Ambiguous, Down: true, Means: "Twilio took too long; it may have taken the message"}},
	{429, 429, channels.Outcome{Kind: channels.Throttled, Means: "Twilio takes no more calls for now"}},
	{400, 499, channels.Outcome{Kind: channels.Rejected, Means: "Twilio refused the message; its error dictionary explains the code"}},
	{500, 999, channels.Outcome{Kind: channels.Ambiguous, Down: true, Means: "Twilio failed on its side; it may have taken the message"}},
}

// refusal turns a status and Twilio's code, 0 for none, into our words. A server error comes before the code: whatever
// it says, the message may have been taken.
func refusal(status, code int, h http.Header) *channels.Error {
	o := byStatus(status)
	if known, ok := outcomes.Find(strconv.Itoa(code)); ok && status < http.StatusInternalServerError {
		o = known
	}
	e := o.Error()
	e.Code, e.Unlisted = strconv.Itoa(cmp.Or(code, status)), code != 0 && o.Code == "" && status < http.StatusInternalServerError
	if e.Kind == channels.Throttled {
		e.RetryAfter = max(outbound.RetryAfter(h), e.RetryAfter)
	}
	return e
}

func byStatus(status int) channels.Outcome {
	for _, s := range statuses {
		if s.from <= status && status <= s.to {
			return s.Outcome
		}
	}
	return unread
}

// reported is why a message failed that Twilio had taken, by the code of its callback; "" for none.
func reported(code string) *channels.Error {
	o, known := outcomes.Find(code)
	if !known {
		o = channels.Outcome{Kind: channels.NotAllowedNow, Means: "Twilio could not deliver the message; its error dictionary explains the code"}
	}
	e := o.Error()
	e.Code, e.Unlisted = code, !known
	return e
}
