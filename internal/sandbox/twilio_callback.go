package sandbox

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// twilioLetter is a form signed the way Twilio signs: over the URL without its fragment and all fields in order.
func (t *twilio) twilioLetter(about, to string, form url.Values) letter {
	l := letter{about: about, body: []byte(form.Encode())}
	if !loopback(to) {
		return l
	}
	bare, fragment, _ := strings.Cut(to, "#")
	l.url, l.retry = bare, retryOf(fragment)
	l.header = http.Header{
		"Content-Type":               {"application/x-www-form-urlencoded; charset=utf-8"},
		"User-Agent":                 {"TwilioProxy/1.1"},
		"X-Twilio-Signature":         {t.sign(bare, form)},
		"I-Twilio-Idempotency-Token": {t.ids.uuid()},
	}
	return l
}

func (t *twilio) sign(to string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(t.credentials.TwilioAuthToken))
	_, _ = io.WriteString(mac, to) // a hash never fails to write
	for _, key := range slices.Sorted(maps.Keys(form)) {
		_, _ = io.WriteString(mac, key+form.Get(key))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// reports are the status callbacks of one message, in order.
func (t *twilio) reports(m *twilioMessage, steps []step) []letter {
	var all []letter
	for _, s := range steps {
		l := t.twilioLetter("twilio status "+s.status+" of "+m.sid, m.callback, t.statusForm(m, s))
		l.before = func() { t.move(m, s) }
		all = append(all, l)
	}
	return all
}

func (t *twilio) statusForm(m *twilioMessage, s step) url.Values {
	form := url.Values{}
	set := func(key, value string) { form.Set(key, value) }
	set("MessageSid", m.sid)
	set("SmsSid", m.sid)
	set("MessageStatus", s.status)
	set("SmsStatus", s.status)
	set("AccountSid", t.credentials.TwilioAccountSID)
	set("ApiVersion", apiVersion)
	set("From", onWire(m.channel, m.from))
	set("To", onWire(m.channel, m.to))
	if m.service != "" {
		set("MessagingServiceSid", m.service)
	}
	if s.code != 0 {
		set("ErrorCode", strconv.Itoa(s.code))
		set("ErrorMessage", "The message could not be delivered")
	}
	t.channelFields(form, m, s)
	return form
}

// channelFields adds what only SMS or only WhatsApp reports.
func (t *twilio) channelFields(form url.Values, m *twilioMessage, s step) {
	if m.channel == SMS {
		if s.status == "delivered" || s.status == "undelivered" {
			form.Set("RawDlrDoneDate", m.created.UTC().Format("0601021504"))
		}
		return
	}
	form.Set("ChannelPrefix", "whatsapp")
	form.Set("ChannelInstallSid", "XE"+t.credentials.TwilioAccountSID[2:])
	form.Set("ChannelToAddress", m.to)
	if s.status == "delivered" || s.status == "read" {
		form.Set("EventType", strings.ToUpper(s.status))
	}
}

func (t *twilio) setInbound(ch Channel, to string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inbound[ch] = to
}

// Reply lets a person write: from is the person, to the business's number, or "" for whoever wrote to that person
// last on the channel. On LINE it is LineReply; a mail answers the last one to that address. Twilio's own handling of opt-out words on SMS happens here: STOP
// blocks the sender from then on, START opens it again, and the webhook says so in OptOutType.
//
// The webhook is posted in the background; WaitCallbacks waits for it. It is an error when no InboundURL is set
// or nobody wrote to the person before.
func (s *Sandbox) Reply(ch Channel, from, to, text string) error {
	switch ch {
	case WhatsApp, SMS:
		return s.twilio.hear(ch, bareNumber(from), bareNumber(to), text)
	case LINE:
		return s.LineReply(from, text)
	case Email:
		return s.replyByMail(from, text)
	default:
		return fmt.Errorf("reply on %q: the sandbox has no way back on this channel", ch)
	}
}

func bareNumber(address string) string { return strings.TrimPrefix(address, whatsappPrefix) }

func (t *twilio) hear(ch Channel, person, business, text string) error {
	if business == "" {
		business = t.book.lastSender(ch, person)
	}
	to, err := t.inboundOf(ch, business)
	if err != nil {
		return err
	}
	p := pair{ch, business, person}
	word := t.listen(p, text)
	t.heard(p, text, word)
	l := t.twilioLetter("twilio inbound "+string(ch), to, t.inboundForm(p, text, word))
	l.judge = t.judgeTwiML
	t.courier.post(t.courier.reserve(l))
	return nil
}

func (t *twilio) inboundOf(ch Channel, business string) (string, error) {
	t.mu.Lock()
	to := t.inbound[ch]
	t.mu.Unlock()
	switch {
	case to == "":
		return "", fmt.Errorf("reply on %s: set InboundURL first", ch)
	case !loopback(to):
		t.book.problem("twilio: the inbound URL of %s does not lead to a loopback address", ch)
		return "", fmt.Errorf("reply on %s: the InboundURL must lead to a loopback address", ch)
	case business == "":
		return "", fmt.Errorf("reply on %s: nobody wrote to this person yet, so name the number to answer", ch)
	}
	return to, nil
}

// listen opens WhatsApp's window, or acts on an SMS opt-out word and returns its kind.
func (t *twilio) listen(p pair, text string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrote[p] = t.now()
	if p.channel != SMS {
		return "" // WhatsApp senders handle such words themselves
	}
	kind := optOutType(text)
	switch kind {
	case "STOP":
		t.optedOut[p] = true
	case "START":
		delete(t.optedOut, p)
	}
	return kind
}

// optOutType is the kind of a message that is nothing but one of Twilio's default words.
func optOutType(text string) string {
	switch strings.ToUpper(strings.TrimSpace(text)) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT":
		return "STOP"
	case "START", "YES", "UNSTOP":
		return "START"
	case "HELP", "INFO":
		return "HELP"
	}
	return ""
}

