package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// text is a message that the stand-in for Twilio took.
type text struct {
	SID       string `json:"sid"`
	To        string `json:"to"`
	From      string `json:"from"`
	Body      string `json:"body"`
	Status    string `json:"status"`
	Direction string `json:"direction"`
	Created   string `json:"date_created"`
}

// text takes a text message. Twilio knows no retry keys: whatever arrives is a message.
func (p *provider) text(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	w.Header().Set("Content-Type", "application/json")
	fault := p.now()
	if refused(w, r, fault) {
		return
	}
	t := text{To: r.FormValue("To"), From: r.FormValue("From"), Body: r.FormValue("Body"), Status: "queued", Direction: "outbound-api", Created: now.UTC().Format(time.RFC1123Z)}
	p.take(t.To, "", now)
	t = p.keep(t)
	if fault == silent {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(t) // whoever asked may be dead, which is what the trial is about
}

// keep gives a text message its id.
func (p *provider) keep(t text) text {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.texts++
	t.SID = fmt.Sprintf("SM%032x", p.texts)
	p.sent[t.To] = append(p.sent[t.To], t)
	return t
}

// asked lists what went to a number, by which Landfall finds out what became of a call whose answer it never heard.
func (p *provider) asked(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.questions++
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"messages": append([]text{}, p.sent[r.FormValue("To")]...)})
}

// doubts is how often it was asked what it took.
func (p *provider) doubts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.questions
}
