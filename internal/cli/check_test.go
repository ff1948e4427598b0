package cli_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCheck_Shipped(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"../../rules/markets", "../play/acme"} {
		r := landfall(t, "check", dir)
		if r.code != 0 || r.err != "" || !strings.Contains(r.out, "checked 48 markets, ") || !strings.HasSuffix(r.out, ": nothing to mend\n") {
			t.Errorf("%s: exit %d, %s\n%s", dir, r.code, r.err, r.out)
		}
		if lines := strings.Count(r.out, "\n"); lines > 12 {
			t.Errorf("%s: %d lines about nothing to mend", dir, lines)
		}
	}
}

func TestCheck_Mistakes(t *testing.T) {
	t.Parallel()
	market := func(rule string) string {
		return "market: DE\nextends: pack/DE\nrules:\n  - {name: a, on: [delivered], " + rule + "}\n"
	}
	tests := map[string]struct{ file, text, want string }{
		"tab in merchant":    {"merchant.yaml", "name: A\nbrand:\n\tname: x\n", "acme/merchant.yaml:3:1: lines are indented with spaces, not with tabs"},
		"tab in market":      {"markets/DE.yaml", "market: DE\nextends: pack/DE\nrules:\n\t- x\n", "acme/markets/DE.yaml:4:1: lines are indented with spaces, not with tabs"},
		"misspelt key":       {"merchant.yaml", "nmae: A\n", `acme/merchant.yaml:1:1: "nmae" is no key here; did you mean "name"?`},
		"misspelt in rule":   {"markets/DE.yaml", market("say: delivered, urgncy: low"), `acme/markets/DE.yaml:4:48: this key is not known in a rule; did you mean "urgency"? (urgncy)`},
		"type of condition":  {"markets/DE.yaml", market(`say: delivered, when: 'order.value.amount > "x"'`), "acme/markets/DE.yaml:4:74: > cannot be used between a number and a text"},
		"unknown template":   {"markets/DE.yaml", market("say: deliverd"), `acme/markets/DE.yaml:4:5: rule "a" says "deliverd", and there are no words of that name for the customer; write notice.deliverd.title and .lead in your locales, or another name: did you mean "delivered"?`},
		"missing template":   {"markets/DE.yaml", market("urgency: low"), "acme/markets/DE.yaml:4:"},
		"never matches":      {"markets/DE.yaml", market("say: shipped, when: event.kind == \"lost\""), `acme/markets/DE.yaml:4:52: rule "a" never matches: `},
		"told twice":         {"markets/DE.yaml", market("say: delivered"), `acme/markets/DE.yaml:4:5: rule "a" says delivered of the same events as rule "delivered" in pack/_base.yaml:47`},
		"nobody hears":       {"markets/DE.yaml", "market: DE\nextends: pack/DE\nrules: [{name: lost, off: true}]\n", `acme/markets/DE.yaml:3:9: rule "lost" is switched off, and nobody hears of lost`},
		"wider than the law": {"markets/DE.yaml", "market: DE\nextends: pack/DE\nmarketing: {hours: {sun: \"09:00-12:00\", mon: \"09:00-12:00\"}}\n", "acme/markets/DE.yaml:3:26: pack/DE.yaml:23 allows no advertising on Sundays; "},
		"locale":             {"locales/de.yaml", "x: [\n", "acme/locales/de.yaml:2:1: "},
		"email layout":       {"templates/email.html", "{{.Nope}}", "(and "},
		"misspelt notice":    {"locales/de.yaml", "notice: {deliverd: {title: Da}}\n", `acme/locales/de.yaml: no rule says "deliverd" and no shipped catalog has it; did you mean "delivered"?`},
		"misspelt label":     {"locales/de.yaml", "label: {wher: Ort}\n", `acme/locales/de.yaml: "label.wher" is in no shipped catalog; did you mean "label.where"?`},
		"notice nobody says": {"locales/en.yaml", "notice: {zzzzzz: {title: A, lead: B, next: C, sms: D}}\n", `acme/locales/en.yaml: no rule says "zzzzzz" and no shipped catalog has it; write a rule that says it, or remove it`},
		"plain http":         {"merchant.yaml", "name: A\nsenders: {sms: {from: \"+1202\", base_url: \"http://example.com\"}}\n", "acme/merchant.yaml: senders.sms: base_url is not encrypted; use https"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "acme")
			copyAcme(t, dir)
			write(t, filepath.Join(dir, tt.file), tt.text)
			r := landfall(t, "check", dir)
			if r.code != 1 || r.err != "" || !strings.Contains(r.out, tt.want) || !strings.Contains(r.out, "1 to mend") {
				t.Errorf("exit %d, %s\n%swant one mistake: %s", r.code, r.err, r.out, tt.want)
			}
		})
	}
}

