package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/play"
	"landfall/internal/report"
)

type tryCmd struct {
	Once   bool   `help:"Play it and stop."`
	JSON   bool   `help:"Print for a program."`
	Redis  string `default:"embedded" help:"Queue to play on: embedded or redis://."`
	Listen string `default:"127.0.0.1:8080" help:"Where the simulated phones are shown afterwards."`
}

// Validate names the flag, where the settings' own sentence would name a variable.
func (c tryCmd) Validate() error {
	u, err := url.Parse(c.Redis)
	if c.Redis == "embedded" || err == nil && u.Host != "" && slices.Contains([]string{"redis", "rediss", "redis-sentinel"}, u.Scheme) {
		return nil
	}
	return errors.New("--redis is no address of a Redis; write it as redis://127.0.0.1:6379, or leave it out")
}

// Run plays the story, prints what each person received and why, and shows the simulated phones until interrupted.
func (c tryCmd) Run(ctx context.Context, e Env) (err error) {
	var l net.Listener
	if !c.Once { // before the play, so that nobody watches it and then hears of a taken address
		if l, err = net.Listen("tcp", c.Listen); err != nil {
			return fmt.Errorf("show the phones on %s: %w; choose another address with --listen", c.Listen, errors.Unwrap(err))
		}
		defer l.Close() // closed already, unless the play failed
	}
	dir, err := os.MkdirTemp("", "landfall-try-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	public, private, err := config.NewVAPID()
	if err != nil {
		return fmt.Errorf("make keys: %w", err)
	}
	w, err := play.New(ctx, play.Options{Dir: dir, Start: play.Curtain(), Redis: c.Redis, Version: e.version(), Log: complaints(e.Stderr), Origin: origin(l),
		Operator: func(s *config.Settings) {
			s.VAPIDPublicKey, s.VAPIDPrivateKey, s.VAPIDSubject = public, private, "try@acme.example"
		}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	bar := progress{w: e.Stderr}
	if err := w.Story(ctx, bar.show); err != nil {
		return err
	}
	bar.clear()
	discord, err := c.tell(ctx, e, w)
	if err != nil {
		return err
	}
	if !c.Once {
		return phones(ctx, e, w, l)
	}
	if discord {
		return errNo
	}
	return nil
}

// complaints prints only what goes wrong: the story is told on standard output.
func complaints(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelError}))
}

// progress is one line that is written over, and nothing when no terminal shows it.
type progress struct{ w io.Writer }

func (p progress) show(done, all int, note string) {
	if terminal(p.w) {
		fmt.Fprintf(p.w, "\r\x1b[K%s%s %s", strings.Repeat("▓", done), strings.Repeat("░", all-done), note)
	}
}

func (p progress) clear() {
	if terminal(p.w) {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// tell prints what everybody lived through, and whether the providers disagree with it.
func (c tryCmd) tell(ctx context.Context, e Env, w *play.World) (discord bool, err error) {
	told, err := w.Experiences(ctx)
	if err != nil {
		return false, err
	}
	var rows []report.Row
	for _, x := range told {
		rows = append(rows, x.Messages...)
	}
	problems := append([]string{}, w.Discord(rows)...) // an empty list is a list
	if c.JSON {
		return len(problems) > 0, json.NewEncoder(e.Stdout).Encode(struct {
			People   []play.Experience `json:"people"`
			Problems []string          `json:"problems"`
		}{told, problems})
	}
	var b strings.Builder
	for _, x := range told {
		if err := tellOne(&b, x); err != nil {
			return false, err
		}
	}
	for _, p := range problems {
		fmt.Fprintln(&b, "PROBLEM:", p)
	}
	sent := 0
	for _, r := range rows {
		if r.Outcome == "sent" {
			sent++
		}
	}
	fmt.Fprintf(&b, "%d messages sent to %d people; %d problems. Nothing left this machine: every provider was a stand-in.\n", sent, len(told), len(problems))
	_, err = fmt.Fprint(e.Stdout, b.String())
	return len(problems) > 0, err
}

// tellOne tells one person's story: each scan, and below it what was said about it and why.
func tellOne(b *strings.Builder, x play.Experience) error {
	zone, err := time.LoadLocation(x.Zone)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("%s in %s: %s, order %s (times of %s)", x.Name, x.Home, x.Goods, x.Order, x.Zone)
	fmt.Fprintf(b, "%s\n%s\n", title, strings.Repeat("─", len([]rune(title))))
	for _, entry := range x.Timeline {
		switch {
		case entry.What == "scan":
			fmt.Fprintf(b, "%s  %s\n", stamp(entry.At, zone), scanned(entry))
			tellMessages(b, x.Messages, entry.Event, zone)
			tellSilence(b, x.Timeline, entry.Event)
		case entry.What == "reply":
			fmt.Fprintf(b, "%s  %s writes on %s: %s\n", stamp(entry.At, zone), first(x.Name), label(entry.Channel), entry.Text)
		case entry.What == "consent":
			fmt.Fprintf(b, "%s  %s (%s)\n", stamp(entry.At, zone), strings.TrimSuffix(entry.Summary, "."), entry.Detail)
		}
	}
	b.WriteString("\n")
	return nil
}

func scanned(e report.Entry) string {
	s := strings.ReplaceAll(string(e.Kind), "_", " ")
	if e.Place != nil {
		s += " in " + strings.Trim(e.Place.City+", "+e.Place.Country, ", ")
	}
	feed, _, _ := strings.Cut(string(e.Event), ":")
	return s + "  (" + feed + ")"
}

func tellMessages(b *strings.Builder, rows []report.Row, event parcel.EventID, zone *time.Location) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b report.Row) int { // the silent copy in the inbox comes last
		return cmp.Compare(strings.Count(string(a.Channel), "inapp"), strings.Count(string(b.Channel), "inapp"))
	})
	for _, r := range rows {
		if r.Event != event {
			continue
		}
		fmt.Fprintf(b, "    %s\n", outcome(r, zone))
		fmt.Fprintf(b, "      why: rule “%s”; %s\n", r.Rule, why(r))
		for line := range strings.Lines(r.Text) {
			if r.Outcome == "sent" && r.Channel != notify.InApp {
				fmt.Fprintln(b, strings.TrimRight("      │ "+line, " \n"))
			}
		}
	}
}

