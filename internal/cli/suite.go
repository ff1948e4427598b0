package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"landfall/dispatcher"
	"landfall/internal/app"
	"landfall/internal/cases"
	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/rules"
)

// suite is a merchant, or the shipped markets, with the files of its rule tests.
type suite struct {
	merchant *dispatcher.Merchant
	wrong    error // why there is no merchant
	files    []*testFile
	whole    bool // all the files there are: what none of them touches can be told
	pack     bool // every market counts as its own
}

// testsFolder is where a merchant's rule tests lie in its folder.
const testsFolder = "tests"

const whereTests = "name a merchant's folder, a folder of merchants or of market files, or a folder or file of rule tests"

// findSuites finds out what it was given.
func findSuites(dir string, getenv func(string) string) ([]*suite, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("%s does not exist; %s", dir, whereTests)
	}
	if !info.IsDir() {
		s := owner(filepath.Dir(dir), getenv)
		s.files = []*testFile{{name: dir}}
		return []*suite{s}, nil
	}
	if kind := kindOf(dir); kind != nothing {
		return one(dir, kind, getenv)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*", "merchant.yaml"))
	if err != nil {
		return nil, err
	}
	var out []*suite
	for _, file := range found {
		s, err := one(filepath.Dir(file), aMerchant, getenv)
		if err == nil {
			out = append(out, s...)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no rule tests; %s", dir, whereTests)
	}
	return out, nil
}

// kind is what a folder holds.
type kind int

const (
	nothing kind = iota
	aMerchant
	theMarkets
	theTests
)

// kindOf tells by the files: rule tests are lists, market files are not.
func kindOf(dir string) kind {
	if _, err := os.Stat(filepath.Join(dir, "merchant.yaml")); err == nil {
		return aMerchant
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	switch {
	case err != nil || len(files) == 0:
		return nothing
	case slices.ContainsFunc(files, isList):
		return theTests
	}
	return theMarkets
}

// isList reports whether a file's first line that says something begins a list.
func isList(file string) bool {
	data, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || bytes.Equal(line, []byte("---")) {
			continue
		}
		return line[0] == '-' || line[0] == '['
	}
	return false
}

// one is the suite of a folder that is something by itself.
func one(dir string, k kind, getenv func(string) string) ([]*suite, error) {
	s, tests := &suite{}, filepath.Join(dir, testsFolder)
	switch k {
	case aMerchant:
		s = merchantSuite(dir, getenv)
	case theMarkets:
		s = marketsSuite(dir)
	default:
		tests = dir
		s = owner(dir, getenv)
	}
	s.whole = k != theTests
	var err error
	if s.files, err = testFiles(tests); err != nil {
		return nil, err
	}
	if len(s.files) == 0 {
		return nil, fmt.Errorf("%s holds no rule tests; write them into %s, as docs/merchants.md shows", dir, filepath.Join(tests, "NAME.yaml"))
	}
	return []*suite{s}, nil
}

// testFiles lists the YAML files of a folder and those below it.
func testFiles(dir string) (out []*testFile, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch ext := filepath.Ext(path); {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case e.IsDir() || strings.HasPrefix(e.Name(), "."):
		case ext == ".yaml":
			out = append(out, &testFile{name: path})
		case ext == ".yml":
			out = append(out, &testFile{name: path, wrong: rules.Problem{File: path, Message: "this file is not read; give it the ending .yaml"}})
		}
		return nil
	})
	return out, err
}

// cases reads a file of the suite.
func (s *suite) cases(f *testFile) ([]*cases.Case, error) {
	if f.wrong != nil {
		return nil, f.wrong
	}
	data, err := os.ReadFile(f.name)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read", f.name)
	}
	return cases.Read(f.name, data)
}

