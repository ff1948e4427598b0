package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// inFile makes a ledger and returns its file.
func inFile(t *testing.T) (*Ledger, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a b.db")
	book, err := Open(t.Context(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	return book, file
}

func status(t *testing.T, file string) Status {
	t.Helper()
	v, err := Look(t.Context(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := v.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := v.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLook(t *testing.T) {
	t.Parallel()
	_, file := inFile(t) // and it stays open, as beside a running Landfall
	there, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	s := status(t, file)
	if s.Kind != "SQLite" || s.Bytes == 0 || s.Version != there[len(there)-1] || s.Pending != 0 || s.Newer || s.Writable != nil || s.Free <= 0 || !s.Now.IsZero() {
		t.Errorf("%+v", s)
	}
}

func TestLook_OldAndNew(t *testing.T) {
	t.Parallel()
	book, file := inFile(t)
	there, _ := ours()
	last := there[len(there)-1]
	for _, c := range []struct {
		change  string
		pending int
		version int64
		newer   bool
	}{
		{`delete from goose_db_version where version_id = 1`, 1, last, false},
		{`update goose_db_version set version_id = 99999 where version_id = (select max(version_id) from goose_db_version)`, 2, 99999, true},
		{`drop table goose_db_version`, len(there), 0, false},
	} {
		if _, err := book.db.(*committer).conn.ExecContext(t.Context(), c.change); err != nil {
			t.Fatal(err)
		}
		if s := status(t, file); s.Pending != c.pending || s.Newer != c.newer || s.Version != c.version {
			t.Errorf("after %s: %+v", c.change, s)
		}
	}
}

// Who looks makes nothing and migrates nothing.
func TestLook_LeavesItAsItIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Look(t.Context(), "sqlite:"+filepath.Join(dir, "none.db")); !errors.Is(err, ErrNone) {
		t.Errorf("Look = %v, want ErrNone", err)
	}
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	there, _ := ours()
	if s := status(t, empty); s.Pending != len(there) || s.Version != 0 {
		t.Errorf("%+v", s)
	}
	if left, err := os.ReadDir(dir); len(left) != 1 || err != nil {
		t.Errorf("%v lies there, %v", left, err)
	}
	if info, err := os.Stat(empty); err != nil || info.Size() != 0 {
		t.Errorf("the look wrote %d bytes, %v", info.Size(), err)
	}
}

func TestLook_Broken(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(file, []byte("this is text, and long enough to be taken for the head of a database, had it that form at all; it does not have it"), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := Look(t.Context(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := v.Ping(t.Context()); err == nil {
		t.Error("a text answers as a database")
	}
	if _, err := Look(t.Context(), "mysql://u:hunter2@h/d"); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("Look = %v", err)
	}
}

// A writer that does not end keeps others from writing, and the status says so.
func TestLook_NotWritable(t *testing.T) {
	t.Parallel()
	book, file := inFile(t)
	busy := book.db.(*committer).conn
	if _, err := busy.ExecContext(t.Context(), `begin immediate`); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = busy.ExecContext(context.Background(), `rollback`) }()
	if s := status(t, file); s.Writable == nil {
		t.Error("it can be written to while somebody else writes")
	}
}

// A newer release has migrated the ledger: this one goes on, since it finds what it needs, and can say so.
func TestOpen_AfterANewerRelease(t *testing.T) {
	t.Parallel()
	book, file := inFile(t)
	if v := book.Ahead(); v != 0 {
		t.Errorf("its own migrations put it ahead: %d", v)
	}
	if _, err := book.db.(*committer).conn.ExecContext(t.Context(), `insert into goose_db_version (version_id, is_applied) values (99999, 1)`); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if v := again.Ahead(); v != 99999 {
		t.Errorf("ahead by migration %d, want 99999", v)
	}
}
