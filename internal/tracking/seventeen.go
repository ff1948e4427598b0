package tracking

import (
	"slices"

	"landfall/internal/parcel"
)

// seventeenHook is the part of 17TRACK's webhook that is read.
type seventeenHook struct {
	Data struct {
		Number  text          `json:"number"`
		Carrier text          `json:"carrier"` // an integer; 0 when 17TRACK does not know
		Info    seventeenInfo `json:"track_info"`
	} `json:"data"`
}

type seventeenInfo struct {
	Status struct {
		Main text `json:"status"`
		Sub  text `json:"sub_status"`
	} `json:"latest_status"`
	Latest   maybe[seventeenEvent]   `json:"latest_event"`
	Parties  maybe[seventeenParties] `json:"shipping_info"`
	Metrics  maybe[seventeenMetrics] `json:"time_metrics"`
	Tracking struct {
		Providers []seventeenProvider `json:"providers"`
	} `json:"tracking"`
}

type seventeenParties struct {
	Recipient maybe[seventeenPlace] `json:"recipient_address"`
}

type seventeenMetrics struct {
	Expected struct {
		From text `json:"from"`
		To   text `json:"to"`
	} `json:"estimated_delivery_date"`
}

type seventeenPlace struct {
	City    text `json:"city"`
	State   text `json:"state"`
	Country text `json:"country"` // ISO 3166-1 alpha-2
}

type seventeenProvider struct {
	Provider struct {
		Name  text `json:"name"`
		Alias text `json:"alias"`
	} `json:"provider"`
	SyncedAt text             `json:"latest_sync_time"`
	Events   []seventeenEvent `json:"events"` // newest first
}

type seventeenEvent struct {
	ISO         text                  `json:"time_iso"` // with the scan's own offset
	UTC         text                  `json:"time_utc"`
	Description text                  `json:"description"`
	Location    text                  `json:"location"`
	Stage       text                  `json:"stage"`
	Sub         text                  `json:"sub_status"`
	Address     maybe[seventeenPlace] `json:"address"`
}

func readSeventeen(body []byte) (history, error) {
	var hook seventeenHook
	if err := parse(body, &hook); err != nil {
		return history{}, err
	}
	info := hook.Data.Info
	h := history{
		label:  string(hook.Data.Carrier),
		who:    seventeenCarrier(hook.Data.Carrier, info.Tracking.Providers),
		number: Number(string(hook.Data.Number)),
		status: info.status(),
		eta:    info.estimate(),
	}
	for _, e := range info.events() {
		h.scans = append(h.scans, e.scan(info))
	}
	return h, h.named("data.number")
}

// events returns the checkpoints of all carriers on the way, oldest first for each.
func (info seventeenInfo) events() []seventeenEvent {
	var events []seventeenEvent
	for _, p := range info.Tracking.Providers {
		for _, e := range slices.Backward(p.Events) {
			events = append(events, e)
		}
	}
	if len(events) == 0 && info.Latest.is != (seventeenEvent{}) {
		events = append(events, info.Latest.is)
	}
	return events
}

func (info seventeenInfo) estimate() *parcel.Window {
	expected, to := info.Metrics.is.Expected, info.Parties.is.Recipient.is
	return window(string(expected.From), string(expected.To), country(string(to.Country)))
}

func (info seventeenInfo) status() scan {
	s := scan{
		key:   []string{"status", first(info.Status.Sub, info.Status.Main)},
		code:  first(info.Status.Sub, info.Status.Main),
		means: seventeenCodes.meaning(info.Status.Sub, info.Status.Main),
	}
	if len(info.Tracking.Providers) > 0 {
		s.spare = string(info.Tracking.Providers[0].SyncedAt)
	}
	return s
}

// scan turns one event into a scan. Events need not have a code; the latest one then means what the parcel's
// status means. Its key keeps to its own code, since it will not be the latest for ever.
func (e seventeenEvent) scan(info seventeenInfo) scan {
	s := scan{
		key: []string{
			first(e.ISO, e.UTC), first(e.Sub, e.Stage),
			string(e.Location + "," + e.Address.is.City + "," + e.Address.is.State), string(e.Description),
		},
		stamp: string(e.ISO),
		spare: string(e.UTC),
		code:  first(e.Sub, e.Stage),
		means: seventeenCodes.meaning(e.Sub, e.Stage),
		note:  string(e.Description),
		place: parcel.Place{City: first(e.Address.is.City, e.Location), Country: country(string(e.Address.is.Country))},
	}
	latest := e.ISO == info.Latest.is.ISO && e.Description == info.Latest.is.Description
	if s.code == "" && latest {
		s.code, s.means = info.status().code, info.status().means
	}
	return s
}

// seventeenCarrier knows the common codes by number. For the others the first provider, who has the label's number,
// names itself.
func seventeenCarrier(code text, providers []seventeenProvider) parcel.Carrier {
	if who, ok := seventeenCarriers[string(code)]; ok {
		return who
	}
	for _, p := range providers {
		if name := first(p.Provider.Name, p.Provider.Alias); name != "" {
			return Carrier(name)
		}
	}
	if code == "" || code == "0" {
		return ""
	}
	return Carrier("17track-" + string(code))
}
