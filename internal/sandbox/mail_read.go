package sandbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"unicode/utf8"
)

// mailText is a mail as a mail program shows it.
type mailText struct {
	id         string
	from       string
	subject    string
	text, html string
	headers    map[string][]string
	named      []string // the addresses of To and Cc
}

// readMail reads as much of a mail as can be read and lists what is wrong with it.
func readMail(raw []byte) (mailText, []string) {
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return mailText{}, []string{"its headers cannot be read"}
	}
	m := mailText{id: message.Header.Get("Message-Id"), headers: decoded(message.Header)}
	m.subject = message.Header.Get("Subject")
	if values := m.headers["Subject"]; len(values) > 0 {
		m.subject = values[0]
	}
	problems := slices.Concat(missing(message.Header), rawHeaders(message.Header), m.address(message.Header))
	if err := m.part(textproto.MIMEHeader(message.Header), message.Body, 0); err != nil {
		problems = append(problems, err.Error())
	}
	if m.text == "" {
		problems = append(problems, "it has no plain text part")
	}
	return m, problems
}

// missing lists the headers every mail needs to be taken for an honest one.
func missing(h mail.Header) []string {
	var problems []string
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-Id", "Mime-Version"} {
		if h.Get(name) == "" {
			problems = append(problems, "the header "+name+" is missing")
		}
	}
	if _, err := h.Date(); h.Get("Date") != "" && err != nil {
		problems = append(problems, "the header Date holds no date")
	}
	return problems
}

// rawHeaders lists the headers that are not written in ASCII, which old servers mangle.
func rawHeaders(h mail.Header) []string {
	var problems []string
	for name, values := range h {
		if strings.ContainsFunc(strings.Join(values, ""), func(r rune) bool { return r >= utf8.RuneSelf }) {
			problems = append(problems, "the header "+name+" is not encoded")
		}
	}
	slices.Sort(problems)
	return problems
}

func decoded(h mail.Header) map[string][]string {
	var words mime.WordDecoder
	out := map[string][]string{}
	for name, values := range h {
		for _, v := range values {
			if plain, err := words.DecodeHeader(v); err == nil {
				v = plain
			}
			out[name] = append(out[name], v)
		}
	}
	return out
}

// address reads who the mail says it is from and to.
func (m *mailText) address(h mail.Header) []string {
	var problems []string
	for _, name := range []string{"From", "To", "Cc"} {
		list, err := h.AddressList(name)
		switch {
		case h.Get(name) == "":
			continue
		case err != nil:
			problems = append(problems, "the header "+name+" holds no addresses")
		case name == "From":
			m.from = list[0].Address
		default:
			m.name(list)
		}
	}
	return problems
}

func (m *mailText) name(list []*mail.Address) {
	for _, a := range list {
		m.named = append(m.named, strings.ToLower(a.Address))
	}
}

// misaddressed reports recipients whom the mail's own headers do not name.
func (m mailText) misaddressed(to []string) []string {
	for _, address := range to {
		if !slices.Contains(m.named, strings.ToLower(address)) {
			return []string{"its To header does not name the recipient"}
		}
	}
	return nil
}

// deepestMail bounds how deeply parts may be nested.
const deepestMail = 10

// part keeps the first plain and the first HTML text it finds; attachments are passed over.
func (m *mailText) part(h textproto.MIMEHeader, body io.Reader, depth int) error {
	kind, params, err := mime.ParseMediaType(orPlain(h.Get("Content-Type")))
	if err != nil {
		return fmt.Errorf("read Content-Type: %w", err)
	}
	switch {
	case depth > deepestMail:
		return errors.New("its parts are nested too deeply")
	case strings.HasPrefix(kind, "multipart/"):
		return m.parts(multipart.NewReader(body, params["boundary"]), depth)
	case strings.HasPrefix(h.Get("Content-Disposition"), "attachment"):
		return nil
	case kind == "text/plain" && m.text == "":
		m.text, err = words(h, params, body)
	case kind == "text/html" && m.html == "":
		m.html, err = words(h, params, body)
	}
	return err
}

func orPlain(contentType string) string {
	if contentType == "" {
		return "text/plain; charset=us-ascii"
	}
	return contentType
}

func (m *mailText) parts(r *multipart.Reader, depth int) error {
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read part: %w", err)
		}
		if err := m.part(p.Header, p, depth+1); err != nil {
			return err
		}
	}
}

// words decodes a text part.
func words(h textproto.MIMEHeader, params map[string]string, body io.Reader) (string, error) {
	charset := strings.ToLower(params["charset"])
	if charset != "utf-8" && charset != "us-ascii" && charset != "" {
		return "", fmt.Errorf("its charset %q is not UTF-8", charset)
	}
	b, err := io.ReadAll(transfer(h.Get("Content-Transfer-Encoding"), body))
	switch {
	case err != nil:
		return "", fmt.Errorf("decode text part: %w", err)
	case !utf8.Valid(b):
		return "", errors.New("a text part is not UTF-8")
	}
	return trimmed(b), nil
}

func transfer(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	default:
		return body
	}
}
