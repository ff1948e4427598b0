package tracking

import (
	"strings"

	"landfall/internal/parcel"
)

// meaning is what a foreign code says in our words: the kind, and for some kinds why or to whom.
type meaning struct {
	kind   parcel.Kind
	detail string
}

// The details a meaning may carry. Feeds that report the same thing use the same word, so that the second report
// of it is a repeat.
const (
	byCustoms    = "customs"
	byWeather    = "weather"
	byFlight     = "flight"
	byProcessing = "processing"
	byExternal   = "external"

	toNeighbour = "neighbour"
	signed      = "signed"
	collected   = "collected"
	paidInCash  = "cod"

	noticeLeft = "notice_left"
	nobodyHome = "nobody_home"
	closed     = "closed"

	movedAway    = "moved"
	notCollected = "not_collected"
	security     = "security"
	documents    = "documents"
)

// codebook maps one feed's codes. A code's parent is what stands before its first underscore.
type codebook map[string]meaning

// meaning returns what the first of codes that says something says: the code itself, or else its parent. Feeds
// invent codes without notice, so a stranger is never an error.
func (b codebook) meaning(codes ...text) meaning {
	for _, code := range codes {
		if m, ok := b[string(code)]; ok {
			return m
		}
		parent, _, _ := strings.Cut(string(code), "_")
		if m, ok := b[parent]; ok {
			return m
		}
	}
	return meaning{kind: parcel.Unknown}
}

// afterShipCodes are AfterShip's tags and sub-tags.
var afterShipCodes = codebook{
	"Pending":            {parcel.Unknown, ""},
	"InfoReceived":       {parcel.LabelMade, ""},
	"InTransit":          {parcel.InTransit, ""},
	"OutForDelivery":     {parcel.OutForDeliv, ""},
	"AttemptFail":        {parcel.Attempted, ""},
	"Delivered":          {parcel.Delivered, ""},
	"AvailableForPickup": {parcel.Pickup, ""},
	"Exception":          {parcel.Problem, ""},
	"Expired":            {parcel.Expired, ""},

	"InTransit_002": {parcel.PickedUp, ""},
	"InTransit_004": {parcel.Arrived, ""},
	"InTransit_005": {parcel.Released, ""},
	"InTransit_006": {parcel.Customs, ""},
	"InTransit_007": {parcel.Departed, ""},

	"OutForDelivery_002": {parcel.Pickup, ""}, // what AvailableForPickup_001 was called before
	"OutForDelivery_004": {parcel.Scheduled, ""},

	"AttemptFail_001": {parcel.Attempted, noticeLeft},
	"AttemptFail_002": {parcel.Attempted, nobodyHome},
	"AttemptFail_003": {parcel.Attempted, closed},

	"Delivered_002": {parcel.Delivered, collected},
	"Delivered_003": {parcel.Delivered, signed},
	"Delivered_004": {parcel.Delivered, paidInCash},
	"Delivered_005": {parcel.Delivered, toNeighbour},

	"Exception_002": {parcel.BadAddress, movedAway},
	"Exception_003": {parcel.Refused, ""},
	"Exception_004": {parcel.Delay, byCustoms},
	"Exception_005": {parcel.Delay, byExternal},
	"Exception_006": {parcel.HeldPayment, ""},
	"Exception_007": {parcel.BadAddress, ""},
	"Exception_008": {parcel.Problem, notCollected},
	"Exception_009": {parcel.CarrierSayNo, ""},
	"Exception_010": {parcel.Returning, ""},
	"Exception_011": {parcel.Returned, ""},
	"Exception_012": {parcel.Damaged, ""},
	"Exception_013": {parcel.Lost, ""},
	"Exception_016": {parcel.Delay, byProcessing},
	"Exception_017": {parcel.Delay, byWeather},
	"Exception_018": {parcel.CustomsInfo, documents},
	"Exception_019": {parcel.Delay, byFlight},
	"Exception_020": {parcel.Cancelled, ""},
	"Exception_021": {parcel.Destroyed, ""},
}

