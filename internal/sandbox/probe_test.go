package sandbox_test

import (
	"testing"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"
)

// What is asked about an account without sending anything is answered as the providers do.
func TestProbes(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.Credentials()
	if info, err := w.lineAPI(t, c.LineChannelToken).GetBotInfo(); err != nil || info.DisplayName == "" {
		t.Errorf("LINE's bot is %+v, %v", info, err)
	}
	api, _ := w.twilioAPI(c.TwilioAccountSID, c.TwilioAuthToken)
	account, err := api.FetchAccount(c.TwilioAccountSID)
	if err != nil || account.Status == nil || *account.Status != "active" {
		t.Errorf("Twilio's account is %+v, %v", account, err)
	}
	if stranger, _ := w.twilioAPI(c.TwilioAccountSID, "wrong"); opens(stranger, c.TwilioAccountSID) {
		t.Error("a wrong token opens Twilio's account")
	}
	if opens(api, "AC1") {
		t.Error("Twilio shows an account of somebody else")
	}
	w.wantProblems(t, "20003", "20404")
}

func opens(api *v2010.ApiService, account string) bool {
	_, err := api.FetchAccount(account)
	return err == nil
}
