package app_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"landfall/channels/inapp"
	"landfall/internal/app"
	"landfall/internal/token"
)

// A card that one process stores is on a stream of another at once: sooner than the other would look.
func TestInbox_CardOfAnotherProcess(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.Redis = "redis://" + miniredis.RunT(t).Addr()
	var both []*app.App
	for range 2 {
		a, err := open(t, s)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
		if err := a.Start(); err != nil {
			t.Fatal(err)
		}
		both = append(both, a)
	}
	key := token.NewSigner(s.SecretKey.Reveal()).Sign(token.Inbox, "acme/mei", time.Now().Add(time.Hour))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, both[0].URL()+"/v1/inbox/stream?token="+key, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	begun := time.Now()
	if err := both[1].Inbox().Put(t.Context(), "acme", inapp.Card{Delivery: "d1", Person: "mei", Title: "News"}); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if !strings.Contains(lines.Text(), `"id":"d1"`) {
			continue
		}
		if took := time.Since(begun); took > 8*time.Second {
			t.Errorf("it took %s, as long as looking does", took)
		}
		return
	}
	t.Fatal("the stream ended without the card")
}
