// Command landfall turns every milestone and exception of a cross-border parcel into the right message. See the README, or
// landfall --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"landfall/internal/cli"
)

// version is set by release builds: go build -ldflags "-X main.version=1.0.0".
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, cli.Env{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Version: version})
	stop()
	os.Exit(code)
}
