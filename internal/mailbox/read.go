package mailbox

import (
	"bytes"
	"context"
	"fmt"
	"net/mail"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"landfall/internal/notify"
)

// addressed are the headers that name whom a mail came to, those first that the last server wrote.
var addressed = []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To"}

// start is as much of a mail as is read; a report says what it has to say before the mail that it is about. Reading marks nothing.
var start = imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: maxMail}}

// read takes the unread mails, one after another.
func (r *Reader) read(ctx context.Context, client *imapclient.Client) error {
	unread, err := r.unread(client)
	if err != nil {
		return err
	}
	for _, uid := range unread {
		if err := r.one(ctx, client, uid); err != nil {
			return err
		}
	}
	_ = client.Logout().Wait() // everything is done already
	return nil
}

// unread lists the mails to look at, the oldest first.
func (r *Reader) unread(client *imapclient.Client) ([]imap.UID, error) {
	found, err := client.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}}, nil).Wait()
	if err != nil {
		return nil, r.account.broke("broke off")
	}
	all := found.AllUIDs()
	others := map[imap.UID]bool{}
	var out []imap.UID
	for _, uid := range slices.Sorted(slices.Values(all)) {
		switch {
		case r.others[uid]:
			others[uid] = true
		case len(out) < perLook:
			out = append(out, uid)
		}
	}
	r.others = others
	return out, nil
}

// one takes a mail and marks it as read.
func (r *Reader) one(ctx context.Context, client *imapclient.Client, uid imap.UID) error {
	fetched, err := client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{&start}}).Collect()
	if err != nil {
		return r.account.broke("broke off")
	}
	if len(fetched) == 0 || len(fetched[0].BodySection) == 0 {
		return nil // somebody was quicker and took it away
	}
	raw := fetched[0].BodySection[0].Bytes
	id, ours := r.recipient(raw)
	if !ours {
		r.others[uid] = true
		return nil
	}
	if err := r.Take(ctx, id, raw); err != nil {
		return fmt.Errorf("a returned mail could not be written down and stays unread: %w", err)
	}
	seen := imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
	if err := client.Store(imap.UIDSetNum(uid), &seen, nil).Close(); err != nil {
		return r.account.refused(err, "does not let mails be marked as read; give the user of LANDFALL_BOUNCE_IMAP the right to")
	}
	r.Count("accepted")
	return nil
}

// recipient is whose return address a mail came to.
func (r *Reader) recipient(raw []byte) (notify.DeliveryID, bool) {
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", false
	}
	for _, header := range addressed {
		for _, value := range msg.Header[header] {
			list, err := mail.ParseAddressList(value)
			if err != nil {
				continue
			}
			for _, a := range list {
				if id, ok := r.of(a.Address); ok {
					return id, true
				}
			}
		}
	}
	return "", false
}
