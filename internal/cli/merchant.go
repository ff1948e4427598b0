package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/rules"
)

// readMerchant reads a merchant's folder without asking for what only serve needs: secrets, and a key of the merchant's own.
// Each of these that is not there is told to lacks, as a sentence.
func readMerchant(dir string, p config.Providers, getenv func(string) string, lacks func(string)) (*config.Merchant, error) {
	pack, err := rules.LoadPack()
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	unset := func(variable string, at rules.Problem) {
		lacks(fmt.Sprintf("%s:%d:%d: serve will stop here unless %s is set", at.File, at.Line, at.Column, variable))
	}
	m, err := config.Loader{Pack: pack, Getenv: getenv, Unset: unset, SampleKey: true, Providers: filled(p)}.Merchant(
		notify.MerchantID(filepath.Base(abs)), os.DirFS(dir))
	if err != nil {
		return m, err
	}
	file := string(m.ID) + "/merchant.yaml: "
	for _, k := range m.APIKeys {
		if k.Sample() {
			lacks(fmt.Sprintf("%sapi key %q is the sample merchant's, which everybody knows; serve will stop here until another is in its place", file, k.Name))
		}
	}
	for _, s := range missing(m.Senders) {
		lacks(file + s)
	}
	return m, nil
}

// The stand-ins for credentials that the operator's settings do not hold.
const (
	someSID    = "ACstandin"
	someSecret = notify.Secret("standin")
	someHost   = "standin.invalid"
)

// filled puts stand-ins where there are no credentials, so that everything else can be checked.
func filled(p config.Providers) config.Providers {
	p.TwilioAccountSID = cmp.Or(p.TwilioAccountSID, someSID)
	p.TwilioAuthToken = cmp.Or(p.TwilioAuthToken, someSecret)
	p.LineChannelToken = cmp.Or(p.LineChannelToken, someSecret)
	p.LineChannelSecret = cmp.Or(p.LineChannelSecret, someSecret)
	p.SMTPHost = cmp.Or(p.SMTPHost, someHost)
	return p
}

// missing says of each sender which settings it would need, because a stand-in is all it has.
func missing(s config.Senders) []string {
	var out []string
	say := func(sender string, settings ...string) {
		switch names := slices.DeleteFunc(settings, func(name string) bool { return name == "" }); len(names) {
		case 0:
		case 1:
			out = append(out, fmt.Sprintf("senders.%s: serve will stop here unless %s is set", sender, names[0]))
		default:
			out = append(out, fmt.Sprintf("senders.%s: serve will stop here unless %s are set", sender, strings.Join(names, " and ")))
		}
	}
	for _, a := range s.WhatsApp {
		c := a.Config
		say("whatsapp", lacking("TWILIO_ACCOUNT_SID", c.AccountSID, someSID), lacking("TWILIO_AUTH_TOKEN", c.AuthToken, someSecret))
	}
	for _, a := range s.SMS {
		c := a.Config
		say("sms", lacking("TWILIO_ACCOUNT_SID", c.AccountSID, someSID), lacking("TWILIO_AUTH_TOKEN", c.AuthToken, someSecret))
	}
	for _, a := range s.LINE {
		say("line", lacking("LINE_CHANNEL_TOKEN", a.Config.ChannelToken, someSecret), lacking("LINE_CHANNEL_SECRET", a.Config.ChannelSecret, someSecret))
	}
	for _, a := range s.Email {
		say("email", lacking("SMTP_HOST", a.Config.Host, someHost))
	}
	return out
}

// lacking is a setting's name when its stand-in is all there is.
func lacking[T comparable](setting string, has, standin T) string {
	if has == standin {
		return setting
	}
	return ""
}

// oneMerchant finds the only merchant of a folder, or the folder itself when it is one.
func oneMerchant(dir string) (string, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s does not exist; name one merchant's folder with --config", dir)
	}
	if _, err := os.Stat(filepath.Join(dir, "merchant.yaml")); err == nil {
		return dir, nil
	}
	found, err := filepath.Glob(filepath.Join(dir, "*", "merchant.yaml"))
	if err != nil || len(found) != 1 {
		return "", errors.Join(err, fmt.Errorf("%s has no merchant.yaml and holds %d merchants; name one merchant's folder with --config", dir, len(found)))
	}
	return filepath.Dir(found[0]), nil
}
