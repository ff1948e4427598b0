package tracking

import (
	"testing"

	"landfall/internal/parcel"
)

func TestCarrier(t *testing.T) {
	t.Parallel()
	tests := map[string]parcel.Carrier{
		"dhl": "dhl", "DHL": "dhl", "dhl-germany": "dhl", "Deutsche Post DHL": "dhl", "DHLExpress": "dhl-express",
		"DHL Express": "dhl-express", "DeutschePost": "deutsche-post", "USPS": "usps", "FedEx": "fedex", "UPS": "ups",
		"RoyalMail": "royal-mail", "royal-mail": "royal-mail", "la-poste-colissimo": "la-poste", "thailand-post": "thailand-post",
		"japan-post": "japan-post", "brazil-correios": "brazil-correios", "Correios Brazil": "brazil-correios",
		"china-post": "china-post", "SF Express": "sf-express", "4PX": "4px", "yunexpress": "yunexpress", "cainiao": "cainiao",
		"hermes-de": "hermes-de", "Hermes (DE)": "hermes-de", "gls": "gls", "dpd": "dpd", "jne": "jne", "jt-express": "jt-express",
		"J&T Express (TH)": "jt-express", "flash-express": "flash-express", "kerry-logistics": "kerry-express",
		"Yamato (ヤマト運輸)": "yamato", "sagawa": "sagawa",

		"Speedy Snail": "speedy-snail", " Müller  Bote ": "müller-bote", "": "",
	}
	for name, want := range tests {
		if got := Carrier(name); got != want {
			t.Errorf("Carrier(%q) is %q, want %q", name, got, want)
		}
	}
}

func TestCarrier_TableIsConsistent(t *testing.T) {
	t.Parallel()
	for alias, who := range carriers {
		if squash(alias) != alias {
			t.Errorf("the alias %q can never be found; write it as %q", alias, squash(alias))
		}
		if Carrier(string(who)) != who {
			t.Errorf("%q is canonical, yet becomes %q", who, Carrier(string(who)))
		}
	}
	for code, who := range seventeenCarriers {
		if Carrier(string(who)) != who {
			t.Errorf("17TRACK's %s is %q, which is not canonical", code, who)
		}
	}
}

func TestSeventeenCarrier(t *testing.T) {
	t.Parallel()
	var named, nameless seventeenProvider
	named.Provider.Alias = "La Poste (Colissimo)"
	tests := map[string]struct {
		code      text
		providers []seventeenProvider
		want      parcel.Carrier
	}{
		"known by number":     {"100001", nil, "dhl-express"},
		"known by name":       {"987654", []seventeenProvider{nameless, named}, "la-poste"},
		"known to nobody":     {"987654", []seventeenProvider{nameless}, "17track-987654"},
		"not even 17TRACK":    {"0", nil, ""},
		"number over a name":  {"100003", []seventeenProvider{named}, "fedex"},
		"no number, no names": {"", nil, ""},
	}
	for name, tt := range tests {
		if got := seventeenCarrier(tt.code, tt.providers); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	if got := Number(" 00 34\u00a00434\t1\u0000 "); got != "003404341" {
		t.Errorf("got %q", got)
	}
}
