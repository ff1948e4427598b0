package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/inbox"
	"landfall/internal/notify"
	"landfall/internal/token"
)

func (a *api) inbox() {
	personal := func(id, method, path, summary string) huma.Operation {
		op := a.route(id, method, path, summary)
		op.Security, op.Middlewares = []map[string][]string{{"inbox": {}}}, huma.Middlewares{a.owned, a.asked}
		return op
	}
	huma.Register(a.huma, personal("list-inbox", http.MethodGet, "/v1/inbox", "A customer's messages, newest first, and how many there are"), a.listInbox)
	huma.Register(a.huma, personal("see-messages", http.MethodPost, "/v1/inbox/seen", "Mark everything up to a message as shown"), a.seeMessages)
	huma.Register(a.huma, personal("read-messages", http.MethodPost, "/v1/inbox/read", "Mark everything up to a message as read"), a.readMessages)
	ask := personal("ask-inbox", http.MethodPost, "/v1/inbox/messages", "Take what a customer wrote in the app; the answer comes into the inbox")
	ask.DefaultStatus = http.StatusAccepted
	huma.Register(a.huma, ask, a.askInbox)
	for mark, summary := range map[inbox.Mark]string{
		inbox.Read: "Mark a message read", inbox.Unread: "Take the mark of having been read from a message",
		inbox.Archived: "Put a message away", inbox.Unarchived: "Take a message out of the archive",
	} {
		op := personal(string(mark)+"-message", http.MethodPost, "/v1/inbox/{id}/"+string(mark), summary)
		huma.Register(a.huma, op, a.marking(mark))
	}
	a.push(personal)
	op := personal("inbox-stream", http.MethodGet, "/v1/inbox/stream", "New messages, and the counts when they change, as server-sent events")
	op.Description = "Takes the token as a query parameter too, since browsers' EventSource sends no headers. Last-Event-ID resumes, and so does last_event_id in the address."
	op.Parameters = []*huma.Param{inQuery("token"), inQuery("last_event_id")}
	op.Responses = map[string]*huma.Response{"200": {Description: "A stream of messages", Content: map[string]*huma.MediaType{"text/event-stream": {}}},
		"401": a.refusal("No token, or one that has expired"), "429": a.refusal("Asked too often, or too many streams are open")}
	a.huma.OpenAPI().AddOperation(&op)
	a.mux.HandleFunc("GET /v1/inbox/stream", a.stream)
}

func inQuery(name string) *huma.Param {
	return &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: huma.TypeString}}
}

// session is whose inbox a request may use, and until when.
type session struct {
	inbox.Owner
	expires time.Time
}

// owned turns away requests without a good inbox token before anything else of them is looked at.
func (a *api) owned(ctx huma.Context, next func(huma.Context)) {
	if _, err := a.owner(Key{Authorization: ctx.Header("Authorization")}.bearer()); err != nil {
		a.unauthorized(ctx, err)
		return
	}
	next(ctx)
}

// owner opens an inbox token: one of ours, or one that the merchant's own server has made.
func (a *api) owner(bearer string) (session, error) {
	s, err := a.session(bearer)
	if err != nil || s.Person == "" || s.Person == notify.MerchantContact || s.Person.Erased() {
		return session{}, huma.Error401Unauthorized("fetch a new inbox token with POST /v1/people/{id}/inbox-token, or make one on your server, and send it as: Authorization: Bearer TOKEN")
	}
	return s, nil
}

func (a *api) session(bearer string) (session, error) {
	if strings.Count(bearer, ".") == 2 {
		s, err := token.OpenJWT(bearer, a.inboxSecrets, a.Now())
		return session{inbox.Owner{Merchant: notify.MerchantID(s.Merchant), Person: notify.PersonID(s.Person)}, s.Expires}, err
	}
	text, expires, err := a.Tokens.OpenUntil(token.Inbox, bearer, a.Now())
	merchant, person, _ := strings.Cut(text, "/")
	return session{inbox.Owner{Merchant: notify.MerchantID(merchant), Person: notify.PersonID(person)}, expires}, err
}

func (a *api) inboxSecrets(merchant string) []string {
	t, ok := a.Tenant(notify.MerchantID(merchant))
	if !ok {
		return nil
	}
	return []string{t.Inbox.Secret.Reveal(), t.Inbox.SecretOld.Reveal()}
}

