package sandbox_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"landfall/internal/sandbox"
)

type params = v2010.CreateMessageParams

func TestTwilio_SMSArrivesAndIsReported(t *testing.T) {
	t.Parallel()
	w := start(t)
	m, err := w.twilio().CreateMessage(w.sms())
	if err != nil {
		t.Fatal(err)
	}
	if *m.Status != "queued" || *m.NumSegments != "1" || !strings.HasPrefix(*m.Sid, "SM") || len(*m.Sid) != 34 {
		t.Errorf("answer = %s, %s segments, %s", *m.Status, *m.NumSegments, *m.Sid)
	}
	w.settle(t)
	equal(t, "statuses", w.app.field("MessageStatus"), []string{"queued", "sent", "delivered"})
	want := []sandbox.Received{{
		Channel: sandbox.SMS, To: person, From: shop, Text: "Your parcel is on its way",
		At: w.clock.now(), ProviderID: *m.Sid, Status: "delivered",
	}}
	if diff := cmp.Diff(want, w.Received(), cmpopts.IgnoreFields(sandbox.Received{}, "Raw")); diff != "" {
		t.Error(diff)
	}
	w.wantProblems(t)
}

func TestTwilio_WhatsAppTemplateIsFilledInAndRead(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.registerContent(t)
	sid := w.create(t, w.whatsapp())
	w.settle(t)
	equal(t, "statuses", w.app.field("MessageStatus"), []string{"queued", "sent", "delivered", "read"})
	got := w.Received()[0]
	if got.Text != "Wool coat kommt am Monday. Wool coat!" || got.Locale != "de" || got.To != person || got.From != shop {
		t.Errorf("received = %+v", got)
	}
	last := w.app.last(t)
	if last.Get("EventType") != "READ" || last.Get("From") != "whatsapp:"+shop || last.Get("MessageSid") != sid {
		t.Errorf("last status = %v", last)
	}
	w.wantProblems(t)
}

func TestTwilio_RefusesWhatTwilioRefuses(t *testing.T) {
	t.Parallel()
	variables := func(json string) func(*params) { return func(p *params) { p.SetContentVariables(json) } }
	text := func(change ...func(*params)) func(*world) *params {
		return func(w *world) *params { return w.sms(change...) }
	}
	template := func(change ...func(*params)) func(*world) *params {
		return func(w *world) *params { return w.whatsapp(change...) }
	}
	for _, c := range []struct {
		name string
		make func(*world) *params
		code int
	}{
		{"no recipient", text(func(p *params) { p.To = nil }), 21604},
		{"recipient without plus", text(func(p *params) { p.SetTo("015112345678") }), 21211},
		{"no sender", text(func(p *params) { p.From = nil }), 21603},
		{"sender is nonsense", text(func(p *params) { p.SetFrom("+12") }), 21212},
		{"sender name too long", text(func(p *params) { p.SetFrom("Landfall Shop") }), 21212},
		{"service is nonsense", text(func(p *params) { p.SetMessagingServiceSid("MG1") }), 21701},
		{"channels differ", text(func(p *params) { p.SetFrom("whatsapp:" + shop) }), 21910},
		{"no text", text(func(p *params) { p.Body = nil }), 21602},
		{"only spaces", text(func(p *params) { p.SetBody(" \n") }), 21602},
		{"text too long", text(func(p *params) { p.SetBody(strings.Repeat("ä", 1601)) }), 21617},
		{"text and template", template(func(p *params) { p.SetBody("Hello") }), 20001},
		{"variables without template", text(variables(`{"1":"a"}`)), 21654},
		{"unknown template", template(func(p *params) { p.SetContentSid("HX" + strings.Repeat("9", 32)) }), 21655},
		{"variables are no JSON", template(variables(`1=a`)), 21656},
		{"variable is null", template(variables(`{"1":null,"2":"b"}`)), 21656},
		{"variable is a number", template(variables(`{"1":1,"2":"b"}`)), 21656},
		{"variable is empty", template(variables(`{"1":"","2":"b"}`)), 21656},
		{"variable has a newline", template(variables(`{"1":"a\nb","2":"b"}`)), 21656},
		{"variable has a tab", template(variables(`{"1":"a\tb","2":"b"}`)), 21656},
		{"variable has five spaces", template(variables(`{"1":"a     b","2":"b"}`)), 21656},
		{"variable too long", template(variables(`{"1":"` + strings.Repeat("x", 1601) + `","2":"b"}`)), 21658},
		{"variable missing", template(variables(`{"1":"a"}`)), 63028},
		{"no variables", template(func(p *params) { p.ContentVariables = nil }), 63028},
		{"variable too many", template(variables(`{"1":"a","2":"b","3":"c"}`)), 63028},
		{"callback is no URL", text(func(p *params) { p.SetStatusCallback("/status") }), 21609},
		{"validity too long", text(func(p *params) { p.SetValidityPeriod(36001) }), 20001},
		{"validity too short", text(func(p *params) { p.SetValidityPeriod(0) }), 20001},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.registerContent(t)
			_, err := w.twilio().CreateMessage(c.make(w))
			if got := twilioCode(err); got != c.code {
				t.Errorf("code = %d (%v), want %d", got, err, c.code)
			}
			if len(w.Received()) != 0 || len(w.Problems()) == 0 {
				t.Errorf("received %v, problems %v; want none and one", w.Received(), w.Problems())
			}
		})
	}
}

