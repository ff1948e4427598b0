package inbox

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// most is the widget's size over the wire that a shop's page is promised to stay below.
const most = 15_000

func TestWidget_IsSmall(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(Widget()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d compressed", len(Widget()), b.Len())
	if b.Len() >= most {
		t.Errorf("the widget has %d bytes compressed, and may have %d", b.Len(), most)
	}
}

// The worker is served beside the widget, and takes no markup nor looks anything up.
func TestWorker_IsServed(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	WidgetHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/inbox/landfall-push.js", nil))
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), Worker()) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("it answers %d, %v", w.Code, w.Header())
	}
	for _, bad := range []string{"fetch(", "eval(", "indexedDB"} {
		if bytes.Contains(Worker(), []byte(bad)) {
			t.Errorf("the worker has %q", bad)
		}
	}
}

// The script must not make markup of data, nor fetch anything but the inbox.
func TestWidget_MakesNoMarkupAndLoadsNothing(t *testing.T) {
	t.Parallel()
	script := string(Widget())
	for _, bad := range []string{"__WORDS__", "__CSS__", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "import(", "@import", "url(", "localStorage", "cookie"} {
		if strings.Contains(script, bad) {
			t.Errorf("the script has %q", bad)
		}
	}
}

func languages(t *testing.T) map[string]map[string]string {
	t.Helper()
	var all map[string]map[string]string
	if err := json.Unmarshal(widgetWords, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

// Every language of the customer's pages has all words, with the same values put in.
func TestWidget_Words(t *testing.T) {
	t.Parallel()
	all := languages(t)
	files, err := os.ReadDir("../pages/words")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if code := strings.TrimSuffix(f.Name(), ".yaml"); all[code] == nil {
			t.Errorf("the customer's pages are in %s, the widget is not", code)
		}
	}
	for language, said := range all {
		for key, english := range all["en"] {
			if said[key] == "" || !slices.Equal(placeholder.FindAllString(said[key], -1), placeholder.FindAllString(english, -1)) {
				t.Errorf("%s: %s says %q, in English %q", language, key, said[key], english)
			}
			if !bytes.Contains(widgetCode, []byte(`"`+key+`"`)) {
				t.Errorf("nothing says %s", key)
			}
		}
		if len(said) != len(all["en"]) {
			t.Errorf("%s has %d words, English %d", language, len(said), len(all["en"]))
		}
	}
}

func TestWidget_IsKeptUntilItChanges(t *testing.T) {
	t.Parallel()
	h := WidgetHandler()
	get := func(tag string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/inbox/landfall-inbox.js", nil)
		r.Header.Set("If-None-Match", tag)
		h.ServeHTTP(w, r)
		return w
	}
	first := get("")
	if first.Code != http.StatusOK || !bytes.Equal(first.Body.Bytes(), Widget()) || !strings.HasPrefix(first.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("it answers %d, %v", first.Code, first.Header())
	}
	if again := get(first.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("asked again it answers %d with %d bytes", again.Code, again.Body.Len())
	}
	if other := get(`"another"`); other.Code != http.StatusOK {
		t.Errorf("with another tag it answers %d", other.Code)
	}
}
