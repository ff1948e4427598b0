package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"landfall/internal/internet"
)

// address looks at the public URL. One that is none the settings' check has spoken of.
func (e *examination) address(ctx context.Context) {
	u, err := url.Parse(e.PublicURL)
	switch {
	case err != nil || u.Host == "":
		return
	case loopback(u.Hostname()):
		e.warn("public url", u.Redacted()+" is this machine: customers' links and providers' callbacks lead nowhere",
			"Set LANDFALL_PUBLIC_URL to the https address that the internet reaches you by.")
		return
	case u.Scheme != "https":
		e.fault("public url", u.Redacted()+" is not encrypted, and customers' pages are read on the way", "Serve it with TLS, and set LANDFALL_PUBLIC_URL to its https address.")
	case strings.Contains(u.Hostname(), "_"):
		e.fault("public url", u.Redacted()+" has an underscore in its host, and Twilio calls no such address", "Give it a host name without one.")
	case e.Online:
		e.ok("public url", u.Redacted())
	default:
		e.ok("public url", u.Redacted()+"; --online calls it")
	}
	if e.Online && e.resolves(ctx, u.Hostname()) {
		e.answers(ctx, u)
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// resolves reports whether there is an address to call.
func (e *examination) resolves(ctx context.Context, host string) bool {
	found, err := e.Resolve(ctx, host)
	inside := func(a netip.Addr) bool { return !internet.Public(a) }
	switch {
	case err != nil || len(found) == 0:
		e.fault("public name", "the name server knows no address for "+host, "Enter it there, or mend LANDFALL_PUBLIC_URL.")
	case slices.ContainsFunc(found, inside):
		e.warn("public name", fmt.Sprintf("%s is %s here, which the internet does not reach", host, found[slices.IndexFunc(found, inside)]),
			"Make sure that it is a public address to name servers elsewhere.")
	default:
		e.ok("public name", fmt.Sprintf("%s is %s", host, found[0]))
	}
	return err == nil && len(found) > 0
}

// soon is how long before its end a certificate is spoken of: those that are renewed by a program are by then.
const soon = 14 * 24 * time.Hour

// answers calls /healthz by the public URL, as the internet does.
func (e *examination) answers(ctx context.Context, u *url.URL) {
	const check, start = "public healthz", "Start landfall serve, and have the proxy pass requests on to it unchanged."
	asked := e.Now()
	res, err := e.get(ctx, u.JoinPath("healthz").String())
	if err != nil {
		e.fault(check, "no answer: "+err.Error(), start)
		return
	}
	defer res.Body.Close()
	e.date(res.Header, asked)
	var health struct{ Status string }
	_ = json.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(&health) // what is not ours says no status
	switch {
	case res.StatusCode >= 300 && res.StatusCode < 400:
		e.fault(check, "a redirect answers, and Twilio's signatures are over the address that was called", "Set LANDFALL_PUBLIC_URL to the address that is led to.")
	case res.StatusCode != http.StatusOK || health.Status != "alive":
		e.fault(check, fmt.Sprintf("what answers is no Landfall (%d)", res.StatusCode), start)
	case res.TLS != nil && res.TLS.PeerCertificates[0].NotAfter.Sub(e.Now()) < soon:
		e.warn(check, "Landfall answers; the certificate ends on "+res.TLS.PeerCertificates[0].NotAfter.Format(time.DateOnly), "Renew it.")
	default:
		e.ok(check, "Landfall answers")
	}
}

func (e *examination) get(ctx context.Context, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the address is none")
	}
	req.Header.Set("Cache-Control", "no-cache")
	res, err := e.Client.Do(req)
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return nil, outer.Err // without the address, which may hold a password
	}
	return res, err
}

// date takes the time an answer bears, to the second. One that a cache has kept bears an older one.
func (e *examination) date(h http.Header, asked time.Time) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil || h.Get("Age") != "" {
		return
	}
	e.readings = append(e.readings, reading{"the public URL's", asked, e.Now(), at, at.Add(time.Second)})
}
