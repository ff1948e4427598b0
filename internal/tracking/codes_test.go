package tracking

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"landfall/internal/parcel"
)

// want is what a code must become, written as people read it: kind or kind:detail.
type want map[string]string

var afterShipWant = want{
	"Delivered_001": "delivered", "Delivered_002": "delivered:collected", "Delivered_003": "delivered:signed",
	"Delivered_004": "delivered:cod", "Delivered_005": "delivered:neighbour",
	"AvailableForPickup_001": "available_for_pickup",
	"Exception_001":          "exception", "Exception_002": "address_problem:moved", "Exception_003": "refused",
	"Exception_004": "delay:customs", "Exception_005": "delay:external", "Exception_006": "held_payment",
	"Exception_007": "address_problem", "Exception_008": "exception:not_collected", "Exception_009": "carrier_rejected",
	"Exception_010": "returning", "Exception_011": "returned", "Exception_012": "damaged", "Exception_013": "lost",
	"Exception_016": "delay:processing", "Exception_017": "delay:weather", "Exception_018": "customs_info_required:documents",
	"Exception_019": "delay:flight", "Exception_020": "cancelled", "Exception_021": "destroyed",
	"AttemptFail_001": "attempt_failed:notice_left", "AttemptFail_002": "attempt_failed:nobody_home",
	"AttemptFail_003": "attempt_failed:closed",
	"InTransit_001":   "in_transit", "InTransit_002": "picked_up", "InTransit_003": "in_transit",
	"InTransit_004": "arrived_destination_country", "InTransit_005": "customs_released", "InTransit_006": "customs_started",
	"InTransit_007": "departed_origin", "InTransit_008": "in_transit", "InTransit_009": "in_transit",
	"InfoReceived_001":   "label_created",
	"OutForDelivery_001": "out_for_delivery", "OutForDelivery_002": "available_for_pickup",
	"OutForDelivery_003": "out_for_delivery", "OutForDelivery_004": "delivery_scheduled",
	"Pending_001": "unknown", "Pending_002": "unknown", "Pending_003": "unknown", "Pending_004": "unknown",
	"Pending_005": "unknown", "Pending_006": "unknown", "Expired_001": "expired",

	"Pending": "unknown", "InfoReceived": "label_created", "InTransit": "in_transit", "OutForDelivery": "out_for_delivery",
	"AttemptFail": "attempt_failed", "Delivered": "delivered", "AvailableForPickup": "available_for_pickup",
	"Exception": "exception", "Expired": "expired",

	"Exception_999": "exception", "InTransit_042": "in_transit", "Delivered_006": "delivered",
	"AttemptFail_004": "attempt_failed", "Melted_001": "unknown", "": "unknown",
}

var seventeenWant = want{
	"NotFound_Other": "unknown", "NotFound_InvalidCode": "unknown", "InfoReceived": "label_created",
	"InTransit_PickedUp": "picked_up", "InTransit_Other": "in_transit", "InTransit_Departure": "departed_origin",
	"InTransit_Arrival": "arrived_destination_country", "InTransit_CustomsProcessing": "customs_started",
	"InTransit_CustomsReleased": "customs_released", "InTransit_CustomsRequiringInformation": "customs_info_required",
	"Expired_Other": "expired", "AvailableForPickup_Other": "available_for_pickup", "OutForDelivery_Other": "out_for_delivery",
	"DeliveryFailure_Other": "attempt_failed", "DeliveryFailure_NoBody": "attempt_failed:nobody_home",
	"DeliveryFailure_Security": "held_payment:security", "DeliveryFailure_Rejected": "refused",
	"DeliveryFailure_InvalidAddress": "address_problem", "Delivered_Other": "delivered",
	"Exception_Other": "exception", "Exception_Returning": "returning", "Exception_Returned": "returned",
	"Exception_NoBody": "exception:nobody_home", "Exception_Security": "held_payment:security", "Exception_Damage": "damaged",
	"Exception_Rejected": "refused", "Exception_Delayed": "delay", "Exception_Lost": "lost",
	"Exception_Destroyed": "destroyed", "Exception_Cancel": "cancelled",

	"NotFound": "unknown", "InTransit": "in_transit", "Expired": "expired", "DeliveryFailure": "attempt_failed",
	"Exception": "exception",

	"PickedUp": "picked_up", "Departure": "departed_origin", "Arrival": "arrived_destination_country",
	"AvailableForPickup": "available_for_pickup", "OutForDelivery": "out_for_delivery", "Delivered": "delivered",
	"Returning": "returning", "Returned": "returned",

	"InTransit_Teleported": "in_transit", "Exception_Held": "exception", "Melted_Other": "unknown", "": "unknown",
}

