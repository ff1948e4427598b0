package sandbox

import "net/http"

// LineQuota sets LINE's monthly limit and how much of it is used. Without a limit, which is the default, the plan has none.
func (s *Sandbox) LineQuota(limit, used int) {
	s.line.mu.Lock()
	defer s.line.mu.Unlock()
	s.line.limit, s.line.used = limit, used
}

// quota tells the month's limit: GET /v2/bot/message/quota.
func (l *line) quota(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	limit := l.limit
	l.mu.Unlock()
	switch {
	case !l.admitted(w, r):
	case limit == 0:
		answerJSON(w, http.StatusOK, map[string]any{"type": "none"})
	default:
		answerJSON(w, http.StatusOK, map[string]any{"type": "limited", "value": limit})
	}
}

// consumption tells how much of the limit is used: GET /v2/bot/message/quota/consumption.
func (l *line) consumption(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	used := l.used
	l.mu.Unlock()
	if l.admitted(w, r) {
		answerJSON(w, http.StatusOK, map[string]any{"totalUsage": used})
	}
}

// info tells who the account is: GET /v2/bot/info.
func (l *line) info(w http.ResponseWriter, r *http.Request) {
	if l.admitted(w, r) {
		answerJSON(w, http.StatusOK, map[string]any{"userId": "U00000000000000000000000000000000", "basicId": "@000stand", "displayName": "Stand-in", "chatMode": "bot", "markAsReadMode": "auto"})
	}
}