func TestTwilio_TakesWhatTwilioTakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*params)
	}{
		{"sender name", func(p *params) { p.SetFrom("Landfall") }},
		{"short code", func(p *params) { p.SetFrom("83212") }},
		{"longest text", func(p *params) { p.SetBody(strings.Repeat("ä", 1600)) }},
		{"template by SMS", func(p *params) {
			p.Body = nil
			p.SetContentSid(contentID).SetContentVariables(`{"1":"a    b","2":"c"}`)
		}},
		{"no callback", func(p *params) { p.StatusCallback = nil }},
		{"validity", func(p *params) { p.SetValidityPeriod(36000) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.registerContent(t)
			w.create(t, w.sms(c.change))
			w.settle(t)
			if got := w.Received(); len(got) != 1 || got[0].Status != "delivered" {
				t.Errorf("received = %+v", got)
			}
			w.wantProblems(t)
		})
	}
}

func TestTwilio_TestNumbersAreNoProblem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		to, from string
		code     int
	}{
		{"+15005550001", shop, 21211},
		{"+15005550002", shop, 21612},
		{"+15005550003", shop, 21408},
		{"+15005550004", shop, 21610},
		{"+15005550009", shop, 21614},
		{person, "+15005550007", 21606},
		{person, "+15005550008", 21611},
		{person, "+15005550001", 21212},
		{person, "+15005550006", 0},
	} {
		t.Run(c.to+" from "+c.from, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			_, err := w.twilio().CreateMessage(w.sms(func(p *params) { p.SetTo(c.to).SetFrom(c.from) }))
			if got := twilioCode(err); got != c.code {
				t.Errorf("code = %d (%v), want %d", got, err, c.code)
			}
			w.wantProblems(t)
		})
	}
}

func TestTwilio_ChecksCredentials(t *testing.T) {
	t.Parallel()
	w := start(t)
	own := w.Credentials()
	for _, c := range []struct{ name, user, password string }{
		{"wrong token", own.TwilioAccountSID, "wrong"},
		{"wrong account", "AC" + strings.Repeat("0", 32), own.TwilioAuthToken},
		{"no key is configured", "SK1", ""},
		{"nothing", "", ""},
	} {
		api, _ := w.twilioAPI(c.user, c.password)
		if _, err := api.CreateMessage(w.sms()); twilioCode(err) != 20003 {
			t.Errorf("%s: %v, want 20003", c.name, err)
		}
	}
	if len(w.Received()) != 0 || len(w.Problems()) != 4 {
		t.Errorf("received %v, problems %q", w.Received(), w.Problems())
	}
}

