package token

import (
	"errors"
	"testing"
	"time"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	s := NewSigner("a key of some length")
	now := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	good := s.Sign(Track, "p_1", now.Add(time.Hour))
	flipped := []byte(good)
	flipped[7] ^= 1
	cases := []struct {
		name, token string
		use         Use
		at          time.Time
		want        error
	}{
		{"genuine", good, Track, now, nil},
		{"at its last second", good, Track, now.Add(time.Hour), nil},
		{"expired", good, Track, now.Add(time.Hour + time.Second), ErrExpired},
		{"another use", good, Inbox, now, ErrInvalid},
		{"altered", string(flipped), Track, now, ErrInvalid},
		{"cut", good[:10], Track, now, ErrInvalid},
		{"empty", "", Track, now, ErrInvalid},
		{"no base64", "*" + good, Track, now, ErrInvalid},
		{"another key", NewSigner("other").Sign(Track, "p_1", now.Add(time.Hour)), Track, now, ErrInvalid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text, err := s.Open(c.use, c.token, c.at)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if err == nil && text != "p_1" {
				t.Errorf("names %q", text)
			}
		})
	}
}
