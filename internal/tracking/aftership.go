package tracking

import "landfall/internal/parcel"

// afterShipHook is the part of AfterShip's tracking webhook that is read.
type afterShipHook struct {
	Event text `json:"event"`
	TS    text `json:"ts"`
	Msg   struct {
		Number      text `json:"tracking_number"`
		Slug        text `json:"slug"`
		Tag         text `json:"tag"`
		Subtag      text `json:"subtag"`
		Note        text `json:"subtag_message"`
		UpdatedAt   text `json:"updated_at"`
		OrderID     text `json:"order_id"`
		OrderNumber text `json:"order_number"`
		Destination text `json:"destination_country_iso3"`
		// DestinationNow is what newer editions call the same.
		DestinationNow text                  `json:"destination_country_region"`
		Checkpoints    []afterShipCheckpoint `json:"checkpoints"`

		Latest    maybe[afterShipLatest]   `json:"latest_estimated_delivery"`
		Custom    maybe[afterShipEstimate] `json:"custom_estimated_delivery_date"`
		Predicted maybe[afterShipEstimate] `json:"aftership_estimated_delivery_date"`
	} `json:"msg"`
}

type afterShipLatest struct {
	At  text `json:"datetime"`
	Min text `json:"datetime_min"`
	Max text `json:"datetime_max"`
}

type afterShipEstimate struct {
	At  text `json:"estimated_delivery_date"`
	Min text `json:"estimated_delivery_date_min"`
	Max text `json:"estimated_delivery_date_max"`
}

type afterShipCheckpoint struct {
	At        text `json:"checkpoint_time"` // with or without a zone
	CreatedAt text `json:"created_at"`
	Tag       text `json:"tag"`
	Subtag    text `json:"subtag"`
	Message   text `json:"message"`
	Location  text `json:"location"`
	City      text `json:"city"`
	State     text `json:"state"`
	Country   text `json:"country_iso3"`
	// CountryNow is what newer editions call the same.
	CountryNow text `json:"country_region"`
}

func readAfterShip(body []byte) (history, error) {
	var hook afterShipHook
	if err := parse(body, &hook); err != nil {
		return history{}, err
	}
	msg := hook.Msg
	h := history{
		label:  string(msg.Slug),
		who:    Carrier(string(msg.Slug)),
		number: Number(string(msg.Number)),
		order:  parcel.OrderID(first(msg.OrderID, msg.OrderNumber)),
		status: hook.status(),
		eta:    hook.estimate(),
	}
	for _, c := range msg.Checkpoints {
		h.scans = append(h.scans, c.scan())
	}
	if hook.Event == "edd_revise" {
		h.revise(string(hook.Event), first(hook.TS, msg.UpdatedAt))
	}
	return h, h.named("msg.tracking_number")
}

func (hook afterShipHook) status() scan {
	code := first(hook.Msg.Subtag, hook.Msg.Tag)
	return scan{
		key:   []string{"status", code},
		spare: first(hook.Msg.UpdatedAt, hook.TS),
		code:  code,
		means: afterShipCodes.meaning(hook.Msg.Subtag, hook.Msg.Tag),
		note:  string(hook.Msg.Note),
	}
}

func (c afterShipCheckpoint) scan() scan {
	code := first(c.Subtag, c.Tag)
	return scan{
		key:   []string{string(c.At), code, string(c.Location + "," + c.City + "," + c.State), string(c.Message)},
		stamp: string(c.At),
		spare: string(c.CreatedAt),
		code:  code,
		means: afterShipCodes.meaning(c.Subtag, c.Tag),
		note:  string(c.Message),
		place: parcel.Place{City: first(c.City, c.Location), Country: country(first(c.Country, c.CountryNow))},
	}
}

// estimate is AfterShip's own choice among several; older editions send only what it chose from.
func (hook afterShipHook) estimate() *parcel.Window {
	msg := hook.Msg
	to := country(first(msg.Destination, msg.DestinationNow))
	for _, e := range []afterShipEstimate{afterShipEstimate(msg.Latest.is), msg.Custom.is, msg.Predicted.is} {
		if w := window(first(e.Min, e.At), first(e.Max, e.At), to); w != nil {
			return w
		}
	}
	return nil
}
