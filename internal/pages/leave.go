package pages

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"landfall/internal/notify"
	"landfall/internal/policy"
	"landfall/internal/token"
)

// leaving is the page of one click.
type leaving struct {
	frame
	About string // whose messages end, or have ended
	What  string // which
	Done  bool
	All   bool   // offers to end everything on the channel
	More  string // the page of preferences; "" for none
}

// parting is what a link to leave by names.
type parting struct {
	*guest
	channel notify.Channel
	purpose notify.Purpose
}

// parting opens a token, which names merchant, person, channel and purpose. A person's id may hold slashes.
func (h *handler) parting(r *http.Request) (*parting, error) {
	text, err := h.Tokens.Open(token.Unsubscribe, r.PathValue("token"), h.Now())
	if err != nil {
		return nil, err
	}
	parts := strings.Split(text, "/")
	if len(parts) < 4 {
		return nil, errUnknown
	}
	n := len(parts)
	p := &parting{channel: notify.Channel(parts[n-2]), purpose: notify.Purpose(parts[n-1])}
	if !p.channel.Known() || !slices.Contains(notify.Purposes(), p.purpose) {
		return nil, errUnknown
	}
	p.guest, err = h.guest(r.Context(), parts[0], strings.Join(parts[1:n-2], "/"))
	return p, err
}

// showLeaving only shows a button: mail programs and their virus scanners follow every link.
func (h *handler) showLeaving(w http.ResponseWriter, r *http.Request) {
	p, err := h.parting(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.answerLeaving(w, r, p)
}

// leave ends messages, as RFC 8058 asks: by a POST without cookies, questions or a redirect. Where it comes from does not
// matter: the token is all a mail provider has, and a refused opt-out is worse than any that was not meant.
func (h *handler) leave(w http.ResponseWriter, r *http.Request) {
	p, err := h.parting(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	purpose := p.purpose
	if r.PostFormValue("scope") == "all" { // a body that cannot be read asks for nothing more than the link does
		purpose = ""
	}
	reader := h.readerOf(p.guest, r.Header.Get("Accept-Language"))
	acts := p.withdrawal(purpose, reader)
	if err := known(h.Ledger.AddOwnConsents(r.Context(), p.merchant.ID, p.person.ID, acts)); err != nil {
		h.refuse(w, r, fmt.Errorf("unsubscribe at %s: %w", p.merchant.ID, err))
		return
	}
	p.acts = append(p.acts, acts...)
	h.answerLeaving(w, r, p)
}

// withdrawal is the act that ends a purpose, or all of them; none when they have ended.
func (p *parting) withdrawal(purpose notify.Purpose, r *reader) []notify.ConsentEvent {
	if purpose == "" && p.gone() || purpose != "" && p.refused(purpose) {
		return nil
	}
	words := r.about(p, false) + " " + r.what(p.channel, purpose)
	return []notify.ConsentEvent{p.act(byLink(), notify.Withdrawn, p.channel, purpose, words, r.locale)}
}

// refused reports whether the guest has said no to a purpose.
func (p *parting) refused(purpose notify.Purpose) bool {
	return policy.Stand(p.acts, p.channel, purpose).No.Action != ""
}

// gone reports whether nothing at all goes on the channel any more.
func (p *parting) gone() bool {
	return !slices.ContainsFunc(notify.Purposes(), func(purpose notify.Purpose) bool { return !p.refused(purpose) })
}

// answerLeaving shows the button, or that it has been pressed.
func (h *handler) answerLeaving(w http.ResponseWriter, r *http.Request, p *parting) {
	v, err := h.readerOf(p.guest, r.Header.Get("Accept-Language")).leaving(p)
	v.More = h.Preferences(p.merchant.ID, p.person.ID)
	if err == nil {
		err = send(w, http.StatusOK, "leaving", v, v.frame)
	}
	if err != nil {
		h.refuse(w, r, fmt.Errorf("show unsubscription: %w", err))
	}
}

func (r *reader) leaving(p *parting) (leaving, error) {
	done, gone := p.refused(p.purpose), p.gone()
	v := leaving{Done: done, All: done && !gone, About: r.about(p, done), What: r.what(p.channel, p.purpose)}
	if gone {
		v.What = r.what(p.channel, "")
	}
	v.frame = r.frame(r.text("leave.title", nil), p.brand()).form()
	return v, r.err
}

func (r *reader) about(p *parting, done bool) string {
	key := "leave.about"
	if done {
		key = "leave.done"
	}
	return r.text(key, map[string]any{"Brand": p.name()})
}

// what names messages: "Advertising and offers · E-mail".
func (r *reader) what(c notify.Channel, p notify.Purpose) string {
	purpose := string(p)
	if purpose == "" {
		purpose = "all"
	}
	return r.text("purpose."+purpose, nil) + " · " + r.text("channel."+string(c), nil)
}
