package tracking

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/parcel"
)

func FuzzDecode(f *testing.F) {
	for path, feed := range fixtures(f) {
		f.Add(string(feed), read(f, path))
	}
	f.Fuzz(func(t *testing.T, feed string, body []byte) {
		events, err := Decode(Feed(feed), body, heard)
		again, errAgain := Decode(Feed(feed), body, heard)
		checkError(t, err, errAgain, len(events))
		checkEvents(t, events, again)
	})
}

func FuzzDecodeOwn(f *testing.F) {
	f.Add([]byte(least))
	f.Add([]byte(`[` + least + `]`))
	f.Add([]byte(`{"id":"e","parcel":"1","kind":"lost","happened_at":"2026-11-30T09:00:00+01:00","place":{"city":"Bonn","country":"DE"},"eta":{"to":"2026-12-03T00:00:00Z"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := DecodeOwn(body, heard)
		again, errAgain := DecodeOwn(body, heard)
		checkError(t, err, errAgain, len(events))
		checkEvents(t, events, again)
	})
}

// checkError: an error is one line, the same each time, and comes without events.
func checkError(t *testing.T, err, again error, events int) {
	t.Helper()
	if (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
		t.Fatalf("once %v, then %v", err, again)
	}
	if err != nil && (strings.ContainsFunc(err.Error(), unicode.IsControl) || events > 0) {
		t.Fatalf("%d events beside the error %q", events, err)
	}
}

func checkEvents(t *testing.T, events, again []parcel.Event) {
	t.Helper()
	if diff := cmp.Diff(events, again); diff != "" {
		t.Fatalf("decoded twice, it differs:\n%s", diff)
	}
	if len(events) > MostEvents {
		t.Fatalf("%d events", len(events))
	}
	for _, e := range events {
		checkEvent(t, e)
	}
	if _, err := json.Marshal(events); err != nil {
		t.Fatalf("the events cannot be kept: %v", err)
	}
}

func checkEvent(t *testing.T, e parcel.Event) {
	t.Helper()
	if _, ok := parcel.FactOf(e.Kind); !ok || e.ID == "" || e.Number == "" || e.Feed == "" {
		t.Fatalf("the event lacks something: %+v", e)
	}
	if !strings.HasPrefix(string(e.ID), e.Feed+":") {
		t.Fatalf("id %q does not name its feed", e.ID)
	}
	if e.HappenedAt.IsZero() || e.HappenedAt.After(heard) || !e.HeardAt.Equal(heard) {
		t.Fatalf("happened %s, heard %s", e.HappenedAt, e.HeardAt)
	}
	texts := []string{string(e.ID), string(e.Number), string(e.Carrier), string(e.Order), e.Code, e.Note, e.Detail, e.Place.City, e.Place.Country}
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || utf8.RuneCountInString(s) > longest+20 {
			t.Fatalf("a database would refuse %q", s)
		}
	}
}
