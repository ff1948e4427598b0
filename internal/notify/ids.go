package notify

// Distinct names for the strings that name things, so that swapped arguments do not compile.
type (
	// MerchantID is the name of a merchant's folder.
	MerchantID string
	// PersonID is the merchant's own customer number.
	PersonID string
	// NotificationID names one notice for one person.
	NotificationID string
	// DeliveryID names one notification on one channel. It is all that travels through Redis.
	DeliveryID string
	// TemplateKey names what is said, such as "customs_hold". Catalogs and layouts are found under it.
	TemplateKey string
)

// MerchantContact is the person id under which the merchant's own staff receives notices.
const MerchantContact PersonID = "@merchant"
