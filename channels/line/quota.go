package line

import (
	"context"
	"errors"

	"github.com/line/line-bot-sdk-go/v8/linebot/messaging_api"
)

// errQuota holds nothing of LINE's answer.
var errQuota = errors.New("line: the monthly quota could not be read; check channel_token")

// Quota returns which share of the account's monthly quota is used, 1 for all of it; limited is false when the plan has none.
func (s *Sender) Quota(ctx context.Context) (used float64, limited bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	one := *s.api // see push
	quota, err := one.WithContext(ctx).GetMessageQuota()
	if err != nil {
		return 0, false, errQuota
	}
	if quota.Type != messaging_api.QuotaType_LIMITED || quota.Value <= 0 {
		return 0, false, nil
	}
	sent, err := one.WithContext(ctx).GetMessageQuotaConsumption()
	if err != nil {
		return 0, false, errQuota
	}
	return float64(sent.TotalUsage) / float64(quota.Value), true, nil
}
