package templates

import "time"

// parcelDelivery is schema.org's ParcelDelivery, by which mail clients show a parcel above the letter. The names of its fields
// are schema.org's (https://schema.org/ParcelDelivery). Gmail asks for the street too
// (https://developers.google.com/workspace/gmail/markup/reference/parcel-delivery), which Landfall is never told; other clients
// take what there is.
type parcelDelivery struct {
	Context string        `json:"@context"`
	Type    string        `json:"@type"`
	Address postalAddress `json:"deliveryAddress"`
	From    string        `json:"expectedArrivalFrom,omitempty"`
	Until   string        `json:"expectedArrivalUntil,omitempty"`
	Carrier named         `json:"carrier"`
	Item    named         `json:"itemShipped"`
	Order   orderOf       `json:"partOfOrder"`
	Number  string        `json:"trackingNumber"`
	Link    string        `json:"trackingUrl,omitempty"`
}

type postalAddress struct {
	Type       string `json:"@type"`
	Name       string `json:"name,omitempty"`
	PostalCode string `json:"postalCode,omitempty"`
	City       string `json:"addressLocality,omitempty"`
	Region     string `json:"addressRegion,omitempty"`
	Country    string `json:"addressCountry"`
}

type named struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

type orderOf struct {
	Type     string `json:"@type"`
	Number   string `json:"orderNumber"`
	Merchant named  `json:"merchant"`
}

// parcelDelivery is nil unless all that makes it worth reading is known: whose order of what, by whom, to which country. Staff get
// none: it is not their parcel.
func (d *draft) parcelDelivery() *parcelDelivery {
	carrier := carrierName(first(d.in.Parcel.Carrier, d.in.Event.Carrier))
	if d.in.Postal.Country == "" || d.in.Order == nil || len(d.in.Order.Items) == 0 || carrier == "" || d.number() == "" || d.in.Brand.Name == "" {
		return nil
	}
	p := &parcelDelivery{
		Context: "https://schema.org", Type: "ParcelDelivery",
		Address: postalAddress{"PostalAddress", cut(clean(d.in.Person), nameLimit), clean(d.in.Postal.PostalCode), clean(d.in.Postal.City),
			clean(d.in.Postal.Region), clean(d.in.Postal.Country)},
		Carrier: named{"Organization", carrier}, Item: named{"Product", bare(d.item(itemLimit, inWords))},
		Order:  orderOf{"Order", bare(d.order()), named{"Organization", d.in.Brand.Name}},
		Number: d.number(), Link: d.link,
	}
	if from, to, wholeDays, known := d.expected(); known {
		layout := time.RFC3339
		if wholeDays {
			layout = time.DateOnly
		}
		p.From, p.Until = from.Format(layout), to.Format(layout)
	}
	return p
}
