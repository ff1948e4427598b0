package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// archives returns the archives of a folder by the name of their case.
func archives(t testing.TB, dir string) map[string]*archive {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata/%s: %v", dir, err)
	}
	all := map[string]*archive{}
	for _, file := range files {
		all[strings.TrimSuffix(filepath.Base(file), ".txtar")] = readArchive(t, file)
	}
	return all
}

// wantFile is the name of the golden part of an archive.
const wantFile = "want"

// folderOf returns the parts of an archive as a folder, and its golden part.
func folderOf(a *archive) (fstest.MapFS, string) {
	fsys, golden := fstest.MapFS{}, ""
	for _, f := range a.files {
		if f.name == wantFile {
			golden = f.data
			continue
		}
		fsys[f.name] = &fstest.MapFile{Data: []byte(f.data)}
	}
	return fsys, golden
}

// settle compares got with an archive's golden part, or writes it there.
func settle(t *testing.T, a *archive, golden, got string) {
	t.Helper()
	if *update {
		a.write(t, wantFile, got)
		return
	}
	if diff := cmp.Diff(golden, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLoadMerchant_NamesEveryMistake(t *testing.T) {
	t.Parallel()
	pack := shippedPack(t)
	for name, a := range archives(t, "bad") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys, golden := folderOf(a)
			markets, err := LoadMerchant(fsys, "markets", pack)
			if err == nil {
				t.Fatal("the folder was taken")
			}
			if markets != nil {
				t.Error("markets were returned beside the error")
			}
			settle(t, a, golden, err.Error()+"\n")
		})
	}
}

func TestLoadMerchant_MergesWithThePack(t *testing.T) {
	t.Parallel()
	pack := shippedPack(t)
	for name, a := range archives(t, "good") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys, golden := folderOf(a)
			markets, err := LoadMerchant(fsys, "markets", pack)
			if err != nil {
				t.Fatal(err)
			}
			settle(t, a, golden, describe(markets, fsys))
		})
	}
}

// describe prints the markets that a folder has files for.
func describe(markets map[string]*Market, fsys fstest.MapFS) string {
	var b strings.Builder
	for _, code := range slices.Sorted(maps.Keys(markets)) {
		if _, ok := fsys["markets/"+code+".yaml"]; ok {
			describeMarket(&b, markets[code])
		}
	}
	return b.String()
}

func describeMarket(b *strings.Builder, m *Market) {
	fmt.Fprintf(b, "%s extends %q, locale %s of %v, zone %s of %v\n", m.Code, m.Extends, m.Locale, m.Locales, m.Zone, m.Zones)
	q := m.Quiet
	fmt.Fprintf(b, "channels %v, quiet %s to %s, until %s %s %s, also %v\n", m.Channels, q.From, q.To, q.SaturdaysUntil, q.SundaysUntil, q.HolidaysUntil, q.Also)
	fmt.Fprintf(b, "ramadan %t, identify %t, daily %d, main zone %t\n", m.Ramadan, m.Identify, m.Daily, m.MainZone)
	for _, p := range m.Places {
		fmt.Fprintf(b, "place %q %v: %v %s\n", p.Region, p.Codes, p.Zones, p.Locale)
	}
	for _, c := range slices.Sorted(maps.Keys(m.Consent)) {
		fmt.Fprintf(b, "consent %s: %s, of advertising %s\n", c, m.Consent[c], m.Marketing.Consent[c])
	}
	describeMarketing(b, m.Marketing)
	fmt.Fprintf(b, "files %v\n", m.Files)
	for _, r := range m.Rules {
		if strings.HasPrefix(r.At.File, "pack/") {
			fmt.Fprintf(b, "inherited %q\n", r.Name)
			continue
		}
		fmt.Fprintf(b, "%s %q on %v when %q say %s to %v, %s, %s for %s, urgent %q, collapse %q, expires %s, off %t\n",
			r.At, r.Name, r.On, r.When, r.Say, r.To, r.Urgency, r.Class, r.Purpose, r.Urgent, r.Collapse, r.Expires, r.Off)
		if e := r.Escalate; e != nil {
			fmt.Fprintf(b, "  escalates after %s unless %q on %v\n", e.After, e.Unless, e.Channels)
		}
	}
}

func describeMarketing(b *strings.Builder, a Marketing) {
	if len(a.Channels) == 0 {
		fmt.Fprintln(b, "no advertising")
		return
	}
	fmt.Fprintf(b, "advertising %v, valid %d months, daily %d, by law %t\n", a.Channels, a.ValidMonths, a.Daily, a.DailyByLaw)
	fmt.Fprintf(b, "  %v from Sunday on, holidays closed %t, eves %v\n", a.Hours.Days, a.Hours.HolidaysClosed, a.Hours.Eves)
	for _, region := range slices.Sorted(maps.Keys(a.Regions)) {
		fmt.Fprintf(b, "  %s %v\n", region, a.Regions[region].Days)
	}
}

