package config

import (
	"strings"
	"testing"

	"landfall/internal/notify"
	"landfall/rules"
)

func TestMerchant_Values(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"market":                {"default_market: DE", ""},
		"market by an old name": {"default_market: UK", `acme/merchant.yaml:2:17: default_market is "UK", which is no market of this merchant; did you mean "GB"?`},
		"market in small":       {"default_market: de", `acme/merchant.yaml:2:17: default_market is "de", which is no market of this merchant; did you mean "DE"?`},
		"market not there":      {"default_market: XK", `acme/merchant.yaml:2:17: default_market is "XK", which is no market of this merchant; use one of AE, AR, AT, AU, BE, BR, CA, CH, CL, CO, CZ, DE, DK, EG, ES, FI, FR, GB, GR, HK, ID, IE, IL, IN, IT, JP, KR, LU, MA, MX, MY, NL, NO, NZ, PH, PL, PT, RO, RS, SA, SE, SG, TH, TR, TW, US, VN, ZA, or add a file for it to markets`},
		"colour":                {"brand: {color: \"#1f5F8b\"}", ""},
		"register":              {"brand: {register: informal}", ""},
		"register unknown":      {"brand: {register: casual}", "acme/merchant.yaml:2:19: brand.register is neither formal nor informal; write one of them"},
		"brand of a market":     {"brand: {markets: {DE: {name: Acme DE, register: formal}}}", ""},
		"colour of a market":    {"brand: {markets: {DE: {color: blue}}}", `acme/merchant.yaml:2:31: brand.markets.DE.color is no colour; write it as "#1f5f8b", with the quotes`},
		"brand of no market":    {"brand: {markets: {UK: {name: Acme}}}", `acme/merchant.yaml:2:23: brand.markets has "UK", which is no market of this merchant; did you mean "GB"?`},
		"colour by name":        {"brand: {color: blue}", `acme/merchant.yaml:2:16: brand.color is no colour; write it as "#1f5f8b", with the quotes`},
		"colour of three":       {"brand: {color: \"#fff\"}", `acme/merchant.yaml:2:16: brand.color is no colour; write it as "#1f5f8b", with the quotes`},
		"address":               {"brand: {url: https://shop.example}", ""},
		"address without host":  {"brand: {url: \"https:///x\"}", "acme/merchant.yaml:2:14: brand.url is no web address; write it as https://shop.example"},
		"address without https": {"brand: {url: shop.example}", "acme/merchant.yaml:2:14: brand.url is no web address; write it as https://shop.example"},
		"address of script":     {"brand: {url: \"javascript:alert(1)\"}", "acme/merchant.yaml:2:14: brand.url is no web address; write it as https://shop.example"},
		"logo":                  {"brand: {logo: logo.png}", "acme/merchant.yaml:2:15: brand.logo is no web address; write it as https://shop.example/logo.png"},
		"support by mail":       {"brand: {support: help@shop.example}", ""},
		"support on a page":     {"brand: {support: https://shop.example/help}", ""},
		"support by phone":      {"brand: {support: \"+49 30 12345678\"}", ""},
		"support by words":      {"brand: {support: ask us}", "acme/merchant.yaml:2:18: brand.support is no place to ask; write an e-mail address, a web address such as https://shop.example/help, or a phone number"},
		"contact":               {"contact: {email: a@shop.example, locale: pt-BR}", ""},
		"contact with a name":   {"contact: {email: A <a@shop.example>}", "acme/merchant.yaml:2:18: contact.email is no e-mail address; write it as logistics@shop.example"},
		"contact's language":    {"contact: {locale: german}", "acme/merchant.yaml:2:19: contact.locale is no language; write a BCP 47 tag such as de or pt-BR"},
	}
	l := loader(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := l.Merchant("acme", folder(map[string]string{"merchant.yaml": "name: A\n" + tt.text + "\n"}))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestMerchant_DefaultMarketOfItsOwn(t *testing.T) {
	t.Parallel()
	own := folder(map[string]string{"merchant.yaml": "name: A\ndefault_market: AT\n", "markets/AT.yaml": "market: AT\nextends: pack/_base\nlocale: de\ntime_zones: [Europe/Vienna]\nchannels: [email]\n"})
	if _, err := loader(t).Merchant("acme", own); err != nil {
		t.Error(err)
	}
}

// Where variables need not be set, each that is not is told of, and what it would have held is not checked.
func TestMerchant_Unset(t *testing.T) {
	t.Parallel()
	l, told := loader(t), []string{}
	l.Unset = func(variable string, at rules.Problem) {
		told = append(told, variable)
		if at.File != "acme/merchant.yaml" || at.Line != len(told)+1 || at.Column == 0 {
			t.Errorf("%s stands at %+v", variable, at)
		}
	}
	text := "name: A\ndefault_market: env:M\nbrand: {color: env:C}\napi_keys: [{sha256: env:K}]\nfeeds: {aftership: {secret: env:F}}\n"
	if _, err := l.Merchant("acme", folder(map[string]string{"merchant.yaml": text})); err != nil {
		t.Error(err)
	}
	if strings.Join(told, " ") != "M C K F" {
		t.Errorf("it told of %v", told)
	}
}

func TestMerchant_SampleKey(t *testing.T) {
	t.Parallel()
	l, text := loader(t), "name: A\napi_keys:\n  - {name: shop, sha256: "+strings.ToUpper(SampleKeySHA256)+"}\n"
	_, err := l.Merchant("acme", folder(map[string]string{"merchant.yaml": text}))
	if err == nil || !strings.HasPrefix(err.Error(), `acme/merchant.yaml:3:5: api key "shop" is the sample merchant's, which everybody knows; put the hash of one of your own`) {
		t.Errorf("the key everybody knows: %v", err)
	}
	l.SampleKey = true
	if _, err := l.Merchant("acme", folder(map[string]string{"merchant.yaml": text})); err != nil {
		t.Errorf("on a stage: %v", err)
	}
}

func TestMerchants_OneKeyTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hash := strings.Repeat("ab", 32)
	put(t, dir, "acme/merchant.yaml", "name: A\napi_keys: [{name: shop, sha256: "+hash+"}]\n")
	put(t, dir, "zeta/merchant.yaml", "name: Z\napi_keys:\n  - {name: own, sha256: "+strings.Repeat("cd", 32)+"}\n  - {name: copied, sha256: "+strings.ToUpper(hash)+"}\n")
	_, err := loader(t).Merchants(dir)
	want := `zeta/merchant.yaml:4:5: api key "copied" is also in acme/merchant.yaml, and a key tells merchants apart; give one of them a key of its own`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestClash_NotWithItself(t *testing.T) {
	t.Parallel()
	m := &Merchant{ID: "acme", APIKeys: []APIKey{{SHA256: "ab"}, {SHA256: ""}}}
	if err := m.Clash(map[notify.MerchantID]*Merchant{"acme": m, "zeta": {ID: "zeta", APIKeys: []APIKey{{SHA256: ""}}}}); err != nil {
		t.Error(err)
	}
}