// seventeenCodes are 17TRACK's main statuses, sub-statuses, and the key stages an older event carries instead.
var seventeenCodes = codebook{
	"NotFound":           {parcel.Unknown, ""},
	"InfoReceived":       {parcel.LabelMade, ""},
	"InTransit":          {parcel.InTransit, ""},
	"Expired":            {parcel.Expired, ""},
	"AvailableForPickup": {parcel.Pickup, ""},
	"OutForDelivery":     {parcel.OutForDeliv, ""},
	"DeliveryFailure":    {parcel.Attempted, ""},
	"Delivered":          {parcel.Delivered, ""},
	"Exception":          {parcel.Problem, ""},

	"PickedUp":  {parcel.PickedUp, ""},
	"Departure": {parcel.Departed, ""},
	"Arrival":   {parcel.Arrived, ""},
	"Returning": {parcel.Returning, ""},
	"Returned":  {parcel.Returned, ""},

	"InTransit_PickedUp":                    {parcel.PickedUp, ""},
	"InTransit_Departure":                   {parcel.Departed, ""},
	"InTransit_Arrival":                     {parcel.Arrived, ""},
	"InTransit_CustomsProcessing":           {parcel.Customs, ""},
	"InTransit_CustomsReleased":             {parcel.Released, ""},
	"InTransit_CustomsRequiringInformation": {parcel.CustomsInfo, ""},

	"DeliveryFailure_NoBody":         {parcel.Attempted, nobodyHome},
	"DeliveryFailure_Security":       {parcel.HeldPayment, security}, // the nearest kind: the code covers fees and checks alike
	"DeliveryFailure_Rejected":       {parcel.Refused, ""},
	"DeliveryFailure_InvalidAddress": {parcel.BadAddress, ""},

	"Exception_Returning": {parcel.Returning, ""},
	"Exception_Returned":  {parcel.Returned, ""},
	"Exception_NoBody":    {parcel.Problem, nobodyHome},
	"Exception_Security":  {parcel.HeldPayment, security},
	"Exception_Damage":    {parcel.Damaged, ""},
	"Exception_Rejected":  {parcel.Refused, ""},
	"Exception_Delayed":   {parcel.Delay, ""},
	"Exception_Lost":      {parcel.Lost, ""},
	"Exception_Destroyed": {parcel.Destroyed, ""},
	"Exception_Cancel":    {parcel.Cancelled, ""},
}

// easyPostStatuses are what an EasyPost status means when its detail adds nothing.
var easyPostStatuses = codebook{
	"unknown":              {parcel.Unknown, ""},
	"pre_transit":          {parcel.LabelMade, ""},
	"in_transit":           {parcel.InTransit, ""},
	"out_for_delivery":     {parcel.OutForDeliv, ""},
	"delivered":            {parcel.Delivered, ""},
	"available_for_pickup": {parcel.Pickup, ""},
	"return_to_sender":     {parcel.Returning, ""},
	"failure":              {parcel.Attempted, ""},
	"cancelled":            {parcel.Cancelled, ""},
	"error":                {parcel.Unknown, ""}, // of the tracker, not of the parcel
}

// easyPostOnTheWay are details that say how far a parcel in transit has come. Under any other status they only
// say where it was last seen: a delivered parcel, too, "arrived at its destination".
var easyPostOnTheWay = codebook{
	"received_at_origin_facility": {parcel.PickedUp, ""},
	"departed_origin_facility":    {parcel.Departed, ""},
	"arrived_at_destination":      {parcel.Arrived, ""},
	"held":                        {parcel.Customs, ""},
}

// easyPostDetails are details that mean the same under every status.
var easyPostDetails = codebook{
	"label_created":              {parcel.LabelMade, ""},
	"awaiting_information":       {parcel.CustomsInfo, ""},
	"held":                       {parcel.HeldPayment, ""},
	"delivery_exception":         {parcel.Attempted, ""},
	"arrived_at_pickup_location": {parcel.Pickup, ""},
	"out_for_delivery":           {parcel.OutForDeliv, ""},
	"address_correction":         {parcel.BadAddress, ""},
	"refused":                    {parcel.Refused, ""},
	"delayed":                    {parcel.Delay, ""},
	"weather_delay":              {parcel.Delay, byWeather},
	"missorted":                  {parcel.Delay, byProcessing},
	"return":                     {parcel.Returning, ""},
	"damaged":                    {parcel.Damaged, ""},
	"lost":                       {parcel.Lost, ""},
	"cancelled":                  {parcel.Cancelled, ""},
	"expired":                    {parcel.Expired, ""},
	"transit_exception":          {parcel.Problem, ""},
}

// easyPostMeaning chooses by the detail first, then by the status.
func easyPostMeaning(status, detail text) meaning {
	// Some carriers give EasyPost a detail and no status.
	onTheWay := status == "in_transit" || status == "unknown" || status == ""
	if m, ok := easyPostOnTheWay[string(detail)]; ok && onTheWay {
		return m
	}
	if m, ok := easyPostDetails[string(detail)]; ok && (status != "delivered" || settled(m.kind)) {
		return m
	}
	if m, ok := easyPostStatuses[string(status)]; ok && m.kind != parcel.Unknown {
		return m
	}
	return easyPostStatuses.plain(detail)
}

// settled reports whether k still stands once the parcel was handed over.
func settled(k parcel.Kind) bool { return k == parcel.Damaged || k == parcel.Returning }

// plain looks a whole code up, without a parent.
func (b codebook) plain(code text) meaning {
	if m, ok := b[string(code)]; ok {
		return m
	}
	return meaning{kind: parcel.Unknown}
}
