package cli

import (
	"fmt"

	"landfall/internal/config"
)

type vapidCmd struct{}

// Run prints a new pair of keys as settings. Nothing of it is kept.
func (vapidCmd) Run(e Env) error {
	public, private, err := config.NewVAPID()
	if err != nil {
		return fmt.Errorf("make keys: %w", err)
	}
	_, err = fmt.Fprintf(e.Stdout, "LANDFALL_VAPID_PUBLIC_KEY=%s\nLANDFALL_VAPID_PRIVATE_KEY=%s\n", public, private.Reveal())
	return err
}
