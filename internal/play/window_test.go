package play

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The page with the inbox is nobody else's to frame, and no other site's form moves anything on it.
func TestWindow_IsNotForOtherSites(t *testing.T) {
	t.Parallel()
	w, err := New(t.Context(), Options{Dir: t.TempDir(), Start: Curtain()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	window, err := w.Window()
	if err != nil {
		t.Fatal(err)
	}
	got := httptest.NewRecorder()
	window.ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/inbox", nil))
	if h := got.Header(); !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d, headers %v", got.Code, h)
	}
	strange := httptest.NewRequest(http.MethodPost, "/inbox/order", nil)
	strange.Header.Set("Sec-Fetch-Site", "cross-site")
	got = httptest.NewRecorder()
	window.ServeHTTP(got, strange)
	if got.Code != http.StatusForbidden {
		t.Errorf("a form of another site is answered with %d", got.Code)
	}
}
