package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"landfall/internal/app"
	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/internal/preview"
	"landfall/rules"
)

type previewCmd struct {
	Config string   `help:"A merchant's folder. Default: the shipped words and a sample brand." placeholder:"DIR"`
	Event  string   `help:"Show what an event is told as, which is as for POST /v1/events, instead of everything." placeholder:"FILE"`
	At     instant  `help:"When the messages are written, as in 2026-12-02T03:00:00Z. Default: when the event happened, or a Monday morning." placeholder:"TIME"`
	Locale []string `help:"Only these languages, as in de,ja,ar. Default: all." placeholder:"LOCALE"`
	Out    string   `help:"The file to write; - for standard output." default:"preview.html" placeholder:"FILE"`
	Watch  bool     `help:"Serve the page instead, and load it anew whenever the folder or the event changes."`
	Listen string   `help:"Where to serve it." default:"127.0.0.1:8090"`
}

// look is how often --watch looks for changes.
const look = 200 * time.Millisecond

// Run writes the page, or serves it until it is told to stop.
func (c previewCmd) Run(ctx context.Context, e Env) error {
	if c.Watch {
		return c.serve(ctx, e)
	}
	all, err := c.messages()
	if err != nil {
		return err
	}
	page, err := preview.Page(all, false)
	if err != nil {
		return err
	}
	if c.Out == "-" {
		_, err := e.Stdout.Write(page)
		return err
	}
	if err := os.WriteFile(c.Out, page, 0o644); err != nil {
		return fmt.Errorf("%s cannot be written; name another file with --out", c.Out)
	}
	_, err = fmt.Fprintf(e.Stdout, "%s shows %s; open it in a browser\n", c.Out, counted(all))
	return err
}

// counted says how much there is to see.
func counted(all []preview.Message) string {
	languages, remarks := map[string]bool{}, 0
	for _, m := range all {
		languages[m.Locale] = true
		if len(m.Problems) > 0 {
			remarks++
		}
	}
	s := fmt.Sprintf("%d messages in %d languages", len(all), len(languages))
	if remarks > 0 {
		s += fmt.Sprintf(", %d with a remark", remarks)
	}
	return s
}

// messages reads the folder and writes every message in it.
func (c previewCmd) messages() ([]preview.Message, error) {
	m, err := c.merchant()
	if err != nil {
		return nil, err
	}
	q := preview.Question{Locales: c.Locale, Now: c.At.Time}
	for _, market := range append([]string{""}, app.OwnVoices(m)...) {
		voice, err := app.NewVoice(m, market)
		if err != nil {
			return nil, err
		}
		if c.Config == "" {
			voice.Words = voice.Words.Approved()
		}
		q.Voices = append(q.Voices, preview.Voice{Name: cmp.Or(market, "everywhere"), Brand: voice.Brand, Words: voice.Words})
	}
	if known := q.Voices[0].Words.Locales(); len(c.Locale) > 0 {
		for _, l := range c.Locale {
			if !slices.Contains(known, l) {
				return nil, misuse{fmt.Errorf("there are no words in %q; %s", l, config.Instead(l, known))}
			}
		}
	}
	if c.Event != "" {
		if q.Event, q.Say, err = c.event(m); err != nil {
			return nil, err
		}
		q.Now = cmp.Or(c.At.Time, q.Event.HappenedAt)
	}
	return preview.Messages(q), nil
}

// merchant is the one to show: without a folder, a shop that has nothing of its own.
func (c previewCmd) merchant() (*config.Merchant, error) {
	if c.Config != "" {
		dir, err := oneMerchant(c.Config)
		if err != nil {
			return nil, err
		}
		return readMerchant(dir, config.Providers{}, func(string) string { return "" }, func(string) {})
	}
	pack, err := rules.LoadPack()
	if err != nil {
		return nil, err
	}
	look := config.Look{Name: "Acme Store", Color: "#1F4E79", URL: "https://shop.example", Support: "help@shop.example"}
	return &config.Merchant{ID: "shop", Markets: pack, Brand: config.Brand{Look: look}}, nil
}

// whenever is after anything an event may tell of: an event that is only looked at may be of any time.
var whenever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// event is the one to show, and the notices that the rules of any market say of it.
func (c previewCmd) event(m *config.Merchant) (*parcel.Event, []notify.TemplateKey, error) {
	events, err := readEvents(c.Event, cmp.Or(c.At.Time, whenever))
	if err != nil {
		return nil, nil, err
	}
	if len(events) != 1 {
		return nil, nil, misuse{fmt.Errorf("%s holds %d events; give one", c.Event, len(events))}
	}
	var say []notify.TemplateKey
	for _, market := range m.Markets {
		for _, r := range market.Rules {
			if !r.Off && slices.Contains(r.On, events[0].Kind) && !slices.Contains(say, r.Say) {
				say = append(say, r.Say)
			}
		}
	}
	if len(say) == 0 {
		return nil, nil, fmt.Errorf("no rule tells anything of %s; show another event, or write a rule for it", events[0].Kind)
	}
	return &events[0], say, nil
}

// serve shows the page at an address of this machine, always as the folder is now.
func (c previewCmd) serve(ctx context.Context, e Env) error {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("%s cannot be listened on; name another address with --listen", c.Listen)
	}
	live := &preview.Live{}
	c.refresh(live, e.Stderr)
	server := &http.Server{Handler: live, ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	fmt.Fprintf(e.Stdout, "http://%s/ shows the messages and follows your changes; stop with Ctrl-C\n", listener.Addr())
	c.follow(ctx, live, e.Stderr)
	err = server.Close()
	if served := <-stopped; !errors.Is(served, http.ErrServerClosed) {
		err = served
	}
	return err
}

// follow looks for changes until ctx ends.
func (c previewCmd) follow(ctx context.Context, live *preview.Live, stderr io.Writer) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for seen := c.fingerprint(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := c.fingerprint(); now != seen {
			seen = now
			c.refresh(live, stderr)
		}
	}
}

func (c previewCmd) refresh(live *preview.Live, stderr io.Writer) {
	all, err := c.messages()
	if err == nil {
		var page []byte
		if page, err = preview.Page(all, true); err == nil {
			live.Replace(page)
			return
		}
	}
	fmt.Fprintln(stderr, err)
	live.Fail(err)
}

// fingerprint changes when the merchant's folder or the event does.
func (c previewCmd) fingerprint() [2]uint64 {
	var f [2]uint64
	if c.Config != "" {
		f[0] = app.Fingerprint(c.Config)
	}
	if c.Event != "" {
		if info, err := os.Stat(c.Event); err == nil {
			f[1] = uint64(info.ModTime().UnixNano()) ^ uint64(info.Size())
		}
	}
	return f
}
