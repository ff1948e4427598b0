package tracking

import (
	"encoding/json"
	"strings"

	"landfall/internal/parcel"
)

// easyPostHook is the part of EasyPost's webhook event that is read.
type easyPostHook struct {
	Description text                              `json:"description"`
	Previous    maybe[map[string]json.RawMessage] `json:"previous_attributes"` // what an update changed
	Result      json.RawMessage                   `json:"result"`
}

type easyPostTracker struct {
	Code      text               `json:"tracking_code"`
	Carrier   text               `json:"carrier"`
	Status    text               `json:"status"`
	Detail    text               `json:"status_detail"`
	UpdatedAt text               `json:"updated_at"`
	Expected  text               `json:"est_delivery_date"`
	Details   []easyPostDetail   `json:"tracking_details"` // oldest first
	Leg       maybe[easyPostLeg] `json:"carrier_detail"`
}

type easyPostLeg struct {
	Day text                 `json:"est_delivery_date_local"`
	To  maybe[easyPostPlace] `json:"destination_tracking_location"`
}

type easyPostPlace struct {
	City    text `json:"city"`
	State   text `json:"state"`
	Country text `json:"country"` // ISO 3166-1 alpha-2
	Zip     text `json:"zip"`
}

type easyPostDetail struct {
	At      text                 `json:"datetime"`
	Status  text                 `json:"status"`
	Detail  text                 `json:"status_detail"`
	Message text                 `json:"message"`
	Where   maybe[easyPostPlace] `json:"tracking_location"`
}

func readEasyPost(body []byte) (history, error) {
	var hook easyPostHook
	if err := parse(body, &hook); err != nil {
		return history{}, err
	}
	// One callback hears of everything in an account: batches and refunds too.
	if hook.Description != "" && !strings.HasPrefix(string(hook.Description), "tracker.") {
		return history{}, nil
	}
	t, err := hook.tracker()
	if err != nil {
		return history{}, err
	}
	h := t.history()
	if _, moved := hook.Previous.is["est_delivery_date"]; moved {
		h.revise("est_delivery_date", string(t.UpdatedAt))
	}
	return h, h.named("result.tracking_code")
}

func (hook easyPostHook) tracker() (easyPostTracker, error) {
	var t easyPostTracker
	if len(hook.Result) == 0 {
		return t, nil
	}
	err := parse(hook.Result, &t)
	return t, err
}

func (t easyPostTracker) history() history {
	day := first(t.Leg.is.Day, t.Expected)
	h := history{
		label:  string(t.Carrier),
		who:    Carrier(string(t.Carrier)),
		number: Number(string(t.Code)),
		eta:    window(day, day, country(string(t.Leg.is.To.is.Country))),
		status: t.standing(),
	}
	for _, d := range t.Details {
		h.scans = append(h.scans, d.scan())
	}
	return h
}

func (t easyPostTracker) standing() scan {
	return scan{
		key:   []string{"status", string(t.Status), string(t.Detail)},
		spare: string(t.UpdatedAt),
		code:  easyPostCode(t.Status, t.Detail),
		means: easyPostMeaning(t.Status, t.Detail),
	}
}

func (d easyPostDetail) scan() scan {
	return scan{
		key: []string{
			string(d.At), easyPostCode(d.Status, d.Detail),
			string(d.Where.is.City + "," + d.Where.is.State + "," + d.Where.is.Zip), string(d.Message),
		},
		stamp: string(d.At),
		code:  easyPostCode(d.Status, d.Detail),
		means: easyPostMeaning(d.Status, d.Detail),
		note:  string(d.Message),
		place: parcel.Place{City: string(d.Where.is.City), Country: country(string(d.Where.is.Country))},
	}
}

// easyPostCode writes status and detail as one code, since neither means enough alone.
func easyPostCode(status, detail text) string {
	if status == "" || detail == "" {
		return first(status, detail)
	}
	return string(status + "/" + detail)
}
