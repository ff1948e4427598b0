package understand

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func extension(t *testing.T, files map[string]string) (*Extension, error) {
	t.Helper()
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return ReadExtension(dir)
}

// A merchant's own words are understood beside the shipped ones, by its own reader alone.
func TestExtend(t *testing.T) {
	t.Parallel()
	base := reader(t)
	e, err := extension(t, map[string]string{
		"de.yaml": "concepts: {where: [\"quo vadis\"]}\nitems: {coat: [\"jankerl*\"], garden_gnome: [\"zwutschki*\"]}\n",
		"en.yaml": "colours: {blue: [\"acme blue\"]}\nitems: {garden_gnome: [gnome*]}\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	more, err := base.Extend(e)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	orders := []Order{{ID: "A1", Title: "Wool coat", State: "in_transit"}, {ID: "A2", Title: "Gnome with a lamp", State: "in_transit"}}
	m := Message{Text: "quo vadis mein jankerl", Locale: "de", Now: now, Orders: orders}
	if r := more.Read(m); r.Intent != OrderStatus || r.Which != One || r.Orders[0] != "A1" {
		t.Errorf("it is read as %+v", r)
	}
	if r := base.Read(m); r.Intent == OrderStatus && r.Which == One {
		t.Errorf("the shipped words have changed: %+v", r)
	}
	m.Text = "wo bleibt der zwutschki?"
	if r := more.Read(m); r.Which != One || r.Orders[0] != "A2" {
		t.Errorf("goods of the merchant's own are read as %+v", r)
	}
	m.Text = "wo ist mein mantel?"
	if r := more.Read(m); r.Which != One || r.Orders[0] != "A1" {
		t.Errorf("what was understood is read as %+v", r)
	}
	if same, err := base.Extend(nil); err != nil || same != base {
		t.Errorf("nothing added makes another reader: %v", err)
	}
}

func TestReadExtension_Mistakes(t *testing.T) {
	t.Parallel()
	for want, files := range map[string]map[string]string{
		"xx.yaml: there are no words of this language": {"xx.yaml": "items: {coat: [x]}"},
		"there is no whereabouts under concepts":       {"de.yaml": "concepts: {whereabouts: [wo]}"},
		"there is no mauve under colours":              {"de.yaml": "colours: {mauve: [lila]}"},
		"it may have the keys concepts":                {"de.yaml": "numbers: [[eins]]"},
		"de.yaml: item:coat":                           {"de.yaml": "items: {coat: [\"*\"]}"},
	} {
		if _, err := extension(t, files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", files, err, want)
		}
	}
	if e, err := extension(t, nil); e != nil || err != nil {
		t.Errorf("no files make %v, %v", e, err)
	}
}
