package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"landfall/internal/config"
	"landfall/internal/ledger"
)

// migrateCmd makes and changes the ledger's tables. Serve does so by itself when it starts; this is for whoever wants to do it before.
type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Carry out what is missing; processes that run need not be stopped."`
	Status migrateStatusCmd `cmd:"" help:"List what was carried out and what is missing; exit 1 when anything is."`
}

type migrateUpCmd struct {
	config.Settings `embed:""`
}

// Run carries out the migrations that are missing.
func (c migrateUpCmd) Run(ctx context.Context, e Env) error {
	done, err := ledger.Migrate(ctx, c.Database)
	if err != nil {
		return err
	}
	for _, m := range done {
		fmt.Fprintf(e.Stdout, "%05d  %s\n", m.Version, m.Name)
	}
	if len(done) == 0 {
		fmt.Fprintln(e.Stdout, "nothing is missing")
	}
	return nil
}

type migrateStatusCmd struct {
	config.Settings `embed:""`
	JSON            bool `name:"json" help:"Print as JSON, for programs."`
}

// Run lists the migrations; the answer is no when any is missing.
func (c migrateStatusCmd) Run(ctx context.Context, e Env) error {
	all, err := ledger.Migrations(ctx, c.Database)
	if err != nil {
		return err
	}
	missing := 0
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			missing++
		}
	}
	if c.JSON {
		err = json.NewEncoder(e.Stdout).Encode(all)
	} else {
		printMigrations(e, all, missing)
	}
	if err == nil && missing > 0 {
		return errNo
	}
	return err
}

func printMigrations(e Env, all []ledger.Migration, missing int) {
	for _, m := range all {
		when := "missing"
		if !m.AppliedAt.IsZero() {
			when = m.AppliedAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(e.Stdout, "%05d  %-20s  %s\n", m.Version, when, m.Name)
	}
	if missing > 0 {
		fmt.Fprintf(e.Stdout, "%d missing; landfall migrate up carries them out, and so does landfall serve\n", missing)
	}
}
