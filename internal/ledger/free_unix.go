//go:build linux || darwin

package ledger

import "syscall"

// free is how many bytes a program may still write to the disk of a folder; -1 when that is not known.
func free(dir string) int64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
