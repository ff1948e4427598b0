package httpapi

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"landfall/internal/parcel"
	"landfall/internal/tracking"
)

// Taken is the answer to events: how many are durable now, and which of them were heard before.
type Taken struct {
	Accepted int              `json:"accepted" doc:"Events stored now."`
	Repeated []parcel.EventID `json:"repeated,omitempty" doc:"Ids heard before; nothing was done about these."`
}

// events mounts POST /v1/events. Its body is one event or an array, decoded strictly, so it is read raw and described by
// hand.
func (a *api) events() {
	schemas := a.huma.OpenAPI().Components.Schemas
	schema := schemas.Schema(reflect.TypeFor[tracking.OwnEvent](), true, "Event")
	schemas.SchemaFromRef(schema.Ref).Properties["kind"].Enum = kinds()
	op := a.route("accept-events", http.MethodPost, "/v1/events", "Tell what happened to parcels")
	op.Description = "One event or an array. The answer comes once everything is durable; an id sent again is a no-op."
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{
		OneOf: []*huma.Schema{schema, {Type: huma.TypeArray, Items: schema}},
	}}}}
	op.Responses = map[string]*huma.Response{
		"202": {Description: "Durable", Content: map[string]*huma.MediaType{"application/json": {
			Schema: a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Taken](), true, "Taken")}}},
		"400": a.refusal("Not understood; nothing was kept"),
		"401": a.refusal("No merchant's key"),
		"413": a.refusal("Too large"),
		"422": a.refusal("A query parameter that is not known"),
		"503": a.refusal("Not stored; send it again"),
	}
	a.huma.OpenAPI().AddOperation(&op)
	a.mux.HandleFunc("POST /v1/events", a.acceptEvents)
}

// kinds lists what an event may be.
func kinds() (all []any) {
	for _, k := range parcel.Kinds() {
		all = append(all, string(k))
	}
	return all
}

func (a *api) acceptEvents(w http.ResponseWriter, r *http.Request) {
	t, err := a.tenant(Key{Authorization: r.Header.Get("Authorization")})
	if err != nil {
		a.Count(r.Pattern, "refused")
		a.problem(w, http.StatusUnauthorized, err.Error())
		return
	}
	if said := unknown(r.URL.Query(), nil); said != "" {
		a.Count(r.Pattern, "refused")
		a.problem(w, http.StatusUnprocessableEntity, said)
		return
	}
	body, ok := a.body(w, r)
	if !ok {
		return
	}
	events, err := tracking.DecodeOwn(body, a.Now())
	if err != nil {
		a.Count(r.Pattern, "refused")
		a.problem(w, http.StatusBadRequest, err.Error())
		return
	}
	a.take(w, r, t, events)
}

// take accepts decoded events and answers.
func (a *api) take(w http.ResponseWriter, r *http.Request, t *Tenant, events []parcel.Event) {
	in, err := a.Dispatcher.Accept(r.Context(), t.Merchant, events)
	if err != nil {
		a.broken(w, r, err)
		return
	}
	a.Count(r.Pattern, "accepted")
	a.answer(w, http.StatusAccepted, Taken{Accepted: len(events) - len(in.Repeated), Repeated: in.Repeated})
}
