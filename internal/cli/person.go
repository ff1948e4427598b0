package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/notify"
)

// personCmd is what a customer may ask of the shop.
type personCmd struct {
	Export personExportCmd `cmd:"" help:"Write everything about a customer into a zip file for them."`
	Erase  personEraseCmd  `cmd:"" help:"Erase a customer, as they asked."`
}

// whose names a customer.
type whose struct {
	config.Settings `embed:""`
	Merchant        string `required:"" placeholder:"NAME" help:"Whose customer it is: the merchant's folder."`
	ID              string `arg:"" help:"The customer's id."`
}

func (w whose) options(e Env) app.Options {
	return app.Options{Settings: w.Settings, Getenv: e.Getenv, Now: time.Now}
}

// answer turns somebody unknown into a no, in a sentence.
func (w whose) answer(err error) error {
	if errors.Is(err, app.ErrNobody) {
		return fmt.Errorf("%w at merchant %s", err, w.Merchant)
	}
	return err
}

type personExportCmd struct {
	whose `embed:""`
	Out   string `placeholder:"FILE" help:"File to write; default: standard output."`
}

// Run writes the export, whole or not at all.
func (c personExportCmd) Run(ctx context.Context, e Env) error {
	if c.Out == "" && terminal(e.Stdout) {
		return misuse{errors.New("a zip file is nothing for a terminal; name a file with --out")}
	}
	file, err := app.ExportPerson(ctx, c.options(e), notify.MerchantID(c.Merchant), notify.PersonID(c.ID))
	if err != nil {
		return c.answer(err)
	}
	if c.Out == "" {
		_, err = e.Stdout.Write(file)
		return err
	}
	if err := os.WriteFile(c.Out, file, 0o600); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	_, err = fmt.Fprintf(e.Stdout, "wrote %s, %d bytes; it is for the customer's eyes alone\n", c.Out, len(file))
	return err
}

type personEraseCmd struct {
	whose `embed:""`
	Yes   bool `help:"Do it. There is no way back."`
}

// Run erases and says what became of the customer.
func (c personEraseCmd) Run(ctx context.Context, e Env) error {
	if !c.Yes {
		return misuse{errors.New("there is no way back from an erasure; add --yes, and export first what the customer should get")}
	}
	if err := c.Settings.Check(); err != nil {
		return misuse{err}
	}
	out, err := app.ErasePerson(ctx, c.options(e), notify.MerchantID(c.Merchant), notify.PersonID(c.ID))
	if err != nil {
		return c.answer(err)
	}
	_, err = fmt.Fprintln(e.Stdout, erased(out))
	return err
}

func erased(out notify.Erasure) string {
	if out.Already {
		return fmt.Sprintf("erased before, on %s, and known as %s since", out.At.Format(time.DateOnly), out.Pseudonym)
	}
	said := fmt.Sprintf(`erased, and known as %s from now on
  deleted: addresses %d, acts of consent %d, replies %d, inbox messages %d, browsers %d
  without words now: orders %d, notifications %d
  no longer waiting: deliveries %d`, out.Pseudonym, out.Addresses, out.Consents, out.Replies, out.Cards, out.Browsers, out.Orders, out.Notifications, out.Dropped)
	if out.Lingers {
		said += "\na reader holds the database's log, whose old bytes a running landfall overwrites within the hour"
	}
	return said
}