type listInbox struct {
	Key
	Cursor   string `query:"cursor" maxLength:"100" doc:"The 'next' of the page before."`
	Before   int64  `query:"before" minimum:"0" doc:"A message's seq; lists older ones. Superseded by cursor."`
	Unread   bool   `query:"unread" doc:"Only what has not been read."`
	Archived bool   `query:"archived" doc:"What was put away, and nothing else."`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// InboxPage is a page of a customer's messages.
type InboxPage struct {
	Cache string `header:"Cache-Control"`
	Body  struct {
		Messages []inbox.Message `json:"messages"`
		Next     string          `json:"next,omitempty" doc:"The cursor of the next page; missing on the last one."`
		Answers  bool            `json:"answers" doc:"What the customer writes with POST /v1/inbox/messages is answered."`
		Counts   inbox.Counts    `json:"counts" doc:"Of the whole inbox without its archive; unseen is what a badge shows."`
	}
}

func (a *api) listInbox(ctx context.Context, in *listInbox) (*InboxPage, error) {
	owner, err := a.owner(in.bearer())
	if err != nil {
		return nil, err
	}
	q := inbox.Query{Before: in.Before, Limit: in.Limit, Unread: in.Unread, Archived: in.Archived}
	if in.Cursor != "" {
		var ok bool
		if q.Before, ok = inbox.Cursor(in.Cursor); !ok {
			return nil, huma.Error422UnprocessableEntity("query.cursor is none that a page gave; send the 'next' of the page before, or leave it out")
		}
	}
	page, err := a.Inbox.List(ctx, owner.Owner, q)
	if err != nil {
		return nil, a.fault("read inbox", err)
	}
	out := InboxPage{Cache: "no-store"}
	out.Body.Messages = append([]inbox.Message{}, page.Messages...) // an empty list is a list
	out.Body.Next, out.Body.Counts = page.Next, page.Counts
	if t, ok := a.Tenant(owner.Merchant); ok {
		out.Body.Answers = t.Assistant != nil
	}
	return &out, nil
}

const unknownMessage = "there is no such message in this inbox; GET /v1/inbox lists them"

type upTo struct {
	Key
	Body struct {
		UpTo string `json:"up_to" maxLength:"200" doc:"The id of the newest message that was shown: what has come since is left alone."`
	}
}

func (a *api) seeMessages(ctx context.Context, in *upTo) (*struct{}, error) {
	return a.change(in.Key, "mark seen", func(o inbox.Owner) (bool, error) { return a.Inbox.See(ctx, o, notify.DeliveryID(in.Body.UpTo)) })
}

func (a *api) readMessages(ctx context.Context, in *upTo) (*struct{}, error) {
	return a.change(in.Key, "mark read", func(o inbox.Owner) (bool, error) { return a.Inbox.ReadAll(ctx, o, notify.DeliveryID(in.Body.UpTo)) })
}

func (a *api) marking(mark inbox.Mark) func(context.Context, *byID) (*struct{}, error) {
	return func(ctx context.Context, in *byID) (*struct{}, error) {
		return a.change(in.Key, "mark a message", func(o inbox.Owner) (bool, error) { return a.Inbox.Mark(ctx, o, notify.DeliveryID(in.ID), mark) })
	}
}

// change does something to messages of whoever asks.
func (a *api) change(k Key, what string, do func(inbox.Owner) (bool, error)) (*struct{}, error) {
	owner, err := a.owner(k.bearer())
	if err != nil {
		return nil, err
	}
	found, err := do(owner.Owner)
	if err != nil {
		return nil, a.fault(what, err)
	}
	if !found {
		return nil, huma.Error404NotFound(unknownMessage)
	}
	return nil, nil
}

// streamToken is the token a stream is asked for with, in the header or in the address.
func streamToken(r *http.Request) string {
	if bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); bearer != "" {
		return bearer
	}
	return r.URL.Query().Get("token")
}

const (
	// streamsAtOnce is how many streams a person may have open: more windows than anybody has.
	streamsAtOnce = 20
	// streamPause is after how long somebody with too many may try again.
	streamPause = 30 * time.Second
)

// stream lasts as long as its token.
func (a *api) stream(w http.ResponseWriter, r *http.Request) {
	owner, err := a.owner(streamToken(r))
	if err != nil {
		a.problem(w, http.StatusUnauthorized, err.Error())
		return
	}
	if !a.streams.take(owner.Owner) {
		a.tooMany(w, streamPause, refuseStream())
		return
	}
	defer a.streams.leave(owner.Owner)
	until, stop := context.WithTimeout(a.Closing, owner.expires.Sub(a.Now()))
	defer stop()
	if err := a.Inbox.Stream(until, w, r, owner.Owner); err != nil {
		a.Log.Debug("inbox stream ended", "error", err)
	}
}

// shared lets pages of other sites use the inbox: those that the merchant names whose token the request bears. A request
// without a good one, such as a browser's question beforehand, may come from any merchant's, so that a page can see that
// its token has expired. Nothing else of the API is for browsers.
func (a *api) shared(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" || r.URL.Path != "/v1/inbox" && !strings.HasPrefix(r.URL.Path, "/v1/inbox/") {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Add("Vary", "Origin")
		allowed := a.fromOrigin(r, origin)
		if allowed {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", "Retry-After")
		}
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		if allowed {
			h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID")
			h.Set("Access-Control-Max-Age", "600")
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func (a *api) fromOrigin(r *http.Request, origin string) bool {
	owner, err := a.owner(streamToken(r))
	if err != nil {
		return a.AnyOrigin(origin)
	}
	t, ok := a.Tenant(owner.Merchant)
	return ok && slices.Contains(t.Inbox.Origins, origin)
}
