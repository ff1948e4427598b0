package inapp

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/internal/notify"
)

// shelf is an inbox that keeps the last card, or fails.
type shelf struct {
	merchant notify.MerchantID
	card     Card
	err      error
}

func (s *shelf) Put(_ context.Context, m notify.MerchantID, c Card) error {
	s.merchant, s.card = m, c
	return s.err
}

func message() channels.Message {
	return channels.Message{Merchant: "acme", Delivery: "n_1.inapp", To: notify.Address{Channel: notify.InApp, Value: "mei"},
		Words: notify.Words{Title: "Delivered", Text: "Your parcel has been delivered.", Link: "https://shop.example/t/1"}}
}

func TestSend_StoresACardThatHasArrived(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	got, err := New(s).Send(t.Context(), message())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(channels.Accepted{ProviderID: "n_1.inapp", State: notify.Arrived}, got); diff != "" {
		t.Error(diff)
	}
	want := Card{Delivery: "n_1.inapp", Person: "mei", Title: "Delivered", Text: "Your parcel has been delivered.", Link: "https://shop.example/t/1"}
	if diff := cmp.Diff(want, s.card); diff != "" || s.merchant != "acme" {
		t.Errorf("for %s: %s", s.merchant, diff)
	}
}

func TestSend_AnInboxThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	_, err := New(&shelf{err: errors.New("disk full at mei's row")}).Send(t.Context(), message())
	e := channels.AsError(err)
	if e.Kind != channels.Temporary {
		t.Errorf("kind %s, want %s", e.Kind, channels.Temporary)
	}
	if strings.Contains(err.Error(), "mei") {
		t.Errorf("the error tells who: %v", err)
	}
}
