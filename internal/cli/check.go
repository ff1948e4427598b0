package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/locales"
	"landfall/rules"
	"landfall/templates"
)

type checkCmd struct {
	Dir              string `arg:"" help:"A merchant's folder, a folder of merchants, or a folder of market files."`
	JSON             bool   `help:"Print for a program."`
	config.Providers `embed:"" group:"Providers (what serve will have; it only decides on remarks)"`
}

// findings is what a check found.
type findings struct {
	Problems []string `json:"problems"`
	Remarks  []string `json:"remarks,omitempty"`
	Markets  int      `json:"markets"`
	Rules    int      `json:"rules"`
	Notices  int      `json:"notices"`
	Locales  int      `json:"locales"`
	Messages int      `json:"messages"` // notice × channel × locale
	Complete int      `json:"complete"` // those of them in their locale's own words and within every limit

	at        string // the merchant's folder and a slash, before the names of its files
	providers config.Providers
	getenv    func(string) string
	read      map[notify.MerchantID]*config.Merchant // those that can be used
}

// Run checks a folder and everything shipped that it builds on.
func (c checkCmd) Run(e Env) error {
	f := &findings{Problems: []string{}, providers: c.Providers, getenv: e.Getenv, read: map[notify.MerchantID]*config.Merchant{}}
	if err := f.folder(c.Dir); err != nil {
		return err
	}
	if err := f.print(e, c.JSON); err != nil {
		return err
	}
	if len(f.Problems) > 0 {
		return errNo
	}
	return nil
}

// folder finds out what kind of folder it was given.
func (f *findings) folder(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s does not exist; name a merchant's folder, a folder of merchants, or a folder of market files", dir)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be read; name a merchant's folder, a folder of merchants, or a folder of market files", dir)
	}
	switch {
	case has(entries, "merchant.yaml"):
		return f.merchant(dir)
	case slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), ".yaml") }):
		return f.markets(dir, has(entries, "_base.yaml"))
	}
	found := false
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(dir, e.Name(), "merchant.yaml")); err == nil {
			found = true
			if err := f.merchant(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("%s holds nothing to check; it should have a merchant.yaml, folders with one, or market files such as DE.yaml", dir)
	}
	return nil
}

func has(entries []fs.DirEntry, name string) bool {
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name })
}

// markets checks market files alone: those of a merchant, or a pack that stands on its own.
func (f *findings) markets(dir string, standalone bool) error {
	load := func() (map[string]*rules.Market, error) { return rules.LoadMarkets(os.DirFS(dir)) }
	if !standalone {
		pack, err := rules.LoadPack()
		if err != nil {
			return err
		}
		load = func() (map[string]*rules.Market, error) {
			return rules.LoadMerchant(os.DirFS(filepath.Dir(filepath.Clean(dir))), filepath.Base(dir), pack)
		}
	}
	markets, err := load()
	f.problem(err)
	voice, err := app.NewVoice(&config.Merchant{}, "")
	if err != nil {
		return err
	}
	f.rules(voice.Words, markets)
	report, err := shippedReport()
	if err != nil {
		return err
	}
	f.count(report)
	f.once(report.Problems)
	return f.catalog()
}

// merchant checks everything in a merchant's folder. What only serve needs is remarked on.
func (f *findings) merchant(dir string) error {
	m, err := readMerchant(dir, f.providers, f.getenv, f.remark)
	f.problem(err)
	if err != nil {
		return nil // what follows would only repeat it
	}
	f.problem(m.Clash(f.read))
	f.read[m.ID] = m
	t, err := app.BuildTenant(m, nil, nil)
	f.problem(err)
	if err != nil {
		return nil
	}
	f.at = string(m.ID) + "/"
	f.rules(t.Words, t.Markets)
	f.folders(m)
	for _, market := range append([]string{""}, app.OwnVoices(m)...) {
		own, err := newOwnWords(m, market)
		if err != nil {
			return err
		}
		report, err := reportOn(m, market, t.VoiceIn(market).Words)
		if err != nil {
			return err
		}
		f.count(report)
		f.own(own, report.Problems)
	}
	f.approvals(m, t.Words)
	return f.catalog()
}

// reportOn checks the words of a merchant's voice. Where they are the shipped ones, these are looked at once in a process.
func reportOn(m *config.Merchant, market string, words *templates.Set) (templates.Report, error) {
	if app.OwnWords(m, market) {
		return words.Check(), nil
	}
	return shippedReport()
}

// shippedReport is what the check finds in the shipped words.
var shippedReport = sync.OnceValues(func() (templates.Report, error) {
	voice, err := app.NewVoice(&config.Merchant{}, "")
	if err != nil {
		return templates.Report{}, err
	}
	return voice.Words.Check(), nil
})

