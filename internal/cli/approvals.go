package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"landfall/internal/config"
	"landfall/internal/notify"
	"landfall/rules"
	"landfall/templates"
)

// approvals checks the notices that whatsapp.yaml names, and remarks on those that WhatsApp cannot carry for want of an
// approved template: one remark for all markets that lack the same.
func (f *findings) approvals(m *config.Merchant, set *templates.Set) {
	for _, key := range slices.Sorted(maps.Keys(m.Content)) {
		if known := set.ContentKeys(); !slices.Contains(known, key) {
			f.problem(fmt.Errorf("%swhatsapp.yaml: %q is no notice; %s", f.at, key, config.Instead(string(key), names(known))))
		}
	}
	if len(m.Senders.WhatsApp) == 0 {
		return
	}
	lacking := map[string][]string{}
	for _, code := range slices.Sorted(maps.Keys(m.Markets)) {
		market := m.Markets[code]
		if missing := strings.Join(unapproved(market, set), ", "); missing != "" {
			lacking[missing] = append(lacking[missing], fmt.Sprintf("%s (%s)", code, market.Locale))
		}
	}
	for _, missing := range slices.Sorted(maps.Keys(lacking)) {
		f.remark(fmt.Sprintf("%swhatsapp.yaml has no ContentSid for %s in %s; those messages go by the next channel",
			f.at, missing, strings.Join(lacking[missing], ", ")))
	}
}

// unapproved lists the notices of a market that WhatsApp cannot carry; none when the market does not use it.
func unapproved(market *rules.Market, set *templates.Set) (missing []string) {
	if !slices.Contains(market.Channels, notify.WhatsApp) {
		return nil
	}
	for _, r := range market.Rules {
		if say := string(r.Say); !r.Off && !set.HasContent(r.Say, market.Locale) && !slices.Contains(missing, say) {
			missing = append(missing, say)
		}
	}
	return missing
}
