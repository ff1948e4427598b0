package cli

import (
	"context"
	"errors"
	"fmt"

	"landfall/internal/app"
	"landfall/internal/config"
)

type serveCmd struct {
	config.Settings `embed:""`
	Role            string `enum:"all,api,worker" default:"all" env:"LANDFALL_ROLE" help:"What this process does: api takes requests, worker sends, all does both. Several processes share a PostgreSQL and a Redis."`
	PrintConfig     bool   `help:"Print the settings in force, secrets masked, and stop."`
}

// Run serves until it is told to stop, then finishes what it holds.
func (c serveCmd) Run(ctx context.Context, e Env) error {
	if c.PrintConfig {
		_, err := fmt.Fprint(e.Stdout, c.Settings.Print())
		return err
	}
	if err := c.Settings.Check(); err != nil {
		return misuse{err}
	}
	log := e.logger(c.LogLevel)
	app.RouteLog(log)
	a, err := app.New(ctx, app.Options{Settings: c.Settings, Getenv: e.Getenv, Log: log, Version: e.version(), Role: app.Role(c.Role)})
	if err != nil {
		return err
	}
	if err := a.Start(); err != nil {
		return errors.Join(err, a.Close())
	}
	log.Info("landfall is serving", "role", c.Role, "address", a.URL(), "public_url", c.PublicURL, "redis", redisKind(c.Redis))
	<-ctx.Done()
	log.Info("landfall is stopping; deliveries under way are finished first")
	return a.Close()
}

// redisKind names the setting without what may be secret in it.
func redisKind(setting string) string {
	if setting == "embedded" {
		return setting
	}
	return "external"
}