func TestTwilio_TakesAPIKeyAndRefusesOtherAccount(t *testing.T) {
	t.Parallel()
	c := &clock{at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	keys := sandbox.Credentials{TwilioAPIKey: "SKkey", TwilioAPISecret: "secret"}
	s, err := sandbox.Start(t.Context(), sandbox.Options{Now: c.now, Credentials: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w := &world{Sandbox: s, clock: c, app: newApp(t, s.Credentials())}
	api, _ := w.twilioAPI("SKkey", "secret")
	if _, err := api.CreateMessage(w.sms()); err != nil {
		t.Errorf("with the API key: %v", err)
	}
	other := w.sms(func(p *params) { p.SetPathAccountSid("AC" + strings.Repeat("1", 32)) })
	if _, err := api.CreateMessage(other); twilioCode(err) != 20404 {
		t.Errorf("for another account: %v, want 20404", err)
	}
}

func TestTwilio_ServiceChoosesSender(t *testing.T) {
	t.Parallel()
	w := start(t)
	service := "MG" + strings.Repeat("a", 32)
	m, err := w.twilio().CreateMessage(w.sms(func(p *params) { p.From = nil; p.SetMessagingServiceSid(service) }))
	if err != nil {
		t.Fatal(err)
	}
	if *m.Status != "accepted" || *m.NumSegments != "0" || m.From != nil {
		t.Errorf("answer = %s, %s segments, from %v", *m.Status, *m.NumSegments, m.From)
	}
	w.settle(t)
	if last := w.app.last(t); last.Get("MessagingServiceSid") != service || last.Get("From") != "+15005550006" {
		t.Errorf("last status = %v", last)
	}
}

func TestTwilio_FreeTextOnlyInsideTheWindow(t *testing.T) {
	t.Parallel()
	w := start(t)
	free := func() *params {
		return w.whatsapp(func(p *params) { p.ContentSid, p.ContentVariables = nil, nil; p.SetBody("Hello") })
	}
	sendFree := func(want ...string) {
		t.Helper()
		before := len(w.app.field("MessageStatus"))
		w.create(t, free())
		w.settle(t)
		equal(t, "statuses", w.app.field("MessageStatus")[before:], want)
	}
	sendFree("queued", "failed")
	if last := w.app.last(t); last.Get("ErrorCode") != "63016" {
		t.Errorf("error code = %q, want 63016", last.Get("ErrorCode"))
	}
	w.wantProblems(t, "63016")
	if err := w.Reply(sandbox.WhatsApp, person, shop, "Where is my coat?"); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	sendFree("queued", "sent", "delivered", "read")
	w.clock.advance(24*time.Hour - time.Second)
	sendFree("queued", "sent", "delivered", "read")
	w.clock.advance(time.Second)
	sendFree("queued", "failed")
}

func TestTwilio_StopBlocksUntilStart(t *testing.T) {
	t.Parallel()
	w := start(t)
	send := func(change ...func(*params)) {
		t.Helper()
		w.create(t, w.sms(change...))
		w.settle(t)
	}
	send()
	write := func(text, kind string) {
		t.Helper()
		if err := w.Reply(sandbox.SMS, person, shop, text); err != nil {
			t.Fatal(err)
		}
		w.settle(t)
		last := w.app.last(t)
		if last.Get("OptOutType") != kind || last.Get("Body") != text || last.Get("From") != person || last.Get("To") != shop {
			t.Errorf("inbound = %v, want OptOutType %q", last, kind)
		}
	}
	write("please stop calling", "")
	send()
	write(" stop ", "STOP")
	if _, err := w.twilio().CreateMessage(w.sms()); twilioCode(err) != 21610 {
		t.Errorf("after STOP: %v, want 21610", err)
	}
	w.wantProblems(t, "21610")
	send(func(p *params) { p.SetFrom("+4930999999") }) // another sender is not blocked
	write("HELP", "HELP")
	write("START", "START")
	send()
}

func TestTwilio_StopOnWhatsAppIsJustText(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.registerContent(t)
	if err := w.Reply(sandbox.WhatsApp, "whatsapp:"+person, "whatsapp:"+shop, "STOP"); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	last := w.app.last(t)
	if last.Has("OptOutType") || last.Get("From") != "whatsapp:"+person || last.Get("WaId") != person[1:] {
		t.Errorf("inbound = %v", last)
	}
	w.create(t, w.whatsapp())
	w.wantProblems(t)
}

func TestTwilio_FaultsComeInOrderAndEnd(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.Fail(sandbox.SMS, sandbox.Fault{Status: 429, Code: 20429, RetryAfter: 1500 * time.Millisecond, Times: 2})
	w.Fail(sandbox.SMS, sandbox.Fault{})
	api, rt := w.twilioAPI(w.Credentials().TwilioAccountSID, w.Credentials().TwilioAuthToken)
	var statuses []int
	var after []string
	for range 4 {
		_, _ = api.CreateMessage(w.sms()) // what came of it is in rt
		statuses, after = append(statuses, rt.status), append(after, rt.header.Get("Retry-After"))
	}
	if want := []int{429, 429, 500, 201}; !slices.Equal(statuses, want) {
		t.Errorf("statuses = %v, want %v", statuses, want)
	}
	equal(t, "Retry-After", after, []string{"2", "2", "", ""})
	w.wantProblems(t)
}

func TestTwilio_CutAnswerIsDeliveredAllTheSame(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.Fail(sandbox.SMS, sandbox.Fault{CutAnswer: true})
	if _, err := w.twilio().CreateMessage(w.sms()); err == nil || twilioCode(err) != 0 {
		t.Errorf("error = %v, want a lost connection", err)
	}
	w.settle(t)
	equal(t, "statuses", w.app.field("MessageStatus"), []string{"queued", "sent", "delivered"})
	if len(w.Received()) != 1 {
		t.Errorf("received = %v, want one", w.Received())
	}
}

func TestTwilio_LaterFaultFailsByCallback(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.registerContent(t)
	w.Fail(sandbox.WhatsApp, sandbox.Fault{Later: true, Code: 63003})
	sid := w.create(t, w.whatsapp())
	w.settle(t)
	equal(t, "codes", w.app.field("ErrorCode"), []string{"", "63003"})
	m, err := w.twilio().FetchMessage(sid, &v2010.FetchMessageParams{})
	if err != nil || *m.Status != "failed" || *m.ErrorCode != 63003 {
		t.Errorf("fetched %+v, %v", m, err)
	}
}

func TestTwilio_ReportsAsFarAsAsked(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.registerContent(t)
	w.ReportUpTo(sandbox.WhatsApp, "sent")
	sid := w.create(t, w.whatsapp())
	w.settle(t)
	for _, status := range []string{"read", "delivered", "delivered"} { // late and repeated, as in the wild
		if err := w.Report(sid, status, 0); err != nil {
			t.Fatal(err)
		}
		w.settle(t)
	}
	equal(t, "statuses", w.app.field("MessageStatus"), []string{"queued", "sent", "read", "delivered", "delivered"})
	if err := w.Report("SM0", "read", 0); err == nil {
		t.Error("a report on a message nobody sent was taken")
	}
}

func TestTwilio_ListFindsByPersonAndTime(t *testing.T) {
	t.Parallel()
	w := start(t)
	var sids []string
	for range 3 {
		sids = append(sids, w.create(t, w.sms()))
		w.clock.advance(time.Hour)
	}
	w.create(t, w.sms(func(p *params) { p.SetTo("+4915100000000") }))
	list := func(change func(*v2010.ListMessageParams)) []string {
		t.Helper()
		p := &v2010.ListMessageParams{}
		change(p.SetTo(person))
		found, err := w.twilio().ListMessage(p)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range found {
			got = append(got, *m.Sid)
		}
		return got
	}
	first := time.Date(2026, 12, 1, 21, 15, 0, 0, time.UTC)
	equal(t, "all", list(func(*v2010.ListMessageParams) {}), []string{sids[2], sids[1], sids[0]})
	equal(t, "paged", list(func(p *v2010.ListMessageParams) { p.SetPageSize(1) }), []string{sids[2], sids[1], sids[0]})
	equal(t, "after", list(func(p *v2010.ListMessageParams) { p.SetDateSentAfter(first.Add(time.Hour)) }), []string{sids[2], sids[1]})
	equal(t, "before", list(func(p *v2010.ListMessageParams) { p.SetDateSentBefore(first) }), []string{sids[0]})
	equal(t, "another day", list(func(p *v2010.ListMessageParams) { p.SetDateSent(first.AddDate(0, 0, -1)) }), nil)
	equal(t, "from nobody", list(func(p *v2010.ListMessageParams) { p.SetFrom("+15005550006") }), nil)
	w.wantProblems(t)
}

func TestTwilio_ListWithoutEqualsSignInTheDate(t *testing.T) {
	t.Parallel()
	w := start(t)
	for query, want := range map[string]int{"DateSent>=2026-12-01": 200, "DateSent>=yesterday": 400} {
		path := "/2010-04-01/Accounts/" + w.Credentials().TwilioAccountSID + "/Messages.json?" + query
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.TwilioURL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(w.Credentials().TwilioAccountSID, w.Credentials().TwilioAuthToken)
		if got := do(t, req); got != want {
			t.Errorf("%s: status %d, want %d", query, got, want)
		}
	}
}

func do(t *testing.T, req *http.Request) int {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

func TestTwilio_UnknownParameterLooksWrong(t *testing.T) {
	t.Parallel()
	w := start(t)
	path := "/2010-04-01/Accounts/" + w.Credentials().TwilioAccountSID + "/Messages.json"
	form := url.Values{"To": {person}, "From": {shop}, "Body": {"Hello"}, "Callback": {"x"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.TwilioURL()+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(w.Credentials().TwilioAccountSID, w.Credentials().TwilioAuthToken)
	if got := do(t, req); got != 201 {
		t.Errorf("status = %d, want 201", got)
	}
	w.wantProblems(t, `"Callback"`)
}

func TestTwilio_Segments(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, c := range []struct {
		text string
		want string
	}{
		{strings.Repeat("a", 160), "1"},
		{strings.Repeat("a", 161), "2"},
		{strings.Repeat("€", 80), "1"},
		{strings.Repeat("€", 81), "2"},
		{strings.Repeat("ส", 70), "1"},
		{strings.Repeat("ส", 71), "2"},
		{strings.Repeat("😀", 35), "1"},
		{strings.Repeat("😀", 36), "2"},
		{strings.Repeat("a", 306), "2"},
		{strings.Repeat("a", 307), "3"},
	} {
		m, err := w.twilio().CreateMessage(w.sms(func(p *params) { p.SetBody(c.text) }))
		if err != nil || *m.NumSegments != c.want {
			t.Errorf("%d bytes of %.4q: %s segments (%v), want %s", len(c.text), c.text, *m.NumSegments, err, c.want)
		}
	}
}

func TestTwilio_CallbackProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		callback func(*world) string
		answer   int
		heard    int // requests
		problem  string
		code     int
	}{
		{"underscore in the host", func(*world) string { return "http://my_shop.example/status" }, 204, 0, "underscore", 21609},
		{"leaves this machine", func(*world) string { return "https://192.0.2.1/status" }, 204, 0, "loopback", 0},
		{"name that is not ours", func(*world) string { return "https://shop.example/status" }, 204, 0, "loopback", 0},
		{"not found", func(w *world) string { return w.app.url + "/status" }, 404, 3, "404", 0},
		{"redirect", func(w *world) string { return w.app.url + "/status" }, 301, 3, "redirected", 0},
		{"server error is tried again", func(w *world) string { return w.app.url + "/status#rc=2&rp=5xx" }, 503, 9, "503", 0},
		{"rule covers another class", func(w *world) string { return w.app.url + "/status#rc=2&rp=4xx,ct" }, 503, 3, "503", 0},
		{"all covers everything", func(w *world) string { return w.app.url + "/status#rc=1&rp=all" }, 410, 6, "410", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.app.answer = func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Location", "/elsewhere")
				rw.WriteHeader(c.answer)
			}
			_, err := w.twilio().CreateMessage(w.sms(func(p *params) { p.SetStatusCallback(c.callback(w)) }))
			if got := twilioCode(err); got != c.code {
				t.Errorf("code = %d, want %d", got, c.code)
			}
			w.settle(t)
			if got := len(w.app.field("MessageSid")); got != c.heard {
				t.Errorf("the program heard %d requests, want %d", got, c.heard)
			}
			if got := strings.Join(w.Problems(), "\n"); !strings.Contains(got, c.problem) || strings.Contains(got, person) {
				t.Errorf("problems = %q, want %q and no number", got, c.problem)
			}
		})
	}
}

func TestTwilio_RetriesCarryOneIdempotencyToken(t *testing.T) {
	t.Parallel()
	w := start(t)
	var calls atomic.Int32
	w.app.answer = func(rw http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			rw.WriteHeader(http.StatusBadGateway)
		}
	}
	w.ReportUpTo(sandbox.SMS, "queued")
	w.create(t, w.sms())
	w.settle(t)
	w.app.mu.Lock()
	tokens := slices.Clone(w.app.tokens)
	w.app.mu.Unlock()
	if len(tokens) != 2 || tokens[0] == "" || tokens[0] != tokens[1] {
		t.Errorf("tokens = %q, want the same one twice", tokens)
	}
	w.wantProblems(t)
}

func TestTwilio_DeadCallbackIsAProblem(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.ReportUpTo(sandbox.SMS, "queued")
	w.create(t, w.sms(func(p *params) { p.SetStatusCallback("http://127.0.0.1:1/status") }))
	w.settle(t)
	w.wantProblems(t, "could not connect")
}

func TestTwilio_InboundAnswerMustBeTwiML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, kind, body, problem string }{
		{"nothing", "", "", ""},
		{"empty response", "text/xml; charset=utf-8", "<?xml version=\"1.0\"?><Response/>", ""},
		{"JSON", "application/json", "{}", "Content-Type"},
		{"no XML", "text/xml", "ok", "no TwiML"},
		{"other XML", "text/xml", "<html/>", "<Response>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.app.answer = func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", c.kind)
				_, _ = rw.Write([]byte(c.body))
			}
			if err := w.Reply(sandbox.SMS, person, shop, "Hello"); err != nil {
				t.Fatal(err)
			}
			w.settle(t)
			if c.problem == "" {
				w.wantProblems(t)
				return
			}
			w.wantProblems(t, c.problem)
		})
	}
}

