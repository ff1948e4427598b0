package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// copied are the tables that know a customer who waits for a message, and the message.
var copied = []string{"people", "addresses", "consents", "orders", "labels", "parcels", "events", "notifications", "deliveries"}

// connect opens the database of a LANDFALL_DATABASE setting.
func connect(setting string) (*sql.DB, error) {
	if path, ok := strings.CutPrefix(setting, "sqlite:"); ok {
		return sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(20000)")
	}
	return sql.Open("pgx", setting)
}

// copies makes customers 1 to n out of customer 0, each with an own order, parcel and message that waits: much faster than telling of
// them one by one.
func copies(ctx context.Context, db *sql.DB, n int) error {
	var ids struct{ parcel, notification, key string }
	if err := db.QueryRowContext(ctx, `select n.parcel, n.id, d.idem_key from notifications n join deliveries d on d.notification = n.id`).Scan(&ids.parcel, &ids.notification, &ids.key); err != nil {
		return fmt.Errorf("read what is to be copied: %w", err)
	}
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }() // nothing is left of it after a commit
	other := make([]*strings.Replacer, n+1)
	for i := 1; i <= n; i++ {
		other[i] = strings.NewReplacer(ids.parcel, fmt.Sprint(ids.parcel, "-", i), ids.notification, fmt.Sprint(ids.notification, "-", i), ids.key, fmt.Sprintf("%s%012x", ids.key[:24], i), user(0), user(i),
			`"p0"`, fmt.Sprintf(`"p%d"`, i), `"A0"`, fmt.Sprintf(`"A%d"`, i), `"N0"`, fmt.Sprintf(`"N%d"`, i), "api:e0", fmt.Sprint("api:e", i))
	}
	for _, table := range copied {
		if err := copyTable(ctx, t, table, other); err != nil {
			return fmt.Errorf("copy %s: %w", table, err)
		}
	}
	return t.Commit()
}

// copyTable writes the rows of a table once more for each customer but the first, with what is other about them.
func copyTable(ctx context.Context, t *sql.Tx, table string, other []*strings.Replacer) error {
	rows, insert, err := template(ctx, t, table)
	if err != nil {
		return err
	}
	into, err := t.PrepareContext(ctx, insert)
	if err != nil {
		return err
	}
	defer into.Close()
	for i, r := range other[1:] {
		for _, row := range rows {
			if _, err := into.ExecContext(ctx, copyOf(row, r, i+1)...); err != nil {
				return err
			}
		}
	}
	return nil
}

// template reads the rows of a table, and how one like them is written.
func template(ctx context.Context, t *sql.Tx, table string) (rows [][]any, insert string, err error) {
	found, err := t.QueryContext(ctx, `select * from `+table)
	if err != nil {
		return nil, "", err
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		return nil, "", err
	}
	for found.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := found.Scan(into...); err != nil {
			return nil, "", err
		}
		rows = append(rows, row)
	}
	marks := make([]string, len(columns))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	return rows, `insert into ` + table + ` (` + strings.Join(columns, ", ") + `) values (` + strings.Join(marks, ", ") + `)`, found.Err()
}

// copyOf is a row as it is of customer i.
func copyOf(row []any, other *strings.Replacer, i int) []any {
	out := make([]any, len(row))
	for c, v := range row {
		text, ok := v.(string)
		if !ok {
			out[c] = v
			continue
		}
		switch text = other.Replace(text); text {
		case "p0", "A0", "N0":
			text = fmt.Sprint(text[:1], i)
		}
		out[c] = text
	}
	return out
}

// dueAt has everything that is held become due at an instant, when its owners are awake.
func dueAt(ctx context.Context, db *sql.DB, at time.Time) error {
	asleep, awake := noonZone(time.Now().Add(12*time.Hour)), noonZone(time.Now())
	if _, err := db.ExecContext(ctx, `update people set data = replace(data, $1, $2)`, asleep, awake); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, `update deliveries set due = $1 where state = 'held'`, at.UnixMilli())
	return err
}
