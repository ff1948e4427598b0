package email_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"landfall/channels"
	"landfall/channels/email"
	"landfall/internal/notify"
)

// report is a returned mail as mail servers write them.
func report(kind, status string) string {
	return strings.ReplaceAll(`Return-Path: <>
From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
To: bounce+d1@acme.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=`+kind+`;
 boundary="B.1/mx"

This is a MIME-encapsulated message.

--B.1/mx
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry. Action: failed, Status: 5.1.1 is what this text says and nobody reads.

--B.1/mx
Content-Description: Delivery report
Content-Type: message/`+kind+`

`+status+`
--B.1/mx
Content-Type: message/rfc822

From: orders@acme.example
Subject: Ihr Paket

Guten Tag
--B.1/mx--
`, "\n", "\r\n")
}

// status is a delivery status with one recipient.
func status(action, code string) string {
	return `Reporting-MTA: dns; mx.example.com
X-Postfix-Queue-ID: 4F0E
Arrival-Date: Tue,  1 Dec 2026 12:00:00 +0000 (UTC)

Final-Recipient: rfc822; mei@example.com
Original-Recipient: rfc822;mei@example.com
Action: ` + action + `
Status: ` + code + `
Remote-MTA: dns; mail.example.com
Diagnostic-Code: smtp; 550 5.1.1 <mei@example.com>: Recipient address
    rejected: User unknown
`
}

func TestReceive(t *testing.T) {
	t.Parallel()
	failed := func(code string) *notify.Receipt {
		return &notify.Receipt{ID: "bounce:d1:failed:" + code + ":effb4d573dcc", Delivery: "d1", Channel: notify.Email, State: notify.Failed, Code: code, At: noon}
	}
	for name, c := range map[string]struct {
		raw  string
		want *notify.Receipt
		kind channels.Kind
	}{
		"no such mailbox":       {report("delivery-status", status("failed", "5.1.1")), failed("5.1.1"), channels.Unreachable},
		"international":         {report("global-delivery-status", status("failed", "5.6.7")), failed("5.6.7"), channels.NotAllowedNow},
		"mailbox full":          {report("delivery-status", status("failed", "5.2.2 (mailbox full)")), failed("5.2.2"), channels.Temporary},
		"our own address":       {report("delivery-status", status("failed", "5.1.8")), failed("5.1.8"), channels.NotAllowedNow},
		"turned away":           {report("delivery-status", status("FAILED", "5.7.1")), failed("5.7.1"), channels.NotAllowedNow},
		"given up":              {report("delivery-status", status("failed", "4.4.7")), failed("4.4.7"), channels.NotAllowedNow},
		"without a code":        {report("delivery-status", status("failed", "mei@example.com")), failed(""), channels.NotAllowedNow},
		"delayed":               {report("delivery-status", status("delayed", "4.7.1")), &notify.Receipt{ID: "bounce:d1:delayed:4.7.1", Delivery: "d1", Channel: notify.Email, State: notify.Sent, Code: "4.7.1", At: noon}, ""},
		"delivered":             {report("delivery-status", status("delivered", "2.0.0")), &notify.Receipt{ID: "bounce:d1:delivered", Delivery: "d1", Channel: notify.Email, State: notify.Arrived, Code: "2.0.0", At: noon}, ""},
		"relayed":               {report("delivery-status", status("relayed", "2.0.0")), nil, ""},
		"complaint":             {report("feedback-report", "Feedback-Type: abuse\nUser-Agent: x/1\n"), &notify.Receipt{ID: "complaint:d1", Delivery: "d1", Channel: notify.Email, State: notify.Failed, Code: "complaint", At: noon}, channels.OptedOut},
		"no complaint at all":   {report("feedback-report", "Feedback-Type: not-spam\n"), nil, ""},
		"an empty report":       {report("delivery-status", ""), nil, ""},
		"somebody is away":      {"From: mei@example.com\r\nAuto-Submitted: auto-replied\r\nSubject: Out of office\r\n\r\nStatus: 5.1.1\r\nAction: failed\r\n", nil, ""},
		"a report that is cut":  {report("delivery-status", status("failed", "5.1.1"))[:400], nil, ""},
		"a report without end":  {strings.Replace(report("delivery-status", status("failed", "5.1.1")), "--B.1/mx--", "", 1), failed("5.1.1"), channels.Unreachable},
		"no boundary":           {"Content-Type: multipart/report\r\n\r\nx", nil, ""},
		"many groups":           {report("delivery-status", strings.Repeat("A: b\n\n", 100)+status("failed", "5.1.1")), nil, ""},
		"a field without colon": {report("delivery-status", "nonsense\n\n"+status("failed", "5.1.1")), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := email.Receive("d1", []byte(c.raw), noon)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == nil {
				if len(got) > 0 {
					t.Errorf("it says %+v", got[0])
				}
				return
			}
			if len(got) != 1 {
				t.Fatalf("%d signals", len(got))
			}
			if diff := cmp.Diff(c.want, got[0].Receipt); diff != "" {
				t.Error(diff)
			}
			if f := got[0].Failure; (f == nil) != (c.kind == "") || f != nil && (f.Kind != c.kind || f.Code != c.want.Code || f.Detail == "") {
				t.Errorf("why: %+v, want %s", f, c.kind)
			}
		})
	}
	if _, err := email.Receive("d1", []byte("no mail"), noon); err == nil {
		t.Error("what is no mail is read")
	}
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte(report("delivery-status", status("failed", "5.1.1"))))
	f.Add([]byte(report("feedback-report", "Feedback-Type: abuse\n")))
	f.Add([]byte("Content-Type: multipart/report; boundary=\"\"\r\n\r\n--\r\n"))
	f.Add(wrote("Content-Type: multipart/alternative; boundary=b\n", "--b\nContent-Type: text/html\n\n<p>Wo?<blockquote>x\n--b--\n"))
	f.Add(wrote("Content-Type: text/plain; charset=iso-2022-jp\n", "\x1b$B2Y\x1b(B\n> x\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		signals, err := email.Receive("d1", raw, noon)
		if err != nil && len(signals) > 0 || len(signals) > 1 {
			t.Errorf("%d signals, %v", len(signals), err)
		}
		for _, s := range signals {
			if s.Reply != nil {
				if s.Receipt != nil || s.Reply.Of != "d1" || strings.TrimSpace(s.Reply.Text) == "" || s.From.Value == "" {
					t.Errorf("signal %+v", s)
				}
				continue
			}
			if s.Receipt == nil || s.Receipt.Delivery != "d1" || (s.Receipt.State == notify.Failed) != (s.Failure != nil) {
				t.Errorf("signal %+v", s)
			}
		}
	})
}

// A mailbox that stays full returns one try after another: each is news. A report that is read twice is not.
func TestReceive_EachTryIsNews(t *testing.T) {
	t.Parallel()
	id := func(queued string) string {
		raw := report("delivery-status", strings.Replace(status("failed", "5.2.2"), "4F0E", queued, 1))
		got, err := email.Receive("d1", []byte(raw), noon)
		if err != nil || len(got) != 1 {
			t.Fatalf("%d signals, %v", len(got), err)
		}
		return got[0].Receipt.ID
	}
	first, again, second := id("4F0E"), id("4F0E"), id("4F0F")
	if first != again || first == second {
		t.Errorf("receipts are called %s, %s and %s", first, again, second)
	}
}