// owner is whose rules the tests of a folder are about: the merchant or the market files it lies in, else the shipped markets
// as they are.
func owner(dir string, getenv func(string) string) *suite {
	abs, err := filepath.Abs(dir)
	for d := abs; err == nil && d != filepath.Dir(d); d = filepath.Dir(d) {
		switch k := kindOf(d); {
		case k == aMerchant:
			return merchantSuite(d, getenv)
		case k == theMarkets && kindOf(filepath.Dir(d)) != aMerchant:
			return marketsSuite(d)
		case filepath.Base(d) == "markets" || filepath.Base(d) == testsFolder || d == abs:
		default:
			return packSuite()
		}
	}
	return packSuite()
}

// merchantSuite builds a merchant as explain does: what it lacks to serve does not matter.
func merchantSuite(dir string, getenv func(string) string) *suite {
	m, err := readMerchant(dir, config.Providers{}, getenv, func(string) {})
	if err != nil {
		return &suite{wrong: err}
	}
	return built(m)
}

// marketsSuite takes market files alone, those of a pack that stands on its own or of a merchant.
func marketsSuite(dir string) *suite {
	load := func() (map[string]*rules.Market, error) { return rules.LoadMarkets(os.DirFS(dir)) }
	_, err := os.Stat(filepath.Join(dir, "_base.yaml"))
	if err != nil {
		load = func() (map[string]*rules.Market, error) {
			pack, err := rules.LoadPack()
			if err != nil {
				return nil, err
			}
			return rules.LoadMerchant(os.DirFS(filepath.Dir(filepath.Clean(dir))), filepath.Base(filepath.Clean(dir)), pack)
		}
	}
	markets, wrong := load()
	if wrong != nil {
		return &suite{wrong: wrong}
	}
	s := anonymous(markets)
	s.pack = err == nil
	return s
}

func packSuite() *suite {
	markets, err := rules.LoadPack()
	if err != nil {
		return &suite{wrong: err}
	}
	return anonymous(markets)
}

// anonymous is a merchant that has nothing but markets.
func anonymous(markets map[string]*rules.Market) *suite {
	return built(&config.Merchant{ID: "shop", Name: "Shop", Brand: config.Brand{Look: config.Look{Name: "Shop"}}, Markets: markets})
}

func built(m *config.Merchant) *suite {
	world, err := dispatcher.NewWorld(m.Markets, time.Now())
	if err != nil {
		return &suite{wrong: err}
	}
	if m.Content == nil {
		if m.Content, err = everyApproval(m); err != nil {
			return &suite{wrong: err}
		}
	}
	t, err := app.BuildTenant(m, world, time.Now)
	if err != nil {
		return &suite{wrong: err}
	}
	return &suite{merchant: t.Merchant}
}

// someContent stands for what WhatsApp calls an approved text.
const someContent = "HX00000000000000000000000000000000"

// everyApproval approves every notice in every language: rules can be tested before there is a whatsapp.yaml.
func everyApproval(m *config.Merchant) (map[notify.TemplateKey]map[string]string, error) {
	voice, err := app.NewVoice(m, "")
	if err != nil {
		return nil, err
	}
	out := map[notify.TemplateKey]map[string]string{}
	for _, key := range voice.Words.ContentKeys() {
		out[key] = map[string]string{}
		for _, locale := range voice.Words.Locales() {
			out[key][locale] = someContent
		}
	}
	return out, nil
}

// untouched lists the suite's own rules and markets that no case came across.
func (s *suite) untouched() (ownRules, ownMarkets []string) {
	touched := map[string]bool{}
	for _, f := range s.files {
		for _, r := range f.results {
			for _, t := range r.Touched {
				touched[t.Market], touched[t.Market+"/"+t.Rule] = true, true
			}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(s.merchant.Markets)) {
		m := s.merchant.Markets[code]
		if (s.pack || ownMarket(m)) && !touched[code] {
			ownMarkets = append(ownMarkets, code)
		}
		for _, r := range m.Rules {
			if !strings.HasPrefix(r.At.File, "pack/") && !touched[code+"/"+r.Name] {
				ownRules = append(ownRules, fmt.Sprintf("%q (%s)", r.Name, code))
			}
		}
	}
	return ownRules, ownMarkets
}
