package cli_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"landfall/internal/cli"
)

func migrate(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, err bytes.Buffer
	code := cli.Run(t.Context(), cli.Env{Stdout: &out, Stderr: &err, Getenv: func(string) string { return "" }, Version: "1", Args: append([]string{"migrate"}, args...)})
	return code, out.String(), err.String()
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	database := "--database=sqlite:" + filepath.Join(t.TempDir(), "l.db")
	if code, out, _ := migrate(t, "status", database); code != 1 || !strings.Contains(out, "00001  missing") || !strings.Contains(out, "landfall migrate up") {
		t.Errorf("before: exit %d: %s", code, out)
	}
	if code, out, err := migrate(t, "up", database); code != 0 || !strings.Contains(out, "00001  initial") {
		t.Errorf("up: exit %d: %s%s", code, out, err)
	}
	if code, out, _ := migrate(t, "up", database); code != 0 || out != "nothing is missing\n" {
		t.Errorf("up again: exit %d: %s", code, out)
	}
	if code, out, _ := migrate(t, "status", "--json", database); code != 0 || !strings.HasPrefix(out, `[{"version":1,"name":"initial","applied_at":"20`) {
		t.Errorf("after: exit %d: %s", code, out)
	}
	if code, _, err := migrate(t, "up", "--database=mysql://u:hunter2@x"); code != 1 || !strings.Contains(err, "postgres://USER:PASSWORD@HOST/NAME") || strings.Contains(err, "hunter2") {
		t.Errorf("another database: exit %d: %s", code, err)
	}
}
