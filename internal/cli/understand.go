package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"landfall/internal/optout"
	"landfall/internal/understand"
)

// longestLine is how long a line of understand may be.
const longestLine = 1 << 20

type understandCmd struct {
	Words string `type:"existingdir" placeholder:"DIR" help:"Folder of words of your own, such as merchants/acme/understanding."`
}

// Help is shown below the usage.
func (understandCmd) Help() string {
	return `Each line in is a JSON object: "text" is what somebody wrote; "id", "lang" (their locale), "now", "orders" and "expecting" may stand beside it.
Each line out says what it means. Nothing is sent or recorded.`
}

// asked is one line in.
type asked struct {
	ID        string                `json:"id"`
	Text      string                `json:"text"`
	Lang      string                `json:"lang"`
	Now       string                `json:"now"`
	Orders    []understand.Order    `json:"orders"`
	Expecting *understand.Expecting `json:"expecting"`
}

// understood is one line out.
type understood struct {
	ID string `json:"id"`
	understand.Reading
	From *understand.Date `json:"from,omitempty"`
	To   *understand.Date `json:"to,omitempty"`
}

// Run reads messages line by line and says what each means.
func (c understandCmd) Run(e Env) error {
	reader := sync.OnceValues(c.reader) // its words take a moment to read
	in, out := bufio.NewScanner(e.Stdin), bufio.NewWriter(e.Stdout)
	in.Buffer(nil, longestLine)
	for n := 1; in.Scan(); n++ {
		if strings.TrimSpace(in.Text()) == "" {
			continue
		}
		if err := answerLine(reader, in.Bytes(), out, time.Now()); err != nil {
			return errors.Join(out.Flush(), fmt.Errorf("line %d: %w", n, err))
		}
	}
	if err := in.Err(); err != nil {
		return errors.Join(out.Flush(), fmt.Errorf("read messages: %w; a line has at most %d bytes", err, longestLine))
	}
	return out.Flush()
}

func (c understandCmd) reader() (*understand.Reader, error) {
	r, err := understand.New(optout.New())
	if err != nil || c.Words == "" {
		return r, err
	}
	more, err := understand.ReadExtension(os.DirFS(c.Words))
	if err != nil {
		return nil, err
	}
	return r.Extend(more)
}

func answerLine(reader func() (*understand.Reader, error), line []byte, out io.Writer, now time.Time) error {
	var a asked
	if err := json.Unmarshal(line, &a); err != nil {
		return fmt.Errorf(`it is no JSON object such as {"id": "1", "text": "where is my coat"}: %w`, err)
	}
	if a.Now != "" {
		t, err := instantOrDay(a.Now)
		if err != nil {
			return err
		}
		now = t
	}
	if a.Expecting != nil && a.Expecting.Kind != understand.Choose && a.Expecting.Kind != understand.Confirm {
		return fmt.Errorf(`expecting.kind is %q; write "choose" or "confirm"`, a.Expecting.Kind)
	}
	r, err := reader()
	if err != nil {
		return err
	}
	read := r.Read(understand.Message{Text: a.Text, Locale: a.Lang, Now: now, Orders: a.Orders, Expecting: a.Expecting})
	u := understood{ID: a.ID, Reading: read}
	if p := read.Bought; p != nil {
		u.From, u.To = &p.From, &p.To
	}
	return json.NewEncoder(out).Encode(u)
}

// instantOrDay reads a time in the zone it is written in, or a day.
func instantOrDay(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("now is %q; write it as 2026-12-02T03:00:00Z or 2026-12-02", s)
}
