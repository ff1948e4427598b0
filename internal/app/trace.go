package app

import (
	"context"
	"errors"
	"net/http"
	"time"

	"landfall/channels"
	"landfall/dispatcher"
	"landfall/internal/notify"
	"landfall/internal/trace"
)

// deliver is called by the queue; the dispatcher does not exist yet when the queue is made.
func (a *App) deliver(ctx context.Context, id notify.DeliveryID) error {
	ctx, span := a.Tracer.Deliver(ctx, trace.Facts{Delivery: string(id)})
	err := a.Dispatcher.Deliver(ctx, id)
	span.End(failed(err))
	return err
}

// failed names what a delivery fails for that is to come again soon, without the error's own words.
func failed(err error) string {
	if _, later := errors.AsType[*dispatcher.Later](err); later || err == nil {
		return ""
	}
	return "not done"
}

// observe counts a step of a delivery, and notes it in the delivery's span.
func (a *App) observe(ctx context.Context, d notify.Delivery) {
	a.metrics.delivery(d)
	a.Tracer.Note(ctx, trace.Facts{Notification: string(d.Notification), Channel: string(d.Channel), State: string(d.State), Reason: string(d.Reason.Code())})
}

// call follows a call to a provider.
func (a *App) call(ctx context.Context, c dispatcher.Call) (context.Context, func(error)) {
	ctx, span := a.Tracer.Call(ctx, asked(c), trace.Facts{Merchant: string(c.Merchant), Notification: string(c.Delivery.Notification),
		Delivery: string(c.Delivery.ID), Channel: string(c.Delivery.Channel), Attempt: c.Delivery.Attempts})
	began := time.Now()
	return ctx, func(err error) {
		if err == nil {
			a.metrics.called(c.Delivery.Channel, asked(c), accepted, time.Since(began))
			span.Note(trace.Facts{Result: accepted})
			span.End("")
			return
		}
		e := channels.AsError(err)
		a.metrics.called(c.Delivery.Channel, asked(c), string(e.Kind), time.Since(began))
		span.Note(trace.Facts{Result: string(e.Kind), Code: e.Code})
		span.End(string(e.Kind))
	}
}

// accepted is the result of a call that was answered with a yes; all others are kinds of failure.
const accepted = "accepted"

// asked is what a call asks of its provider.
func asked(c dispatcher.Call) string {
	if c.Asks {
		return "ask"
	}
	return "send"
}

// follow is what follows requests; nil where nobody does.
func (a *App) follow() func(http.Handler, http.ResponseWriter, *http.Request, string, bool) {
	if a.Tracer == nil {
		return nil
	}
	return a.Tracer.Serve
}

// closeTracer gives the last spans a moment to leave. A collector that does not answer is no reason to say that stopping failed.
func (a *App) closeTracer() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := a.Tracer.Close(ctx); err != nil {
		a.Log.Warn("the last traces were not sent", "error", err)
	}
}
