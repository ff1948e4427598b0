package preview

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the page
	"encoding/base64"
	"encoding/json"
	"fmt"
)

//go:embed page.html
var page []byte

// Page returns the messages as one HTML page. It carries them compressed, since mails differ in little but their words. A page
// that watches loads itself anew when the server says so at "events" beside it.
func Page(all []Message, watch bool) ([]byte, error) {
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("pack messages: %w", err)
	}
	if err := json.NewEncoder(zip).Encode(all); err != nil {
		return nil, fmt.Errorf("pack messages: %w", err)
	}
	if err := zip.Close(); err != nil {
		return nil, fmt.Errorf("pack messages: %w", err)
	}
	text := base64.StdEncoding.AppendEncode(nil, packed.Bytes())
	out := bytes.Replace(page, []byte(">DATA<"), append(append([]byte{'>'}, text...), '<'), 1)
	if watch {
		out = bytes.Replace(out, []byte(`<html lang="en">`), []byte(`<html lang="en" data-watch="true">`), 1)
	}
	return out, nil
}
