package channeltest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"landfall/channels"
)

// refused sends m and returns the refusal, checked: its kind is known and the one wanted, and it tells nothing hidden.
func refused(ctx context.Context, t *testing.T, s channels.Sender, m channels.Message, want channels.Kind, hidden []string) *channels.Error {
	t.Helper()
	got, err := s.Send(ctx, m)
	if err == nil {
		t.Errorf("Send = %+v and no error, want %s", got, want)
		return nil
	}
	e, ok := err.(*channels.Error)
	if !ok {
		t.Errorf("Send: %T %v, want a *channels.Error", err, err)
		return nil
	}
	if e.Kind != want || !slices.Contains(channels.Kinds(), e.Kind) {
		t.Errorf("Send: %v, want %s", e, want)
	}
	if e.Detail == "" {
		t.Errorf("Send: %v says nothing to a person", e)
	}
	checkText(t, fmt.Sprintf("%v %+v %#v", e, e, *e), hidden)
	return e
}

// checkPrinted fails when printing a sender, as a careless log line would, tells a secret.
func checkPrinted(t *testing.T, s channels.Sender, hidden []string) {
	t.Helper()
	checkText(t, fmt.Sprintf("%v %+v", s, s), hidden)
}

func checkText(t *testing.T, text string, hidden []string) {
	t.Helper()
	if told := leaks(text, hidden); len(told) > 0 {
		t.Errorf("%d of %d secrets are told by %q", len(told), len(hidden), text)
	}
}

// leaks returns those of hidden that text holds.
func leaks(text string, hidden []string) []string {
	return slices.DeleteFunc(slices.Clone(hidden), func(s string) bool { return s == "" || !strings.Contains(text, s) })
}

// hidden adds the address to the secrets, as it is and without its plus, which URLs escape.
func hidden(secrets []string, m channels.Message) []string {
	address := m.To.Value.Reveal()
	return append([]string{address, strings.TrimPrefix(address, "+")}, secrets...)
}
