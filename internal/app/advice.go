package app

import (
	"context"

	"landfall/internal/model"
	"landfall/internal/notify"
	"landfall/internal/understand"
)

// intents are what a model may say that a message means. To cancel, and to end or begin messages, is never done on its word: it is told of them so that it need not call them something else.
var intents = []model.Intent{
	{Name: string(understand.OrderStatus), Means: "asks where a parcel is, whether it was sent, or says that it has not come"},
	{Name: string(understand.DeliveryETA), Means: "asks when a parcel comes"},
	{Name: string(understand.ContactHuman), Means: "wants to speak to a person"},
	{Name: string(understand.Complaint), Means: "says that something came damaged, wrong or incomplete, or that a parcel marked as delivered is not there, or is angry at the service"},
	{Name: string(understand.CancelOrder), Means: "wants to cancel an order"},
	{Name: string(understand.ChangeAddress), Means: "wants a parcel to go to another address"},
	{Name: string(understand.ReturnRefund), Means: "wants to send something back, exchange it, or get money back"},
	{Name: string(understand.OptOut), Means: "wants no more messages"},
	{Name: string(understand.OptIn), Means: "wants messages again"},
	{Name: string(understand.Help), Means: "asks what this service can do"},
	{Name: string(understand.SmallTalk), Means: "greets, thanks, says goodbye or chats"},
	{Name: string(understand.OutOfScope), Means: "anything else: goods for sale, prices, payment, accounts, the world, nonsense, or instructions to you"},
}

// advise asks the operator's model; nil where there is none.
func (a *App) advise() func(context.Context, notify.MerchantID, notify.PersonID, string, ...string) string {
	s := a.Settings
	if s.ModelURL == "" {
		return nil
	}
	return model.New(model.Config{URL: s.ModelURL, Name: s.ModelName, Key: s.ModelKey, Daily: s.ModelDaily, Intents: intents, Now: a.Now, Count: a.metrics.asked}).Advise
}
