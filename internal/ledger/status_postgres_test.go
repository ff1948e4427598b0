package ledger_test

import (
	"testing"
	"time"

	"landfall/internal/ledger"
)

func TestLook_Postgres(t *testing.T) {
	t.Parallel()
	if pg == nil {
		t.Log("there is no PostgreSQL on this machine; CI has one")
		return
	}
	v, err := ledger.Look(t.Context(), pg.New(t))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := v.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := v.Status(t.Context())
	if err != nil || s.Kind != "PostgreSQL" || s.Bytes == 0 || s.Version == 0 || s.Pending != 0 || s.Writable != nil || s.Free != -1 || time.Since(s.Now).Abs() > time.Minute {
		t.Errorf("%+v, %v", s, err)
	}
	nobody, err := ledger.Look(t.Context(), "postgres://u:hunter2@127.0.0.1:1/none")
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	if err := nobody.Ping(t.Context()); err == nil {
		t.Error("a PostgreSQL that is not there answers")
	}
}
