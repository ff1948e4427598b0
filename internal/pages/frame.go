package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"landfall/templates"
)

//go:embed page.html form.html
var layoutSource embed.FS

//go:embed page.css
var stylesheet string

//go:embed form.css
var formStyle template.CSS

var layout = template.Must(template.New("").Option("missingkey=error").ParseFS(layoutSource, "page.html", "form.html"))

// frame is what every page has: its language, its looks and whose it is.
type frame struct {
	Lang, Dir string
	Title     string
	Brand     string
	Home      string // the shop's address; empty for none
	Logo      string // the address of the shop's picture; empty for none
	Style     template.CSS
	Form      bool   // the page sends something back to where it came from
	logoFrom  string // the one origin pictures may come from
	words     *reader
}

func (r *reader) frame(title string, b templates.Brand) frame {
	f := frame{Lang: r.locale, Dir: direction(r.locale), Title: title, Brand: b.Name, Style: styleFor(b.Color), words: r}
	if u := webAddress(b.URL); u != nil {
		f.Home = u.String()
	}
	if u := webAddress(b.LogoURL); u != nil {
		f.Logo, f.logoFrom = u.String(), u.Scheme+"://"+u.Host
	}
	return f
}

// form returns the frame of a page with a form.
func (f frame) form() frame {
	f.Form, f.Style = true, f.Style+formStyle
	return f
}

// Referrer says where a browser may tell this page's address, which is the key to it: nowhere, or back to its own site when
// it sends a form, since a form from nowhere is refused.
func (f frame) Referrer() string {
	if f.Form {
		return "same-origin"
	}
	return "no-referrer"
}

// Say returns words of the page's own, for the layout.
func (f frame) Say(key string) (string, error) {
	text := f.words.text(key, nil)
	return text, f.words.err
}

// styleFor is the style sheet with a brand's colours in front. All of it is ours but the colour, which has been read
// as figures and written anew.
func styleFor(color string) template.CSS {
	p := paletteOf(color)
	return template.CSS(fmt.Sprintf(":root{--band:%s;--letters:%s;--accent-light:%s;--accent-dark:%s}\n%s",
		p.band, p.letters, p.light, p.dark, stylesheet))
}

// host keeps what would end a directive out of the Content-Security-Policy.
var host = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`)

// webAddress parses an address a browser may open; nil for any other.
func webAddress(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || !host.MatchString(u.Host) {
		return nil
	}
	return u
}

// link is where questions go.
type link struct {
	Words string
	To    template.URL // empty when it can only be read
}

// supportOf makes a merchant's address, page or phone number something to tap; nil for none.
func supportOf(s string) *link {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	return &link{Words: s, To: template.URL(templates.ContactLink(s))}
}

// notice is a page of one sentence.
type notice struct {
	frame
	Sentence string
}

// sentence writes a page that says why something cannot be.
func (r *reader) sentence(key string) notice {
	s := r.text("error."+key, nil)
	return notice{frame: r.frame(s, templates.Brand{}), Sentence: s}
}

// send writes a page. It returns an error only while nothing has been sent.
func send(w http.ResponseWriter, status int, name string, data any, f frame) error {
	var page bytes.Buffer
	if err := layout.ExecuteTemplate(&page, name, data); err != nil {
		return fmt.Errorf("fill %s page: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", f.Lang)
	h.Set("Content-Security-Policy", f.policy())
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", f.Referrer())
	h.Set("Cache-Control", "no-store")         // it may not stay behind on a shared computer
	h.Set("X-Robots-Tag", "noindex, nofollow") // or turn up in a search
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the reader may have gone, which is their own affair
	return nil
}

// policy lets a page use the style it carries, named by its hash, and show its shop's logo. Nothing else runs or loads.
func (f frame) policy() string {
	sum := sha256.Sum256([]byte(f.Style))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if f.logoFrom != "" {
		policy += "; img-src " + f.logoFrom
	}
	target := "'none'"
	if f.Form {
		target = "'self'"
	}
	return policy + "; base-uri 'none'; form-action " + target + "; frame-ancestors 'none'"
}
