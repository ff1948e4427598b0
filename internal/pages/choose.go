package pages

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"landfall/internal/notify"
)

// maxForm is the largest form taken; ours are a tenth of it.
const maxForm = 16 << 10

// What may be wrong with a form. Each is one sentence to the reader, and nothing is changed.
var (
	errForm  = errors.New("the form cannot be read")
	errLarge = errors.New("the form is larger than any of ours")
	errQuiet = errors.New("quiet hours lack a beginning or an end")
)

// wish is what a form asks for.
type wish struct {
	chosen notify.Preferences
	was    map[string]bool // each box that stood on the page, and whether it was ticked then
	yes    []string        // the boxes that are ticked
}

// saveChoices takes a form. The token is the permission; a form that another site sends is refused all the same.
func (h *handler) saveChoices(w http.ResponseWriter, r *http.Request) {
	g, err := h.chooser(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	reader := h.readerOf(g, r.Header.Get("Accept-Language"))
	if new(http.CrossOriginProtection).Check(r) != nil {
		h.tell(w, http.StatusForbidden, reader.sentence("form"))
		return
	}
	asked, err := g.wish(w, r, reader.words.Locales())
	switch {
	case errors.Is(err, errQuiet):
		h.tell(w, http.StatusBadRequest, reader.sentence("quiet"))
		return
	case errors.Is(err, errLarge):
		h.tell(w, http.StatusRequestEntityTooLarge, reader.sentence("form"))
		return
	case err != nil:
		h.tell(w, http.StatusBadRequest, reader.sentence("form"))
		return
	}
	if err := h.keep(r.Context(), g, asked, reader); err != nil {
		h.refuse(w, r, fmt.Errorf("save preferences at %s: %w", g.merchant.ID, err))
		return
	}
	w.Header().Set("Location", "?saved") // wherever a proxy has put this page
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}

// keep writes down what a guest chose, with the acts it takes.
func (h *handler) keep(ctx context.Context, g *guest, asked wish, r *reader) error {
	acts := r.changes(g, asked)
	if r.err != nil {
		return r.err
	}
	return known(h.Ledger.PutPreferences(ctx, g.merchant.ID, g.person.ID, asked.chosen, acts, g.now))
}

// known turns the ledger's answer that there is no such person into an error.
func known(found bool, err error) error {
	if err == nil && !found {
		return errUnknown
	}
	return err
}

// wish reads a form; locales are the languages one may ask for.
func (g *guest) wish(w http.ResponseWriter, r *http.Request, locales []string) (wish, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return wish{}, errForm
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return wish{}, errLarge
		}
		return wish{}, errForm
	}
	for _, name := range []string{"locale", "channel", "from", "to"} {
		if len(r.PostForm[name]) != 1 {
			return wish{}, errForm
		}
	}
	chosen, err := g.preferences(r.PostForm.Get, locales)
	if err != nil {
		return wish{}, err
	}
	was, err := shown(r.PostForm["was"])
	return wish{chosen: chosen, was: was, yes: r.PostForm["yes"]}, err
}

// preferences reads what is to hold besides consent. The time zone is not asked for, and stays.
func (g *guest) preferences(field func(string) string, locales []string) (notify.Preferences, error) {
	p := notify.Preferences{Locale: field("locale"), TimeZone: g.chosen.TimeZone, Prefer: notify.Channel(field("channel"))}
	switch {
	case p.Locale != "" && !slices.Contains(locales, p.Locale):
		return p, errForm
	case p.Prefer != "" && !slices.Contains(g.ways(), p.Prefer):
		return p, errForm
	}
	var err error
	p.Quiet, err = quiet(field("from"), field("to"))
	return p, err
}

// quiet reads quiet hours; none of both is as usual.
func quiet(from, to string) (*notify.Quiet, error) {
	if from == "" && to == "" {
		return nil, nil
	}
	if from == "" || to == "" || from == to {
		return nil, errQuiet
	}
	var q notify.Quiet
	if q.From.UnmarshalText([]byte(from)) != nil || q.To.UnmarshalText([]byte(to)) != nil {
		return nil, errForm
	}
	return &q, nil
}

// shown reads which boxes stood on the page, as "sms.marketing.on" for a ticked one. What somebody changed is told by these
// and not by what holds when the form arrives: a page that lay open while a STOP came must not take that back.
func shown(fields []string) (map[string]bool, error) {
	was := map[string]bool{}
	for _, f := range fields {
		i := strings.LastIndexByte(f, '.')
		if i < 0 || f[i:] != ".on" && f[i:] != ".off" {
			return nil, errForm
		}
		was[f[:i]] = f[i:] == ".on"
	}
	return was, nil
}

// changes are the acts by which what holds becomes what is wished for, each with the words beside its box.
func (r *reader) changes(g *guest, asked wish) []notify.ConsentEvent {
	var acts []notify.ConsentEvent
	for _, t := range r.topics(g) {
		for _, b := range t.Boxes {
			before, stood := asked.was[b.Key]
			yes := slices.Contains(asked.yes, b.Key)
			if !stood || yes == before || yes == b.On || yes && b.Fixed != "" {
				continue
			}
			acts = append(acts, g.act(byPage(), actionFor(yes), b.Channel, t.Purpose, t.Ask+" "+b.Label, r.locale))
		}
	}
	return acts
}

func actionFor(yes bool) notify.Action {
	if yes {
		return notify.Granted
	}
	return notify.Withdrawn
}