func TestCheck_FolderOfMerchants(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copyAcme(t, filepath.Join(dir, "acme"))
	write(t, filepath.Join(dir, "zeta", "merchant.yaml"), "name: Zeta\n")
	write(t, filepath.Join(dir, "zeta", "markets", "FR.yaml"), "market: FR\nextends: pack/FR\nchanels: []\n")
	r := landfall(t, "check", dir)
	if r.code != 1 || !strings.Contains(r.out, `zeta/markets/FR.yaml:3:1: this key is not known in a market file; did you mean "channels"?`) || strings.Contains(r.out, "acme/markets") {
		t.Errorf("exit %d, %s\n%s", r.code, r.err, r.out)
	}
}

func TestCheck_NothingThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	landfall(t, "check", filepath.Join(dir, "none")).sentence(t, 1,
		filepath.Join(dir, "none")+" does not exist; name a merchant's folder, a folder of merchants, or a folder of market files")
	landfall(t, "check", dir).sentence(t, 1, dir+" holds nothing to check; it should have a merchant.yaml, folders with one, or market files such as DE.yaml")
}

func TestCheck_JSON(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "acme")
	copyAcme(t, dir)
	write(t, filepath.Join(dir, "whatsapp.yaml"), "delivred: {}\n")
	r := landfall(t, "check", dir, "--json")
	var got struct {
		Problems, Remarks                []string
		Markets, Rules, Notices, Locales int
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != 1 || r.err != "" {
		t.Fatalf("exit %d, %v %s", r.code, err, r.err)
	}
	if want := `acme/whatsapp.yaml: "delivred" is no notice; did you mean "delivered"?`; len(got.Problems) != 1 || got.Problems[0] != want || got.Markets < 48 || got.Rules < 8 || got.Notices < 10 || got.Locales < 8 {
		t.Errorf("%+v", got)
	}
	approvals := slices.DeleteFunc(got.Remarks, func(s string) bool { return !strings.HasPrefix(s, "acme/whatsapp.yaml has no ContentSid for ") })
	if len(approvals) != 1 || !strings.Contains(approvals[0], " in AE (ar-AE), AR (es-AR), AT (de-AT), ") {
		t.Errorf("remarks on approvals %q", approvals)
	}
}

// What may be meant is remarked on.
func TestCheck_ExceptionsHiddenOrLeftOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "DE.yaml"), `market: DE
extends: pack/DE
rules:
  - {name: customs hold, on: customs_info_required, say: customs_hold}
  - {name: lost, on: lost, say: lost, collapse: milestone}
`)
	r := landfall(t, "check", dir)
	at := "remark: " + filepath.Base(dir) + "/DE.yaml:"
	for _, want := range []string{at + `4:5: rule "customs hold" replaces one that speaks of customs_payment_due, held_payment, held_documents`,
		at + `5:5: rule "lost" puts lost into the group milestone`, "nothing to mend"} {
		if r.code != 0 || !strings.Contains(r.out, want) {
			t.Errorf("exit %d, %q is missing in:\n%s", r.code, want, r.out)
		}
	}
}

