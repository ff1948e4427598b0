package tracking

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/parcel"
)

var update = flag.Bool("update", false, "write the golden events anew")

// heard is when the webhooks of these tests came in.
var heard = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)

// fixtures returns the payload files of testdata with the feed each is named after.
func fixtures(t testing.TB) map[string]Feed {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("testdata holds no payloads: %v", err)
	}
	files := map[string]Feed{}
	for _, p := range paths {
		if strings.HasSuffix(p, ".golden.json") {
			continue
		}
		feed, _, _ := strings.Cut(filepath.Base(p), "_")
		files[p] = Feed(feed)
	}
	return files
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecode_Golden(t *testing.T) {
	t.Parallel()
	for path, feed := range fixtures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			events, err := Decode(feed, read(t, path), heard)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(events, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, ".json") + ".golden.json"
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(strings.TrimSpace(string(read(t, golden))), string(got)); diff != "" {
				t.Errorf("events differ from %s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

func TestFeeds_EachHasAFixture(t *testing.T) {
	t.Parallel()
	covered := map[Feed]bool{}
	for _, feed := range fixtures(t) {
		covered[feed] = true
	}
	for _, f := range Feeds() {
		if !covered[f] || !f.Known() {
			t.Errorf("feed %s: fixture %v, known %v", f, covered[f], f.Known())
		}
	}
	if Feed("pigeon").Known() {
		t.Error("a pigeon is no feed")
	}
}

func TestDecode_RepeatedWebhookKeepsIDs(t *testing.T) {
	t.Parallel()
	body := `{"event_id":%q,"ts":%d,"msg":{"tracking_number":"1","slug":"ups","tag":"InTransit","checkpoints":[
		{"checkpoint_time":"2026-11-30T09:00:00","country_iso3":"DEU","message":"Scan","subtag":"InTransit_003"}%s]}}`
	older := fmt.Sprintf(body, "e1", 1796000000, "")
	newer := fmt.Sprintf(body, "e2", 1796100000, `,{"checkpoint_time":"2026-11-30T10:00:00","message":"Scan","subtag":"InTransit_003"}`)
	a, b := decode(t, AfterShip, older, heard), decode(t, AfterShip, newer, heard.Add(time.Hour))
	if len(a) != 1 || len(b) != 2 {
		t.Fatalf("got %d and %d events, want 1 and 2", len(a), len(b))
	}
	if a[0].ID != b[0].ID {
		t.Errorf("the same checkpoint is %s and then %s", a[0].ID, b[0].ID)
	}
	if b[0].ID == b[1].ID {
		t.Error("two checkpoints share one id")
	}
}

func TestDecode_EveryPartOfACheckpointTellsItApart(t *testing.T) {
	t.Parallel()
	const body = `{"msg":{"tracking_number":%q,"slug":%q,"checkpoints":[{"checkpoint_time":%q,"subtag":%q,"city":%q,"message":%q}]}}`
	same := []any{"1", "ups", "2026-11-30T09:00:00Z", "InTransit_003", "Bonn", "Scan"}
	others := []any{"2", "fedex", "2026-11-30T09:00:01Z", "InTransit_007", "Köln", "Scanned"}
	ids := map[parcel.EventID]bool{decode(t, AfterShip, fmt.Sprintf(body, same...), heard)[0].ID: true}
	for i := range same {
		parts := append([]any{}, same...)
		parts[i] = others[i]
		ids[decode(t, AfterShip, fmt.Sprintf(body, parts...), heard)[0].ID] = true
	}
	if len(ids) != len(same)+1 {
		t.Errorf("got %d distinct ids, want %d", len(ids), len(same)+1)
	}
}

func TestDecode_RepeatsWithinAWebhook(t *testing.T) {
	t.Parallel()
	const scan = `{"checkpoint_time":"2026-11-30T09:00:00Z","subtag":"InTransit_003","message":"Scan"}`
	events := decode(t, AfterShip, `{"msg":{"tracking_number":"1","checkpoints":[`+scan+","+scan+`]}}`, heard)
	if len(events) != 1 {
		t.Errorf("got %d events of one checkpoint told twice", len(events))
	}
}

// Carriers that scan by the minute report several things at one time; the feed's own order then counts.
func TestDecode_SameMinuteKeepsTheFeedsOrder(t *testing.T) {
	t.Parallel()
	events := decode(t, SeventeenTrack, `{"data":{"number":"1","track_info":{"tracking":{"providers":[{"events":[
		{"time_iso":"2026-11-30T09:00:00Z","description":"left"},{"time_iso":"2026-11-30T09:00:00Z","description":"came"}]}]}}}}`, heard)
	if events[0].Note != "came" || events[1].Note != "left" {
		t.Errorf("got %q before %q", events[0].Note, events[1].Note)
	}
}

func TestDecode_KeepsTheNewest(t *testing.T) {
	t.Parallel()
	var scans []string
	for i := range MostEvents + 30 {
		at := heard.Add(-time.Duration(i) * time.Minute).Format(time.RFC3339)
		scans = append(scans, fmt.Sprintf(`{"datetime":%q,"status":"in_transit","message":"scan %d"}`, at, i))
	}
	body := fmt.Sprintf(`{"result":{"tracking_code":"1","carrier":"UPS","tracking_details":[%s]}}`, strings.Join(scans, ","))
	events := decode(t, EasyPost, body, heard)
	if len(events) != MostEvents {
		t.Fatalf("got %d events, want %d", len(events), MostEvents)
	}
	if last := events[MostEvents-1]; last.Note != "scan 0" {
		t.Errorf("the last event is %q, want the newest", last.Note)
	}
	if events[0].Note != fmt.Sprintf("scan %d", MostEvents-1) {
		t.Errorf("the first event is %q", events[0].Note)
	}
}

func TestDecode_Texts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 600)
	body := fmt.Sprintf(`{"msg":{"tracking_number":" 00 34\t","slug":"ups","order_id":1001,"checkpoints":[
		{"checkpoint_time":"2026-11-30T09:00:00Z","message":"%s\u0000","city":"Bonn\u0000\n","subtag":"InTransit_001"}]}}`, long)
	e := decode(t, AfterShip, body, heard)[0]
	if e.Number != "0034" || e.Order != "1001" || e.Place.City != "Bonn" {
		t.Errorf("got number %q, order %q, city %q", e.Number, e.Order, e.Place.City)
	}
	if want := strings.Repeat("ü", 500); e.Note != want {
		t.Errorf("the note has %d bytes, want %d", len(e.Note), len(want))
	}
}

// What can be done without may be of any shape.
func TestDecode_OddParts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		feed Feed
		body string
	}{
		"aftership": {AfterShip, `{"msg":{"tracking_number":"1","order_id":{},"latest_estimated_delivery":"","custom_estimated_delivery_date":[],
			"checkpoints":[{"checkpoint_time":"2026-11-30T09:00:00Z","subtag":"Delivered_001","city":["Bonn"]}]}}`},
		"17track": {SeventeenTrack, `{"data":{"number":"1","track_info":{"latest_event":"","shipping_info":[],"time_metrics":"","tracking":{"providers":[{"events":[
			{"time_iso":"2026-11-30T09:00:00Z","sub_status":"Delivered_Other","address":""}]}]}}}}`},
		"easypost": {EasyPost, `{"previous_attributes":[],"result":{"tracking_code":"1","carrier_detail":"","tracking_details":[
			{"datetime":"2026-11-30T09:00:00Z","status":"delivered","tracking_location":[]}]}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := decode(t, tt.feed, tt.body, heard)[0]
			if e.Kind != parcel.Delivered || e.HappenedAt.Format(time.RFC3339) != "2026-11-30T09:00:00Z" {
				t.Errorf("got %s at %s", e.Kind, e.HappenedAt)
			}
		})
	}
}

func TestDecode_Errors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		feed Feed
		body string
		want string
	}{
		"not JSON":        {AfterShip, "tracking=1", "decode aftership webhook: the body is not JSON; send the webhook as the feed made it"},
		"empty":           {SeventeenTrack, "", "decode 17track webhook: the body is not JSON; send the webhook as the feed made it"},
		"a string":        {EasyPost, `"hello"`, "decode easypost webhook: the body is a JSON string, which is not the feed's format; send the webhook as the feed made it"},
		"wrong shape":     {AfterShip, `{"msg":{"tracking_number":"1","checkpoints":{}}}`, "decode aftership webhook: field msg.checkpoints is a JSON object, which is not the feed's format; send the webhook as the feed made it"},
		"number missing":  {AfterShip, `{"msg":{"tracking_number":"  "}}`, "decode aftership webhook: field msg.tracking_number is missing, so nobody can say which parcel this is about; send the webhook as the feed made it"},
		"number null":     {SeventeenTrack, `{"data":{"number":null}}`, "decode 17track webhook: field data.number is missing, so nobody can say which parcel this is about; send the webhook as the feed made it"},
		"result missing":  {EasyPost, `{"description":"tracker.updated"}`, "decode easypost webhook: field result.tracking_code is missing, so nobody can say which parcel this is about; send the webhook as the feed made it"},
		"no such feed":    {"pigeon", `{}`, `decode webhook: "pigeon" is no tracking feed; use one of aftership, 17track, easypost`},
		"null":            {AfterShip, `null`, "decode aftership webhook: field msg.tracking_number is missing, so nobody can say which parcel this is about; send the webhook as the feed made it"},
		"a wrong tracker": {EasyPost, `{"result":[]}`, "decode easypost webhook: the body is a JSON array, which is not the feed's format; send the webhook as the feed made it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events, err := Decode(tt.feed, []byte(tt.body), heard)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
			if events != nil {
				t.Errorf("got events beside an error: %v", events)
			}
		})
	}
}

func decode(t *testing.T, f Feed, body string, heard time.Time) []parcel.Event {
	t.Helper()
	events, err := Decode(f, []byte(body), heard)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) == 0 {
		t.Fatal("no events")
	}
	return events
}
