package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// disk is a file system of its own, which can be full when nothing else is.
type disk struct{ dir string }

// roomy is the size of a disk that is not full; it is memory, and used only as far as it is written to.
const roomy = "8g"

// newDisk mounts a disk, which only root may; the error says why there is none.
func newDisk(scratch string) (*disk, error) {
	d := &disk{filepath.Join(scratch, "disk")}
	if err := os.Mkdir(d.dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.Chmod(scratch, 0o711); err != nil { // PostgreSQL is another user, who has to get to it
		return nil, err
	}
	return d, d.mount("size=" + roomy)
}

func (d *disk) mount(options string) error {
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "landfall-trial", d.dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("mount: %s", strings.TrimSpace(string(out)))
	}
	return nil
}

// fill leaves no room on the disk; what is in use decides, so it is tried again while that grows.
func (d *disk) fill() error {
	var errs []error
	for range 20 {
		out, err := exec.Command("df", "--output=used", "-k", d.dir).Output()
		if err != nil {
			return err
		}
		_, used, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		kb, err := strconv.Atoi(strings.TrimSpace(used))
		if err != nil {
			return err
		}
		if err = d.mount(fmt.Sprintf("remount,size=%dk", kb+4)); err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (d *disk) free() error { return d.mount("remount,size=" + roomy) }

func (d *disk) remove() { _ = exec.Command("umount", "-l", d.dir).Run() } // nothing on it is wanted any more

// diskFull lets PostgreSQL run out of room for a second. It may give up then, and is started again by who minds it.
func (f *fleet) diskFull(ctx context.Context) error {
	if err := f.o.disk.fill(); err != nil {
		return err
	}
	pause(ctx, time.Second)
	if err := f.o.disk.free(); err != nil {
		return err
	}
	if f.o.postgres.Serves() {
		return nil
	}
	f.o.postgres.Kill()
	return f.o.postgres.Restart()
}