// heard shows on the phone what the person wrote and what Twilio answered by itself.
func (t *twilio) heard(p pair, text, word string) {
	t.book.add(fromPerson, Received{Channel: p.channel, From: p.person, To: p.business, Text: text, At: t.now()})
	answers := map[string]string{
		"STOP":  "No more messages will come from this number. Write START to get them again.",
		"START": "Messages from this number will come again. Write STOP to end them.",
		"HELP":  "Write STOP to end messages from this number.",
	}
	if answer := answers[word]; answer != "" {
		t.book.add(byProvider, Received{Channel: p.channel, To: p.person, From: p.business, Text: answer, At: t.now()})
	}
}

func (t *twilio) inboundForm(p pair, text, word string) url.Values {
	sid := t.ids.hex("SM")
	form := url.Values{
		"MessageSid": {sid}, "SmsSid": {sid}, "SmsMessageSid": {sid}, "SmsStatus": {"received"},
		"AccountSid": {t.credentials.TwilioAccountSID}, "ApiVersion": {apiVersion},
		"From": {onWire(p.channel, p.person)}, "To": {onWire(p.channel, p.business)},
		"Body": {text}, "NumMedia": {"0"}, "NumSegments": {"1"},
	}
	if word != "" {
		form.Set("OptOutType", word)
	}
	if p.channel == WhatsApp {
		form.Set("WaId", strings.TrimPrefix(p.person, "+"))
		form.Set("ProfileName", "Sandbox phone")
		form.Set("MessageType", "text")
	}
	return form
}

// judgeTwiML records an inbound answer that Twilio would log as an error: a body must be TwiML.
func (t *twilio) judgeTwiML(header http.Header, body []byte) {
	if len(body) == 0 {
		return
	}
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	if kind != "text/xml" && kind != "application/xml" {
		t.book.problem("twilio inbound: the answer must be empty or TwiML with Content-Type text/xml, not %q", kind)
		return
	}
	if err := readTwiML(body); err != nil {
		t.book.problem("twilio inbound: the answer is no TwiML: %v", err)
	}
}

func readTwiML(body []byte) error {
	var document struct{ XMLName xml.Name }
	if err := xml.Unmarshal(body, &document); err != nil {
		return fmt.Errorf("read document: %w", err)
	}
	if document.XMLName.Local != "Response" {
		return errors.New("its root is not <Response>")
	}
	return nil
}

// splitList splits "a,b" into its parts.
func splitList(s string) []string { return strings.Split(s, ",") }

// utf16Of is a character in UTF-16 units.
func utf16Of(r rune) []uint16 { return utf16.AppendRune(nil, r) }
