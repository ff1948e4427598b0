package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"landfall/internal/notify"
)

// heard writes down what the assistant made of a message.
func (t *tx) heard(m notify.MerchantID, id string, h notify.Heard) error {
	return t.exec(`update replies set outcome = $1, intent = $2, lang = $3, confidence = $4, order_id = $5 where merchant = $6 and id = $7`,
		h.Outcome, h.Intent, h.Lang, h.Confidence, h.Order, m, id)
}

const (
	// settledAfter is how long after an answer it is settled whether it was enough.
	settledAfter = 48 * time.Hour
	// sameTalk is how soon after an answer a further question belongs to the same conversation.
	sameTalk = 30 * time.Minute
	// shownMisses is how many messages that were not understood a report shows, the latest.
	shownMisses = 100
)

// Heard reports how the assistant did between two instants.
func (l *Ledger) Heard(ctx context.Context, m notify.MerchantID, from, to, now time.Time) (out notify.HeardReport, err error) {
	out = notify.HeardReport{Intents: []notify.IntentCount{}, Outcomes: []notify.OutcomeCount{}, Handoffs: []notify.ReasonCount{}, Unclear: []notify.Unclear{}}
	for _, read := range []func() error{
		func() error {
			return rows(ctx, l.read, func(r *sql.Rows) error {
				var c notify.IntentCount
				err := r.Scan(&c.Intent, &c.Messages, &c.Answered, &c.Settled, &c.Contained)
				out.Intents = append(out.Intents, c)
				return err
			}, contained, m, ms(from), ms(to), ms(now.Add(-settledAfter)), sameTalk.Milliseconds(), settledAfter.Milliseconds(), notify.WasAnswered, notify.HandedOver)
		},
		func() error {
			return rows(ctx, l.read, func(r *sql.Rows) error {
				var c notify.OutcomeCount
				err := r.Scan(&c.Outcome, &c.Messages)
				out.Outcomes = append(out.Outcomes, c)
				return err
			}, `select outcome, count(*) from replies where merchant = $1 and at >= $2 and at < $3 and outcome <> '' group by outcome order by 2 desc, 1`, m, ms(from), ms(to))
		},
		func() error {
			return rows(ctx, l.read, func(r *sql.Rows) error {
				var h notify.ReasonCount
				err := r.Scan(&h.Reason, &h.Handoffs)
				out.Handoffs = append(out.Handoffs, h)
				return err
			}, `select reason, count(*) from handoffs where merchant = $1 and created_at >= $2 and created_at < $3 group by reason order by 2 desc, 1`, m, ms(from), ms(to))
		},
		func() error {
			return rows(ctx, l.read, func(r *sql.Rows) error {
				var x notify.Unclear
				var when int64
				err := r.Scan(&x.Channel, &x.Lang, &x.Outcome, &x.Text, &when)
				x.At = at(when)
				out.Unclear = append(out.Unclear, x)
				return err
			}, `select channel, lang, outcome, body, at from replies where merchant = $1 and at >= $2 and at < $3 and outcome in ($4, $5) order by at desc limit $6`,
				m, ms(from), ms(to), notify.NotUnderstood, notify.Attack, shownMisses)
		},
	} {
		if err = read(); err != nil {
			return out, fmt.Errorf("report conversations: %w", err)
		}
	}
	return out, nil
}

// contained counts by intent. An answer was enough when nobody had to take over, and the person did not come back about the order, for two days.
const contained = `select intent, count(*), sum(case when outcome = $7 then 1 else 0 end),
	sum(case when outcome = $7 and at < $4 then 1 else 0 end),
	sum(case when outcome = $7 and at < $4 and not exists (select 1 from replies l where l.merchant = r.merchant and l.person = r.person
		and l.at > r.at and l.at < r.at + $6 and (l.outcome = $8 or l.order_id = r.order_id and r.order_id <> '' and l.at > r.at + $5)) then 1 else 0 end)
	from replies r where merchant = $1 and at >= $2 and at < $3 and outcome <> '' group by intent order by 2 desc, 1`
