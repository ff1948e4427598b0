package cli_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The case of the design, word for word, and the market file it is about.
const (
	nightMarket = `market: DE
extends: pack/DE
channels: [whatsapp, email, sms]
quiet_hours: {from: "22:00", to: "08:00", sundays_until: "10:00"}
rules:
  - {name: damp, on: damaged, say: damaged}
`
	nightCase = `# merchants/acme/tests/night.yaml
- name: a German is not woken, and hears only the newest
  given:
    people:
      - id: mei
        market: DE
        locale: de
        time_zone: Europe/Berlin               # optional: else address, phone, market
        address: {country: DE, postal_code: "10115"}
        phone: "+4915112345678"
        email: mei@example.com                 # line: U…, in_app: true
        consents: [{channel: whatsapp, purpose: order_status, action: granted, at: 2026-11-01T10:00:00Z}]
    orders:
      - {id: A1, person: mei, value: {amount: 120, currency: EUR}, items: [{title: Wool coat}], parcels: [{carrier: dhl, number: "0034"}]}
  when:                                        # in order; at = when Landfall hears of it
    - {at: 2026-12-01T21:15:00Z, event: {parcel: "0034", kind: departed_origin, happened_at: 2026-12-01T20:00:00Z}}
    - {at: 2026-12-02T03:00:00Z, event: {parcel: "0034", kind: out_for_delivery, happened_at: 2026-12-02T02:55:00Z}}
  expect:                                      # all deliveries, in any order; a field left out is not compared
    - {person: mei, say: departed, channel: whatsapp, outcome: superseded, reason: SUPERSEDED}
    - {person: mei, say: out_for_delivery, channel: whatsapp, outcome: sent, at: 2026-12-02T07:00:00Z, held_for: QUIET_COURTESY}
  expect_none: false                           # true: nobody is told anything (a field of its own, so that it cannot be forgotten)
`
	emptyCase = `- name: nobody hears of a parcel that is nobody's
  when: [{at: 2026-12-01T11:00:00Z, event: {parcel: "77", kind: delivered}}]
  expect_none: true
`
)

// nightShop is a merchant of a name alone, with a market and a rule test.
func nightShop(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	write(t, filepath.Join(dir, "merchant.yaml"), "name: Shop\nfeeds: {aftership: {secret: \"env:NOT_SET\"}}\n")
	write(t, filepath.Join(dir, "markets", "DE.yaml"), nightMarket)
	write(t, filepath.Join(dir, "tests", "night.yaml"), nightCase)
	return dir
}

// steady takes folders and times out of what was printed.
func steady(out, dir string) string {
	return regexp.MustCompile(`\d+\.\d\ds`).ReplaceAllString(strings.ReplaceAll(out, dir, "shop"), "0.00s")
}

func TestTest_GoodCase(t *testing.T) {
	t.Parallel()
	dir := nightShop(t)
	r := landfall(t, "test", dir)
	want := "ok\tshop/tests/night.yaml\t1 case\t0.00s\nnever touched by a case: rules \"damp\" (DE)\nPASS\n"
	if diff := cmp.Diff(want, steady(r.out, dir)); diff != "" || r.code != 0 || r.err != "" {
		t.Errorf("exit %d, %s (-want +got):\n%s", r.code, r.err, diff)
	}
}