// tellSilence says why a scan was told to nobody.
func tellSilence(b *strings.Builder, entries []report.Entry, event parcel.EventID) {
	for _, e := range entries {
		if e.Event == event && e.What == "verdict" && e.Verdict == notify.Drop && e.Say == "" {
			fmt.Fprintf(b, "    not told: %s\n", e.Why)
		}
	}
}

func outcome(r report.Row, zone *time.Location) string {
	s := label(r.Channel)
	switch {
	case r.Outcome == "sent" && r.State == notify.Read:
		return s + " · read, sent " + stamp(r.At, zone)
	case r.Outcome == "sent" && r.State == notify.Arrived:
		return s + " · delivered, sent " + stamp(r.At, zone)
	case r.Outcome == "sent":
		return s + " · sent " + stamp(r.At, zone)
	}
	return s + " · " + r.Outcome
}

func why(r report.Row) string {
	var parts []string
	for _, s := range r.Skipped {
		parts = append(parts, "not on "+label(s.Channel)+": "+s.Reason.Means()+" ("+string(s.Reason)+")")
	}
	if r.HeldFor != "" {
		parts = append(parts, r.HeldFor.Means()+" ("+string(r.HeldFor)+")")
	}
	if r.Outcome != "sent" {
		return strings.Join(append(parts, r.Why+" ("+string(r.Reason)+")"), "; ")
	}
	for _, d := range r.Decisions {
		if d.Delivery == r.Delivery && d.Verdict == notify.Allow && d.Phase == notify.AtDispatch {
			parts = append(parts, d.Reason.Means()+" ("+string(d.Reason)+")")
		}
	}
	return strings.Join(parts, "; ")
}

func stamp(t time.Time, zone *time.Location) string { return t.In(zone).Format("Mon _2 Jan 15:04") }

func first(name string) string {
	name, _, _ = strings.Cut(name, " ")
	return name
}

func label(c notify.Channel) string {
	return map[notify.Channel]string{notify.WhatsApp: "WhatsApp", notify.LINE: "LINE", notify.SMS: "SMS", notify.Email: "Email", notify.InApp: "In-app"}[c]
}

// phones shows the simulated phones until interrupted.
func phones(ctx context.Context, e Env, w *play.World, l net.Listener) error {
	window, err := w.Window()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", w.Sandbox.Phones())
	mux.Handle("/inbox", window)
	mux.Handle("/inbox/", window)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	fmt.Fprintf(e.Stdout, "The phones: %[1]s/   The inbox in a shop's page: %[1]s/inbox   Landfall: %[2]s   Ctrl-C ends it.\n", origin(l), w.App.URL())
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

// origin is where the phones and the shop's page are shown; empty when they are not.
func origin(l net.Listener) string {
	if l == nil {
		return ""
	}
	return "http://" + dialable(l.Addr())
}

// dialable is an address to open on this machine: a listener on every address names none that can be.
func dialable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}
