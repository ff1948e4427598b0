package sandbox_test

import "testing"

func TestLineQuota(t *testing.T) {
	t.Parallel()
	w := start(t)
	api := w.lineAPI(t, w.Credentials().LineChannelToken)
	if q, err := api.GetMessageQuota(); err != nil || q.Type != "none" {
		t.Errorf("at first the quota is %+v, %v", q, err)
	}
	w.LineQuota(1000, 800)
	if q, err := api.GetMessageQuota(); err != nil || q.Type != "limited" || q.Value != 1000 {
		t.Errorf("the quota is %+v, %v", q, err)
	}
	if c, err := api.GetMessageQuotaConsumption(); err != nil || c.TotalUsage != 800 {
		t.Errorf("used is %+v, %v", c, err)
	}
	if _, err := w.lineAPI(t, "wrong").GetMessageQuota(); err == nil {
		t.Error("a wrong token is let in")
	}
	w.wantProblems(t, "401")
}
