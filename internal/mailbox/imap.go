package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"landfall/internal/notify"
)

const (
	// interval is how often a mailbox is looked into, and longest how long it is left alone at most after looks that failed.
	interval = time.Minute
	longest  = 15 * time.Minute
	// lookFor bounds one look, and perLook how many mails it reads: what is left comes with the next one.
	lookFor = 5 * time.Minute
	perLook = 500
)

// Account is a mailbox on a mail server.
type Account struct {
	Address  string // host and port
	User     string
	Password notify.Secret
	Folder   string
	TLS      *tls.Config // nil speaks in the clear: to this machine only
}

// Reader looks into a mailbox where mails come back to. It marks what it has taken as read, and after that no sooner: what a crash
// interrupts is read again, by whoever looks next. Several may look into one mailbox, as long as Config.Take does the same mail only
// once. Mails to anybody else stay as they are.
type Reader struct {
	Config
	account Account
	others  map[imap.UID]bool // unread mails that are not ours, not to be fetched at every look
	epoch   uint32            // the server's numbers of mails are good within one
}

// NewReader returns a reader of a mailbox. It dials nothing yet.
func NewReader(a Account, c Config) *Reader {
	return &Reader{Config: c, account: a}
}

// Run looks into the mailbox at once and every minute, until ctx ends. After looks that failed it waits longer and longer.
func (r *Reader) Run(ctx context.Context) {
	next := time.NewTimer(0)
	defer next.Stop()
	for failed := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		err := r.Look(ctx)
		if ctx.Err() != nil {
			return
		}
		failed = r.tell(failed, err)
		next.Reset(pause(failed))
	}
}

// tell logs what a look came to, and counts those in a row that failed.
func (r *Reader) tell(failed int, err error) int {
	switch {
	case err != nil:
		r.Count("failed")
		r.Log.Error("returned mails cannot be read", "error", err, "again_in", pause(failed+1))
		return failed + 1
	case failed > 0:
		r.Log.Info("returned mails are read again")
	}
	return 0
}

// pause is how long to wait after so many looks in a row that failed.
func pause(failed int) time.Duration {
	return min(interval<<min(failed, 10), longest)
}

// Look takes what has come since the last look. Its error is one sentence, and holds nothing of what the server said: servers repeat
// names of people.
func (r *Reader) Look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	client, err := r.account.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }() // it may have hung up first
	// The client waits for an answer as long as it takes, so that only hanging up ends a look that hangs.
	release := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer release()
	if err := r.enter(client); err != nil {
		return err
	}
	return r.read(ctx, client)
}

// dial connects. With TLS there is no way back to the clear: it begins with the first byte.
func (a Account) dial(ctx context.Context) (*imapclient.Client, error) {
	var link net.Conn
	var err error
	if a.TLS == nil {
		link, err = (&net.Dialer{}).DialContext(ctx, "tcp", a.Address)
	} else {
		link, err = (&tls.Dialer{Config: a.TLS}).DialContext(ctx, "tcp", a.Address)
	}
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted {
		return nil, fmt.Errorf("the certificate of the mail server at %s is not trusted; check LANDFALL_BOUNCE_IMAP and LANDFALL_BOUNCE_IMAP_CA_FILE", a.Address)
	}
	if err != nil {
		return nil, fmt.Errorf("the mail server at %s cannot be reached, or does not speak TLS there; check LANDFALL_BOUNCE_IMAP", a.Address)
	}
	return imapclient.New(link, nil), nil
}

// enter logs in and opens the folder. Where the server has numbered its mails anew, what was known of them is forgotten.
func (r *Reader) enter(client *imapclient.Client) error {
	a := r.account
	if err := client.WaitGreeting(); err != nil {
		return a.broke("did not greet as IMAP asks for")
	}
	if err := client.Login(a.User, a.Password.Reveal()).Wait(); err != nil {
		return a.refused(err, "does not accept the login; check the user in LANDFALL_BOUNCE_IMAP and LANDFALL_BOUNCE_IMAP_PASSWORD")
	}
	opened, err := client.Select(a.Folder, nil).Wait()
	if err != nil {
		return a.refused(err, fmt.Sprintf("does not open the folder %s; check the path in LANDFALL_BOUNCE_IMAP", a.Folder))
	}
	if opened.UIDValidity != r.epoch {
		r.epoch, r.others = opened.UIDValidity, nil
	}
	return nil
}

// refused tells a server's no from a connection that broke.
func (a Account) refused(err error, no string) error {
	if said, ok := errors.AsType[*imap.Error](err); ok && said.Code != imap.ResponseCodeUnavailable && said.Type != imap.StatusResponseTypeBye {
		return fmt.Errorf("the mail server at %s %s", a.Address, no)
	}
	return a.broke("broke off")
}

func (a Account) broke(how string) error {
	return fmt.Errorf("the mail server at %s %s; it is asked again, and what was not taken is still there", a.Address, how)
}
