package ledger

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// modernc.org/sqlite is C translated for one exact modernc.org/libc; its authors warn that any other may corrupt data.
func TestLibcIsTheOneSQLiteAsksFor(t *testing.T) {
	t.Parallel()
	got := list(t, "modernc.org/libc", "{{.Version}}")
	data, err := os.ReadFile(list(t, "modernc.org/sqlite", "{{.GoMod}}"))
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(`(?m)^\s*modernc\.org/libc (v\S+)`).FindSubmatch(data)
	if wanted == nil {
		t.Fatal("modernc.org/sqlite names no modernc.org/libc any more")
	}
	if got != string(wanted[1]) {
		t.Errorf("go.mod has modernc.org/libc %s, modernc.org/sqlite asks for %s", got, wanted[1])
	}
}

// list asks the go command about a module of the build, without the network.
func list(t *testing.T, module, format string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", format, module)
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}
