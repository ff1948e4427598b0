// Package cli is Landfall's commands: it reads arguments, calls the part that does the work, prints what came of it, and
// turns errors into one sentence and an exit code. Nothing is decided here.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
)

// The exit codes.
const (
	good  = 0
	no    = 1 // the answer is no: a check failed, a play went wrong
	usage = 2
)

// Env is what a command sees of the process it runs in.
type Env struct {
	Args           []string
	Stdin          io.Reader // read by understand alone
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Version        string
}

// commands is the command line. Each command's Run does the work.
type commands struct {
	Try        tryCmd        `cmd:"" help:"Play a few parcels through everything in one process, with stand-in providers."`
	Serve      serveCmd      `cmd:"" help:"Serve the API and callbacks, and deliver."`
	Check      checkCmd      `cmd:"" help:"Lint rules, templates and locales of a folder."`
	Explain    explainCmd    `cmd:"" help:"Say what an event would send to whom, when, in which words, and why. Sends nothing."`
	Preview    previewCmd    `cmd:"" help:"Show every message on every channel in every language as one HTML page."`
	Test       testCmd       `cmd:"" help:"Run a merchant's own rule tests: given people, orders and events, what is sent to whom?"`
	Understand understandCmd `cmd:"" help:"Say what each message on standard input means, line by line."`
	Person     personCmd     `cmd:"" help:"Export or erase a customer, as they asked."`
	Doctor     doctorCmd     `cmd:"" help:"Check settings, merchants, senders, Redis, database and clock, and say what to mend."`
	Dead       deadCmd       `cmd:"" help:"List, show or send again what could not be delivered."`
	Migrate    migrateCmd    `cmd:"" help:"Make or change the ledger's tables, before serve does so by itself."`
	VAPID      vapidCmd      `cmd:"" name:"vapid" help:"Make a pair of keys for telling browsers of new messages."`
	Version    versionCmd    `cmd:"" help:"Print the version."`

	Printed kong.VersionFlag `name:"version" help:"Print the version."`
}

// errNo is an answer that is no, already printed.
var errNo = errors.New("")

// Run runs one command and returns its exit code.
func Run(ctx context.Context, e Env) (code int) {
	parser, err := newParser(ctx, e)
	if err != nil {
		fmt.Fprintln(e.Stderr, "landfall:", err)
		return usage
	}
	defer func() {
		if p := recover(); p != nil {
			exited, ok := p.(exit)
			if !ok {
				panic(p)
			}
			code = int(exited)
		}
	}()
	command, err := parser.Parse(e.Args)
	if err != nil {
		fmt.Fprintln(e.Stderr, "landfall:", misunderstood(err))
		return usage
	}
	return e.ended(command.Run())
}

// misuse is an error in what a command was given rather than in what it found.
type misuse struct{ error }

// ended turns a command's end into an exit code and, at most, a sentence.
func (e Env) ended(err error) int {
	if err == nil {
		return good
	}
	if errors.Is(err, errNo) {
		return no
	}
	fmt.Fprintln(e.Stderr, "landfall:", err)
	if _, misused := errors.AsType[misuse](err); misused {
		return usage
	}
	return no
}

// misunderstood says what is wrong with the arguments and which command's help explains them.
func misunderstood(err error) string {
	help := "landfall --help"
	parse, ok := errors.AsType[*kong.ParseError](err)
	if ok && parse.Context != nil && parse.Context.Command() != "" {
		command, _, _ := strings.Cut(parse.Context.Command(), " ")
		help = "landfall " + command + " --help"
	}
	said := err.Error()
	if strings.HasPrefix(said, "expected one of ") && ok && parse.Context != nil {
		said = "name a command, one of " + strings.Join(below(parse.Context), ", ")
	}
	said = strings.Replace(said, `expected "<dir>"`, "name the folder to "+strings.Fields(help)[1], 1)
	return said + "; see " + help
}

// below names the commands that may come next.
func below(c *kong.Context) []string {
	at := c.Selected()
	if at == nil {
		at = c.Model.Node
	}
	names := make([]string, len(at.Children))
	for i, child := range at.Children {
		names[i] = child.Name
	}
	return names
}

// exit is how --help leaves the parser: kong calls an exit function that must not return.
type exit int

func newParser(ctx context.Context, e Env) (*kong.Kong, error) {
	return kong.New(&commands{},
		kong.Name("landfall"),
		kong.Description("Word of every parcel that crosses the sea."),
		kong.Writers(e.Stdout, e.Stderr),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Configuration(settingsFile(e.Getenv), "landfall.yaml"),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(e),
		kong.Vars{"version": e.release()},
	)
}

type versionCmd struct{}

// Run prints the version of Landfall and of Go.
func (versionCmd) Run(e Env) error {
	_, err := fmt.Fprintln(e.Stdout, e.release())
	return err
}

// release names Landfall's version and Go's.
func (e Env) release() string { return fmt.Sprintf("landfall %s (%s)", e.version(), runtime.Version()) }

// version is the release's, or the commit it was built from.
func (e Env) version() string {
	info, ok := debug.ReadBuildInfo()
	if e.Version != "dev" || !ok {
		return e.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "dev-" + s.Value[:min(len(s.Value), 12)]
		}
	}
	return e.Version
}

func (e Env) logger(level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(e.Stderr, &slog.HandlerOptions{Level: l}))
}
