package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
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
	config.Settings `embed:""`
	Merchant        string `placeholder:"NAME" help:"Whose customer it is: the merchant's folder."`
	ID              string `arg:"" optional:"" help:"The customer's id."`
	Replay          string `placeholder:"FILE" help:"Erase again everybody in a list, a merchant and an id a line: after a backup was restored."`
	Yes             bool   `help:"Do it. There is no way back."`
}

// Run erases and says what became of the customer.
func (c personEraseCmd) Run(ctx context.Context, e Env) error {
	if err := c.check(); err != nil {
		return misuse{err}
	}
	if c.Replay != "" {
		return c.replay(ctx, e)
	}
	w := c.whose(c.Merchant, c.ID)
	out, err := w.erase(ctx, e)
	if err != nil {
		return w.answer(err)
	}
	_, err = fmt.Fprintln(e.Stdout, erased(out))
	return err
}

func (c personEraseCmd) check() error {
	one := c.Merchant != "" && c.ID != ""
	switch {
	case c.Replay == "" && !one:
		return errors.New("name the merchant with --merchant and the customer by id, or a list of both with --replay; see landfall person erase --help")
	case c.Replay != "" && (c.Merchant != "" || c.ID != ""):
		return errors.New("the list of --replay names merchants and customers; leave out --merchant and the id")
	case !c.Yes:
		return errors.New("there is no way back from an erasure; add --yes, and export first what the customer should get")
	}
	return c.Settings.Check()
}

func (c personEraseCmd) whose(merchant, id string) whose {
	return whose{Settings: c.Settings, Merchant: merchant, ID: id}
}

func (w whose) erase(ctx context.Context, e Env) (notify.Erasure, error) {
	return app.ErasePerson(ctx, w.options(e), notify.MerchantID(w.Merchant), notify.PersonID(w.ID))
}

// replay erases everybody in the list. Who was erased before is left as they are, so a list that broke off is run again.
func (c personEraseCmd) replay(ctx context.Context, e Env) error {
	data, err := os.ReadFile(c.Replay)
	if err != nil {
		return misuse{fmt.Errorf("the list %s cannot be read; check its path and rights", c.Replay)}
	}
	all, err := listed(string(data))
	if err != nil {
		return misuse{fmt.Errorf("%s:%w", c.Replay, err)}
	}
	anew, before, unknown := 0, 0, 0
	for _, one := range all {
		out, err := c.whose(one.merchant, one.id).erase(ctx, e)
		switch {
		case errors.Is(err, app.ErrNobody):
			unknown++
		case err != nil:
			return fmt.Errorf("%s:%d: %w (erased before that: %d)", c.Replay, one.line, err, anew)
		case out.Already:
			before++
		default:
			anew++
		}
	}
	_, err = fmt.Fprintf(e.Stdout, "erased %d; erased before %d; not known here %d\n", anew, before, unknown)
	return err
}

// request is one line of a list of requests.
type request struct {
	line         int
	merchant, id string
}

// listed reads a merchant and an id a line; empty lines and those that begin with # are passed over.
func listed(text string) ([]request, error) {
	var out []request
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.IndexAny(line, " \t")
		if at < 0 {
			return nil, fmt.Errorf("%d: this is no merchant and id; write them with a space between, as in: acme mei", n)
		}
		out = append(out, request{n, line[:at], strings.TrimSpace(line[at:])})
	}
	return out, nil
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
