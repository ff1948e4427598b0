package cli_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"landfall/internal/play"
)

// shop is a Landfall that runs while commands reach into its ledger.
func shop(t *testing.T) []string {
	t.Helper()
	w, at := world(t)
	if err := w.Put(t.Context(), "people/mei", map[string]any{"name": "Mei", "email": "mei@example.com"}); err != nil {
		t.Fatal(err)
	}
	return at
}

// world is a Landfall that runs, and the flags by which commands find it.
func world(t *testing.T) (*play.World, []string) {
	t.Helper()
	dir := t.TempDir()
	w, err := play.New(t.Context(), play.Options{Dir: dir, Start: time.Now().UTC()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, []string{"--merchant=acme", "--merchants=" + filepath.Join(dir, "merchants"), "--database=sqlite:" + filepath.Join(dir, "landfall.db"),
		"--secret-key=a stage's key, good for nothing else"}
}

// asked runs landfall person.
func asked(t *testing.T, do, id string, args ...string) result {
	t.Helper()
	return landfall(t, append([]string{"person", do, id}, args...)...)
}

func TestPersonErase(t *testing.T) {
	t.Parallel()
	at := shop(t)
	asked(t, "erase", "mei", at...).sentence(t, 2, "there is no way back from an erasure; add --yes, and export first what the customer should get")
	yes := append(at, "--yes")
	asked(t, "erase", "tom", yes...).sentence(t, 1, "no customer has this id at merchant acme")
	if r := asked(t, "erase", "mei", yes...); r.code != 0 || !strings.HasPrefix(r.out, "erased, and known as erased-") || r.err != "" {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
	if r := asked(t, "erase", "mei", yes...); r.code != 0 || !strings.HasPrefix(r.out, "erased before, on ") {
		t.Errorf("the second time exit %d: %s%s", r.code, r.out, r.err)
	}
	asked(t, "export", "mei", at...).sentence(t, 1, "no customer has this id at merchant acme")
}

func TestPersonExport(t *testing.T) {
	t.Parallel()
	at := shop(t)
	file := filepath.Join(t.TempDir(), "mei.zip")
	if r := asked(t, "export", "mei", append(at, "--out="+file)...); r.code != 0 || !strings.HasPrefix(r.out, "wrote "+file) {
		t.Fatalf("exit %d: %s%s", r.code, r.out, r.err)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	if r := asked(t, "export", "mei", at...); r.code != 0 || !strings.HasPrefix(r.out, "PK") {
		t.Errorf("to standard output: exit %d: %s", r.code, r.err)
	}
}

func TestPerson_WrongPlaces(t *testing.T) {
	t.Parallel()
	at := shop(t)
	missing := filepath.Join(t.TempDir(), "no.db")
	asked(t, "export", "mei", append(at, "--database=sqlite:"+missing)...).sentence(t, 1,
		"there is no ledger at "+missing+"; set LANDFALL_DATABASE to the one that landfall serve uses")
	if _, err := os.Stat(missing); err == nil {
		t.Error("a ledger is created")
	}
	if r := asked(t, "erase", "mei", append(at, "--yes", "--merchant=acne")...); r.code != 1 || !strings.Contains(r.err, `there is no merchant "acne" in `) {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
	asked(t, "erase", "mei", append(at[:3:3], "--yes")...).sentence(t, 2,
		"LANDFALL_SECRET_KEY is not set; set it to at least 32 random characters, for example from: openssl rand -hex 32")
}
