package tracking

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/parcel"
)

const least = `{"id":"evt-1","parcel":"0034","kind":"picked_up","happened_at":"2026-11-30T09:00:00Z"}`

func TestDecodeOwn_Whole(t *testing.T) {
	t.Parallel()
	body := `{"id":"evt-1","parcel":" 00 34 ","carrier":"DHL Paket","order":"A1","kind":"delivered","detail":"neighbour","code":"ZU","note":"Bei Müller\nabgegeben",
		"happened_at":"2026-12-01T10:30:00+01:00","place":{"city":"Köln","country":"de"},"eta":{"from":"2026-12-01T08:00:00+01:00","to":"2026-12-01T12:00:00+01:00"}}`
	want := []parcel.Event{{
		ID: "api:evt-1", Feed: "api", Carrier: "dhl", Number: "0034", Order: "A1",
		Kind: parcel.Delivered, Detail: "neighbour", Code: "ZU", Note: "Bei Müller abgegeben",
		HappenedAt: time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC),
		HeardAt:    heard,
		Place:      parcel.Place{City: "Köln", Country: "DE"},
		ETA: &parcel.Window{
			From: time.Date(2026, 12, 1, 7, 0, 0, 0, time.UTC),
			To:   time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC),
		},
	}}
	got, err := DecodeOwn([]byte(body), heard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
}

func TestDecodeOwn_EveryKind(t *testing.T) {
	t.Parallel()
	var items []string
	for i, k := range parcel.Kinds() {
		items = append(items, fmt.Sprintf(`{"id":"evt-%d","parcel":"1","kind":%q,"happened_at":"2026-11-30T09:00:00Z"}`, i, k))
	}
	events, err := DecodeOwn([]byte("["+strings.Join(items, ",")+"]"), heard)
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range parcel.Kinds() {
		if events[i].Kind != k {
			t.Errorf("event %d is %s, want %s: the order must stay", i, events[i].Kind, k)
		}
	}
}

func TestDecodeOwn_ClockAhead(t *testing.T) {
	t.Parallel()
	events, err := DecodeOwn([]byte(strings.Replace(least, "2026-11-30T09", "2026-12-01T11", 1)), heard)
	if err != nil {
		t.Fatal(err)
	}
	if !events[0].HappenedAt.Equal(heard) {
		t.Errorf("it happened at %s, want %s", events[0].HappenedAt, heard)
	}
}

