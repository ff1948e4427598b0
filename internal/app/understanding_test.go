package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"landfall/internal/config"
)

// A merchant's own words are read with its folder, and a mistake in them names their file.
func TestAssistant_OwnWords(t *testing.T) {
	t.Parallel()
	with := func(text string) (*config.Merchant, error) {
		m := &config.Merchant{ID: "acme", Assistant: true, Dir: fstest.MapFS{"understanding/de.yaml": &fstest.MapFile{Data: []byte(text)}}}
		_, err := assistant(m, nil)
		return m, err
	}
	if _, err := with("items: {coat: [jankerl*]}"); err != nil {
		t.Error(err)
	}
	if _, err := with("concepts: {whereabouts: [wo]}"); err == nil || !strings.HasPrefix(err.Error(), "acme/understanding/de.yaml: there is no whereabouts") {
		t.Errorf("a mistake is %v", err)
	}
	none := &config.Merchant{ID: "acme", Dir: os.DirFS(filepath.Join(t.TempDir()))}
	if a, err := assistant(none, nil); a != nil || err != nil {
		t.Errorf("without the assistant there is one: %v", err)
	}
}
