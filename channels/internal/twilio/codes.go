package twilio

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"landfall/channels"
	"landfall/channels/internal/outbound"
)

// codeFact says what one of Twilio's error codes means for us. Codes come with a refused call or, for most WhatsApp
// failures, later with a status callback. Source: Twilio's error and warning dictionary.
type codeFact struct {
	code   int
	kind   channels.Kind
	detail string
}

var codeFacts = [...]codeFact{
	{20003, channels.Misconfigured, "Twilio does not accept the credentials; check account_sid and auth_token or the API key"},
	{20403, channels.Misconfigured, "Twilio does not let these credentials send; check the account's permissions"},
	{20429, channels.Throttled, "Twilio takes no more calls for now"},

	{21211, channels.Unreachable, "the number does not exist"},
	{21217, channels.Unreachable, "the number cannot be valid"},
	{21614, channels.Unreachable, "the number is no mobile number"},
	{21610, channels.OptedOut, "the person told this sender to stop"},

	// A country that is not enabled stops messages to that country only, so the sender is not paused for it.
	{21408, channels.NotAllowedNow, "the account may not send to this country; enable it in the Twilio console"},
	{21612, channels.NotAllowedNow, "this sender has no route to the number; add a sender for its country"},

	{21222, channels.Misconfigured, "the account SID or API key holds characters it cannot have"},
	{21224, channels.Misconfigured, "the auth token or API secret holds characters it cannot have"},
	{21212, channels.Misconfigured, "from is no valid sender"},
	{21606, channels.Misconfigured, "from does not belong to the account or cannot send messages"},
	{21659, channels.Misconfigured, "from is no number of the account"},
	{21703, channels.Misconfigured, "the messaging service has no sender; add one in the Twilio console"},

	{21611, channels.Throttled, "the sender's queue is full"},
	{30001, channels.Throttled, "the sender's queue is full"},

	{21602, channels.Rejected, "the message is empty; mend its template"},
	{21617, channels.Rejected, "the message is longer than 1600 characters; shorten its template"},
	{21656, channels.Rejected, "a template variable is empty or holds a line break, a tab or more than four spaces"},
	{92007, channels.Rejected, "the template's variables do not fit it"},
	{63005, channels.Rejected, "WhatsApp does not take this content"},
	{63013, channels.Rejected, "the message breaks a rule of WhatsApp's"},
	{63027, channels.Rejected, "the template does not exist in this language; register it"},
	{63028, channels.Rejected, "the number of template variables is not the one approved"},

	{30002, channels.Misconfigured, "the account is suspended"},
	{30003, channels.Temporary, "the phone is switched off or out of reach"},
	{30004, channels.NotAllowedNow, "the phone or its carrier blocks the message"},
	{30005, channels.Unreachable, "the number is unknown to its carrier"},
	{30006, channels.Unreachable, "the number is a landline or its carrier cannot be reached"},
	{30007, channels.NotAllowedNow, "the carrier filtered the message"},
	{30008, channels.Temporary, "the carrier failed without saying why"},
	{30034, channels.Misconfigured, "the sender is not registered for A2P 10DLC"},
	{30036, channels.NotAllowedNow, "the message waited for longer than it was valid"},
	// The guard judges one destination; pausing the sender would let one bad number silence a merchant.
	{30450, channels.NotAllowedNow, "Twilio's pumping guard blocked the destination"},

	{63003, channels.Unreachable, "the number is not on WhatsApp"},
	{63024, channels.Unreachable, "WhatsApp cannot reach the number"},
	{63016, channels.NotAllowedNow, "the 24 hours after the person's last message are over; only a template may be sent"},
	{63018, channels.Throttled, "the WhatsApp sender's rate is used up"},
	{63020, channels.Misconfigured, "Meta's invitation to the business was not accepted"},
	{63022, channels.Misconfigured, "WhatsApp does not accept the sender's certificate; check its display name"},
	{63032, channels.NotAllowedNow, "WhatsApp limits what this person may be sent"},
	{63049, channels.NotAllowedNow, "Meta chose not to deliver the message"},
}

func factOf(code int) (codeFact, bool) {
	i := slices.IndexFunc(codeFacts[:], func(f codeFact) bool { return f.code == code })
	if i < 0 {
		return codeFact{}, false
	}
	return codeFacts[i], true
}

// refusal turns a status and Twilio's code, 0 for none, into our words. A server error comes before the code: whatever
// it says, the message may have been taken.
func refusal(status, code int, h http.Header) *channels.Error {
	shown := strconv.Itoa(status)
	if code != 0 {
		shown = strconv.Itoa(code)
	}
	kind, detail := byStatus(status)
	if f, ok := factOf(code); ok && status < http.StatusInternalServerError {
		kind, detail = f.kind, f.detail
	}
	var wait time.Duration
	if kind == channels.Throttled {
		wait = outbound.RetryAfter(h)
	}
	return &channels.Error{Kind: kind, Code: shown, RetryAfter: wait, Detail: detail}
}

func byStatus(status int) (channels.Kind, string) {
	switch {
	case status < 300:
		return channels.Ambiguous, "Twilio's answer could not be read; it may have taken the message"
	case status < 400:
		return channels.Misconfigured, "the address answers with a redirect; check base_url"
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return channels.Misconfigured, "Twilio does not accept the credentials; check account_sid and auth_token or the API key"
	case status == http.StatusTooManyRequests:
		return channels.Throttled, "Twilio takes no more calls for now"
	case status < 500 && status != http.StatusRequestTimeout:
		return channels.Rejected, "Twilio refused the message; its error dictionary explains the code"
	default:
		return channels.Ambiguous, "Twilio failed on its side; it may have taken the message"
	}
}
