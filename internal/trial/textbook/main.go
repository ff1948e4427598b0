// Command textbook is what a competent team writes in an afternoon from the manuals of Asynq, database/sql and html/template:
// one transaction for each row, default polling, every message held in Redis. It makes no promise that Landfall makes; it is
// there so that Landfall's speed is measured beside something, in the same minute and on the same machine.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/hibiken/asynq"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"
	_ "modernc.org/sqlite"             // the driver named "sqlite"
)

const schema = `create table if not exists people (id text primary key, name text not null, line text not null);
	create table if not exists orders (number text primary key, person text not null, title text not null);
	create table if not exists events (id text primary key, number text not null, kind text not null, heard_at bigint not null);
	create table if not exists messages (id text primary key, person text not null, number text not null, state text not null, body text not null, sent_at bigint not null);`

var page = template.Must(template.New("departed").Parse(`<p>Hello {{.Name}},</p><p>{{.Title}} has left its country of origin.</p><p>Track it: https://shop.example/t/{{.Number}}</p>`))

type shop struct {
	db       *sql.DB
	queue    *asynq.Client
	provider string
}

type event struct {
	ID     string `json:"id"`
	Number string `json:"parcel"`
	Kind   string `json:"kind"`
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address")
	database := flag.String("database", "sqlite:textbook.db", "database")
	redis := flag.String("redis", "", "host:port of Redis")
	provider := flag.String("provider", "", "base URL of the provider")
	flag.Parse()
	if err := run(*listen, *database, *redis, *provider); err != nil {
		log.Fatal(err)
	}
}

func run(listen, database, redis, provider string) error {
	db, err := open(database)
	if err != nil {
		return err
	}
	if _, err := db.Exec(schema); err != nil {
		return err
	}
	opt := asynq.RedisClientOpt{Addr: redis}
	s := &shop{db: db, queue: asynq.NewClient(opt), provider: provider}
	workers := asynq.NewServer(opt, asynq.Config{Concurrency: 16, LogLevel: asynq.ErrorLevel})
	if err := workers.Start(asynq.HandlerFunc(s.send)); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("PUT /v1/people/{id}", s.person)
	mux.HandleFunc("PUT /v1/orders/{id}", s.order)
	mux.HandleFunc("POST /v1/events", s.event)
	server := &http.Server{Addr: listen, Handler: mux}
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	go func() { <-stop.Done(); _ = server.Close() }()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	workers.Shutdown()
	return db.Close()
}

func open(database string) (*sql.DB, error) {
	if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
		db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)")
		if err == nil {
			db.SetMaxOpenConns(1)
		}
		return db, err
	}
	return sql.Open("pgx", database)
}

func (s *shop) person(w http.ResponseWriter, r *http.Request) {
	var p struct{ Name, Line string }
	err := json.NewDecoder(r.Body).Decode(&p)
	if err == nil {
		_, err = s.db.ExecContext(r.Context(), `insert into people (id, name, line) values ($1, $2, $3)`, r.PathValue("id"), p.Name, p.Line)
	}
	answer(w, err, http.StatusOK)
}

func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	var o struct {
		Person  string
		Items   []struct{ Title string }
		Parcels []struct{ Number string }
	}
	err := json.NewDecoder(r.Body).Decode(&o)
	if err == nil {
		_, err = s.db.ExecContext(r.Context(), `insert into orders (number, person, title) values ($1, $2, $3)`, o.Parcels[0].Number, o.Person, o.Items[0].Title)
	}
	answer(w, err, http.StatusOK)
}

func (s *shop) event(w http.ResponseWriter, r *http.Request) {
	var e event
	err := json.NewDecoder(r.Body).Decode(&e)
	if err == nil {
		err = s.accept(r.Context(), e)
	}
	answer(w, err, http.StatusAccepted)
}

func answer(w http.ResponseWriter, err error, status int) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
}

func (s *shop) accept(ctx context.Context, e event) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `insert into events (id, number, kind, heard_at) values ($1, $2, $3, $4)`, e.ID, e.Number, e.Kind, time.Now().UnixMilli()); err != nil {
		return err
	}
	var person string
	if err := tx.QueryRowContext(ctx, `select person from orders where number = $1`, e.Number).Scan(&person); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `insert into messages (id, person, number, state, body, sent_at) values ($1, $2, $3, 'planned', '', 0)`, e.ID, person, e.Number); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = s.queue.EnqueueContext(ctx, asynq.NewTask("send", []byte(e.ID)), asynq.TaskID(e.ID))
	return err
}

func (s *shop) send(ctx context.Context, t *asynq.Task) error {
	var m struct{ Name, Line, Number, Title string }
	if err := s.db.QueryRowContext(ctx, `select p.name, p.line, m.number, o.title from messages m join people p on p.id = m.person join orders o on o.number = m.number where m.id = $1`,
		string(t.Payload())).Scan(&m.Name, &m.Line, &m.Number, &m.Title); err != nil {
		return err
	}
	var body bytes.Buffer
	if err := page.Execute(&body, m); err != nil {
		return err
	}
	if err := s.call(ctx, m.Line, body.String()); err != nil {
		return err
	}
	_, err := s.db.ExecContext(ctx, `update messages set state = 'sent', body = $1, sent_at = $2 where id = $3`, body.String(), time.Now().UnixMilli(), string(t.Payload()))
	return err
}

func (s *shop) call(ctx context.Context, to, text string) error {
	data, err := json.Marshal(map[string]any{"to": to, "messages": []any{map[string]string{"type": "text", "text": text}}})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.provider+"/v2/bot/message/push", bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the provider answers %s", res.Status)
	}
	return nil
}
