package cli_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"landfall/internal/doctor"
)

// firm is what a doctor is content with, but for the public URL, which is this machine's.
func firm(t *testing.T) []string {
	t.Helper()
	folder := t.TempDir()
	shop := filepath.Dir(write(t, filepath.Join(folder, "merchants", "shop", "merchant.yaml"), "name: Shop\n"))
	return []string{"doctor", "--merchants=" + filepath.Dir(shop), "--database=sqlite:" + filepath.Join(folder, "landfall.db"),
		"--secret-key=0123456789abcdef0123456789abcdef"}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	r := landfall(t, firm(t)...)
	if r.code != 0 || r.err != "" || !strings.Contains(r.out, "\nok       merchant shop  no sender, no tracking feed\n") || !strings.HasSuffix(r.out, "\n7 checks: 2 warnings\n") {
		t.Errorf("%+v", r)
	}
	r = landfall(t, append(firm(t), "--redis=redis://127.0.0.1:1")...)
	if r.code != 1 || r.err != "" || !strings.Contains(r.out, "\nfault    redis          no answer: ") || !strings.HasSuffix(r.out, "7 checks: 1 fault, 2 warnings\n") {
		t.Errorf("%+v", r)
	}
	landfall(t, "doctor", "--log-level=loud").sentence(t, 2, `--log-level must be one of "debug","info","warn","error" but got "loud"; see landfall doctor --help`)
}

func TestDoctor_JSON(t *testing.T) {
	t.Parallel()
	r := landfall(t, append(firm(t), "--json", "--secret-key=short")...)
	var got struct {
		Checks           []doctor.Finding
		Faults, Warnings int
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != 1 || r.err != "" {
		t.Fatalf("%v: %+v", err, r)
	}
	if first := got.Checks[0]; got.Faults != 1 || got.Warnings != 2 || first.Check != "settings" || first.State != doctor.Fault || !strings.HasPrefix(first.Says, "LANDFALL_SECRET_KEY has 5 characters") {
		t.Errorf("%+v", got)
	}
}

// The ledger of a running Landfall is looked at as it is.
func TestDoctor_BesideARunningOne(t *testing.T) {
	t.Parallel()
	_, at := world(t)
	r := landfall(t, append([]string{"doctor"}, at[1:]...)...) // without --merchant
	if !strings.Contains(r.out, "\nok       database schema  up to date (migration ") || !strings.Contains(r.out, "\nok       database writes  it takes them\n") {
		t.Errorf("%+v", r)
	}
}