func TestDecodeOwn_Errors(t *testing.T) {
	t.Parallel()
	// with is the least event with one field more, or another value for one.
	with := func(field, value string) string {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(least), &fields); err != nil {
			t.Fatal(err)
		}
		fields[field] = json.RawMessage(value)
		if value == "" {
			delete(fields, field)
		}
		b, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	long := `"` + strings.Repeat("x", 201) + `"`
	tests := map[string]struct{ body, want string }{
		"not JSON":              {`{"id":`, "the body is not JSON (it breaks at byte 6); send one event or an array of events"},
		"nothing":               {``, "the body is not JSON (it breaks at byte 0); send one event or an array of events"},
		"two bodies":            {least + least, fmt.Sprintf("the body is not JSON (it breaks at byte %d); send one event or an array of events", len(least)+1)},
		"empty array":           {`[]`, "the array is empty; send at least one event"},
		"too many":              {"[" + strings.Repeat("0,", 200) + "0]", "201 events are too many for one request; send at most 200 at a time"},
		"a number":              {`7`, `event 1: it is not a JSON object; write it as {"name": value}`},
		"null":                  {`null`, `event 1: it is not a JSON object; write it as {"name": value}`},
		"the second":            {`[` + least + `,{"id":"evt-2"}]`, "event 2: field parcel is missing; give the tracking number"},
		"unknown field":         {with("happend_at", `"x"`), `event 1: field happend_at is not known; did you mean "happened_at"?`},
		"unknown, unlike any":   {with("customer_phone", `"x"`), "event 1: field customer_phone is not known; the fields it may have are listed at /openapi.json"},
		"another case":          {with("ID", `"x"`), `event 1: field ID is not known; did you mean "id"?`},
		"unknown within":        {with("place", `{"town":"Bonn"}`), "event 1: field place.town is not known; the fields it may have are listed at /openapi.json"},
		"null field":            {with("detail", `null`), "event 1: field detail is null; leave it out or give it a value"},
		"number for a string":   {with("id", `17`), "event 1: field id is a JSON number; make it a string"},
		"object for a string":   {with("note", `{}`), "event 1: field note is a JSON object; make it a string"},
		"wrong type within":     {with("place", `{"city":1}`), "event 1: field place.city is a JSON number; make it a string"},
		"string for an object":  {with("place", `"Bonn"`), `event 1: field place is not a JSON object; write it as {"name": value}`},
		"id missing":            {with("id", ``), "event 1: field id is missing; give each event an id of your own that is never used again"},
		"id blank":              {with("id", `"  "`), "event 1: field id is missing; give each event an id of your own that is never used again"},
		"id too long":           {with("id", long), "event 1: field id is longer than 200 characters; shorten it"},
		"control character":     {with("id", `"a\u0000b"`), "event 1: field id holds a control character; remove it"},
		"parcel of spaces":      {with("parcel", `"  "`), "event 1: field parcel is missing; give the tracking number"},
		"kind missing":          {with("kind", ``), `event 1: field kind is missing; say what happened, such as "out_for_delivery"`},
		"kind misspelt":         {with("kind", `"out_for_delivry"`), `event 1: field kind: "out_for_delivry" is no kind of event; did you mean "out_for_delivery"?`},
		"kind like no other":    {with("kind", `"xyzzy plugh"`), `event 1: field kind: "xyzzy plugh" is no kind of event; all kinds are listed at /openapi.json`},
		"time missing":          {with("happened_at", ``), `event 1: field happened_at is missing; say when it happened, as "2026-12-02T02:55:00Z"`},
		"time without a zone":   {with("happened_at", `"2026-11-30T09:00:00"`), "event 1: field happened_at has no time zone; add Z for UTC or an offset such as +01:00"},
		"a day":                 {with("happened_at", `"2026-11-30"`), "event 1: field happened_at has no time zone; add Z for UTC or an offset such as +01:00"},
		"no time":               {with("happened_at", `"noon"`), `event 1: field happened_at is no time; write it as "2026-12-02T02:55:00Z"`},
		"seconds since 1970":    {with("happened_at", `1796119200`), `event 1: field happened_at is not a string; write the time as "2026-12-02T02:55:00Z"`},
		"the year 26":           {with("happened_at", `"0026-11-30T09:00:00Z"`), "event 1: field happened_at is not of this century; check the year"},
		"the future":            {with("happened_at", `"2026-12-02T10:00:01Z"`), "event 1: field happened_at lies more than a day in the future; send what has happened, and what is expected as eta"},
		"country by name":       {with("place", `{"country":"Germany"}`), "event 1: field place.country is no country code; write two letters such as DE"},
		"estimate empty":        {with("eta", `{}`), "event 1: field eta is empty; give it from, to or both, or leave it out"},
		"estimate backwards":    {with("eta", `{"from":"2026-12-03T00:00:00Z","to":"2026-12-02T00:00:00Z"}`), "event 1: field eta.to lies before eta.from; swap them"},
		"estimate without zone": {with("eta", `{"from":"2026-12-03T00:00:00"}`), "event 1: field eta.from has no time zone; add Z for UTC or an offset such as +01:00"},
		"estimate far away":     {with("eta", `{"to":"9999-12-31T23:59:59-23:59"}`), "event 1: field eta is not of this century; check the year"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := DecodeOwn([]byte(tt.body), heard)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if events != nil {
				t.Errorf("got events beside an error: %v", events)
			}
		})
	}
}

// The fields that are checked by name are those of the struct, which the API's description is made from.
func TestOwnEvent_FieldsAgree(t *testing.T) {
	t.Parallel()
	check := func(of any, known fields) {
		var names []string
		for f := range reflect.TypeOf(of).Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			names = append(names, name)
			if _, ok := known[name]; !ok {
				t.Errorf("field %s would be refused", name)
			}
		}
		if len(names) != len(known) {
			t.Errorf("the struct has %v, the check knows %v", names, sorted(known))
		}
	}
	check(OwnEvent{}, eventFields)
	check(parcel.Place{}, nested["place"])
	check(parcel.Window{}, nested["eta"])
}

func TestEdits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"lost", "lost", 0}, {"", "lost", 4}, {"lost", "", 4}, {"lots", "lost", 2},
		{"delivred", "delivered", 1}, {"kitten", "sitting", 3},
	}
	for _, tt := range tests {
		if got := edits(tt.a, tt.b); got != tt.want {
			t.Errorf("edits(%q, %q) is %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
