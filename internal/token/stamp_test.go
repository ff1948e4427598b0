package token

import (
	"strings"
	"testing"
)

func TestStamp(t *testing.T) {
	t.Parallel()
	s, text := NewSigner("key"), "n_abcdefghij2345678901.email"
	stamped := s.Stamp(Bounce, text)
	if len(stamped) != len(text)+11 || strings.ToLower(stamped) != stamped {
		t.Errorf("stamped: %s", stamped)
	}
	for _, good := range []string{stamped, strings.ToUpper(stamped)} {
		if got, err := s.Unstamp(Bounce, good); err != nil || got != text {
			t.Errorf("%s: %q, %v", good, got, err)
		}
	}
	for name, bad := range map[string]string{
		"empty": "", "no stamp": text, "another text": "x" + stamped, "cut": stamped[:len(stamped)-1], "longer": stamped + "a",
		"another key": NewSigner("other").Stamp(Bounce, text), "another use": s.Stamp(Track, text),
	} {
		if got, err := s.Unstamp(Bounce, bad); err == nil {
			t.Errorf("%s: %q is taken", name, got)
		}
	}
}
