package email

import (
	"cmp"
	"crypto/tls"
	"errors"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"landfall/channels"
)

// The rows of the table of what mail servers answer. Source of the enhanced codes: RFC 3463; of the login codes: RFC 4954,
// section 6.
var (
	unreached  = channels.Outcome{Code: "no connection", Kind: channels.Temporary, Down: true, Means: "the mail server could not be reached or would not encrypt"}
	untrusted  = channels.Outcome{Code: "certificate", Kind: channels.Temporary, Down: true, Means: "the mail server's certificate is not trusted; check ca_file and server_name"}
	noWay      = channels.Outcome{Code: "no login", Kind: channels.Misconfigured, Means: "the mail server offers no way to log in that is known here; ask who runs it"}
	closed     = channels.Outcome{Code: "4xx at the greeting", Kind: channels.Temporary, Down: true, Means: "the mail server takes no connection for now"}
	turned     = channels.Outcome{Code: "5xx at the greeting", Kind: channels.Misconfigured, Means: "the mail server turns this sender away; ask who runs it"}
	badLogin   = channels.Outcome{Code: "530, 534, 535, 538", Kind: channels.Misconfigured, Means: "the mail server does not accept the login; check user and password"}
	broke      = channels.Outcome{Code: "cut before the end", Kind: channels.Temporary, Down: true, Means: "the connection to the mail server broke before the mail was whole"}
	doubtful   = channels.Outcome{Code: "cut after the end", Kind: channels.Ambiguous, Means: "the connection broke after the whole mail was sent; it may have been taken"}
	later      = channels.Outcome{Code: "4xx", Kind: channels.Temporary, Means: "the mail server cannot take the mail for now"}
	badSender  = channels.Outcome{Code: "5xx at MAIL FROM, 5.1.7, 5.1.8", Kind: channels.Misconfigured, Means: "the mail server does not accept the sender; check from and envelope_from"}
	full       = channels.Outcome{Code: "5.2.2, 552", Kind: channels.Temporary, Again: 3 * time.Hour, Tries: 8, Means: "the mailbox is full"}
	nobody     = channels.Outcome{Code: "5.1.x, 5.2.1, 550, 551, 553", Kind: channels.Unreachable, Means: "the mailbox does not exist"}
	notForThis = channels.Outcome{Code: "5.7.x at RCPT TO", Kind: channels.Misconfigured,
		Means: "the mail server may not be used for this; check user and password, or ask who runs it"}
	noRecipient = channels.Outcome{Code: "other 5xx at RCPT TO", Kind: channels.Rejected, Means: "the mail server refused the recipient"}
	badContent  = channels.Outcome{Code: "5xx at DATA", Kind: channels.Rejected, Means: "the mail server refused the mail's content"}
)

// Outcomes is what mail servers' answers mean. A connection that breaks after the server's yes is a yes and stands in no table.
func Outcomes() channels.Outcomes {
	return channels.Outcomes{unreached, untrusted, closed, turned, noWay, badLogin, broke, doubtful, later, badSender, full, nobody, notForThis, noRecipient, badContent,
		turnedAway, complained}
}

// failure says what came of a mail the server did not say yes to. Nothing of err is shown: servers repeat the
// recipient in their answers.
func failure(err error) *channels.Error {
	if refused, ok := errors.AsType[*mail.SendError](err); ok {
		return sendFailure(refused)
	}
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		return coded(greetFailure(said.Code), strconv.Itoa(said.Code))
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return coded(untrusted, "")
	}
	if errors.Is(err, mail.ErrNoSupportedAuthDiscovered) {
		return coded(noWay, "")
	}
	return coded(unreached, "")
}

// coded is the failure of a row under the code the server gave; "" for none.
func coded(o channels.Outcome, code string) *channels.Error {
	e := o.Error()
	e.Code = code
	return e
}

// greetFailure is a no before any mail was offered: to the connection or to the login.
func greetFailure(code int) channels.Outcome {
	switch {
	case loginCode(code):
		return badLogin
	case code >= 500:
		return turned
	}
	return closed
}

// loginCode reports whether a code speaks of authentication.
func loginCode(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// sendFailure is a no to the mail itself. Only a code of 500 to 599 is for good: go-mail calls a timeout, which has
// no code, not temporary either.
func sendFailure(e *mail.SendError) *channels.Error {
	code := e.ErrorCode()
	shown := cmp.Or(e.EnhancedStatusCode(), strconv.Itoa(code))
	switch {
	case code >= 500 && code <= 599:
		return coded(judge(e.Reason, code, e.EnhancedStatusCode()), shown)
	case code != 0:
		return coded(later, shown)
	case e.Reason == mail.ErrSMTPDataClose:
		return coded(doubtful, "")
	}
	return coded(broke, "")
}

// judge reads a permanent refusal by the command it answers.
func judge(at mail.SendErrReason, code int, enhanced string) channels.Outcome {
	switch {
	case loginCode(code):
		return badLogin
	case at == mail.ErrSMTPMailFrom:
		return badSender
	case at == mail.ErrSMTPRcptTo:
		return judgeRecipient(code, enhanced)
	}
	return badContent
}

func judgeRecipient(code int, enhanced string) channels.Outcome {
	switch {
	case enhanced == "5.1.7" || enhanced == "5.1.8":
		return badSender
	case enhanced == "5.2.2" || enhanced == "" && code == 552:
		return full
	case strings.HasPrefix(enhanced, "5.1.") || enhanced == "5.2.1" || enhanced == "" && (code == 550 || code == 551 || code == 553):
		return nobody
	case strings.HasPrefix(enhanced, "5.7."):
		return notForThis
	}
	return noRecipient
}
