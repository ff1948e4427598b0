package config

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

func TestCheckInbox(t *testing.T) {
	t.Parallel()
	const long = "a secret of at least thirty-two characters"
	var doc yaml.Node
	if err := yaml.Load([]byte("inbox: {secret: x}\n"), &doc); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		inbox Inbox
		says  []string // parts of each mistake, in order
	}{
		"nothing":       {Inbox{}, nil},
		"good":          {Inbox{Secret: long, SecretOld: long, Origins: []string{"https://shop.example", "https://shop.example:8443", "http://127.0.0.1:8080"}}, nil},
		"short":         {Inbox{Secret: "short", SecretOld: "old"}, []string{"inbox.secret has 5 characters", "inbox.secret_old has 3 characters"}},
		"only the old":  {Inbox{SecretOld: long}, []string{"inbox.secret_old stands alone"}},
		"not encrypted": {Inbox{Origins: []string{"http://shop.example"}}, []string{"no origin"}},
		"everybody":     {Inbox{Origins: []string{"*", "null", ""}}, []string{"no origin", "no origin", "no origin"}},
		"a path":        {Inbox{Origins: []string{"https://shop.example/", "https://me@shop.example"}}, []string{"no origin", "no origin"}},
	} {
		m := &Merchant{Inbox: c.inbox, at: place{file: "acme/merchant.yaml", doc: &doc}}
		var got []string
		if err := m.checkInbox(); err != nil {
			got = strings.Split(err.Error(), "\n")
		}
		if !slices.EqualFunc(got, c.says, strings.Contains) {
			t.Errorf("%s: it says %q, want %q", name, got, c.says)
		}
	}
}
