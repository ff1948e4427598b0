package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"
	_ "modernc.org/sqlite"             // the driver named "sqlite"
)

// waitingRoom measures Landfall with many notifications that wait for the morning: how soon it listens, what it keeps in
// memory, and what in Redis.
func (o *options) waitingRoom(ctx context.Context, database string) error {
	setting, err := o.fresh(ctx, database, "held")
	if err != nil {
		return err
	}
	if err := o.holdOne(ctx, setting); err != nil {
		return err
	}
	if err := multiply(ctx, setting, o.held); err != nil {
		return err
	}
	if err := flush(ctx, o.redis); err != nil {
		return err
	}
	provider := newProvider()
	defer provider.close()
	p, err := o.ofLandfall().start(ctx, setting, provider.url)
	if err != nil {
		return err
	}
	defer p.kill()
	pause(ctx, 5*time.Second)
	before := p.cpu()
	pause(ctx, 5*time.Second)
	inRedis, err := keys(ctx, o.redis)
	fmt.Printf("  %d held: listening after %s, %.0f MB resident, idle %.1f %% of a core, %d keys in Redis\n\n",
		o.held, short(p.took), p.resident(), 100*(p.cpu()-before).Seconds()/5, inRedis)
	return err
}

// holdOne has a message held until the morning of a customer who sleeps.
func (o *options) holdOne(ctx context.Context, setting string) error {
	provider := newProvider()
	defer provider.close()
	p, err := o.ofLandfall().start(ctx, setting, provider.url)
	if err != nil {
		return err
	}
	defer p.kill()
	shop := newShopper(p.url, provider)
	shop.consents, shop.zone = true, noonZone(time.Now().Add(12*time.Hour))
	if err := shop.setUp(ctx, 1); err != nil {
		return err
	}
	return shop.happen(ctx, 0)
}

// numbers yields 1 to $1 in either database.
const numbers = `with recursive counted(i) as (select 1 union all select i + 1 from counted where i < $1) `

// multiply copies the one notification that waits, with its delivery.
func multiply(ctx context.Context, setting string, n int) error {
	db, err := connect(setting)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range []string{
		`insert into notifications (id, merchant, person, order_id, parcel, created_at, reason, data)
			select n.id || '-' || i, n.merchant, n.person || '-' || i, n.order_id || '-' || i, n.parcel || '-' || i, n.created_at, n.reason, n.data from counted, notifications n`,
		`insert into deliveries (id, notification, merchant, channel, position, state, reason, held_for, due, handed_at, claimed_at, attempts, idem_key, provider_id, words, updated_at, sent_at)
			select d.id || '-' || i, d.notification || '-' || i, d.merchant, d.channel, d.position, d.state, d.reason, d.held_for, d.due, d.handed_at, d.claimed_at, d.attempts, d.idem_key || i, d.provider_id, d.words,
			d.updated_at, d.sent_at from counted, deliveries d where d.state = 'held'`,
	} {
		table, rest, _ := strings.Cut(statement, "\n")
		if _, err := db.ExecContext(ctx, table+" "+numbers+rest, n); err != nil {
			return fmt.Errorf("multiply what waits: %w", err)
		}
	}
	return nil
}
