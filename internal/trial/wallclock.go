package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed wallclock.go.txt
var wallClock []byte

// movable has Landfall built with a standard library whose wall clock can be set while it runs, for it alone: everything in it, its
// libraries too, then sees the clock jump as after a wrong time server, and the monotonic clock go on. It returns the arguments for go build.
func movable(ctx context.Context, dir string) ([]string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(strings.TrimSpace(string(out)), "src", "time")
	source, err := os.ReadFile(filepath.Join(folder, "time.go"))
	if err != nil {
		return nil, err
	}
	const reads = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	if !strings.Contains(string(source), reads) {
		return nil, errors.New("this Go reads its clock in another way; look at func Now in its package time and mend wallclock.go")
	}
	with := strings.Replace(string(source), reads, reads+"\tsec += setAhead()\n", 1)
	now, more, overlay := filepath.Join(dir, "time.go"), filepath.Join(dir, "wallclock.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(folder, "time.go"): now, filepath.Join(folder, "wallclock.go"): more}})
	if err != nil {
		return nil, err
	}
	return []string{"-overlay", overlay}, errors.Join(os.WriteFile(now, []byte(with), 0o600), os.WriteFile(more, wallClock, 0o600), os.WriteFile(overlay, list, 0o600))
}

// clock is the file by which a place in the fleet is told what time it is.
func (f *fleet) clock(m *member) string {
	return filepath.Join(f.o.scratchDir, "clock-"+strings.ReplaceAll(m.listen, ":", "-"))
}

// setClock puts the clock of whatever runs in a place ahead of what it should be.
func (f *fleet) setClock(m *member, ahead time.Duration) error {
	next := f.clock(m) + ".next"
	if err := os.WriteFile(next, []byte(strconv.Itoa(int(ahead/time.Second))), 0o600); err != nil {
		return err
	}
	return os.Rename(next, f.clock(m)) // at once, so that nobody reads half of it
}

// setClocks puts all clocks right.
func (f *fleet) setClocks() error {
	var errs []error
	for _, m := range f.members {
		errs = append(errs, f.setClock(m, 0))
	}
	return errors.Join(errs...)
}
