package rules

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// archive is a case of a test in one file: a comment, then files, each after a line "-- name --".
type archive struct {
	path    string
	comment string
	files   []archived
}

type archived struct{ name, data string }

func readArchive(t testing.TB, path string) *archive {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a := &archive{path: path}
	for line := range strings.Lines(string(b)) {
		name, marked := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "-- ")
		name, closed := strings.CutSuffix(name, " --")
		switch last := len(a.files) - 1; {
		case marked && closed:
			a.files = append(a.files, archived{name: name})
		case last < 0:
			a.comment += line
		default:
			a.files[last].data += line
		}
	}
	return a
}

// write puts data under name, after everything else, and saves the archive.
func (a *archive) write(t *testing.T, name, data string) {
	t.Helper()
	files := slices.DeleteFunc(a.files, func(f archived) bool { return f.name == name })
	var b strings.Builder
	b.WriteString(a.comment)
	for _, f := range append(files, archived{name, data}) {
		b.WriteString("-- " + f.name + " --\n" + f.data)
	}
	if err := os.WriteFile(a.path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