// The goldens show what was reported; this test looks the text up in the file, so that they cannot agree on a mistake.
func TestLoadMerchant_PointsAtTheTextItShows(t *testing.T) {
	t.Parallel()
	pack := shippedPack(t)
	seen := 0
	for name, a := range archives(t, "bad") {
		fsys, _ := folderOf(a)
		_, err := LoadMerchant(fsys, "markets", pack)
		problems, ok := errors.AsType[Problems](err)
		if !ok {
			t.Fatalf("%s: error is %T, want Problems", name, err)
		}
		for _, p := range problems {
			if p.Text == "" || strings.HasPrefix(p.Text, "U+") || strings.HasSuffix(p.Text, "...") || p.Line == 0 {
				continue
			}
			seen++
			line := []rune(strings.Split(string(fsys[p.File].Data), "\n")[p.Line-1])
			rest := strings.TrimLeft(string(line[p.Column-1:]), "\"'\t")
			if !strings.HasPrefix(rest, strings.Trim(p.Text, "\"'")) {
				t.Errorf("%s: %v, but there stands %q", name, p, rest)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d problems had a text to look up", seen)
	}
}

func TestLoadMerchant_KeepsThePackWhereThereIsNoFile(t *testing.T) {
	t.Parallel()
	pack := shippedPack(t)
	for name, fsys := range map[string]fs.FS{
		"no folder":    fstest.MapFS{},
		"empty folder": fstest.MapFS{"markets": {Mode: fs.ModeDir}},
		"other files":  fstest.MapFS{"markets/README.md": {}, "markets/market.schema.json": {}, "markets/.DE.yaml": {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := LoadMerchant(fsys, "markets", pack)
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got, pack) {
				t.Errorf("got %v, want the pack", slices.Sorted(maps.Keys(got)))
			}
		})
	}
}

func TestLoadMerchant_LeavesThePackAlone(t *testing.T) {
	t.Parallel()
	pack := shippedPack(t)
	fsys := fstest.MapFS{"m/DE.yaml": {Data: []byte("market: DE\nextends: pack/DE\nlocale: en\nconsent: {sms: opt_in}\nrules:\n  - {name: lost, off: true}\n")}}
	got, err := LoadMerchant(fsys, "m", pack)
	if err != nil {
		t.Fatal(err)
	}
	before, now := pack["DE"], got["DE"]
	if before.Locale != "de" || before.Consent["sms"] != NeedNotice {
		t.Errorf("the pack's market became %q with %v", before.Locale, before.Consent)
	}
	if r, _ := before.rule("lost"); r.Off {
		t.Error("the pack's rule was switched off")
	}
	if r, _ := now.rule("lost"); !r.Off || r.Say != "lost" {
		t.Errorf("the merchant's rule is off: %t, says %q; want it off and otherwise the same", r.Off, r.Say)
	}
}

// broken is a file system that holds a file nobody may read.
type broken struct{ fstest.MapFS }

func (b broken) ReadFile(string) ([]byte, error) {
	return nil, &fs.PathError{Op: "open", Path: "secret", Err: fs.ErrPermission}
}

func TestLoadMerchant_FileCannotBeRead(t *testing.T) {
	t.Parallel()
	fsys := broken{fstest.MapFS{"m/DE.yaml": {}}}
	_, err := LoadMerchant(fsys, "m", shippedPack(t))
	problems, ok := errors.AsType[Problems](err)
	if !ok {
		t.Fatalf("error is %T, want Problems", err)
	}
	want := Problems{{File: "m/DE.yaml", Message: "this file cannot be read: permission denied"}}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLoadPack_BasesThatDoNotWork(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"circle": {
			files: map[string]string{"AT.yaml": "market: AT\nextends: pack/DE\n", "DE.yaml": "market: DE\nextends: pack/AT\n"},
			want:  "pack/DE.yaml:2:10: this goes round in a circle; a market cannot extend itself (pack/AT)",
		},
		"itself": {
			files: map[string]string{"AT.yaml": "market: AT\nextends: pack/AT\n"},
			want:  "pack/AT.yaml:2:10: this goes round in a circle; a market cannot extend itself (pack/AT)",
		},
		"broken base is told once": {
			files: map[string]string{"_base.yaml": "- x\n", "DE.yaml": "market: DE\nextends: pack/_base\n"},
			want:  "pack/_base.yaml:1:1: this is a list, not a market file; write keys with values (- x)",
		},
		"unknown": {
			files: map[string]string{"_base.yaml": "market: _base\n", "DE.yaml": "market: DE\nextends: pack/_bas\n"},
			want:  `pack/DE.yaml:2:10: the pack has no such market; did you mean "pack/_base"? (pack/_bas)`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{}
			for file, data := range tt.files {
				fsys[file] = &fstest.MapFile{Data: []byte(data)}
			}
			_, err := LoadMarkets(fsys)
			if err == nil {
				t.Fatal("the pack was taken")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// The version of a market changes with each of its files, and with nothing else.
func TestVersion(t *testing.T) {
	t.Parallel()
	pack := shippedPack(t)
	version := func(pack map[string]*Market, data string) string {
		markets, err := LoadMerchant(fstest.MapFS{"m/DE.yaml": {Data: []byte(data)}}, "m", pack)
		if err != nil {
			t.Fatal(err)
		}
		return markets["DE"].Version
	}
	const own = "market: DE\nextends: pack/DE\n"
	first := version(pack, own)
	if again := version(shippedPack(t), own); again != first || first == pack["DE"].Version {
		t.Errorf("the same files have versions %s and %s, the pack's alone %s", first, again, pack["DE"].Version)
	}
	if pack["DE"].Version == pack["FR"].Version {
		t.Errorf("two markets have version %s", first)
	}
	if other := version(pack, own+"# reviewed\n"); other == first {
		t.Errorf("another file has version %s, too", other)
	}
	if before, after := version(pack, "market: DE\nextends: pack/GB\n"), version(changed(t, "DE.yaml"), "market: DE\nextends: pack/GB\n"); before == after {
		t.Errorf("the version stays %s when the law of the country changes", before)
	}
}

// changed is the pack with a comment added to one file.
func changed(t *testing.T, name string) map[string]*Market {
	t.Helper()
	fsys := fstest.MapFS{}
	files, err := fs.Glob(Pack(), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := fs.ReadFile(Pack(), file)
		if err != nil {
			t.Fatal(err)
		}
		if file == name {
			data = append(data, "# changed\n"...)
		}
		fsys[file] = &fstest.MapFile{Data: data}
	}
	pack, err := LoadMarkets(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return pack
}
