package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// submission is a message as it was handed in, taken apart.
type submission struct {
	form     url.Values
	channel  Channel
	from, to string // bare; from is the service's number when a Messaging Service sends
	service  string
	free     bool // free-form text rather than a template
	content  content
	text     string // as the person reads it
}

func (s submission) pair() pair { return pair{s.channel, s.from, s.to} }

// read takes a form apart without judging it.
func (t *twilio) read(form url.Values) submission {
	s := submission{form: form, channel: channelOf(form.Get("To")), service: form.Get("MessagingServiceSid")}
	s.to = strings.TrimPrefix(form.Get("To"), whatsappPrefix)
	s.from = strings.TrimPrefix(form.Get("From"), whatsappPrefix)
	if s.service != "" {
		s.from = serviceSender
	}
	s.free = form.Get("ContentSid") == ""
	s.text = form.Get("Body")
	return s
}

func channelOf(address string) Channel {
	if strings.HasPrefix(address, whatsappPrefix) {
		return WhatsApp
	}
	return SMS
}

func bad(code int, format string, args ...any) *refusal {
	return &refusal{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// check runs every check in the order Twilio answers them; the first refusal counts.
// A template's words are filled in on the way.
func (t *twilio) check(s *submission) *refusal {
	t.lookAt(s.form)
	for _, check := range []func(*submission) *refusal{
		checkTo, checkFrom, checkChannels, checkTestNumbers, checkText, t.fillContent, checkCallback, checkValidity, t.checkOptOut,
	} {
		if no := check(s); no != nil {
			return no
		}
	}
	return nil
}

var parameters = []string{
	"To", "From", "MessagingServiceSid", "Body", "MediaUrl", "ContentSid", "ContentVariables", "StatusCallback",
	"ValidityPeriod", "SendAt", "ScheduleType", "SmartEncoded", "ShortenUrls", "Attempt", "ProvideFeedback",
	"RiskCheck", "ContentRetention", "AddressRetention", "PersistentAction", "SendAsMms", "FallbackFrom",
	"TrafficType", "ApplicationSid", "MaxPrice", "ForceDelivery",
}

// lookAt records what Twilio would let pass in silence: a parameter it does not know, a callback that leaves here.
func (t *twilio) lookAt(form url.Values) {
	for key := range form {
		if !slices.Contains(parameters, key) {
			t.book.problem("twilio: there is no parameter %q; it is ignored", key)
		}
	}
	if callback := form.Get("StatusCallback"); callback != "" && !loopback(callback) {
		t.book.problem("twilio: StatusCallback does not lead to a loopback address; nothing is sent there")
	}
}

var (
	e164     = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	short    = regexp.MustCompile(`^[0-9]{3,8}$`)
	alphanum = regexp.MustCompile(`^[A-Za-z0-9 _&+-]{1,11}$`)
	letters  = regexp.MustCompile(`[A-Za-z]`)
	service  = regexp.MustCompile(`^MG[0-9a-f]{32}$`)
)

func checkTo(s *submission) *refusal {
	switch {
	case s.form.Get("To") == "":
		return bad(21604, "A 'To' phone number is required")
	case !e164.MatchString(s.to):
		return bad(21211, "The 'To' number is not a valid phone number")
	}
	return nil
}

func checkFrom(s *submission) *refusal {
	given := s.form.Get("From")
	switch {
	case s.service != "" && !service.MatchString(s.service):
		return bad(21701, "The Messaging Service does not exist")
	case s.service != "":
		return nil
	case given == "":
		return bad(21603, "A 'From' phone number or a Messaging Service is required")
	case e164.MatchString(s.from):
		return nil
	case s.channel == SMS && (short.MatchString(given) || alphanum.MatchString(given) && letters.MatchString(given)):
		return nil
	}
	return bad(21212, "The 'From' number is not a valid sender")
}

func checkChannels(s *submission) *refusal {
	if s.service == "" && channelOf(s.form.Get("From")) != s.channel {
		return bad(21910, "'From' and 'To' must be on the same channel")
	}
	return nil
}

// Twilio's official test numbers, which always refuse.
var (
	testTo = map[string]int{
		"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550004": 21610, "+15005550009": 21614,
	}
	testFrom = map[string]int{"+15005550007": 21606, "+15005550008": 21611, "+15005550001": 21212}
)

func checkTestNumbers(s *submission) *refusal {
	code, ok := testFrom[s.from]
	if !ok {
		code, ok = testTo[s.to]
	}
	if !ok {
		return nil
	}
	no := bad(code, "This official test number refuses every message")
	no.arranged = true
	return no
}

// longestBody is Twilio's limit in characters.
const longestBody = 1600

func checkText(s *submission) *refusal {
	body, media := s.form.Get("Body"), len(s.form["MediaUrl"])
	switch {
	case !s.free && body != "":
		return bad(20001, "Give either Body or ContentSid, not both")
	case s.free && s.form.Get("ContentVariables") != "":
		return bad(21654, "ContentVariables need a ContentSid")
	case !s.free:
		return nil
	case strings.TrimSpace(body) == "" && media == 0:
		return bad(21602, "Message body is required")
	case utf8.RuneCountInString(body) > longestBody:
		return bad(21617, "The message body exceeds the %d character limit", longestBody)
	case !utf8.ValidString(body):
		return bad(21602, "The message body is not UTF-8")
	}
	return nil
}

// checkCallback refuses what Twilio calls no valid URL; a host name may hold no underscore.
func checkCallback(s *submission) *refusal {
	callback := s.form.Get("StatusCallback")
	if callback == "" {
		return nil
	}
	u, err := url.Parse(callback)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", len(callback) > 4000:
		return bad(21609, "The StatusCallback is not a valid URL")
	case strings.Contains(u.Hostname(), "_"):
		return bad(21609, "The host of the StatusCallback holds an underscore")
	}
	return nil
}

func checkValidity(s *submission) *refusal {
	if !s.form.Has("ValidityPeriod") {
		return nil
	}
	if n, err := strconv.Atoi(s.form.Get("ValidityPeriod")); err != nil || n < 1 || n > 36000 {
		return bad(20001, "ValidityPeriod must be between 1 and 36000 seconds")
	}
	return nil
}

func (t *twilio) checkOptOut(s *submission) *refusal {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.optedOut[s.pair()] {
		return bad(21610, "Attempt to send to an unsubscribed recipient")
	}
	return nil
}

// content is an approved template.
type content struct {
	locale string
	body   string
	names  []string // of its variables
}

var (
	contentSID  = regexp.MustCompile(`^HX[0-9a-f]{32}$`)
	placeholder = regexp.MustCompile(`\{\{([A-Za-z0-9_]+)\}\}`)
)

// RegisterContent adds an approved template, as WhatsApp's approval would: sid is "HX" and 32 hex digits, body
// holds its variables as {{1}}, {{2}} and so on. A sid registered again is replaced.
func (s *Sandbox) RegisterContent(sid, locale, body string) error {
	if !contentSID.MatchString(sid) {
		return fmt.Errorf(`register content %q: a ContentSid is "HX" followed by 32 lower-case hex digits`, sid)
	}
	if strings.TrimSpace(body) == "" {
		return errors.New("register content " + sid + ": give the words of the template")
	}
	s.twilio.mu.Lock()
	defer s.twilio.mu.Unlock()
	s.twilio.contents[sid] = content{locale: locale, body: body, names: variablesOf(body)}
	return nil
}

// variablesOf lists the distinct variables of a template in order.
func variablesOf(body string) []string {
	var names []string
	for _, found := range placeholder.FindAllStringSubmatch(body, -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// fillContent puts a template's words together. WhatsApp reports a wrong number of variables only after taking
// the message; here it is refused at once, so that no test can miss it.
func (t *twilio) fillContent(s *submission) *refusal {
	if s.free {
		return nil
	}
	t.mu.Lock()
	c, ok := t.contents[s.form.Get("ContentSid")]
	t.mu.Unlock()
	if !ok {
		return bad(21655, "The ContentSid is invalid")
	}
	values, no := readVariables(s.form.Get("ContentVariables"))
	if no != nil {
		return no
	}
	if no := c.fits(values); no != nil {
		return no
	}
	s.content, s.text = c, c.fill(values)
	return nil
}

func readVariables(raw string) (map[string]string, *refusal) {
	if raw == "" {
		return nil, nil
	}
	var given map[string]any
	if err := json.Unmarshal([]byte(raw), &given); err != nil {
		return nil, bad(21656, "ContentVariables is not a JSON object")
	}
	values := map[string]string{}
	for name, v := range given {
		text, ok := v.(string)
		if !ok {
			return nil, bad(21656, "The variable %q is not a string", name)
		}
		if no := checkVariable(name, text); no != nil {
			return nil, no
		}
		values[name] = text
	}
	return values, nil
}

// checkVariable refuses what WhatsApp does not take inside a template.
func checkVariable(name, value string) *refusal {
	switch {
	case strings.TrimSpace(value) == "":
		return bad(21656, "The variable %q is empty", name)
	case strings.ContainsAny(value, "\n\r\t"):
		return bad(21656, "The variable %q holds a newline or a tab", name)
	case strings.Contains(value, "     "):
		return bad(21656, "The variable %q holds more than four spaces in a row", name)
	case utf8.RuneCountInString(value) > longestBody:
		return bad(21658, "The variable %q exceeds the %d character limit", name, longestBody)
	}
	return nil
}

// fits reports whether values has exactly the variables of the template.
func (c content) fits(values map[string]string) *refusal {
	for _, name := range c.names {
		if _, ok := values[name]; !ok {
			return bad(63028, "The template's variable %q has no value", name)
		}
	}
	if len(values) != len(c.names) {
		return bad(63028, "%d variables were given and the template has %d", len(values), len(c.names))
	}
	return nil
}

func (c content) fill(values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(c.body, func(found string) string {
		return values[found[2:len(found)-2]]
	})
}

// gsmBasic and gsmExtended are the GSM 03.38 alphabet; an extended character takes the room of two.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// segments is how many parts Twilio bills a message as; 0 while a service has not chosen a sender.
func segments(m *twilioMessage) int {
	switch {
	case m.status == "accepted":
		return 0
	case m.channel == WhatsApp:
		return 1
	}
	if units, ok := gsmUnits(m.body); ok {
		return parts(units, 160, 153)
	}
	units := 0
	for _, r := range m.body {
		units += len(utf16Of(r))
	}
	return parts(units, 70, 67)
}

func gsmUnits(text string) (units int, ok bool) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			units++
		case strings.ContainsRune(gsmExtended, r):
			units += 2
		default:
			return 0, false
		}
	}
	return units, true
}

func parts(units, alone, each int) int {
	if units <= alone {
		return 1
	}
	return (units + each - 1) / each
}
