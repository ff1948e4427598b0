package app

import (
	"testing"

	"landfall/internal/config"
	"landfall/internal/desk"
)

// A desk is marked as one: an export names it only to whom it concerns, and not as what sent a message.
func TestRecipients_Desk(t *testing.T) {
	t.Parallel()
	if got := recipients(config.Senders{}, nil); len(got) != 0 {
		t.Errorf("without a desk: %+v", got)
	}
	got := recipients(config.Senders{}, &desk.Config{Kind: desk.Zendesk, URL: "https://acme.zendesk.com"})
	if len(got) != 1 || !got[0].Desk || got[0].Host != "acme.zendesk.com" {
		t.Errorf("with a desk: %+v", got)
	}
}
