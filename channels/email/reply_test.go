package email_test

import (
	"strings"
	"testing"

	"landfall/channels/email"
	"landfall/internal/notify"
)

// wrote is a mail of Mei's.
func wrote(headers, body string) []byte {
	return []byte(strings.ReplaceAll("From: Mei Lin <Mei@Example.com>\nTo: reply+d1@acme.example\nSubject: Re: Ihr Paket\nMessage-ID: <m1@example.com>\n"+headers+"\n"+body, "\n", "\r\n"))
}

// What mail programs make of "Wo ist mein Mantel?": what is quoted is not hers.
func TestReceive_Reply(t *testing.T) {
	t.Parallel()
	const asks = "Wo ist mein Mantel?"
	for name, raw := range map[string][]byte{
		"bare":                wrote("", asks),
		"gmail":               wrote("Content-Type: text/plain; charset=UTF-8\n", asks+"\n\nAm Di., 1. Dez. 2026 um 10:01 Uhr schrieb Acme <orders@acme.example>:\n\n> Ihr Paket ist unterwegs.\n> 2026: alles gut\n"),
		"broken":              wrote("", asks+"\n\nOn Tue, Dec 1, 2026 at 10:01 AM Acme Team With A Long Name <\norders@acme.example> wrote:\n\n> Your parcel left.\n"),
		"apple":               wrote("Content-Type: text/plain; charset=utf-8\n", asks+"\n\nVon meinem iPhone gesendet\n\n> Am 01.12.2026 um 10:01 schrieb Acme <orders@acme.example>:\n> \n> Ihr Paket\n")[:],
		"below":               wrote("", "Le 1 déc. 2026 à 10:01, Acme <orders@acme.example> a écrit :\n> Votre colis est parti.\n\n"+asks+"\n"),
		"japanese":            wrote("Content-Type: text/plain; charset=UTF-8\n", asks+"\n\n2026年12月1日(火) 10:01 Acme <orders@acme.example>:\n\n> お荷物\n"),
		"outlook":             wrote("", asks+"\n\n________________________________\nVon: Acme <orders@acme.example>\nGesendet: Dienstag, 1. Dezember 2026 10:01\nAn: Mei\nBetreff: Ihr Paket\n\nIhr Paket ist unterwegs.\n"),
		"outlook in chinese":  wrote("Content-Type: text/plain; charset=UTF-8\n", asks+"\n\n发件人： Acme <orders@acme.example>\n发送时间： 2026年12月1日\n收件人： Mei\n\n您的包裹\n"),
		"samsung":             wrote("", asks+"\n\n-------- Original message --------\nFrom: Acme <orders@acme.example>\nDate: 01/12/2026 10:01\n\nYour parcel left.\n"),
		"signed":              wrote("", asks+"\n-- \nMei Lin\nTel. 030 123\n"),
		"quoted-printable":    wrote("Content-Type: text/plain; charset=ISO-8859-1\nContent-Transfer-Encoding: quoted-printable\n", "Wo ist mein =\nMantel?\n"),
		"both forms":          wrote("MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n", "--b\nContent-Type: text/plain\n\n"+asks+"\n--b\nContent-Type: text/html\n\n<p>something else</p>\n--b--\n"),
		"a page alone":        wrote("Content-Type: text/html; charset=utf-8\n", `<html><head><style>p{color:red}</style></head><body><div>Wo ist <b>mein</b> Mantel?</div><div class="gmail_quote">Am 1.12. schrieb Acme: <blockquote>Ihr Paket</blockquote></div></body></html>`),
		"a picture beside it": wrote("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n", "--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=coat.png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b\nContent-Type: text/plain\n\n"+asks+"\n--b--\n"),
	} {
		got, err := email.Receive("d1", raw, noon)
		if err != nil || len(got) != 1 || got[0].Reply == nil {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		r := got[0].Reply
		if text := strings.TrimSpace(strings.TrimSuffix(r.Text, "Von meinem iPhone gesendet")); text != asks {
			t.Errorf("%s: she wrote %q", name, r.Text)
		}
		if r.Of != "d1" || r.Mail != (notify.MailHead{MessageID: "m1@example.com", Subject: "Re: Ihr Paket"}) || got[0].From != (notify.Address{Channel: notify.Email, Value: "Mei@Example.com"}) {
			t.Errorf("%s: %+v of %v", name, r, got[0].From)
		}
	}
}

// What customers write themselves may look like what programs write.
func TestReceive_ReplyKeepsWhatIsTheirOwn(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"My orders of 2025:\n\nthe coat and the mug, where are they?", "Neue Adresse: Hauptstr. 1, 10115 Berlin\nE-Mail: me@example.com", "Order: A1\nWhere is it?", "-----\nwhere is it",
	} {
		got, err := email.Receive("d1", wrote("Content-Type: text/plain; charset=utf-8\n", text), noon)
		if err != nil || len(got) != 1 || got[0].Reply.Text != text {
			t.Errorf("%q is read as %+v, %v", text, got, err)
		}
	}
}

// A machine is not answered, nor is who wrote nothing; and a mail that comes twice is the same message.
func TestReceive_NoReply(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string][]byte{
		"away":         wrote("Auto-Submitted: auto-replied\n", "I am on holiday."),
		"older":        wrote("Precedence: auto_reply\n", "I am on holiday."),
		"a list":       wrote("List-Id: <x.example>\n", "Digest"),
		"no sender":    wrote("Return-Path: <>\n", "I could not deliver."),
		"empty":        wrote("", "\n\n"),
		"all quoted":   wrote("", "> Your parcel left.\n"),
		"picture only": wrote("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n", "--b\nContent-Type: image/png\n\nx\n--b--\n"),
		"no from":      []byte("To: reply+d1@acme.example\r\n\r\nWhere is it?"),
	} {
		if got, err := email.Receive("d1", raw, noon); err != nil || len(got) != 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	first, _ := email.Receive("d1", wrote("", "Wo?"), noon)
	again, _ := email.Receive("d1", wrote("Received: by another\n", "Wo?"), noon.Add(1))
	other, _ := email.Receive("d2", wrote("", "Wo?"), noon)
	if first[0].Reply.ID != again[0].Reply.ID || first[0].Reply.ID == other[0].Reply.ID {
		t.Errorf("ids %s, %s, %s", first[0].Reply.ID, again[0].Reply.ID, other[0].Reply.ID)
	}
}