// A merchant's new notice is written in English and the languages of the markets it has written itself.
func TestCheck_NewNotice(t *testing.T) {
	t.Parallel()
	rule := "market: DE\nextends: pack/DE\nrules:\n  - {name: a, on: [delivered], say: gift}\n"
	words := "notice: {gift: {title: A, lead: B, next: C, sms: D}}\n"
	dir := filepath.Join(t.TempDir(), "shop")
	write(t, filepath.Join(dir, "merchant.yaml"), "name: Shop\ndefault_market: FR\n")
	write(t, filepath.Join(dir, "markets", "DE.yaml"), rule)
	write(t, filepath.Join(dir, "locales", "en.yaml"), words)
	r := landfall(t, "check", dir)
	for _, want := range []string{`de.yaml: "notice.gift.title" is missing`, `fr.yaml: "notice.gift.lead" is missing`, "8 to mend\n"} {
		if r.code != 1 || !strings.Contains(r.out, want) {
			t.Errorf("exit %d, %q is missing in:\n%s", r.code, want, r.out)
		}
	}
	write(t, filepath.Join(dir, "locales", "de.yaml"), words)
	write(t, filepath.Join(dir, "locales", "fr.yaml"), words)
	r = landfall(t, "check", dir)
	if want := `remark: shop/locales: "gift" is not written in ar, cs, da, el, es, es-419, fi, fil, he, hi, id, it, ja, ko, ms, nb, nl, pl, pt-BR, pt-PT, ro, ru, sr-Latn, sv, th, tr, uk, vi, zh-Hans, zh-Hant, zh-Hant-HK; customers who read those get another language`; r.code != 0 || strings.Count(r.out, "remark") != 1 || !strings.Contains(r.out, want) {
		t.Errorf("exit %d, one remark is missing: %s\nin:\n%s", r.code, want, r.out)
	}
}

// What only serve needs is remarked on, and only when it is not there.
func TestCheck_WhatServeNeeds(t *testing.T) {
	remarks := []string{
		"acme/merchant.yaml:18:23: serve will stop here unless ACME_AFTERSHIP_SECRET is set",
		"acme/merchant.yaml: senders.whatsapp: serve will stop here unless TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are set",
		"acme/merchant.yaml: senders.line: serve will stop here unless LINE_CHANNEL_TOKEN and LINE_CHANNEL_SECRET are set",
		"acme/merchant.yaml: senders.email: serve will stop here unless SMTP_HOST is set",
		`acme/merchant.yaml: api key "shop" is the sample merchant's, which everybody knows; serve will stop here until another is in its place`,
	}
	r := landfall(t, "check", "../play/acme")
	for _, want := range remarks {
		if r.code != 0 || !strings.Contains(r.out, "remark: "+want+"\n") {
			t.Errorf("exit %d, %q is missing in:\n%s", r.code, want, r.out)
		}
	}
	for name, value := range map[string]string{"ACME_AFTERSHIP_SECRET": "x", "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "LINE_CHANNEL_TOKEN": "t", "LINE_CHANNEL_SECRET": "s", "SMTP_HOST": "mail.example"} {
		t.Setenv(name, value)
	}
	r = landfall(t, "check", "../play/acme")
	for _, gone := range remarks[:4] {
		if r.code != 0 || strings.Contains(r.out, gone) {
			t.Errorf("exit %d, it says still %q", r.code, gone)
		}
	}
}

func TestCheck_OneKeyTwice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"acme", "zeta"} {
		write(t, filepath.Join(dir, name, "merchant.yaml"), "name: A\napi_keys: [{name: shop, sha256: "+strings.Repeat("ab", 32)+"}]\n")
	}
	if r := landfall(t, "check", dir); r.code != 1 || !strings.Contains(r.out, `zeta/merchant.yaml:2:12: api key "shop" is also in acme/merchant.yaml`) {
		t.Errorf("exit %d:\n%s", r.code, r.out)
	}
}

// Words kept for a market that is not there would never be said.
func TestCheck_FolderOfNoMarket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "acme")
	copyAcme(t, dir)
	write(t, filepath.Join(dir, "locales", "UK", "en.yaml"), "notice: {shipped: {title: On its way}}\n")
	r := landfall(t, "check", dir)
	if want := "acme/locales/UK is the folder of no market; name it by the code of the market whose words it holds, as in locales/DE"; r.code != 1 || !strings.Contains(r.out, want) {
		t.Errorf("exit %d, %q is missing in:\n%s", r.code, want, r.out)
	}
}

// A market's own words are held to the same as all others, and named by their folder.
func TestCheck_WordsOfAMarket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "acme")
	copyAcme(t, dir)
	write(t, filepath.Join(dir, "locales", "DE", "de.yaml"), "notice: {shipped: {sms: 'Unterwegs: {{.Itm}}'}}\n")
	r := landfall(t, "check", dir)
	if want := `acme/locales/DE/de.yaml:1:20: "notice.shipped.sms" asks for {{.Itm}}`; r.code != 1 || !strings.Contains(r.out, want) {
		t.Errorf("exit %d, %q is missing in:\n%s", r.code, want, r.out)
	}
}
