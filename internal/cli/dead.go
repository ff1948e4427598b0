package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"landfall/dispatcher"
	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/report"
)

// deadCmd is what could not be delivered and will not be tried further.
type deadCmd struct {
	List  deadListCmd  `cmd:"" help:"List what could not be delivered, the latest first."`
	Show  deadShowCmd  `cmd:"" help:"Show one dead letter with every decision about it."`
	Retry deadRetryCmd `cmd:"" help:"Send dead letters again, through every gate."`
}

// graveyard is whose dead letters, and where.
type graveyard struct {
	config.Settings `embed:""`
	Merchant        string `required:"" placeholder:"NAME" help:"Whose: the merchant's folder."`
	JSON            bool   `name:"json" help:"Print as JSON, for programs."`
}

func (g graveyard) options(e Env) app.Options {
	return app.Options{Settings: g.Settings, Getenv: e.Getenv, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func (g graveyard) letters(ctx context.Context, e Env, f ledger.DeadFilter) (ledger.DeadPage, error) {
	return app.DeadLetters(ctx, g.options(e), notify.MerchantID(g.Merchant), f)
}

// which narrows the dead letters.
type which struct {
	Channel string    `placeholder:"CHANNEL" help:"Only those that failed on this channel."`
	Reason  string    `placeholder:"CODE" help:"Only those that failed for this reason, such as PROVIDER_REJECTED or PROVIDER_REJECTED:21617."`
	Person  string    `placeholder:"ID" help:"Only this customer's."`
	Order   string    `placeholder:"ID" help:"Only those about this order."`
	Since   time.Time `placeholder:"TIME" help:"Only those that ended since, such as 2026-12-01T00:00:00Z."`
}

func (w which) filter() ledger.DeadFilter {
	return ledger.DeadFilter{Channel: notify.Channel(w.Channel), Reason: notify.Reason(w.Reason), Person: notify.PersonID(w.Person), Order: parcel.OrderID(w.Order), Since: w.Since}
}

// check knows the channels.
func (w which) check() error {
	if c := notify.Channel(w.Channel); c != "" && !c.Known() {
		return misuse{fmt.Errorf("%q is no channel; %s", w.Channel, config.Instead(w.Channel, names(notify.Channels())))}
	}
	return nil
}

type deadListCmd struct {
	graveyard `embed:""`
	which     `embed:""`
	Limit     int `default:"50" help:"How many at most; 0 for all."`
}

// Run lists dead letters, a line each.
func (c deadListCmd) Run(ctx context.Context, e Env) error {
	if err := c.check(); err != nil {
		return err
	}
	f := c.filter()
	f.Limit = c.Limit
	page, err := c.letters(ctx, e, f)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(e.Stdout).Encode(append([]report.Row{}, report.Rows(page.Letters)...))
	}
	for _, l := range page.Letters {
		if _, err := fmt.Fprintln(e.Stdout, epitaph(l)); err != nil {
			return err
		}
	}
	switch {
	case len(page.Letters) == 0:
		_, err = fmt.Fprintln(e.Stdout, "nothing is dead here")
	case page.Next != "":
		_, err = fmt.Fprintf(e.Stdout, "and more; --limit=0 lists all\n")
	}
	return err
}

// epitaph is a dead letter in one line.
func epitaph(l report.Told) string {
	last := l.Deliveries[len(l.Deliveries)-1]
	for _, d := range l.Deliveries {
		if d.State == notify.Failed || d.State == notify.UnknownSt {
			last = d
		}
	}
	return fmt.Sprintf("%s  %s  %-8s  %s to %s, order %s: %s (%s)", l.Notification.ID, last.UpdatedAt.UTC().Format(time.RFC3339), last.Channel,
		l.Notification.Notice.Say, l.Notification.Person, l.Notification.Order, last.Reason.Means(), last.Reason)
}

type deadShowCmd struct {
	graveyard `embed:""`
	ID        string `arg:"" help:"The notification's id."`
}

// Run shows one dead letter.
func (c deadShowCmd) Run(ctx context.Context, e Env) error {
	page, err := c.letters(ctx, e, ledger.DeadFilter{ID: notify.NotificationID(c.ID)})
	if err != nil {
		return err
	}
	if len(page.Letters) == 0 {
		return fmt.Errorf("no dead letter of %s has this id; landfall dead list shows what there is", c.Merchant)
	}
	rows := report.Rows(page.Letters)
	if c.JSON {
		return json.NewEncoder(e.Stdout).Encode(rows)
	}
	if err := printRows(e.Stdout, "", rows); err != nil {
		return err
	}
	for _, d := range rows[0].Decisions {
		if _, err := fmt.Fprintf(e.Stdout, "%s  %-5s  %-8s  %s (%s) %s\n", d.At.UTC().Format(time.RFC3339), d.Verdict, d.Channel, d.Reason.Means(), d.Reason, d.Detail); err != nil {
			return err
		}
	}
	return nil
}

type deadRetryCmd struct {
	graveyard   `embed:""`
	which       `embed:""`
	IDs         []string `arg:"" optional:"" name:"id" help:"The notifications' ids."`
	All         bool     `help:"All that the filters leave; without a filter, all there are."`
	Yes         bool     `help:"With --all and no filter: really all."`
	EvenInDoubt bool     `help:"Also what the provider may have taken: it may reach the person twice."`
}

// Run sends dead letters again. Its answer is no when one of them was refused.
func (c deadRetryCmd) Run(ctx context.Context, e Env) error {
	ids, err := c.chosen(ctx, e)
	if err != nil {
		return err
	}
	var all []dispatcher.Retried
	refused, progress := 0, progressOn(e, len(ids))
	err = app.RetryDead(ctx, c.options(e), notify.MerchantID(c.Merchant), ids, c.EvenInDoubt, func(r dispatcher.Retried) error {
		all = append(all, r)
		if r.Outcome == dispatcher.RetryRefused || r.Outcome == dispatcher.RetryNotDead {
			refused++
		}
		progress(len(all))
		if c.JSON {
			return nil
		}
		_, err := fmt.Fprintln(e.Stdout, resurrection(r))
		return err
	})
	if err == nil && c.JSON {
		err = json.NewEncoder(e.Stdout).Encode(append([]dispatcher.Retried{}, all...))
	}
	if err == nil && refused > 0 {
		return errNo
	}
	return err
}

// chosen are the letters meant.
func (c deadRetryCmd) chosen(ctx context.Context, e Env) ([]notify.NotificationID, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if (len(c.IDs) == 0) != c.All {
		return nil, misuse{errors.New("name the notifications, or add --all for everything that the filters leave")}
	}
	if c.All && !c.Yes && c.which == (which{}) {
		return nil, misuse{errors.New("this sends every dead letter again; add --yes, or a filter such as --reason")}
	}
	ids := make([]notify.NotificationID, len(c.IDs))
	for i, id := range c.IDs {
		ids[i] = notify.NotificationID(id)
	}
	if !c.All {
		return ids, nil
	}
	page, err := c.letters(ctx, e, c.filter())
	for _, l := range page.Letters {
		ids = append(ids, l.Notification.ID)
	}
	return ids, err
}

// resurrection says what became of a letter.
func resurrection(r dispatcher.Retried) string {
	switch r.Outcome {
	case dispatcher.RetryQueued:
		return fmt.Sprintf("%s  goes again by %s", r.Notification, r.Channel)
	case dispatcher.RetryHeld:
		return fmt.Sprintf("%s  goes again by %s at %s: %s", r.Notification, r.Channel, r.Until.UTC().Format(time.RFC3339), r.Reason.Means())
	case dispatcher.RetryRefused:
		return fmt.Sprintf("%s  stays: %s (%s)", r.Notification, r.Reason.Means(), r.Reason)
	}
	return fmt.Sprintf("%s  is no dead letter, or not any more", r.Notification)
}

// progressOn shows how far a long list has come, on a terminal.
func progressOn(e Env, all int) func(done int) {
	return func(done int) {
		if all > 1 && terminal(e.Stderr) && (done%100 == 0 || done == all) {
			fmt.Fprintf(e.Stderr, "%d of %d\n", done, all)
		}
	}
}
