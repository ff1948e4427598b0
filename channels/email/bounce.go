package email

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	"landfall/channels"
	"landfall/internal/notify"
)

// The rows of what comes back after a server took the mail.
var (
	turnedAway = channels.Outcome{Code: "bounce, other 5.x.x or 4.x.x", Kind: channels.NotAllowedNow, Means: "a server on the mail's way turned it away or gave it up"}
	complained = channels.Outcome{Code: "complaint", Kind: channels.OptedOut, Means: "the person called the mail spam"}
)

// errReturned is the answer to a mail that is none.
var errReturned = errors.New("read returned mail: it is not in the form of a mail")

const (
	maxParts  = 20
	maxReport = 64 << 10 // of a delivery status; real ones have a few hundred bytes
)

// Receive reads a mail that came back to the return address of a delivery: a report of failure or delay (RFC 3464), or a complaint
// (RFC 5965); or one that the person wrote in reply. Other mails, such as the reply of somebody who is away, give no signal. What they say is untrusted; of a report nothing is
// kept but a status.
func Receive(delivery notify.DeliveryID, raw []byte, now time.Time) ([]channels.Signal, error) {
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, errReturned
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" {
		return reply(delivery, raw, now), nil
	}
	reports := multipart.NewReader(msg.Body, params["boundary"])
	for range maxParts {
		part, err := reports.NextPart()
		if err != nil {
			return nil, nil // it ends without saying anything to us
		}
		switch kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind {
		case "message/delivery-status", "message/global-delivery-status":
			return returned(delivery, groups(part), now), nil
		case "message/feedback-report":
			return complaint(delivery, groups(part), now), nil
		}
	}
	return nil, nil
}

// groups reads the blocks of fields that a report is made of; what cannot be read ends it.
func groups(r io.Reader) []textproto.MIMEHeader {
	lines := textproto.NewReader(bufio.NewReader(io.LimitReader(r, maxReport)))
	var out []textproto.MIMEHeader
	for range maxParts {
		group, err := lines.ReadMIMEHeader()
		if len(group) > 0 {
			out = append(out, group)
		}
		if err != nil {
			break
		}
	}
	return out
}

// status is an enhanced status code. Source: RFC 3463, section 2.
var status = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)

// returned is what a delivery status says; of several recipients, which we never have, the first failure counts.
func returned(delivery notify.DeliveryID, groups []textproto.MIMEHeader, now time.Time) []channels.Signal {
	for _, g := range groups {
		code := status.FindString(g.Get("Status"))
		receipt := &notify.Receipt{Delivery: delivery, Channel: notify.Email, Code: code, At: now}
		switch strings.ToLower(strings.TrimSpace(g.Get("Action"))) {
		case "failed":
			receipt.ID, receipt.State = fmt.Sprintf("bounce:%s:failed:%s:%s", delivery, code, try(groups[0])), notify.Failed
			return []channels.Signal{{Receipt: receipt, Failure: coded(judgeReturned(code), code)}}
		case "delayed":
			receipt.ID, receipt.State = fmt.Sprintf("bounce:%s:delayed:%s", delivery, code), notify.Sent
			return []channels.Signal{{Receipt: receipt}}
		case "delivered":
			receipt.ID, receipt.State = fmt.Sprintf("bounce:%s:delivered", delivery), notify.Arrived
			return []channels.Signal{{Receipt: receipt}}
		}
	}
	return nil
}

// try tells apart the reports of several tries: a mailbox that is full returns each of them with the same words. What a report says
// of the mail as a whole, when it arrived and under which name it waited, is the same however often that report is read.
func try(mail textproto.MIMEHeader) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(map[string][]string(mail))))
	return hex.EncodeToString(sum[:6])
}

func judgeReturned(code string) channels.Outcome {
	switch {
	case code == "5.1.7" || code == "5.1.8":
		return turnedAway // of our own address: says nothing of the person's
	case strings.HasPrefix(code, "5.1.") || code == "5.2.1":
		return nobody
	case code == "5.2.2" || code == "4.2.2":
		return full
	}
	return turnedAway
}

// complaint is what a feedback report says. Who takes a mail out of the spam folder sends one too.
func complaint(delivery notify.DeliveryID, groups []textproto.MIMEHeader, now time.Time) []channels.Signal {
	if len(groups) == 0 || strings.EqualFold(strings.TrimSpace(groups[0].Get("Feedback-Type")), "not-spam") {
		return nil
	}
	return []channels.Signal{{
		Receipt: &notify.Receipt{ID: fmt.Sprintf("complaint:%s", delivery), Delivery: delivery, Channel: notify.Email, State: notify.Failed, Code: "complaint", At: now},
		Failure: coded(complained, "complaint"),
	}}
}