// folders notes folders of words for a market there is not.
func (f *findings) folders(m *config.Merchant) {
	for _, kind := range []string{"locales", "templates"} {
		entries, err := fs.ReadDir(m.Dir, kind)
		if err != nil {
			continue // most merchants have none
		}
		for _, e := range entries {
			if _, ok := m.Markets[e.Name()]; e.IsDir() && !ok {
				f.problem(fmt.Errorf("%s%s/%s is the folder of no market; name it by the code of the market whose words it holds, as in %s/DE", f.at, kind, e.Name(), kind))
			}
		}
	}
}

// count adds up what the templates' check has looked at.
func (f *findings) count(r templates.Report) {
	f.Messages, f.Complete = f.Messages+r.Cells, f.Complete+r.Sound
}

// rules checks that every rule has words and that they make sense together.
func (f *findings) rules(set *templates.Set, markets map[string]*rules.Market) {
	f.Notices, f.Markets = len(set.Keys()), f.Markets+len(markets)
	for _, code := range slices.Sorted(maps.Keys(markets)) {
		for _, r := range markets[code].Rules {
			f.Rules++
			f.rule(set, r)
		}
		f.lint(markets[code])
	}
}

// lint notes what is wrong with a market's rules as a whole.
func (f *findings) lint(m *rules.Market) {
	for _, p := range m.Lint() {
		if p.Remark {
			f.remark(f.at + p.Error())
		} else {
			f.problem(errors.New(f.at + p.Error()))
		}
	}
}

// once notes errors, those with one cause only once: a layout that is broken breaks every notice in every language.
func (f *findings) once(errs []error) {
	count := map[string]int{}
	for _, err := range errs {
		count[cause(err)]++
	}
	for _, err := range errs {
		if n := count[cause(err)]; n > 1 {
			err = fmt.Errorf("%w (and %d more like it)", err, n-1)
		}
		if count[cause(err)] > 0 {
			f.problem(err)
		}
		count[cause(err)] = 0
	}
}

// cause is the innermost error's text.
func cause(err error) string {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err.Error()
}

func (f *findings) rule(set *templates.Set, r *rules.Rule) {
	for _, to := range r.To {
		if !r.Off && !set.Has(r.Say, to) {
			f.problem(fmt.Errorf("%s%s: rule %q says %q, and there are no words of that name for the %s; write notice.%s.title and .lead in your locales, or another name: %s",
				f.at, r.At, r.Name, r.Say, to, r.Say, config.Instead(string(r.Say), names(set.Keys()))))
		}
	}
	if advertises, where := set.Class(r.Say); advertises && r.Class == notify.Transactional && !r.Off && slices.Contains(r.To, notify.Customer) {
		f.problem(fmt.Errorf("%s%s: rule %q says %q, which advertises (%s); write class: marketing beside it, or other words (CLASS_MISMATCH)",
			f.at, r.At, r.Name, r.Say, where))
	}
	if r.Escalate != nil {
		f.remark(fmt.Sprintf("%s%s: rule %q has 'escalate', which is checked and not yet acted on", f.at, r.At, r.Name))
	}
}

// catalog counts the languages; the templates' own check has looked into them.
func (f *findings) catalog() error {
	catalog, err := locales.New()
	if err != nil {
		return err
	}
	f.Locales = len(catalog.Locales())
	return nil
}

// problem notes an error, one line for each of those joined in it. The same one is noted once.
func (f *findings) problem(err error) {
	if err == nil {
		return
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			f.problem(one)
		}
		return
	}
	if s := err.Error(); !slices.Contains(f.Problems, s) {
		f.Problems = append(f.Problems, s)
	}
}

func (f *findings) remark(s string) {
	if !slices.Contains(f.Remarks, s) {
		f.Remarks = append(f.Remarks, s)
	}
}

func (f *findings) print(e Env, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(e.Stdout).Encode(f)
	}
	var b strings.Builder
	for _, s := range f.Remarks {
		fmt.Fprintln(&b, "remark:", s)
	}
	for _, s := range f.Problems {
		fmt.Fprintln(&b, s)
	}
	fmt.Fprintln(&b, f.verdict())
	_, err := fmt.Fprint(e.Stdout, b.String())
	return err
}

// verdict is the last line.
func (f *findings) verdict() string {
	n := len(f.Problems)
	if f.Markets == 0 && n > 0 {
		return fmt.Sprintf("%d to mend; the rest is checked after that", n)
	}
	seen := fmt.Sprintf("checked %d markets, %d rules, %d notices in %d languages; %s of %d messages (notice x channel x language) are complete",
		f.Markets, f.Rules, f.Notices, f.Locales, percent(f.Complete, f.Messages), f.Messages)
	if n > 0 {
		return fmt.Sprintf("%s: %d to mend", seen, n)
	}
	return seen + ": nothing to mend"
}

// percent never rounds up to 100 %.
func percent(part, whole int) string {
	if whole == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%d %%", part*100/whole)
}

func names[T ~string](keys []T) []string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = string(k)
	}
	return words
}