func TestReply_SaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := start(t)
	if err := w.Reply(sandbox.SMS, person, "", "Hello"); err == nil || !strings.Contains(err.Error(), "nobody wrote") {
		t.Errorf("reply to nobody: %v", err)
	}
	if err := w.Reply(sandbox.Email, "a@example.com", "", "Hello"); err == nil {
		t.Error("a reply by mail was taken")
	}
	w.InboundURL(sandbox.SMS, "")
	if err := w.Reply(sandbox.SMS, person, shop, "Hello"); err == nil || !strings.Contains(err.Error(), "InboundURL") {
		t.Errorf("reply without InboundURL: %v", err)
	}
	w.InboundURL(sandbox.SMS, "https://shop.example/in")
	if err := w.Reply(sandbox.SMS, person, shop, "Hello"); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("reply to the world: %v", err)
	}
}

func TestReply_GoesToWhoWroteLast(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, from := range []string{shop, "+4930999999"} {
		w.create(t, w.sms(func(p *params) { p.SetFrom(from); p.StatusCallback = nil }))
	}
	w.registerContent(t)
	w.create(t, w.whatsapp(func(p *params) { p.StatusCallback = nil })) // later, but on another channel
	if err := w.Reply(sandbox.SMS, person, "", "Hello"); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if got := w.app.last(t).Get("To"); got != "+4930999999" {
		t.Errorf("the reply went to %s", got)
	}
}

func TestRegisterContent_Checks(t *testing.T) {
	t.Parallel()
	w := start(t)
	if w.RegisterContent("HX1", "de", "Hello") == nil {
		t.Error("a malformed sid was taken")
	}
	if w.RegisterContent(contentID, "de", " ") == nil {
		t.Error("an empty template was taken")
	}
}
