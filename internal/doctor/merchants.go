package doctor

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"landfall/channels"
)

func (e *examination) merchants() {
	switch n := len(e.Merchants); {
	case e.Unread != nil:
		e.wrong("merchants", e.Unread, "run landfall check")
	case n == 0:
		e.warn("merchants", "none in "+e.Folder, "Make a folder with a merchant.yaml there; docs/merchants.md says how.")
	default:
		e.ok("merchants", fmt.Sprintf("%s in %s", count(n, "folder"), e.Folder))
	}
	for _, m := range e.Merchants {
		if m.Wrong != nil {
			e.wrong("merchant "+m.ID, m.Wrong, "mend it, and run landfall check "+e.Folder)
			continue
		}
		e.ok("merchant "+m.ID, fmt.Sprintf("%s, %s", count(len(m.Senders), "sender"), count(m.Feeds, "tracking feed")))
	}
}

// atOnce is how many providers are asked at a time.
const atOnce = 8

// senders asks the providers at once and tells of them in order.
func (e *examination) senders(ctx context.Context) {
	var all sync.WaitGroup
	room := make(chan struct{}, atOnce)
	var found []*Finding
	for _, m := range e.Merchants {
		for _, s := range m.Senders {
			f := &Finding{Check: m.ID + " " + s.Name}
			found = append(found, f)
			all.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				f.State, f.Says, f.Do = e.sender(ctx, s)
			})
		}
	}
	all.Wait()
	for _, f := range found {
		e.findings = append(e.findings, *f)
	}
}

func (e *examination) sender(ctx context.Context, s Sender) (state State, says, do string) {
	if !e.Online {
		return OK, "has its credentials; --online asks " + s.Provider, ""
	}
	err := s.Probe(ctx)
	if err == nil {
		return OK, s.Provider + " takes its credentials", ""
	}
	no := channels.AsError(err)
	says, do, _ = strings.Cut(no.Detail, "; ")
	if no.Code != "" {
		says += " (" + no.Code + ")"
	}
	if no.Kind == channels.Throttled {
		return Warning, says, "Try again in a minute."
	}
	if do == "" {
		do = "check that this machine may reach " + s.Provider + ", and try again"
	}
	return Fault, says, sentence(do)
}

func count(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing
	case 1:
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
