package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"sync"
	"time"

	"landfall/dispatcher"
	"landfall/internal/cases"
)

type testCmd struct {
	Dir     string `arg:"" help:"A merchant's folder, a folder of merchants or of market files, or a folder or file of rule tests."`
	Only    string `name:"run" help:"Run only the cases whose name matches." placeholder:"REGEXP"`
	Verbose bool   `short:"v" help:"List every case with its deliveries."`
	JSON    bool   `help:"Print for a program: one object a case, one a line."`
}

// testFile is a file of cases and what came of each.
type testFile struct {
	name    string // as it is shown
	wrong   error  // why it cannot be read
	results []timed
}

// timed is a result and how long it took.
type timed struct {
	cases.Result
	took time.Duration
}

// Run plays the cases of a folder and says of each whether it holds.
func (c testCmd) Run(ctx context.Context, e Env) error {
	only, err := regexp.Compile(c.Only)
	if err != nil {
		return misuse{fmt.Errorf("--run %q is no regular expression; see https://pkg.go.dev/regexp/syntax", c.Only)}
	}
	suites, err := findSuites(c.Dir, e.Getenv)
	if err != nil {
		return err
	}
	var jobs []job
	for _, s := range suites {
		jobs = append(jobs, s.read(only)...)
	}
	work(ctx, jobs)
	return c.print(e, suites)
}

// job is one case to be played, and where its result goes.
type job struct {
	merchant *dispatcher.Merchant
	c        *cases.Case
	into     *timed
}

// read reads the files of a suite and returns the cases to play.
func (s *suite) read(only *regexp.Regexp) (jobs []job) {
	for _, f := range s.files {
		found, err := s.cases(f)
		f.wrong = errors.Join(s.wrong, err)
		if f.wrong != nil {
			continue
		}
		for _, c := range found {
			if only.MatchString(c.Name) {
				f.results = append(f.results, timed{Result: cases.Result{Case: c}})
			}
		}
		for i := range f.results {
			jobs = append(jobs, job{s.merchant, f.results[i].Case, &f.results[i]})
		}
	}
	return jobs
}

// work plays cases, as many at a time as there are processors. Where a result lies does not depend on which is done first.
func work(ctx context.Context, jobs []job) {
	next := make(chan job)
	var done sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		done.Go(func() {
			for j := range next {
				begun := time.Now()
				*j.into = timed{j.c.Play(ctx, j.merchant), time.Since(begun)}
			}
		})
	}
	for _, j := range jobs {
		next <- j
	}
	close(next)
	done.Wait()
}

// failed counts the cases that do not hold, and the file itself when it cannot be read.
func (f *testFile) failed() (n int) {
	if f.wrong != nil {
		return 1
	}
	for _, r := range f.results {
		if !r.OK() {
			n++
		}
	}
	return n
}

func (f *testFile) took() (sum time.Duration) {
	for _, r := range f.results {
		sum += r.took
	}
	return sum
}
