package tracking

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"landfall/internal/parcel"
)

// longest is how many runes of a foreign text are kept.
const longest = 500

// text is a foreign string. Feeds send the same field as a string, a number or null, so all three are taken; any
// other value reads as empty. Control characters are dropped, since databases refuse some of them.
type text string

// UnmarshalJSON never fails.
func (t *text) UnmarshalJSON(b []byte) error {
	*t = ""
	switch {
	case len(b) == 0:
	case b[0] == '"':
		var s string
		if json.Unmarshal(b, &s) == nil {
			*t = text(tidy(s))
		}
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*t = text(tidy(string(b)))
	}
	return nil
}

// maybe is a part of a foreign body that can be done without: one of another shape reads as empty, so that an
// address written as "" costs nobody their delivery.
type maybe[T any] struct{ is T }

// UnmarshalJSON never fails.
func (m *maybe[T]) UnmarshalJSON(b []byte) error {
	var is T
	if json.Unmarshal(b, &is) == nil {
		m.is = is
	}
	return nil
}

// tidy makes s one line of at most longest runes.
func tidy(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
	if runes := []rune(s); len(runes) > longest {
		s = strings.TrimSpace(string(runes[:longest]))
	}
	return s
}

// brief is s short enough to be quoted in an error.
func brief(s string) string {
	if runes := []rune(tidy(s)); len(runes) > 40 {
		return string(runes[:40]) + "..."
	}
	return tidy(s)
}

// first returns the first of its arguments that says something.
func first(texts ...text) string {
	for _, t := range texts {
		if t != "" {
			return string(t)
		}
	}
	return ""
}

// Number returns a tracking number as parcels are known by: without spaces.
func Number(s string) parcel.Number {
	return parcel.Number(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
}

// country returns the ISO 3166-1 alpha-2 code of an alpha-2 or alpha-3 code, or "" for anything else.
func country(code string) string {
	if len(code) != 2 && len(code) != 3 {
		return ""
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		return ""
	}
	region = region.Canonicalize()
	if !region.IsCountry() {
		return ""
	}
	return region.String()
}

// parse reads a foreign body. Fields nobody asked for are ignored.
func parse(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s is a JSON %s, which is not the feed's format; send the webhook as the feed made it",
			fieldName(wrong.Field), valueName(wrong.Value))
	}
	if err != nil {
		return errors.New("the body is not JSON; send the webhook as the feed made it")
	}
	return nil
}

func fieldName(path string) string {
	if path == "" {
		return "the body"
	}
	return "field " + path
}

// valueName is what encoding/json calls a value, without the value itself, which may be anybody's data.
func valueName(v string) string {
	name, _, _ := strings.Cut(v, " ")
	return name
}
