package config

import (
	"testing"

	"landfall/channels/line"
	"landfall/channels/sms"
	"landfall/channels/whatsapp"
)

// An address of a provider that a merchant writes is guarded; one of the operator's is not, nor the provider's own.
func TestProviders_MerchantsAddressesAreGuarded(t *testing.T) {
	t.Parallel()
	const stand, own = "http://127.0.0.1:9", "https://elsewhere.example"
	for name, tt := range map[string]struct {
		merchants string
		private   bool
		want      bool
	}{"the operator's": {"", false, false}, "the same": {stand, false, false}, "the merchant's": {own, false, true}, "meant": {own, true, false}} {
		p := Providers{TwilioBaseURL: stand, LineBaseURL: stand, SendersPrivate: tt.private}
		w, s, l := whatsapp.Config{BaseURL: tt.merchants}, sms.Config{BaseURL: tt.merchants}, line.Config{BaseURL: tt.merchants}
		p.whatsapp(&w)
		p.sms(&s)
		p.line(&l)
		if w.Guarded != tt.want || s.Guarded != tt.want || l.Guarded != tt.want {
			t.Errorf("%s: guarded %t, %t, %t; want %t", name, w.Guarded, s.Guarded, l.Guarded, tt.want)
		}
	}
}
