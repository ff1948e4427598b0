package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // mails are in other character sets than UTF-8 too
	"github.com/emersion/go-message/mail"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"landfall/channels"
	"landfall/internal/notify"
)

// maxReply is how much of a reply's text is read, in bytes.
const maxReply = 64 << 10

// reply is what somebody wrote back to a mail of ours: whose address stands in From, and what they wrote themselves, without what they quote. Machines' replies and empty
// ones give no signal.
func reply(delivery notify.DeliveryID, raw []byte, now time.Time) []channels.Signal {
	msg, err := mail.CreateReader(bytes.NewReader(raw))
	if msg == nil || err != nil && !readable(err) {
		return nil
	}
	from, _ := msg.Header.AddressList("From")
	text := own(body(msg))
	if len(from) != 1 || mechanical(msg.Header) || text == "" {
		return nil
	}
	id, _ := msg.Header.MessageID()
	subject, _ := msg.Header.Subject()
	name := sha256.Sum256([]byte(string(delivery) + "\x00" + id + "\x00" + text))
	return []channels.Signal{{
		From: notify.Address{Channel: notify.Email, Value: notify.Secret(from[0].Address)},
		Reply: &channels.Reply{ID: "mail:" + hex.EncodeToString(name[:12]), Of: delivery, Text: text, At: now,
			Mail: notify.MailHead{MessageID: id, Subject: strings.TrimSpace(subject)}},
	}}
}

// mechanical reports whether a mail was written by a machine: answering it may go on for ever. Source: RFC 3834, and what programs older than that write.
func mechanical(h mail.Header) bool {
	auto := strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted")))
	precedence := strings.ToLower(strings.TrimSpace(h.Get("Precedence")))
	return auto != "" && auto != "no" || slices.Contains([]string{"bulk", "junk", "list", "auto_reply"}, precedence) ||
		h.Has("List-Id") || h.Has("X-Autoreply") || h.Has("X-Autorespond") || strings.TrimSpace(h.Get("Return-Path")) == "<>"
}

// body is the text of a mail: its first part of plain text, else what an HTML part shows.
func body(msg *mail.Reader) string {
	shown := ""
	for range maxParts {
		part, err := msg.NextPart()
		if part == nil || err != nil && !readable(err) {
			break
		}
		head, inline := part.Header.(*mail.InlineHeader)
		if !inline {
			continue
		}
		kind, _, _ := head.ContentType()
		switch text, _ := io.ReadAll(io.LimitReader(part.Body, maxReply)); {
		case kind == "text/plain" || kind == "":
			return string(text)
		case kind == "text/html" && shown == "":
			shown = visible(text)
		}
	}
	return shown
}

// readable reports whether an error leaves a part that can be read all the same, if with a strange letter here and there.
func readable(err error) bool {
	return err != nil && !errors.Is(err, io.EOF) && (message.IsUnknownCharset(err) || message.IsUnknownEncoding(err))
}

// visible is what a page of HTML says, without what it quotes.
func visible(page []byte) string {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return ""
	}
	var b strings.Builder
	show(&b, root, 0)
	return b.String()
}

// deepest is how far elements of a page may be nested into one another to be read.
const deepest = 100

func show(b *strings.Builder, n *html.Node, depth int) {
	switch {
	case n.Type == html.TextNode:
		b.WriteString(strings.Join(strings.Fields(n.Data), " "))
		b.WriteByte(' ')
		return
	case depth > deepest || slices.Contains([]atom.Atom{atom.Head, atom.Style, atom.Script, atom.Blockquote}, n.DataAtom) || quotes(n):
		return
	case slices.Contains([]atom.Atom{atom.P, atom.Div, atom.Br, atom.Tr, atom.Li, atom.Hr}, n.DataAtom):
		b.WriteByte('\n')
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		show(b, c, depth+1)
	}
}

// quotes reports whether an element is one in which a mail program puts what it quotes.
func quotes(n *html.Node) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
		return a.Key == "class" && strings.Contains(a.Val, "quote") || a.Key == "id" && (a.Val == "divRplyFwdMsg" || a.Val == "appendonsend")
	})
}

var (
	// heading is a line of the header that Outlook and others put before what they quote, in whatever language.
	heading = regexp.MustCompile(`^\*?[\p{L}\p{M} '’-]{1,24}\*?\s?[:：]\s?\S`)
	// rule is a line that sets off what follows.
	rule = regexp.MustCompile(`^\s*[-_]{5,}`)
	// attribution is the end of the line that says who wrote what is quoted, in whatever language; dated is what its beginning has.
	attribution, dated = regexp.MustCompile(`[:：]>?$`), regexp.MustCompile(`[\d<]`)
)

// own is what somebody wrote themselves in a reply: what stands above the quoted mail, or below it where nothing does.
func own(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	end := slices.IndexFunc(lines, func(l string) bool { return strings.TrimRight(l, "\r") == "-- " })
	if end >= 0 {
		lines = lines[:end]
	}
	above, below := lines, []string(nil)
	for i := range lines {
		if begins(lines, i) {
			above, below = lines[:i], unquoted(lines[i:])
			break
		}
	}
	if s := strings.TrimSpace(strings.Join(above, "\n")); s != "" {
		return s
	}
	return strings.TrimSpace(strings.Join(below, "\n"))
}

// begins reports whether what is quoted begins at a line.
func begins(lines []string, i int) bool {
	line := strings.TrimSpace(lines[i])
	if line == "" || quoted(line) {
		return line != ""
	}
	next, after := follows(lines, i, 1), follows(lines, i, 2)
	switch {
	case attribution.MatchString(line) && (quoted(next) || next == "" && strings.Contains(line, "@")):
		return true
	case dated.MatchString(line) && strings.TrimSpace(lines[min(i+1, len(lines)-1)]) == next && attribution.MatchString(next) && quoted(after): // it is broken into two lines
		return true
	case rule.MatchString(line):
		return heading.MatchString(next) || quoted(next)
	}
	return heading.MatchString(line) && strings.Contains(line, "@") && heading.MatchString(next)
}

func quoted(line string) bool { return strings.HasPrefix(line, ">") }

// follows is the nth line that says something after one; "" for none.
func follows(lines []string, i, n int) string {
	for _, l := range lines[i+1:] {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		if n--; n == 0 {
			return l
		}
	}
	return ""
}

// unquoted is what stands between and below lines that are quoted.
func unquoted(lines []string) (out []string) {
	for i, l := range lines {
		if l := strings.TrimSpace(l); !quoted(l) && !begins(lines, i) {
			out = append(out, l)
		}
	}
	return out
}
