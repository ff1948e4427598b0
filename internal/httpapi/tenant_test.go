package httpapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"landfall/internal/notify"
)

// What customers write came to one of several accounts: on LINE to the one whose secret signed it, else to the one whose number or pool it names.
func TestTenant_WhichAccountWasWrittenTo(t *testing.T) {
	t.Parallel()
	tenant := &Tenant{Signers: []Signer{
		{Account: notify.Account{Channel: notify.WhatsApp, Sender: "orders"}, At: "+493012345678"},
		{Account: notify.Account{Channel: notify.WhatsApp, Sender: "pool"}, At: "MG1"},
		{Account: notify.Account{Channel: notify.SMS, Sender: "texts"}, At: "+493012345678"},
		{Account: notify.Account{Channel: notify.LINE, Sender: "japan"}, Secrets: []notify.Secret{"one", ""}},
		{Account: notify.Account{Channel: notify.LINE, Sender: "thailand"}, Secrets: []notify.Secret{"two", "older"}},
	}}
	for want, to := range map[string][]string{"orders": {"+493012345678"}, "pool": {"+493099999999", "MG1"}, "": {"+493099999999"}} {
		if got := tenant.writtenTo(notify.WhatsApp, to); got != want {
			t.Errorf("%v is %q, want %q", to, got, want)
		}
	}
	if got := tenant.writtenTo(notify.SMS, []string{"+493012345678"}); got != "texts" {
		t.Errorf("an SMS came to %q", got)
	}
	for from, want := range map[notify.Secret]bool{"+493012345678": true, "+4915112345678": false, "": false} {
		if got := tenant.own(notify.Address{Channel: notify.SMS, Value: from}); got != want {
			t.Errorf("%q is the merchant's own: %t", from.Reveal(), got)
		}
	}
	body := []byte(`{"events":[]}`)
	for secret, want := range map[string]string{"one": "japan", "two": "thailand", "older": "thailand"} {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if got, err := tenant.lineAccount(body, base64.StdEncoding.EncodeToString(mac.Sum(nil))); got != want || err != nil {
			t.Errorf("signed with %q it came to %q, want %q; %v", secret, got, want, err)
		}
	}
	if _, err := tenant.lineAccount(body, "bm8="); err == nil {
		t.Error("any signature is believed")
	}
}
