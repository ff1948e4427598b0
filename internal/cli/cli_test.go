package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"landfall/internal/cli"
	"landfall/internal/config"
	"landfall/internal/play"
)

// result is what a command left behind.
type result struct {
	code     int
	out, err string
}

// landfall runs a command as the program would.
func landfall(t *testing.T, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	code := cli.Run(t.Context(), cli.Env{Args: args, Stdout: &out, Stderr: &err, Getenv: os.Getenv, Version: "1.2.3"})
	return result{code, out.String(), err.String()}
}

// sentence insists on an exit code and one sentence on standard error, with nothing on standard output.
func (r result) sentence(t *testing.T, code int, want string) {
	t.Helper()
	if r.code != code || r.err != "landfall: "+want+"\n" || r.out != "" {
		t.Errorf("exit %d, standard error:\n%sstandard output:\n%swant exit %d and: landfall: %s", r.code, r.err, r.out, code, want)
	}
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"no command":       {nil, "name a command, one of try, serve, check, explain, preview, test, understand, person, doctor, dead, migrate, vapid, version; see landfall --help"},
		"person: nothing":  {[]string{"person"}, "name a command, one of export, erase; see landfall person --help"},
		"no such command":  {[]string{"chek"}, `unexpected argument chek, did you mean "check"?; see landfall --help`},
		"no such flag":     {[]string{"try", "--nope"}, "unknown flag --nope; see landfall try --help"},
		"no folder":        {[]string{"check"}, "name the folder to check; see landfall check --help"},
		"no tests":         {[]string{"test"}, "name the folder to test; see landfall test --help"},
		"no expression":    {[]string{"test", ".", "--run=("}, `--run "(" is no regular expression; see https://pkg.go.dev/regexp/syntax`},
		"two folders":      {[]string{"check", "a", "b"}, "unexpected argument b; see landfall check --help"},
		"explain: nothing": {[]string{"explain"}, "missing flags: --at=TIME, --config=DIR, --event=FILE; see landfall explain --help"},
		"explain: no time": {[]string{"explain", "--config=x", "--event=x", "--at=noon"}, `--at: "noon" is no time; write it as 2026-12-02T03:00:00Z; see landfall explain --help`},
		"try: no Redis":    {[]string{"try", "--redis=foo"}, "try: --redis is no address of a Redis; write it as redis://127.0.0.1:6379, or leave it out; see landfall try --help"},
		"serve: no key":    {[]string{"serve"}, "LANDFALL_SECRET_KEY is not set; set it to at least 32 random characters, for example from: openssl rand -hex 32"},
		"serve: role":      {[]string{"serve", "--role=captain"}, `--role must be one of "all","api","worker" but got "captain"; see landfall serve --help`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			landfall(t, tt.args...).sentence(t, 2, tt.want)
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, asked := range []string{"version", "--version"} {
		if r := landfall(t, asked); r.code != 0 || !strings.HasPrefix(r.out, "landfall 1.2.3 (go1.") || !strings.HasSuffix(r.out, ")\n") || r.err != "" {
			t.Errorf("%s: %+v", asked, r)
		}
	}
}

// What it prints is a pair that serve takes.
func TestVAPID(t *testing.T) {
	t.Chdir(t.TempDir())
	r := landfall(t, "vapid")
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	if r.code != 0 || r.err != "" || len(lines) != 2 {
		t.Fatalf("%+v", r)
	}
	t.Setenv("LANDFALL_VAPID_SUBJECT", "ops@shop.example")
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "=")
		t.Setenv(name, value)
	}
	printed := landfall(t, "serve", "--print-config")
	if _, private, _ := strings.Cut(lines[1], "="); printed.code != 0 || strings.Contains(printed.out, private) || !strings.Contains(printed.out, `vapid-private-key: "(set)"`) {
		t.Errorf("%+v", printed)
	}
}

// bare is a flag whose help is nothing but its variable.
var bare = regexp.MustCompile(`(?m)^ +--\S+ +\(\$`)

func TestHelp(t *testing.T) {
	t.Parallel()
	for command, wants := range map[string][]string{
		"":        {"try", "serve", "check", "explain", "version"},
		"try":     {"--once", "--json", "--listen", "--redis"},
		"check":   {"<dir>", "--json"},
		"explain": {"--config=DIR", "--event=FILE", "--person=FILE", "--history=FILE", "--at=TIME", "--json"},
		"version": {"Print the version."},
		"serve": {"--role", "--print-config", "$LANDFALL_LISTEN", "$LANDFALL_DATABASE", "$LANDFALL_REDIS", "$LANDFALL_MERCHANTS", "$LANDFALL_PUBLIC_URL",
			"$LANDFALL_SECRET_KEY", "$TWILIO_BASE_URL", "$LINE_BASE_URL", "$LINE_DATA_BASE_URL", "$SMTP_HOST", "$SMTP_PORT", "$SMTP_TLS", "$SMTP_CA_FILE",
			"$SMTP_SERVER_NAME", "$TWILIO_ACCOUNT_SID", "$TWILIO_AUTH_TOKEN", "$TWILIO_API_KEY", "$TWILIO_API_SECRET", "$LINE_CHANNEL_TOKEN",
			"$LINE_CHANNEL_SECRET", "$SMTP_USER", "$SMTP_PASSWORD", "$SMTP_ENVELOPE_FROM"},
	} {
		r := landfall(t, strings.Fields(command+" --help")...)
		if r.code != 0 || r.err != "" || bare.MatchString(r.out) {
			t.Errorf("%s --help: exit %d, %s; a setting has no words of its own?\n%s", command, r.code, r.err, r.out)
		}
		for _, want := range wants {
			if !strings.Contains(r.out, want) {
				t.Errorf("%s --help does not mention %s", command, want)
			}
		}
	}
}

