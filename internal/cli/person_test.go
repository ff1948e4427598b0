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

// After a backup was restored, everybody who asked since is erased again; a second run finds them erased.
func TestPersonErase_Replay(t *testing.T) {
	t.Parallel()
	at := shop(t)[1:] // without --merchant
	list := write(t, filepath.Join(t.TempDir(), "asked"), "# who asked\n\nacme mei\nacme\ttom the second\n")
	replay := func(file string, more ...string) result {
		return landfall(t, append(append([]string{"person", "erase", "--replay=" + file}, more...), at...)...)
	}
	replay(list).sentence(t, 2, "there is no way back from an erasure; add --yes, and export first what the customer should get")
	if r := replay(list, "--yes"); r.code != 0 || r.out != "erased 1; erased before 0; not known here 1\n" || r.err != "" {
		t.Errorf("%+v", r)
	}
	if r := replay(list, "--yes"); r.code != 0 || r.out != "erased 0; erased before 1; not known here 1\n" {
		t.Errorf("the second time %+v", r)
	}
	replay(list, "--yes", "--merchant=acme").sentence(t, 2, "the list of --replay names merchants and customers; leave out --merchant and the id")
	replay(list+"x", "--yes").sentence(t, 2, "the list "+list+"x cannot be read; check its path and rights")
	bad := write(t, list+".bad", "acme mei\nmei\n")
	replay(bad, "--yes").sentence(t, 2, bad+":2: this is no merchant and id; write them with a space between, as in: acme mei")
	other := write(t, list+".other", "acme mei\nacmee mei\n")
	if r := replay(other, "--yes"); r.code != 1 || !strings.Contains(r.err, other+`:2: there is no merchant "acmee"`) {
		t.Errorf("%+v", r)
	}
	landfall(t, append([]string{"person", "erase", "--yes"}, at...)...).sentence(t, 2,
		"name the merchant with --merchant and the customer by id, or a list of both with --replay; see landfall person erase --help")
}