func TestTest_FailureReadsLikeGoTest(t *testing.T) {
	t.Parallel()
	dir := nightShop(t)
	write(t, filepath.Join(dir, "tests", "night.yaml"), strings.Replace(nightCase, "say: departed, channel: whatsapp", "say: departed, channel: sms", 1))
	r := landfall(t, "test", dir)
	want := `--- FAIL: night.yaml: a German is not woken, and hears only the newest (0.00s)
    shop/tests/night.yaml:19:7: expected {person: mei, say: departed, channel: sms, outcome: superseded, reason: SUPERSEDED}, and no delivery is like it
      nearest: departed to mei on whatsapp: superseded at 2026-12-02T03:00:00Z, held for QUIET_COURTESY; SUPERSEDED, QUIET_COURTESY, TZ_EXPLICIT
        channel is whatsapp, not sms
    not expected:
      departed to mei on whatsapp: superseded at 2026-12-02T03:00:00Z, held for QUIET_COURTESY; SUPERSEDED, QUIET_COURTESY, TZ_EXPLICIT
    and there was:
      out_for_delivery to mei on whatsapp: sent at 2026-12-02T07:00:00Z, held for QUIET_COURTESY; SENT, QUIET_COURTESY, TZ_EXPLICIT, BASIS_CONSENT
FAIL	shop/tests/night.yaml	1 case, 1 failed	0.00s
never touched by a case: rules "damp" (DE)
FAIL
`
	if diff := cmp.Diff(want, steady(r.out, dir)); diff != "" || r.code != 1 || r.err != "" {
		t.Errorf("exit %d, %s (-want +got):\n%s", r.code, r.err, diff)
	}
}

func TestTest_Verbose(t *testing.T) {
	t.Parallel()
	r := landfall(t, "test", "-v", nightShop(t))
	if r.code != 0 || !strings.HasPrefix(r.out, "--- PASS: night.yaml: a German") || !strings.Contains(r.out, "    out_for_delivery to mei on whatsapp: sent at") {
		t.Errorf("exit %d, %s", r.code, r.out)
	}
}

func TestTest_Run(t *testing.T) {
	t.Parallel()
	dir := nightShop(t)
	write(t, filepath.Join(dir, "tests", "deeper", "empty.yaml"), emptyCase)
	r := landfall(t, "test", "--run=^nobody", dir)
	want := "ok\tshop/tests/deeper/empty.yaml\t1 case\t0.00s\nok\tshop/tests/night.yaml\t0 cases\t0.00s\nPASS\n"
	if diff := cmp.Diff(want, steady(r.out, dir)); diff != "" || r.code != 0 {
		t.Errorf("exit %d (-want +got):\n%s", r.code, diff)
	}
}

// What a folder holds is told by its files.
func TestTest_Folders(t *testing.T) {
	t.Parallel()
	dir := nightShop(t)
	alone := t.TempDir()
	write(t, filepath.Join(alone, "anything.yaml"), emptyCase)
	markets := t.TempDir()
	write(t, filepath.Join(markets, "DE.yaml"), nightMarket)
	write(t, filepath.Join(markets, "tests", "night.yaml"), nightCase)
	for name, folder := range map[string]string{
		"a merchant": dir, "merchants": filepath.Dir(dir), "its tests": filepath.Join(dir, "tests"), "one file": filepath.Join(dir, "tests", "night.yaml"),
		"tests of nobody's": alone, "market files": markets, "tests of market files": filepath.Join(markets, "tests"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r := landfall(t, "test", folder); r.code != 0 || !strings.Contains(r.out, "1 case\t") {
				t.Errorf("exit %d, %s%s", r.code, r.err, r.out)
			}
		})
	}
}

// A file that is broken is named; the others are run.
func TestTest_BrokenFile(t *testing.T) {
	t.Parallel()
	dir := nightShop(t)
	write(t, filepath.Join(dir, "tests", "broken.yaml"), "- name: x\n  when:\n\t- x\n")
	write(t, filepath.Join(dir, "tests", "case.yaml"), "- name: x\n  wen: []\n")
	write(t, filepath.Join(dir, "tests", "other.yml"), emptyCase)
	r := landfall(t, "test", dir)
	want := `shop/tests/broken.yaml:3:1: lines are indented with spaces, not with tabs
FAIL	shop/tests/broken.yaml	cannot be run
--- FAIL: case.yaml: x (0.00s)
    shop/tests/case.yaml:2:3: "wen" is no key here; did you mean "when"?
FAIL	shop/tests/case.yaml	1 case, 1 failed	0.00s
ok	shop/tests/night.yaml	1 case	0.00s
shop/tests/other.yml: this file is not read; give it the ending .yaml
FAIL	shop/tests/other.yml	cannot be run
never touched by a case: rules "damp" (DE)
FAIL
`
	if diff := cmp.Diff(want, steady(r.out, dir)); diff != "" || r.code != 1 {
		t.Errorf("exit %d (-want +got):\n%s", r.code, diff)
	}
}

