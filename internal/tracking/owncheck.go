package tracking

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"landfall/internal/parcel"
)

// fields names the fields an object may have, and what kind of value each holds.
type fields map[string]holds

type holds int

const (
	aText holds = iota
	aTime
	anObject
)

var (
	eventFields = fields{
		"id": aText, "parcel": aText, "carrier": aText, "order": aText, "kind": aText, "detail": aText,
		"code": aText, "note": aText, "happened_at": aTime, "place": anObject, "eta": anObject,
	}
	// nested are the fields of the objects within an event.
	nested = map[string]fields{
		"place": {"city": aText, "country": aText},
		"eta":   {"from": aTime, "to": aTime},
	}
)

// checkFields finds what encoding/json would let pass or explain badly: names it does not know or knows only in
// another case, null, and times without a zone. path is the object's own name, "" for the event.
func checkFields(path string, raw json.RawMessage, known fields) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		return fmt.Errorf("%s is not a JSON object; write it as {\"name\": value}", orItself(path))
	}
	for _, name := range sorted(object) {
		full := strings.TrimPrefix(path+"."+name, ".")
		holds, ok := known[name]
		if !ok {
			return fmt.Errorf("field %s is not known; %s", brief(full), instead(name, "the fields it may have", sorted(known)))
		}
		if err := checkValue(full, object[name], holds); err != nil {
			return err
		}
	}
	return nil
}

func orItself(path string) string {
	if path == "" {
		return "it"
	}
	return "field " + path
}

func checkValue(path string, raw json.RawMessage, want holds) error {
	switch {
	case bytes.Equal(raw, []byte("null")):
		return fmt.Errorf("field %s is null; leave it out or give it a value", path)
	case want == aTime:
		return checkInstant(path, raw)
	case want == anObject:
		return checkFields(path, raw, nested[path])
	default:
		return nil
	}
}

func checkInstant(path string, raw json.RawMessage) error {
	var stamp string
	if err := json.Unmarshal(raw, &stamp); err != nil {
		return fmt.Errorf("field %s is not a string; write the time as \"2026-12-02T02:55:00Z\"", path)
	}
	if _, err := time.Parse(time.RFC3339, stamp); err == nil {
		return nil
	}
	if _, exact, ok := readTime(stamp, time.UTC); ok && !exact {
		return fmt.Errorf("field %s has no time zone; add Z for UTC or an offset such as +01:00", path)
	}
	return fmt.Errorf("field %s is no time; write it as \"2026-12-02T02:55:00Z\"", path)
}

// wrongType says in our words what encoding/json found, without the value.
func wrongType(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("field %s is a JSON %s; make it a string", wrong.Field, valueName(wrong.Value))
	}
	return errors.New("a time is not written as JSON wants it; write it as \"2026-12-02T02:55:00Z\"")
}

// check tells what is missing or makes no sense.
func (o OwnEvent) check(heard time.Time) error {
	if err := o.checkTexts(); err != nil {
		return err
	}
	if _, ok := parcel.FactOf(o.Kind); !ok {
		return fmt.Errorf("field kind: %q is no kind of event; %s", brief(string(o.Kind)), instead(string(o.Kind), "all kinds", kindNames()))
	}
	switch {
	case o.HappenedAt.IsZero():
		return errors.New("field happened_at is missing; say when it happened, as \"2026-12-02T02:55:00Z\"")
	case !plausible(o.HappenedAt):
		return errors.New("field happened_at is not of this century; check the year")
	case o.HappenedAt.After(heard.Add(slack)):
		return errors.New("field happened_at lies more than a day in the future; send what has happened, and what is expected as eta")
	case o.Place != nil && o.Place.Country != "" && country(o.Place.Country) == "":
		return errors.New("field place.country is no country code; write two letters such as DE")
	case o.ETA != nil:
		return checkWindow(*o.ETA)
	default:
		return nil
	}
}

func checkWindow(w parcel.Window) error {
	switch {
	case w.From.IsZero() && w.To.IsZero():
		return errors.New("field eta is empty; give it from, to or both, or leave it out")
	case !w.From.IsZero() && !plausible(w.From), !w.To.IsZero() && !plausible(w.To):
		return errors.New("field eta is not of this century; check the year")
	case !w.To.IsZero() && w.To.Before(w.From):
		return errors.New("field eta.to lies before eta.from; swap them")
	default:
		return nil
	}
}

// checkTexts checks the texts that are names: what is required is there, and none is too long to be one.
func (o OwnEvent) checkTexts() error {
	texts := []struct {
		field, value, required string
	}{
		{"id", o.ID, "give each event an id of your own that is never used again"},
		{"parcel", string(Number(o.Parcel)), "give the tracking number"},
		{"kind", string(o.Kind), "say what happened, such as \"out_for_delivery\""},
		{"carrier", o.Carrier, ""},
		{"order", o.Order, ""},
		{"detail", o.Detail, ""},
		{"code", o.Code, ""},
	}
	for _, t := range texts {
		switch {
		case t.required != "" && strings.TrimSpace(t.value) == "":
			return fmt.Errorf("field %s is missing; %s", t.field, t.required)
		case utf8.RuneCountInString(t.value) > longestName:
			return fmt.Errorf("field %s is longer than %d characters; shorten it", t.field, longestName)
		case strings.ContainsFunc(t.value, unicode.IsControl):
			return fmt.Errorf("field %s holds a control character; remove it", t.field)
		}
	}
	return nil
}

func kindNames() []string {
	var names []string
	for _, k := range parcel.Kinds() {
		names = append(names, string(k))
	}
	return names
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
