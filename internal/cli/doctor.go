package cli

import (
	"context"
	"io"
	"log/slog"
	"time"

	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/doctor"
)

type doctorCmd struct {
	config.Settings `embed:""`
	Online          bool `help:"Also call the providers, the public URL and the name server; nothing is sent to anybody."`
	JSON            bool `name:"json" help:"Print for a program."`
}

// Run examines what serve would run with. Its answer is no when there is a fault.
func (c doctorCmd) Run(ctx context.Context, e Env) error {
	silent := slog.New(slog.NewTextHandler(io.Discard, nil))
	app.RouteLog(silent)
	findings := app.Examine(ctx, app.Options{Settings: c.Settings, Getenv: e.Getenv, Now: time.Now, Log: silent}, c.Online)
	show := doctor.Print
	if c.JSON {
		show = doctor.PrintJSON
	}
	if err := show(e.Stdout, findings); err != nil {
		return err
	}
	if faults, _ := doctor.Count(findings); faults > 0 {
		return errNo
	}
	return nil
}
