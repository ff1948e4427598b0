package ledger

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"landfall/internal/notify"
)

// steps returns how SQLite carries out a query.
func steps(t *testing.T, l *Ledger, query string, args ...any) string {
	t.Helper()
	var out []string
	err := rows(context.Background(), l.read, func(r *sql.Rows) error {
		var id, parent, unused int
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		out = append(out, detail)
		return err
	}, `explain query plan `+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "\n")
}

// What is asked for with every callback, event or page must not get slower with all that was ever stored.
func TestQueriesUseTheirIndexes(t *testing.T) {
	t.Parallel()
	l, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	told := func(f Filter) string {
		query, args := toldQuery("acme", f)
		return steps(t, l, query, args...)
	}
	about, args, _ := l.suppressedQuery("acme", traits(notify.Person{ID: "mei", Phone: "+4915112345678"}))
	cases := []struct{ name, got, index string }{
		{"suppressions of a person", steps(t, l, about, args...), "sqlite_autoindex_suppressions_1 (merchant=? AND hash=?)"},
		{"suppressions at all", steps(t, l, `select '' where `+anySuppressed, "acme"), "sqlite_autoindex_suppressions_1 (merchant=?)"},
		{"who is behind a pseudonym", steps(t, l, erasedAtQuery, "acme", "0123", "0123g", reasonErased), "sqlite_autoindex_suppressions_1 (merchant=? AND hash>? AND hash<?)"},
		{"words of a person", steps(t, l, wipeWords+`person = $2)`, "acme", "mei"), "notifications_by_person (merchant=? AND person=?)"},
		{"delivery by id", steps(t, l, deliveryByID, "d1", "acme"), "sqlite_autoindex_deliveries_1 (id=?)"},
		{"delivery by provider", steps(t, l, deliveryByProvider, "acme", "SM1"), "deliveries_by_provider (merchant=? AND provider_id=?)"},
		{"consents, own", steps(t, l, consentsOf, "acme", "mei"), "sqlite_autoindex_consents_1 (merchant=? AND person=?)"},
		{"consents, addresses", steps(t, l, consentsOf, "acme", "mei"), "addresses_by_person (merchant=? AND person=?)"},
		{"consents, acts", steps(t, l, consentsOf, "acme", "mei"), "sqlite_autoindex_address_consents_1 (merchant=? AND channel=? AND address=?)"},
		{"preferences", steps(t, l, preferencesOf, "acme", "mei"), "sqlite_autoindex_preferences_1 (merchant=? AND person=?)"},
		{"preferences in a stamp", steps(t, l, stampOf, "acme", "mei"), "sqlite_autoindex_preferences_1 (merchant=? AND person=?)"},
		{"dead letters", func() string { q, args := deadQuery("acme", DeadFilter{}, time.Now()); return steps(t, l, q, args...) }(), "deliveries_dead (merchant=?)"},
		{"one dead letter", func() string {
			q, args := deadQuery("acme", DeadFilter{ID: "n1"}, time.Now())
			return steps(t, l, q, args...)
		}(),
			"deliveries_by_notification (notification=?)"},
		{"told by id", told(Filter{ID: "n1"}), "sqlite_autoindex_notifications_1 (id=?)"},
		{"told by order", told(Filter{Order: "A1"}), "notifications_by_order (merchant=? AND order_id=?)"},
		{"told by person", told(Filter{Person: notify.PersonID("mei")}), "notifications_by_person (merchant=? AND person=?)"},
		{"told by parcel", told(Filter{Parcel: "p1"}), "notifications_by_parcel (parcel=?)"},
		{"decisions of no notification", steps(t, l, decisionsWhere(aboutParcel), "p1"), "decisions_by_parcel (parcel=?)"},
		{"decisions of an event", steps(t, l, decisionsWhere(aboutEvent), "acme", "e1"), "decisions_by_event (merchant=? AND event=?)"},
		{"decisions of a notification", steps(t, l, decisionsWhere(aboutNotification), "n1"), "decisions_by_notification (notification=?)"},
		{"parcels of a number", steps(t, l, parcelsWhere(`merchant = $1 and number = $2`), "acme", "1"), "parcels_by_number (merchant=? AND number=?)"},
		{"parcels of a number and order", steps(t, l, parcelsWhere(`merchant = $1 and number = $2 and order_id = $3`), "acme", "1", "A1"),
			"parcels_by_number (merchant=? AND number=? AND order_id=?)"},
		{"labels of an order", steps(t, l, labelsOf, "acme", "A1"), "labels_by_order (merchant=? AND order_id=?)"},
		{"free parcels", steps(t, l, parcelsWhere(freeParcels), "acme", "1", "A1"), "parcels_by_number (merchant=? AND number=?)"},
	}
	for _, c := range cases {
		if !strings.Contains(c.got, "INDEX "+c.index) {
			t.Errorf("%s goes another way:\n%s", c.name, c.got)
		}
	}
	for name, got := range map[string]string{
		"what is known of a number": steps(t, l, heardOf, "acme", "e1", "1"),
		"a parcel's story":          steps(t, l, storyOf, "p1", "acme"),
		"what is known of a person": steps(t, l, subjectOf, "acme", "mei", 0, 0),
		"the tries of a delivery":   steps(t, l, triesOf, "d1"),
	} {
		if strings.Contains(strings.ReplaceAll(strings.ReplaceAll(got, "SCAN CONSTANT ROW", ""), "SCAN acts", ""), "SCAN") {
			t.Errorf("%s reads a table from end to end:\n%s", name, got)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
