package tracking

import (
	"strings"
	"unicode"

	"landfall/internal/parcel"
)

// Carrier returns the canonical short name of a carrier as any feed or shop may write it: "DHLExpress",
// "dhl-germany" and "Deutsche Post DHL" are known, an unknown name becomes lower case with dashes for spaces.
// Orders and events meet under it, so both must pass through here.
func Carrier(name string) parcel.Carrier {
	if who, ok := carriers[squash(name)]; ok {
		return who
	}
	return parcel.Carrier(strings.Join(strings.Fields(strings.ToLower(tidy(name))), "-"))
}

// squash keeps lower-case letters and digits, so that one entry stands for every spelling.
func squash(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// carriers are the names of one carrier in different feeds, squashed. A bare "dhl" stays as it is: AfterShip
// means Express by it, most shops mean the parcel service, and a label's number tells them apart.
var carriers = map[string]parcel.Carrier{
	"dhl": "dhl", "dhlgermany": "dhl", "dhlpaket": "dhl", "dhlde": "dhl", "deutschepostdhl": "dhl", "dhlparcel": "dhl",
	"dhlexpress": "dhl-express", "dhlexpressinternational": "dhl-express",
	"dhlecommerce": "dhl-ecommerce", "dhlglobalmail": "dhl-ecommerce", "dhlecs": "dhl-ecommerce",
	"dhlglobalmailasia": "dhl-ecommerce-asia", "dhlecommerceasia": "dhl-ecommerce-asia",
	"deutschepost": "deutsche-post", "deutschpost": "deutsche-post",

	"ups": "ups", "unitedparcelservice": "ups", "upsdap": "ups",
	"fedex": "fedex", "fedexdefault": "fedex", "fedexexpress": "fedex",
	"usps": "usps", "unitedstatespostalservice": "usps",

	"royalmail": "royal-mail", "evri": "evri", "hermesuk": "evri", "myhermesuk": "evri",
	"hermesde": "hermes-de", "hermesgermany": "hermes-de",
	"laposte": "la-poste", "lapostecolissimo": "la-poste", "colissimo": "la-poste", "chronopost": "chronopost",
	"chronopostfrance": "chronopost", "gls": "gls", "glsgermany": "gls", "glsde": "gls", "glsuk": "gls", "dpd": "dpd", "dpdde": "dpd", "dpdgermany": "dpd", "dpduk": "dpd",
	"postnl": "postnl", "postnlinternational": "postnl", "postnl3s": "postnl", "correos": "correos",
	"correosspain": "correos", "spaincorreoses": "correos", "posteitaliane": "poste-italiane",

	"brazilcorreios": "brazil-correios", "correiosbrazil": "brazil-correios", "correiosbr": "brazil-correios",
	"canadapost": "canada-post", "australiapost": "australia-post", "auspost": "australia-post",

	"chinapost": "china-post", "chinaems": "china-ems", "sfexpress": "sf-express", "sf": "sf-express",
	"sfinternational": "sf-express", "4px": "4px", "fourpx": "4px", "yunexpress": "yunexpress", "yunexpresscn": "yunexpress",
	"cainiao": "cainiao", "yanwen": "yanwen", "hongkongpost": "hong-kong-post",

	"japanpost": "japan-post", "yamato": "yamato", "yamatotransport": "yamato", "taqbinjp": "yamato",
	"yamatoヤマト運輸": "yamato", "sagawa": "sagawa", "sagawa佐川急便": "sagawa", "koreapost": "korea-post",
	"singaporepost": "singapore-post", "singpost": "singapore-post",

	"thailandpost": "thailand-post", "flashexpress": "flash-express", "flashexpressth": "flash-express", "kerry": "kerry-express", "kerryexpress": "kerry-express",
	"kerrylogistics": "kerry-express", "kerryexpressthailand": "kerry-express", "kerrythai": "kerry-express", "kerryexpressth": "kerry-express",
	"jne": "jne", "jtexpress": "jt-express", "jtinternational": "jt-express", "jtexpressid": "jt-express",
	"jtexpressth": "jt-express", "jtexpressmy": "jt-express", "jtexpresssg": "jt-express", "jtexpressph": "jt-express",
	"jtexpressvn": "jt-express", "ninjavan": "ninjavan",
}

// seventeenCarriers are the carriers 17TRACK names by number, from its published carrier list.
var seventeenCarriers = map[string]parcel.Carrier{
	"7041": "dhl", "100001": "dhl-express", "100002": "ups", "100003": "fedex", "21051": "usps",
	"100005": "gls", "100007": "dpd", "11031": "royal-mail", "19181": "correos",
	"2151": "brazil-correios", "3041": "canada-post", "1151": "australia-post",
	"3011": "china-post", "100012": "sf-express", "190766": "sf-express", "190094": "4px", "190012": "yanwen",
	"10021": "japan-post", "100062": "yamato",
	"100295": "jt-express", "100074": "jt-express", "100079": "jt-express", "100229": "jt-express",
	"100240": "jt-express", "100271": "jt-express", "100456": "jt-express",
}
