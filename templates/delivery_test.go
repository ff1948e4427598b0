package templates_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"landfall/internal/notify"
	"landfall/internal/parcel"
	"landfall/templates"
)

var markup = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

// told is a mail about a coat that is on its way to Leipzig.
func told() templates.Input {
	in := held()
	in.Channel, in.Postal = notify.Email, notify.Postal{Country: "DE", PostalCode: "04109", City: "Leipzig"}
	in.Event.ETA = &parcel.Window{From: in.Now.Add(24 * time.Hour), To: in.Now.Add(28 * time.Hour)}
	return in
}

func TestEmail_ParcelDelivery(t *testing.T) {
	t.Parallel()
	found := markup.FindStringSubmatch(render(t, set(), told()).HTML)
	if found == nil {
		t.Fatal("the mail does not tell of the parcel")
	}
	var got any
	if err := json.Unmarshal([]byte(found[1]), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"@context": "https://schema.org", "@type": "ParcelDelivery",
		"deliveryAddress":     map[string]any{"@type": "PostalAddress", "name": "Mei", "postalCode": "04109", "addressLocality": "Leipzig", "addressCountry": "DE"},
		"expectedArrivalFrom": "2026-11-24T10:00:00+01:00", "expectedArrivalUntil": "2026-11-24T14:00:00+01:00",
		"carrier": map[string]any{"@type": "Organization", "name": "DHL"}, "itemShipped": map[string]any{"@type": "Product", "name": "Wool coat"},
		"partOfOrder":    map[string]any{"@type": "Order", "orderNumber": "A1", "merchant": map[string]any{"@type": "Organization", "name": "Acme"}},
		"trackingNumber": "0034", "trackingUrl": "https://acme.example/t/abc",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is not known is not told: half a parcel helps no client.
func TestEmail_ParcelDeliveryNeedsItsFacts(t *testing.T) {
	t.Parallel()
	for name, lack := range map[string]func(*templates.Input){
		"country": func(in *templates.Input) { in.Postal.Country = "" },
		"carrier": func(in *templates.Input) { in.Parcel.Carrier, in.Event.Carrier = "", "" },
		"number":  func(in *templates.Input) { in.Parcel.Number, in.Event.Number = "", "" },
		"order":   func(in *templates.Input) { in.Order = nil },
		"brand":   func(in *templates.Input) { in.Brand.Name = "" },
	} {
		in := told()
		lack(&in)
		if markup.MatchString(render(t, set(), in).HTML) {
			t.Errorf("told without its %s", name)
		}
	}
}

// No value ends the script or the JSON early, and none conjures a piece of the layout.
func TestEmail_HostileValuesStayValues(t *testing.T) {
	t.Parallel()
	const hostile = `</script><script>alert(1)</script>"}]` + "\ue000\ue100\ue000\ue104\ue000\ue200"
	in := told()
	in.Order.Items[0].Title, in.Order.ID, in.Brand.Name, in.Person, in.Postal.City = hostile, hostile, "Acme"+hostile, hostile, hostile
	html := render(t, set(), in).HTML
	found := markup.FindStringSubmatch(html)
	if found == nil || !json.Valid([]byte(found[1])) {
		t.Fatalf("no JSON: %q", found)
	}
	if strings.Contains(html, "<script>alert") {
		t.Error("a value is markup")
	}
	plain := render(t, set(), told()).HTML
	if a, b := strings.Count(html, "<!--[if"), strings.Count(plain, "<!--[if"); a != b {
		t.Errorf("%d comments for Outlook, want %d: a value conjured one", a, b)
	}
}

// Outlook's comments are there although html/template drops comments, each in its place.
func TestEmail_OutlooksCommentsStay(t *testing.T) {
	t.Parallel()
	html := render(t, set(), told()).HTML
	if begin, end := strings.Count(html, "<!--[if"), strings.Count(html, "<![endif]-->"); begin < 10 || begin != end {
		t.Errorf("%d comments begin and %d end", begin, end)
	}
	if strings.ContainsAny(html, "\ue000\ue100\ue200") {
		t.Error("a mark is left")
	}
}

func TestEmail_Signature(t *testing.T) {
	t.Parallel()
	in := told()
	in.Brand.Signature = "Your <Acme> team\n\n+49 30 123\n"
	w := render(t, set(), in)
	if !strings.Contains(w.HTML, "Your &lt;Acme&gt; team<br>") || !strings.Contains(w.Text, "\n\nYour <Acme> team\n+49 30 123\n\n") {
		t.Errorf("the signature is missing in %s", w.Text)
	}
}

// What has to be done is set off, and only that.
func TestEmail_ActIsSetOff(t *testing.T) {
	t.Parallel()
	in := told()
	if strings.Contains(render(t, set(), in).HTML, `class="callout`) {
		t.Error("there is nothing to do, and it is set off")
	}
	in.Event.Kind = parcel.CustomsPay
	w := render(t, set(), in)
	if !strings.Contains(w.HTML, `class="callout`) || !strings.Contains(w.Text, "What you need to do: Please pay") {
		t.Errorf("what has to be done is not set off in %s", w.Text)
	}
}
