package email

import (
	"cmp"
	"crypto/tls"
	"errors"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"landfall/channels"
)

// failure says what came of a mail the server did not say yes to. Nothing of err is shown: servers repeat the
// recipient in their answers.
func failure(err error) *channels.Error {
	if refused, ok := errors.AsType[*mail.SendError](err); ok {
		return sendFailure(refused)
	}
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		return greetFailure(said.Code)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &channels.Error{Kind: channels.Temporary, Detail: "the mail server's certificate is not trusted; check ca_file and server_name"}
	}
	if errors.Is(err, mail.ErrNoSupportedAuthDiscovered) {
		return &channels.Error{Kind: channels.Misconfigured, Detail: "the mail server offers no way to log in that is known here; ask who runs it"}
	}
	return &channels.Error{Kind: channels.Temporary, Detail: "the mail server could not be reached or would not encrypt"}
}

// greetFailure is a no before any mail was offered: to the connection or to the login.
func greetFailure(code int) *channels.Error {
	e := &channels.Error{Kind: channels.Temporary, Code: strconv.Itoa(code), Detail: "the mail server takes no connection for now"}
	switch {
	case loginCode(code):
		e.Kind, e.Detail = channels.Misconfigured, "the mail server does not accept the login; check user and password"
	case code >= 500:
		e.Kind, e.Detail = channels.Misconfigured, "the mail server turns this sender away; ask who runs it"
	}
	return e
}

// loginCode reports whether a code speaks of authentication. Source: RFC 4954, section 6.
func loginCode(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// sendFailure is a no to the mail itself. Only a code of 500 to 599 is for good: go-mail calls a timeout, which has
// no code, not temporary either.
func sendFailure(e *mail.SendError) *channels.Error {
	code := e.ErrorCode()
	said := &channels.Error{Code: cmp.Or(e.EnhancedStatusCode(), strconv.Itoa(code))}
	switch {
	case code >= 500 && code <= 599:
		said.Kind, said.Detail = judge(e.Reason, code, e.EnhancedStatusCode())
	case code != 0:
		said.Kind, said.Detail = channels.Temporary, "the mail server cannot take the mail for now"
	case e.Reason == mail.ErrSMTPDataClose:
		said.Code, said.Kind, said.Detail = "", channels.Ambiguous, "the connection broke after the whole mail was sent; it may have been taken"
	default:
		said.Code, said.Kind, said.Detail = "", channels.Temporary, "the connection to the mail server broke before the mail was whole"
	}
	return said
}

// judge reads a permanent refusal by the command it answers. Source of the enhanced codes: RFC 3463.
func judge(at mail.SendErrReason, code int, enhanced string) (channels.Kind, string) {
	switch {
	case loginCode(code):
		return channels.Misconfigured, "the mail server asks for a login; set user and password"
	case at == mail.ErrSMTPMailFrom:
		return channels.Misconfigured, "the mail server does not accept the sender; check from and envelope_from"
	case at == mail.ErrSMTPRcptTo:
		return judgeRecipient(code, enhanced)
	default:
		return channels.Rejected, "the mail server refused the mail's content"
	}
}

func judgeRecipient(code int, enhanced string) (channels.Kind, string) {
	switch {
	case enhanced == "5.1.7" || enhanced == "5.1.8":
		return channels.Misconfigured, "the mail server does not accept the sender; check from and envelope_from"
	case enhanced == "5.2.2" || enhanced == "" && code == 552:
		return channels.Temporary, "the mailbox is full"
	case strings.HasPrefix(enhanced, "5.1.") || enhanced == "5.2.1" || enhanced == "" && (code == 550 || code == 551 || code == 553):
		return channels.Unreachable, "the mailbox does not exist"
	case strings.HasPrefix(enhanced, "5.7."):
		return channels.Misconfigured, "the mail server may not be used for this; check user and password, or ask who runs it"
	default:
		return channels.Rejected, "the mail server refused the recipient"
	}
}
