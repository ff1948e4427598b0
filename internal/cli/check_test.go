package cli_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck_Shipped(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"../../rules/markets", "../play/acme"} {
		r := landfall(t, "check", dir)
		if r.code != 0 || r.err != "" || !strings.Contains(r.out, "checked 8 markets, ") || !strings.HasSuffix(r.out, ": nothing to mend\n") {
			t.Errorf("%s: exit %d, %s\n%s", dir, r.code, r.err, r.out)
		}
		if lines := strings.Count(r.out, "\n"); lines > 10 {
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
		"tab in merchant":   {"merchant.yaml", "name: A\nbrand:\n\tname: x\n", "acme/merchant.yaml:3:1: lines are indented with spaces, not with tabs"},
		"tab in market":     {"markets/DE.yaml", "market: DE\nextends: pack/DE\nrules:\n\t- x\n", "acme/markets/DE.yaml:4:1: lines are indented with spaces, not with tabs"},
		"misspelt key":      {"merchant.yaml", "nmae: A\n", `acme/merchant.yaml:1:1: "nmae" is no key here; did you mean "name"?`},
		"misspelt in rule":  {"markets/DE.yaml", market("say: delivered, urgncy: low"), `acme/markets/DE.yaml:4:48: this key is not known in a rule; did you mean "urgency"? (urgncy)`},
		"type of condition": {"markets/DE.yaml", market(`say: delivered, when: 'order.value.amount > "x"'`), "acme/markets/DE.yaml:4:74: > cannot be used between a number and a text"},
		"unknown template":  {"markets/DE.yaml", market("say: deliverd"), `acme/markets/DE.yaml:4:5: rule "a" says "deliverd", and there are no words of that name for the customer; write notice.deliverd.title and .lead in your locales, or another name: did you mean "delivered"?`},
		"missing template":  {"markets/DE.yaml", market("urgency: low"), "acme/markets/DE.yaml:4:"},
		"locale":            {"locales/de.yaml", "x: [\n", "acme/locales/de.yaml:2:1: "},
		"email layout":      {"templates/email.html", "{{.Nope}}", "(and "},
		"plain http":        {"merchant.yaml", "name: A\nsenders: {sms: {from: \"+1202\", base_url: \"http://example.com\"}}\n", "acme/merchant.yaml: senders.sms: base_url is not encrypted; use https"},
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
		filepath.Join(dir, "none")+" cannot be read; name a merchant's folder, a folder of merchants, or a folder of market files")
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
	if want := `acme/whatsapp.yaml: "delivred" is no notice; did you mean "delivered"?`; len(got.Problems) != 1 || got.Problems[0] != want || got.Markets < 8 || got.Rules < 8 || got.Notices < 10 || got.Locales < 8 {
		t.Errorf("%+v", got)
	}
	if len(got.Remarks) == 0 || !strings.Contains(got.Remarks[0], "acme/whatsapp.yaml has no ContentSid in ") {
		t.Errorf("remarks %v", got.Remarks)
	}
}
