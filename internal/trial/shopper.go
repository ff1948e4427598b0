package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// callers is how many requests are under way at once in a burst.
const callers = 64

// shopper is a shop that has many customers, each with one order and one parcel.
type shopper struct {
	base     string
	client   *http.Client
	provider *provider
	zone     string
	consents bool   // whether the program asks for any
	texts    bool   // whether every second customer is written to by SMS
	kind     string // what happens to the parcels
	next     int    // the first customer nothing has happened to yet
}

func newShopper(base string, p *provider) *shopper {
	return &shopper{base: base, provider: p, zone: noonZone(time.Now()), kind: "departed_origin",
		client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2 * callers, MaxConnsPerHost: 2 * callers}}}
}

// noonZone is where it is about noon, so that no customer sleeps.
func noonZone(now time.Time) string {
	switch h := 12 - now.UTC().Hour(); {
	case h > 0:
		return fmt.Sprintf("Etc/GMT-%d", h) // the sign is the other way round there: POSIX's
	case h < 0:
		return fmt.Sprintf("Etc/GMT+%d", -h)
	}
	return "Etc/GMT"
}

func user(n int) string { return fmt.Sprintf("U%032x", n+1) }

// address is where customer n is written to.
func (s *shopper) address(n int) string {
	if s.texts && n%2 == 1 {
		return fmt.Sprintf("+658%07d", n)
	}
	return user(n)
}

// setUp stores customers and their orders.
func (s *shopper) setUp(ctx context.Context, n int) error {
	return s.each(ctx, 0, n, func(i int) error { return s.meet(ctx, i) })
}

// meet stores customer i and their order.
func (s *shopper) meet(ctx context.Context, i int) error {
	person := map[string]any{"name": "Mei", "line": user(i), "locale": "ja", "market": "JP", "time_zone": s.zone}
	if to := s.address(i); to[0] == '+' {
		person = map[string]any{"name": "Mei", "phone": to, "locale": "en", "market": "SG", "time_zone": s.zone}
	}
	if err := s.send(ctx, http.MethodPut, fmt.Sprintf("/v1/people/p%d", i), person); err != nil {
		return err
	}
	if s.consents { // LINE reaches friends of the account only
		friend := []any{map[string]any{"channel": "line", "action": "granted", "occurred_at": time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)}}
		if err := s.send(ctx, http.MethodPost, fmt.Sprintf("/v1/people/p%d/consents", i), friend); err != nil {
			return err
		}
	}
	order := map[string]any{"person": fmt.Sprint("p", i), "items": []any{map[string]any{"title": "Wool coat"}},
		"parcels": []any{map[string]any{"carrier": "dhl", "number": fmt.Sprint("N", i)}}}
	return s.send(ctx, http.MethodPut, fmt.Sprint("/v1/orders/A", i), order)
}

// happen tells of customer n's parcel, once.
func (s *shopper) happen(ctx context.Context, n int) error {
	return s.send(ctx, http.MethodPost, "/v1/events", map[string]any{"id": fmt.Sprint("e", n), "parcel": fmt.Sprint("N", n), "carrier": "dhl", "kind": s.kind,
		"happened_at": time.Now().UTC().Format(time.RFC3339)})
}

// burst tells of n parcels as fast as it is let, and returns how long it took until all their owners were called.
func (s *shopper) burst(ctx context.Context, n int) (time.Duration, error) {
	began := time.Now()
	err := s.each(ctx, s.next, s.next+n, func(i int) error { return s.happen(ctx, i) })
	s.next += n
	if err != nil {
		return 0, err
	}
	err = s.provider.await(s.next)
	return time.Since(began), err
}

// each does something for each of some customers, many at once.
func (s *shopper) each(ctx context.Context, from, to int, do func(int) error) error {
	var next atomic.Int64
	next.Store(int64(from))
	errs := make(chan error, callers)
	for range callers {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= to || ctx.Err() != nil {
					errs <- ctx.Err()
					return
				}
				if err := do(i); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	var first error
	for range callers {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// steady tells of parcels at a rate, whatever the answers take, and returns how long the answers took, and how long it was
// until each owner was called.
func (s *shopper) steady(ctx context.Context, rate int, during time.Duration) (accept, whole spread, err error) {
	n := rate * int(during/time.Second)
	began := make([]time.Time, n)
	took := make([]time.Duration, n)
	var all sync.WaitGroup
	var failed atomic.Pointer[error]
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for i := range n {
		<-tick.C
		all.Go(func() {
			began[i] = time.Now()
			if err := s.happen(ctx, s.next+i); err != nil {
				failed.Store(&err)
			}
			took[i] = time.Since(began[i])
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return accept, whole, *err
	}
	if err := s.provider.awaitThose(s.next, s.next+n); err != nil {
		return accept, whole, err
	}
	calls := make([]time.Duration, n)
	for i := range n {
		calls[i] = s.provider.at(user(s.next + i)).Sub(began[i])
	}
	s.next += n
	return spreadOf(took), spreadOf(calls), nil
}

func (s *shopper) send(ctx context.Context, method, path string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+apiKey)
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 4096))
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, res.Status, answer)
	}
	return err
}
