package email

import (
	"context"

	"landfall/channels"
)

var _ channels.Prober = (*Sender)(nil)

// Probe connects to the mail server as for a mail, greets it, encrypts and logs in, and takes its leave. An error is always a
// *channels.Error.
func (s *Sender) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	c, release, err := s.dialUp(ctx)
	if err != nil {
		return failure(err)
	}
	_ = c.client.CloseWithSMTPClient(c.smtp) // it has said what was asked; how it says goodbye is its own affair
	release()
	c.close()
	return nil
}
