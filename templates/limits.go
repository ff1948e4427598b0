package templates

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"landfall/internal/notify"
)

// The limits Check holds every message to.
const (
	smsLimit     = 2         // segments
	bubbleLimit  = 30 << 10  // bytes of a LINE bubble
	emailLimit   = 102 << 10 // bytes of HTML, from which Gmail cuts
	bodyLimit    = 1024      // characters of a WhatsApp body
	subjectLimit = 120       // characters, of which phones show the first third
	textLimit    = 5000      // UTF-16 units of a LINE text
)

// Problems lists the limits a message breaks, and what a reader would see of its making.
func Problems(in Input, w notify.Words) []string {
	var found []string
	over := func(what string, n, limit int) {
		if n > limit {
			found = append(found, fmt.Sprintf("%s is %d, %d is the limit", what, n, limit))
		}
	}
	if strings.TrimSpace(w.Text) == "" {
		found = append(found, "the text is empty")
	}
	switch in.Channel {
	case notify.SMS:
		over("the number of segments", w.Segments, smsLimit)
	case notify.LINE:
		over("the size of the bubble", len(w.Flex), bubbleLimit)
		over("the length of the alt text", units(w.Title), altLimit)
		over("the length of the text", units(w.Text), textLimit)
		if !json.Valid(w.Flex) {
			found = append(found, "the bubble is no JSON")
		}
	case notify.Email:
		over("the size of the HTML", len(w.HTML), emailLimit)
		over("the length of the subject", len([]rune(w.Title)), subjectLimit)
	case notify.WhatsApp:
		over("the length of the body", len([]rune(w.Text)), bodyLimit)
	}
	if RunsRTL(w.Locale) {
		for _, value := range loose(in, w) {
			found = append(found, fmt.Sprintf("%q stands among words of the other direction without being set apart; write the value as {{.Name}}", value))
		}
	}
	return found
}

// setApart is a value with the characters around it that keep its direction to itself.
var setApart = regexp.MustCompile(isolateFirst + "[^" + isolateFirst + isolateEnd + "]*" + isolateEnd)

// loose lists the values of an Input that stand in a right-to-left message as they are. A web address must: it would not open
// with an invisible character behind it, and has a line of its own.
func loose(in Input, w notify.Words) (values []string) {
	text := w.Title + "\n" + w.Text
	for setApart.MatchString(text) { // one may hold another
		text = setApart.ReplaceAllString(text, "")
	}
	known := []string{in.Brand.Name, in.Brand.Support, in.Person, string(in.Parcel.Number), string(in.Event.Number), in.Event.Place.City}
	if in.Order != nil {
		known = append(known, string(in.Order.ID), in.Order.Items[0].Title)
	}
	for _, v := range known {
		if v != "" && strings.Contains(text, v) {
			values = append(values, v)
		}
	}
	return values
}
