// Package postgrestest runs a real PostgreSQL for tests, where the machine has one, in a folder that goes with it.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"landfall/internal/queue/redistest"
)

// Available reports whether there is a PostgreSQL to start. In CI its absence is an error: there the tests must not fall back
// to SQLite without a word.
func Available() (bool, error) {
	if folder() != "" {
		return true, nil
	}
	if os.Getenv("CI") != "" {
		return false, errors.New("PostgreSQL is missing; CI needs it: apt-get install postgresql")
	}
	return false, nil
}

// folder is where PostgreSQL's programs are, as Debian puts them or in the PATH; "" for nowhere.
func folder() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // the pattern is none that could be wrong
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return ""
	}
	return filepath.Dir(path)
}

// Server is a PostgreSQL that runs.
type Server struct {
	port, dir string
	owner     *syscall.Credential // nil when the tests' own user may run it
	sync      bool
	cmd       *exec.Cmd
}

// Start makes an empty PostgreSQL on a free port and waits until it serves. Whatever is committed survives a crash of it when
// durable is true. The caller calls Stop.
func Start(durable bool) (*Server, error) { return StartIn("", durable) }

// StartIn is Start with everything kept inside a folder; "" for the machine's own place for what is temporary.
func StartIn(folder string, durable bool) (*Server, error) {
	port, err := redistest.FreePort()
	if err != nil {
		return nil, err
	}
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(folder, "landfall-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{port: port, dir: dir, owner: owner, sync: durable}
	if err := s.make(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.Restart(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// unprivileged is who runs PostgreSQL, which refuses to be run by root.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range [...]string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errU := strconv.ParseUint(u.Uid, 10, 32)
		gid, errG := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errU, errG)
	}
	return nil, errors.New("there is no user to run PostgreSQL as")
}

func (s *Server) make() error {
	if s.owner != nil {
		if err := os.Chown(s.dir, int(s.owner.Uid), int(s.owner.Gid)); err != nil {
			return err
		}
	}
	out, err := s.command("initdb", "--pgdata", s.data(), "--username", "landfall", "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8").CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(folder(), name), args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner, Setpgid: true}
	return cmd
}

// Restart starts a server that was killed or stopped, where it was.
func (s *Server) Restart() error {
	s.cmd = s.command("postgres", "-D", s.data(), "-p", s.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "max_connections=300", "-c", "fsync="+strconv.FormatBool(s.sync), "-c", "full_page_writes="+strconv.FormatBool(s.sync))
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for range 1000 {
		if s.Serves() {
			return nil
		}
		pause := time.NewTimer(20 * time.Millisecond)
		<-pause.C
	}
	s.Kill()
	return fmt.Errorf("PostgreSQL did not start on port %s", s.port)
}

// Serves reports whether the server takes connections.
func (s *Server) Serves() bool {
	return exec.Command(filepath.Join(folder(), "pg_isready"), "-q", "-t", "1", "-d", s.URL("postgres")).Run() == nil
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() {
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGQUIT) // it ends its children, which may share memory with the next
	_ = s.cmd.Wait()
}

// Stop ends the server and removes all it kept.
func (s *Server) Stop() {
	s.Kill()
	_ = os.RemoveAll(s.dir) // nothing in it is wanted any more
}

// URL is a database's address.
func (s *Server) URL(database string) string {
	return "postgres://landfall@127.0.0.1:" + s.port + "/" + database
}

// SQL runs a statement in a database.
func (s *Server) SQL(ctx context.Context, database, statement string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(folder(), "psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-c", statement, s.URL(database))
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("psql: %w: %s", err, out)
	}
	return nil
}

// Dump writes out every row of the database at a URL.
func (s *Server) Dump(ctx context.Context, url string) (string, error) {
	out, err := exec.CommandContext(ctx, filepath.Join(folder(), "pg_dump"), "--data-only", url).Output()
	if err != nil {
		return "", fmt.Errorf("pg_dump: %w", err)
	}
	return string(out), nil
}

// Shared starts the PostgreSQL that all tests of a package share; nil where there is none to start.
func Shared() (*Server, error) {
	there, err := Available()
	if err != nil || !there {
		return nil, err
	}
	return Start(false)
}