// Flags win over variables, variables over landfall.yaml, that over the defaults.
func TestServe_PrintConfig(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "landfall.yaml", "listen: file:1\ndatabase: sqlite:file.db\npublic-url: http://file.example\nsmtp-port: 2525\n")
	t.Setenv("LANDFALL_DATABASE", "sqlite:variable.db")
	t.Setenv("LANDFALL_PUBLIC_URL", "http://variable.example")
	t.Setenv("LANDFALL_SECRET_KEY", "hunter2hunter2hunter2hunter2hunter2")
	t.Setenv("LANDFALL_REDIS", "redis://user:hunter2@redis.example")
	r := landfall(t, "serve", "--print-config", "--public-url=http://flag.example")
	for _, want := range []string{`public-url: "http://flag.example"`, `database: "sqlite:variable.db"`, `listen: "file:1"`, "smtp-port: 2525",
		`merchants: "./merchants"`, `secret-key: "(set)"`} {
		if !strings.Contains(r.out, want+"\n") {
			t.Errorf("%s is missing", want)
		}
	}
	if r.code != 0 || r.err != "" || strings.Contains(r.out, "hunter2") {
		t.Errorf("exit %d, %s\n%s", r.code, r.err, r.out)
	}
}

func TestSettingsFile_Mistakes(t *testing.T) {
	t.Chdir(t.TempDir())
	for text, want := range map[string]string{
		"lissen: x\n": `landfall.yaml: "lissen" is no setting; did you mean "listen"?`,
		"once: yes\n": `landfall.yaml: "once" is no setting; use one of listen, database, redis`,
		"- listen\n":  "landfall.yaml",
		"listen: [\n": "landfall.yaml",
	} {
		write(t, "landfall.yaml", text)
		r := landfall(t, "serve", "--print-config")
		if r.code != 2 || !strings.Contains(r.err, want) || strings.Count(r.err, "\n") != 1 || r.out != "" {
			t.Errorf("%q: exit %d, %s%s", text, r.code, r.err, r.out)
		}
	}
}

// bell rings when something is written that holds words.
type bell struct {
	words string
	rung  chan struct{}
	text  bytes.Buffer
}

func (b *bell) Write(p []byte) (int, error) {
	b.text.Write(p)
	if bytes.Contains(p, []byte(b.words)) {
		close(b.rung)
	}
	return len(p), nil
}

func TestServe_UntilToldToStop(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acme := filepath.Join(dir, "merchants", "acme")
	copyAcme(t, acme)
	rekey(t, filepath.Join(acme, "merchant.yaml"))
	stderr := &bell{words: "landfall is serving", rung: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		ended <- cli.Run(ctx, cli.Env{Stdout: &bytes.Buffer{}, Stderr: stderr, Getenv: play.Getenv, Version: "1", Args: []string{"serve", "--listen=127.0.0.1:0",
			"--database=sqlite:" + filepath.Join(dir, "l.db"), "--merchants=" + filepath.Join(dir, "merchants"), "--secret-key=0123456789abcdef0123456789abcdef",
			"--twilio-account-sid=AC1", "--twilio-auth-token=t", "--line-channel-token=t", "--line-channel-secret=s", "--smtp-host=127.0.0.1", "--smtp-tls=none"}})
	}()
	select {
	case <-stderr.rung:
	case code := <-ended:
		t.Fatalf("it ended with %d: %s", code, &stderr.text)
	}
	stop()
	if code := <-ended; code != 0 || strings.Contains(stderr.text.String(), "ERROR") || strings.Contains(stderr.text.String(), "0123456789abcdef") {
		t.Errorf("exit %d:\n%s", code, &stderr.text)
	}
}

func write(t *testing.T, file, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// rekey puts another key into a copy of the sample merchant's file, as whoever copies it must.
func rekey(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.ReplaceAll(string(text), config.SampleKeySHA256, strings.Repeat("ab", 32)))
}

func TestServe_RefusesTheSampleKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copyAcme(t, filepath.Join(dir, "acme"))
	var out, err bytes.Buffer
	code := cli.Run(t.Context(), cli.Env{Stdout: &out, Stderr: &err, Getenv: play.Getenv, Version: "1", Args: []string{"serve", "--listen=127.0.0.1:0",
		"--database=sqlite:" + filepath.Join(dir, "l.db"), "--merchants=" + dir, "--secret-key=0123456789abcdef0123456789abcdef"}})
	if code != 1 || !strings.Contains(err.String(), `acme/merchant.yaml:13:5: api key "shop" is the sample merchant's, which everybody knows; put`) {
		t.Errorf("exit %d: %s", code, &err)
	}
}

// copyAcme writes the sample merchant's folder.
func copyAcme(t *testing.T, dir string) {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS("../play/acme")); err != nil {
		t.Fatal(err)
	}
}