func TestTest_BrokenMerchant(t *testing.T) {
	t.Parallel()
	dir := nightShop(t)
	write(t, filepath.Join(dir, "markets", "DE.yaml"), "market: DE\nextends: pack/XX\n")
	if r := landfall(t, "test", dir); r.code != 1 || !strings.HasPrefix(r.out, "shop/markets/DE.yaml:2:10: ") || !strings.HasSuffix(r.out, "FAIL\n") {
		t.Errorf("exit %d, %s", r.code, r.out)
	}
}

func TestTest_JSON(t *testing.T) {
	t.Parallel()
	dir := nightShop(t)
	write(t, filepath.Join(dir, "tests", "quiet.yaml"), strings.Replace(emptyCase, "expect_none: true", "expect: [{say: delivered}]", 1))
	r := landfall(t, "test", "--json", dir)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	if len(lines) != 2 || r.code != 1 {
		t.Fatalf("exit %d, %s", r.code, r.out)
	}
	var got [2]struct {
		File, Name string
		OK         bool
		Problems   []string
		Rows       []row
	}
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &got[i]); err != nil {
			t.Fatal(err)
		}
	}
	if night := got[0]; !night.OK || len(night.Rows) != 2 || night.Problems == nil || night.Name != "a German is not woken, and hears only the newest" {
		t.Errorf("night: %+v", night)
	}
	if quiet := got[1]; quiet.OK || quiet.Rows == nil || len(quiet.Problems) == 0 || quiet.File != filepath.Join(dir, "tests", "quiet.yaml") {
		t.Errorf("quiet: %+v", quiet)
	}
}

func TestTest_Mistakes(t *testing.T) {
	t.Parallel()
	none := filepath.Join(t.TempDir(), "none")
	landfall(t, "test", none).sentence(t, 1, none+" does not exist; name a merchant's folder, a folder of merchants or of market files, or a folder or file of rule tests")
	empty := t.TempDir()
	landfall(t, "test", empty).sentence(t, 1, empty+" holds no rule tests; name a merchant's folder, a folder of merchants or of market files, or a folder or file of rule tests")
	untested := filepath.Join(t.TempDir(), "shop")
	write(t, filepath.Join(untested, "merchant.yaml"), "name: Shop\n")
	landfall(t, "test", untested).sentence(t, 1, untested+" holds no rule tests; write them into "+filepath.Join(untested, "tests", "NAME.yaml")+", as docs/merchants.md shows")
}

// The tests we ship hold, twice alike, and leave out no market.
func TestTest_Shipped(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"../../rules/markets", "../play/acme"} {
		first, again := landfall(t, "test", "-v", dir), landfall(t, "test", "-v", dir)
		if first.code != 0 || steady(first.out, dir) != steady(again.out, dir) {
			t.Errorf("%s: exit %d:\n%s", dir, first.code, first.out)
		}
		if _, never, _ := strings.Cut(first.out, "never touched by a case: "); strings.Contains(never, "markets") {
			t.Errorf("%s: never touched: %s", dir, never)
		}
	}
}

// The reference cases that are about advertising or urgent news, which no market of the pack sends by itself.
func TestCases_OfAMerchantThatAdvertises(t *testing.T) {
	t.Parallel()
	r := landfall(t, "test", "testdata/outlet")
	if r.code != 0 || strings.Contains(r.out, "never touched") {
		t.Errorf("exit %d, %s\n%s", r.code, r.err, r.out)
	}
}
