package model

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"landfall/internal/notify"
)

// endpoint is a model's API that answers as told, and keeps what it was asked.
type endpoint struct {
	t      *testing.T
	answer func(w http.ResponseWriter)
	asked  []string
	counts []string
	now    time.Time
	*Model
}

func serve(t *testing.T, answer func(w http.ResponseWriter)) *endpoint {
	t.Helper()
	e := &endpoint{t: t, answer: answer, now: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.asked = append(e.asked, string(body))
		if r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer key" {
			t.Errorf("it is asked at %s with %q", r.URL.Path, r.Header.Get("Authorization"))
		}
		e.answer(w)
	}))
	t.Cleanup(srv.Close)
	e.Model = New(Config{URL: srv.URL + "/v1/", Name: "small", Key: "key", Daily: 20, Now: func() time.Time { return e.now },
		Intents: []Intent{{"order_status", "asks where it is"}, {"complaint", "complains"}}, Count: func(r string) { e.counts = append(e.counts, r) }})
	return e
}

// says answers with a message's content.
func says(content string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		b, _ := json.Marshal(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": content}}}})
		_, _ = w.Write(b)
	}
}

func raw(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const good = `{"intent":"order_status","confidence":0.9}`

// Nothing counts but an intent of the list, said with confidence, in the form that was asked for.
func TestAdvise(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer       func(http.ResponseWriter)
		want, result string
	}{
		"good":                  {says(good), "order_status", "advised"},
		"not sure":              {says(`{"intent":"order_status","confidence":0.6}`), "", "unsure"},
		"another intent":        {says(`{"intent":"refund_everybody","confidence":1}`), "", "invalid"},
		"a date beside it":      {says(`{"intent":"order_status","confidence":1,"eta":"2026-12-24"}`), "", "invalid"},
		"a link beside it":      {says(good + " see https://evil.example"), "", "invalid"},
		"two answers":           {says(good + good), "", "invalid"},
		"half of one":           {says(`{"intent":"order_status","conf`), "", "invalid"},
		"in a fence":            {says("```json\n" + good + "\n```"), "", "invalid"},
		"words":                 {says("The customer asks where the parcel is."), "", "invalid"},
		"no confidence":         {says(`{"intent":"order_status"}`), "", "invalid"},
		"more than certain":     {says(`{"intent":"order_status","confidence":7}`), "", "invalid"},
		"confidence in words":   {says(`{"intent":"order_status","confidence":"high"}`), "", "invalid"},
		"a list":                {says(`["order_status"]`), "", "invalid"},
		"nothing":               {says(``), "", "invalid"},
		"no choices":            {raw(200, `{"choices":[]}`), "", "invalid"},
		"no JSON":               {raw(200, `<html>`), "", "invalid"},
		"an error":              {raw(500, `{"error":"x"}`), "", "failed"},
		"too many questions":    {raw(429, ``), "", "failed"},
		"a redirect":            {raw(302, ``), "", "failed"},
		"an answer without end": {func(w http.ResponseWriter) { _, _ = io.Copy(w, io.LimitReader(endless{}, 1<<20)) }, "", "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, c.answer)
			if got := e.Advise(t.Context(), "acme", "mei", "where art thou, o coat"); got != c.want || len(e.counts) != 1 || e.counts[0] != c.result {
				t.Errorf("got %q, %v; want %q, %s", got, e.counts, c.want, c.result)
			}
			if len(e.asked) != 1 {
				t.Errorf("it is asked %d times", len(e.asked))
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// A model that hangs is given up.
func TestAdvise_Hangs(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	e := serve(t, func(http.ResponseWriter) { <-over })
	began := time.Now()
	got := e.Advise(t.Context(), "acme", "mei", "where art thou, o coat")
	close(over)
	if took := time.Since(began); got != "" || took > 10*timeout {
		t.Errorf("got %q after %s", got, took)
	}
}

// What it is told is masked, and asks for the schema.
func TestAdvise_WhatItIsTold(t *testing.T) {
	t.Parallel()
	e := serve(t, says(good))
	e.Advise(t.Context(), "acme", "mei", "I am Mei Lin, call +49 151 12345678 or mei@example.com about order A-10045, see https://shop.example/t/1, since 2 weeks", "Mei Lin")
	asked := e.asked[0]
	for _, secret := range []string{"Mei", "Lin", "151", "12345678", "example.com", "10045", "shop.example", "acme"} {
		if strings.Contains(asked, secret) {
			t.Errorf("it is told %q: %s", secret, asked)
		}
	}
	for _, part := range []string{"2 weeks", `"json_schema"`, `"enum":["order_status","complaint"]`, `"additionalProperties":false`, `"model":"small"`, "asks where it is"} {
		if !strings.Contains(asked, part) {
			t.Errorf("it is not told %s: %s", part, asked)
		}
	}
}

// Each person has a share of the hour, and each merchant one of the day.
func TestAdvise_Limits(t *testing.T) {
	t.Parallel()
	e := serve(t, says(good))
	asks := func(m notify.MerchantID, p notify.PersonID) bool {
		return e.Advise(t.Context(), m, p, "where art thou, o coat") != ""
	}
	for i := range hourly + 2 {
		if asks("acme", "mei") != (i < hourly) {
			t.Errorf("question %d of the hour", i+1)
		}
	}
	e.now = e.now.Add(time.Hour)
	if !asks("acme", "mei") {
		t.Error("in the next hour nothing is asked")
	}
	for i := hourly + 1; i < 22; i++ {
		if asks("acme", notify.PersonID(fmt.Sprint("p", i))) != (i < 20) {
			t.Errorf("question %d of the day", i+1)
		}
	}
	if !asks("other", "mei") {
		t.Error("another merchant's share is used up too")
	}
	e.now = e.now.Add(24 * time.Hour)
	if !asks("acme", "mei") {
		t.Error("on the next day nothing is asked")
	}
}

func TestAdvise_Rests(t *testing.T) {
	t.Parallel()
	e := serve(t, raw(500, ""))
	ask := func() string { return e.Advise(t.Context(), "acme", "mei", "where art thou, o coat") }
	for range 4 {
		ask()
	}
	if len(e.asked) != strikes || e.counts[3] != "resting" {
		t.Errorf("a model that fails is asked %d times: %v", len(e.asked), e.counts)
	}
	e.now = e.now.Add(rest)
	e.answer = says(good)
	if got := ask(); got != "order_status" {
		t.Errorf("after its rest it says %q: %v", got, e.counts)
	}
	if got := ask(); got != "order_status" {
		t.Errorf("it works again, and is not asked: %q: %v", got, e.counts)
	}
}