// easyPostWant's codes are status/detail.
var easyPostWant = want{
	"unknown/": "unknown", "pre_transit/": "label_created", "in_transit/": "in_transit", "out_for_delivery/": "out_for_delivery",
	"delivered/": "delivered", "available_for_pickup/": "available_for_pickup", "return_to_sender/": "returning",
	"failure/": "attempt_failed", "cancelled/": "cancelled", "error/": "unknown",

	"failure/address_correction": "address_problem", "in_transit/arrived_at_destination": "arrived_destination_country",
	"in_transit/arrived_at_facility": "in_transit", "available_for_pickup/arrived_at_pickup_location": "available_for_pickup",
	"in_transit/awaiting_information": "customs_info_required", "cancelled/cancelled": "cancelled", "failure/damaged": "damaged",
	"in_transit/delayed": "delay", "failure/delivery_exception": "attempt_failed", "in_transit/departed_facility": "in_transit",
	"in_transit/departed_origin_facility": "departed_origin", "unknown/expired": "expired", "failure/failure": "attempt_failed",
	"in_transit/held": "customs_started", "failure/held": "held_payment", "in_transit/in_transit": "in_transit",
	"pre_transit/label_created": "label_created", "failure/lost": "lost", "in_transit/missorted": "delay:processing",
	"out_for_delivery/out_for_delivery": "out_for_delivery", "in_transit/received_at_destination_facility": "in_transit",
	"in_transit/received_at_origin_facility": "picked_up", "failure/refused": "refused", "return_to_sender/return": "returning",
	"in_transit/status_update": "in_transit", "in_transit/transferred_to_destination_carrier": "in_transit",
	"in_transit/transit_exception": "exception", "unknown/unknown": "unknown", "in_transit/unknown": "in_transit",
	"in_transit/weather_delay": "delay:weather",

	"delivered/arrived_at_destination": "delivered", "delivered/held": "delivered", "delivered/out_for_delivery": "delivered",
	"delivered/delayed": "delivered", "delivered/damaged": "damaged", "out_for_delivery/arrived_at_destination": "out_for_delivery",
	"/arrived_at_destination": "arrived_destination_country", "unknown/in_transit": "in_transit",
	"in_transit/teleported": "in_transit", "melted/teleported": "unknown", "/": "unknown",
}

func (w want) check(t *testing.T, means func(code string) meaning) {
	t.Helper()
	for code, expected := range w {
		m := means(code)
		got := string(m.kind)
		if m.detail != "" {
			got += ":" + m.detail
		}
		if got != expected {
			t.Errorf("%s means %s, want %s", code, got, expected)
		}
		if _, ok := parcel.FactOf(m.kind); !ok {
			t.Errorf("%s means %q, which is no kind", code, m.kind)
		}
	}
}

// through decodes a body made of one code and returns what became of it.
func through(t *testing.T, f Feed, body map[string]any) meaning {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	e := decode(t, f, string(b), heard)[0]
	return meaning{e.Kind, e.Detail}
}

type object = map[string]any

func TestCodes_AfterShip(t *testing.T) {
	t.Parallel()
	afterShipWant.check(t, func(code string) meaning {
		return through(t, AfterShip, object{"msg": object{"tracking_number": "1", "checkpoints": []object{{"subtag": code}}}})
	})
}

func TestCodes_SeventeenTrack(t *testing.T) {
	t.Parallel()
	events := func(code string) object {
		return object{"providers": []object{{"events": []object{{"sub_status": code, "description": "x"}}}}}
	}
	seventeenWant.check(t, func(code string) meaning {
		return through(t, SeventeenTrack, object{"data": object{"number": "1", "track_info": object{"tracking": events(code)}}})
	})
}

func TestCodes_EasyPost(t *testing.T) {
	t.Parallel()
	easyPostWant.check(t, func(code string) meaning {
		status, detail := splitCode(code)
		detailObject := object{"status": status, "status_detail": detail}
		return through(t, EasyPost, object{"result": object{"tracking_code": "1", "tracking_details": []object{detailObject}}})
	})
}

func splitCode(code string) (status, detail string) {
	for i := range code {
		if code[i] == '/' {
			return code[:i], code[i+1:]
		}
	}
	return code, ""
}

// No entry of a table may go untested.
func TestCodes_EveryEntryIsTested(t *testing.T) {
	t.Parallel()
	for code := range afterShipCodes {
		if _, ok := afterShipWant[code]; !ok {
			t.Errorf("AfterShip's %s is not tested", code)
		}
	}
	for code := range seventeenCodes {
		if _, ok := seventeenWant[code]; !ok {
			t.Errorf("17TRACK's %s is not tested", code)
		}
	}
	tested := map[string]bool{}
	for code := range easyPostWant {
		status, detail := splitCode(code)
		tested[status], tested[detail] = true, true
	}
	for _, book := range []codebook{easyPostStatuses, easyPostOnTheWay, easyPostDetails} {
		for code := range book {
			if !tested[code] {
				t.Errorf("EasyPost's %s is not tested", code)
			}
		}
	}
}

// A sub-tag nobody knows yet means what its tag means, whatever it is.
func TestCodes_StrangerMeansItsParent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tag := rapid.SampledFrom([]string{"Pending", "InTransit", "Delivered", "Exception", "Expired", "AttemptFail"}).Draw(t, "tag")
		number := rapid.StringMatching(`[1-9][0-9]{2}`).Draw(t, "number")
		if got, want := afterShipCodes.meaning(text(tag+"_"+number)), afterShipCodes[tag]; got != want {
			t.Fatalf("%s_%s means %v, want %v", tag, number, got, want)
		}
	})
}
