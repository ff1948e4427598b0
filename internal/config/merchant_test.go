package config

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
	"landfall/internal/tracking"
	"landfall/rules"
)

// folder is a merchant's folder in memory.
func folder(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func loader(t *testing.T) Loader {
	t.Helper()
	pack, err := rules.LoadPack()
	if err != nil {
		t.Fatal(err)
	}
	return Loader{Pack: pack, Getenv: func(name string) string { return map[string]string{"SET": "from the environment"}[name] }}
}

const whole = `name: Acme
api_keys: [{name: shop, sha256: 36b6d46a2815666809e45e6f1f9b04dc889523ddfe241fb4f2ddf153a95bab11}]
feeds:
  aftership: {secret: "env:SET"}
  parcels: {kind: 17track, secret: "file:secrets/17track"}
senders:
  whatsapp: {from: "+493012345678"}
  sms: {from: "+12025550123", account_sid: ACown, auth_token: own}
  line: {}
  email: {from: orders@acme.example, host: mail.acme.example}
`

func TestMerchant_Whole(t *testing.T) {
	t.Parallel()
	m, err := loader(t).Merchant("acme", folder(map[string]string{"merchant.yaml": whole, "secrets/17track": "from a file\n"}))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Feed{"aftership": {Kind: tracking.AfterShip, Secret: "from the environment"}, "parcels": {Kind: tracking.SeventeenTrack, Secret: "from a file"}}
	if diff := cmp.Diff(want, m.Feeds); diff != "" {
		t.Errorf("feeds (-want +got):\n%s", diff)
	}
	if m.Brand.Name != "Acme" || !opens(m, "whole-key") || opens(m, "") || opens(m, "whole-ke") {
		t.Errorf("brand %q; the key opens: %v", m.Brand.Name, opens(m, "whole-key"))
	}
	if len(m.Markets) < 48 {
		t.Errorf("the shipped markets are missing: %v", slices.Collect(maps.Keys(m.Markets)))
	}
}

// What a merchant leaves out comes from the operator's settings; what is written stays.
func TestMerchant_DefaultsFromProviders(t *testing.T) {
	t.Parallel()
	l := loader(t)
	l.Providers = Providers{TwilioBaseURL: "http://127.0.0.1:1", TwilioAccountSID: "ACshared", TwilioAuthToken: "shared", TwilioAPIKey: "SK1", TwilioAPISecret: "s",
		LineBaseURL: "http://127.0.0.1:2", LineChannelToken: "lt", LineChannelSecret: "ls",
		SMTPHost: "mail.shared.example", SMTPPort: 2525, SMTPTLS: "tls", SMTPUser: "u", SMTPPassword: "p", SMTPEnvelopeFrom: "bounce+{id}@shared.example", SMTPCAFile: "ca.pem", SMTPServerName: "sn"}
	m, err := l.Merchant("acme", folder(map[string]string{"merchant.yaml": whole, "secrets/17track": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	wa, sms, line, mail := m.Senders.WhatsApp[0].Config, m.Senders.SMS[0].Config, m.Senders.LINE[0].Config, m.Senders.Email[0].Config
	got := []string{wa.BaseURL, wa.AccountSID, wa.AuthToken.Reveal(), wa.APIKey, wa.From, sms.BaseURL, sms.AccountSID, sms.AuthToken.Reveal(), sms.From,
		line.BaseURL, line.ChannelToken.Reveal(), line.ChannelSecret.Reveal(),
		mail.Host, string(mail.TLS), mail.User, mail.Password.Reveal(), mail.EnvelopeFrom, mail.CAFile, mail.ServerName}
	want := []string{"http://127.0.0.1:1", "ACshared", "shared", "SK1", "+493012345678", "http://127.0.0.1:1", "ACown", "own", "+12025550123",
		"http://127.0.0.1:2", "lt", "ls",
		"mail.acme.example", "tls", "u", "p", "bounce+{id}@shared.example", "ca.pem", "sn"}
	if diff := cmp.Diff(want, got); diff != "" || mail.Port != 2525 {
		t.Errorf("port %d; settings (-want +got):\n%s", mail.Port, diff)
	}
}

func TestMerchant_Mistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, text, want string }{
		"misspelt key":        {"merchant.yaml", "nmae: Acme\n", `acme/merchant.yaml:1:1: "nmae" is no key here; did you mean "name"?`},
		"misspelt within":     {"merchant.yaml", "name: A\nsenders:\n  sms: {form: x}\n", `acme/merchant.yaml:3:9: "form" is no key here; did you mean "from"?`},
		"like no other key":   {"merchant.yaml", "name: A\ncontact: {zzzzzzzz: x}\n", `acme/merchant.yaml:2:11: "zzzzzzzz" is no key here; use one of email, locale`},
		"key twice":           {"merchant.yaml", "name: A\nname: B\n", `acme/merchant.yaml:2:1: mapping key "name" already defined at line 1; keep one of them`},
		"tab":                 {"merchant.yaml", "name: A\nbrand:\n\tname: x\n", "acme/merchant.yaml:3:1: lines are indented with spaces, not with tabs"},
		"number for a list":   {"merchant.yaml", "name: A\napi_keys: 7\n", "acme/merchant.yaml:2:11: this is a number; write a list, each entry on a line that begins with a dash"},
		"text for a group":    {"merchant.yaml", "name: A\nbrand: secret\n", "acme/merchant.yaml:2:8: this is a text; write a group of keys, indented below this one"},
		"list for a text":     {"merchant.yaml", "name: [secret]\n", "acme/merchant.yaml:1:7: this is a list; write a text"},
		"text for a number":   {"merchant.yaml", "name: A\nsenders: {email: {port: secret}}\n", "acme/merchant.yaml:2:25: this is a text; write a number"},
		"empty":               {"merchant.yaml", "# soon\n", "acme/merchant.yaml:1:1: the file is empty; write something in it, or remove it"},
		"misspelt in a list":  {"merchant.yaml", "name: A\nsenders:\n  sms:\n    - {name: a, form: x}\n", `acme/merchant.yaml:4:17: "form" is no key here; did you mean "from"?`},
		"senders nameless":    {"merchant.yaml", "name: A\nsenders:\n  sms:\n    - {from: \"+12025550123\"}\n    - {name: b}\n", "acme/merchant.yaml:4:7: senders.sms has several senders and this one has no name; give each a name of its own"},
		"senders of one name": {"merchant.yaml", "name: A\nsenders:\n  line:\n    - {name: b}\n    - {name: b}\n", `acme/merchant.yaml:5:14: senders.line has two senders called "b"; give each a name of its own`},
		"sender's bad name":   {"merchant.yaml", "name: A\nsenders:\n  line: {name: a b}\n", `acme/merchant.yaml:3:16: sender "a b" stands in addresses; name it with letters, digits and dashes`},
		"sender's market":     {"merchant.yaml", "name: A\nsenders:\n  sms: {markets: [DE, XX]}\n", `acme/merchant.yaml:3:23: "XX" is no market of this merchant; write the code of one, such as DE`},
		"no name":             {"merchant.yaml", "brand: {url: https://a.example}\n", "acme/merchant.yaml:1:1: name is missing; write the shop's name as customers know it"},
		"no hash":             {"merchant.yaml", "name: A\napi_keys:\n  - {name: shop, sha256: abc}\n", `acme/merchant.yaml:3:5: api key "shop" needs its SHA-256 as 64 hex digits; get it with: printf %s "$KEY" | sha256sum`},
		"no such feed":        {"merchant.yaml", "name: A\nfeeds:\n  ups: {secret: s}\n", `acme/merchant.yaml:3:8: feed "ups" has kind "ups"; use one of aftership, 17track, easypost`},
		"feed without secret": {"merchant.yaml", "name: A\nfeeds:\n  aftership: {}\n", `acme/merchant.yaml:3:14: feed "aftership" has no secret; copy the webhook secret from the feed's settings, as env:NAME`},
		"variable not set":    {"merchant.yaml", "name: A\nfeeds:\n  aftership: {secret: \"env:UNSET\"}\n", "acme/merchant.yaml:3:23: the variable UNSET is not set; set it, or name another (env:UNSET)"},
		"file not there":      {"merchant.yaml", "name: \"file:none\"\n", "acme/merchant.yaml:1:7: the file none cannot be read; write a path from this merchant's folder, or an absolute one (file:none)"},
		"file outside":        {"merchant.yaml", "name: \"file:../x\"\n", "acme/merchant.yaml:1:7: the file ../x cannot be read; write a path from this merchant's folder, or an absolute one (file:../x)"},
		"market":              {"markets/DE.yaml", "market: DE\nextends: pack/DE\nchanels: [sms]\n", `acme/markets/DE.yaml:3:1: this key is not known in a market file; did you mean "channels"? (chanels)`},
		"ContentSid":          {"whatsapp.yaml", "delivered:\n  de: secret\n", "acme/whatsapp.yaml:2:7: this is no ContentSid; copy it from Twilio's console, HX and 32 hex digits"},
	}
	l := loader(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"merchant.yaml": "name: Acme\n"}
			files[tt.file] = tt.text
			_, err := l.Merchant("acme", folder(files))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestMerchant_AllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := loader(t).Merchant("acme", folder(map[string]string{
		"merchant.yaml": "api_keys: [{sha256: x}]\nfeeds: {ups: {}}\n", "markets/DE.yaml": "x: 1\n", "whatsapp.yaml": "a: {b: c}\n"}))
	for _, want := range []string{"name is missing", "SHA-256", `kind "ups"`, "no secret", "acme/markets/DE.yaml:1:1", "acme/whatsapp.yaml:1:8"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
}

func TestMerchant_FolderNames(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{"acme": true, "acme-2": true, "2acme": true, strings.Repeat("a", 63): true,
		"Acme": false, "acme_2": false, "-acme": false, "a b": false, "größe": false, strings.Repeat("a", 64): false, "": false} {
		_, err := loader(t).Merchant(notify.MerchantID(name), folder(map[string]string{"merchant.yaml": "name: A\n"}))
		if (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
		if err != nil && !strings.Contains(err.Error(), "name it with small letters, digits and dashes") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestMerchants_Folder(t *testing.T) {
	t.Parallel()
	if _, err := loader(t).Merchants(path.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "make the folder and put one folder a merchant into it") {
		t.Errorf("a folder that is not there: %v", err)
	}
	got, err := loader(t).Merchants("../play")
	if err == nil || !strings.Contains(err.Error(), "journeys/merchant.yaml cannot be read; every merchant's folder needs one") {
		t.Errorf("a folder without merchant.yaml: %v, %d merchants", err, len(got))
	}
}

func TestInstead(t *testing.T) {
	t.Parallel()
	known := []string{"name", "senders", "feeds"}
	for word, want := range map[string]string{"nmae": `did you mean "name"?`, "sender": `did you mean "senders"?`, "fedes": `did you mean "feeds"?`,
		"qqqq": "use one of name, senders, feeds"} {
		if got := Instead(word, known); got != want {
			t.Errorf("%s: %s", word, got)
		}
	}
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// One sender needs neither a name nor a dash; several are tried in the order they are written, and take the operator's defaults too.
func TestMerchant_Accounts(t *testing.T) {
	t.Parallel()
	l := loader(t)
	l.Providers = Providers{TwilioAccountSID: "ACshared"}
	m, err := l.Merchant("acme", folder(map[string]string{"merchant.yaml": `
name: A
senders:
  whatsapp: {from: "+493012345678"}
  sms:
    - {name: toll-free, markets: [US, CA], from: "+18005550123"}
    - {name: worldwide, account_sid: ACown}
`}))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Senders.WhatsApp; len(got) != 1 || got[0].Name != "" || got[0].Config.From != "+493012345678" {
		t.Errorf("one: %+v", got)
	}
	got := m.Senders.SMS
	if len(got) != 2 || got[0].Name != "toll-free" || !slices.Equal(got[0].Markets, []string{"US", "CA"}) || got[0].Config.From != "+18005550123" ||
		got[0].Config.AccountSID != "ACshared" || got[1].Name != "worldwide" || got[1].Config.AccountSID != "ACown" || len(got[1].Markets) != 0 {
		t.Errorf("several: %+v", got)
	}
	if m.Senders.None() || !(Senders{}).None() {
		t.Error("it does not know whether there are any")
	}
}

func opens(m *Merchant, key string) bool {
	_, ok := m.Key(key, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	return ok
}

// Two keys overlap while one takes the other's place. A key may be for a part of the API alone.
func TestMerchant_Keys(t *testing.T) {
	t.Parallel()
	text := strings.Replace(whole, "api_keys: [", "api_keys: [{name: old, sha256: "+hashOf("old")+", expires: 2026-11-30}, {name: feed, sha256: "+hashOf("feed")+", scopes: [events], expires: 2026-12-01}, ", 1)
	m, err := loader(t).Merchant("acme", folder(map[string]string{"merchant.yaml": text, "secrets/17track": "from a file\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if opens(m, "old") || !opens(m, "feed") || !opens(m, "whole-key") {
		t.Errorf("on 1 December the key of until yesterday opens: %v, the one of until today %v, the one without an end %v", opens(m, "old"), opens(m, "feed"), opens(m, "whole-key"))
	}
	feed, _ := m.Key("feed", time.Date(2026, 12, 1, 23, 59, 0, 0, time.UTC))
	if !feed.Opens(ScopeEvents) || feed.Opens(ScopeRead) {
		t.Errorf("the feed's key opens %v", feed.Scopes)
	}
	for wrong, want := range map[string]string{"scopes: [everything]": `has the scope "everything", which there is not; use events, orders, read, support or privacy`,
		"expires: soon": `expires on "soon", which is no date; write it as 2027-01-31`} {
		_, err := loader(t).Merchant("acme", folder(map[string]string{"merchant.yaml": strings.Replace(text, "expires: 2026-11-30", wrong, 1), "secrets/17track": "from a file\n"}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", wrong, err, want)
		}
	}
}

func hashOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
