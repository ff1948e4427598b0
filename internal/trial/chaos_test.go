package main

import (
	"strings"
	"testing"
	"time"
)

var noTime time.Time

// The checker must see a loss and a double, or it proves nothing.
func TestCompare(t *testing.T) {
	t.Parallel()
	users := []string{"a", "b", "c"}
	for name, c := range map[string]struct {
		took map[string][]string
		want string
	}{
		"each once":            {map[string][]string{"a": {"1"}, "b": {"2"}, "c": {"3"}}, ""},
		"a planted loss":       {map[string][]string{"a": {"1"}, "c": {"3"}}, "1 were lost [b], 0 sent twice"},
		"a planted double":     {map[string][]string{"a": {"1"}, "b": {"2", "4"}, "c": {"3"}}, "0 were lost [], 1 sent twice [b]"},
		"a message to nobody":  {map[string][]string{"a": {"1"}, "b": {"2"}, "c": {"3"}, "d": {"4"}}, "1 sent to nobody"},
		"all of it and nobody": {map[string][]string{}, "3 were lost"},
	} {
		err := compare(users, c.took)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// The stand-in knows a repetition by its key, as LINE does, and a second message by another key.
func TestProvider_KnowsARepetition(t *testing.T) {
	t.Parallel()
	p := newProvider()
	defer p.close()
	if p.take(user(0), "k1", noTime) || !p.take(user(0), "k1", noTime) {
		t.Error("a repetition is not known by its key")
	}
	if err := p.check(1, user); err != nil {
		t.Errorf("after a repetition: %v", err)
	}
	p.take(user(0), "k2", noTime)
	if err := p.check(1, user); err == nil {
		t.Error("a second message under another key is not seen")
	}
}
