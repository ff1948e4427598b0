package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"landfall/internal/config"
	"landfall/internal/ledger"
	"landfall/internal/notify"
	"landfall/internal/subject"
	"landfall/rules"
)

// ErrNobody says that a merchant has no such customer.
var ErrNobody = errors.New("no customer has this id")

// ErasePerson forgets a customer, in the ledger of a Landfall that may be running or not.
func ErasePerson(ctx context.Context, o Options, m notify.MerchantID, p notify.PersonID) (out notify.Erasure, err error) {
	if err := o.Settings.Check(); err != nil {
		return out, err
	}
	if err := folderOf(o.Settings.Merchants, m); err != nil {
		return out, err
	}
	err = withLedger(ctx, o.Settings, func(book *ledger.Ledger) error {
		out, err = book.Erase(ctx, m, p, o.Now())
		return err
	})
	if err == nil && out.Pseudonym == "" {
		err = ErrNobody
	}
	return out, err
}

// ExportPerson returns everything about a customer as a zip file.
func ExportPerson(ctx context.Context, o Options, m notify.MerchantID, p notify.PersonID) ([]byte, error) {
	about, err := about(o, m)
	if err != nil {
		return nil, err
	}
	var d *subject.Dossier
	err = withLedger(ctx, o.Settings, func(book *ledger.Ledger) (err error) {
		d, err = book.Dossier(ctx, m, p)
		return err
	})
	if err == nil && d == nil {
		err = ErrNobody
	}
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	err = subject.Export(&file, *d, about)
	return file.Bytes(), err
}

// about reads who answers for the data and who was given any.
func about(o Options, m notify.MerchantID) (subject.About, error) {
	if err := folderOf(o.Settings.Merchants, m); err != nil {
		return subject.About{}, err
	}
	merchant, err := read(o, m)
	if err != nil {
		return subject.About{}, err
	}
	return subject.About{GeneratedAt: o.Now(), Merchant: m, Name: merchant.Name, Recipients: recipients(merchant.Senders, merchant.Desk)}, nil
}

// read reads a merchant's folder. Credentials play no part in what is asked of it, so none need be set.
func read(o Options, m notify.MerchantID) (*config.Merchant, error) {
	pack, err := rules.LoadPack()
	if err != nil {
		return nil, fmt.Errorf("load the shipped markets: %w", err)
	}
	loader := config.Loader{Pack: pack, Providers: o.Settings.Providers, Getenv: o.Getenv, SampleKey: true, Unset: func(string, rules.Problem) {}}
	return loader.Merchant(m, os.DirFS(filepath.Join(o.Settings.Merchants, string(m))))
}

// folderOf insists on a merchant's folder, so that a misspelt name is not taken for a merchant without customers.
func folderOf(dir string, m notify.MerchantID) error {
	ids, err := config.Folders(dir)
	if err != nil {
		return err
	}
	if slices.Contains(ids, m) {
		return nil
	}
	return fmt.Errorf("there is no merchant %q in %s; name one of its folders", m, dir)
}

// withLedger opens the ledger that is there, and creates none.
func withLedger(ctx context.Context, s config.Settings, do func(*ledger.Ledger) error) error {
	if file, ok := strings.CutPrefix(s.Database, "sqlite:"); ok && file != "" {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("there is no ledger at %s; set LANDFALL_DATABASE to the one that landfall serve uses", file)
		}
	}
	book, err := openLedger(ctx, s)
	if err != nil {
		return err
	}
	return errors.Join(do(book), book.Close())
}
