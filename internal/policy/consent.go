package policy

import (
	"slices"
	"time"

	"landfall/internal/notify"
)

// MethodStop marks a withdrawal by a STOP word, and MethodImport a row of somebody's spreadsheet.
const (
	MethodStop   = "stop_keyword"
	MethodImport = "import"
)

// clockSlack is how far a source's clock may run ahead of ours before its times are cut back to when we heard.
const clockSlack = 5 * time.Minute

// Standing folds consent events, in any order, into the one that holds now for a channel and purpose; its Action is
// empty when there is none. The latest act wins; at the same instant a refusal does; an import never lifts a refusal.
func Standing(events []notify.ConsentEvent, c notify.Channel, p notify.Purpose) notify.ConsentEvent {
	var held notify.ConsentEvent
	var refused time.Time // the latest refusal
	for _, e := range events {
		if e.Channel == c && covers(e, p) && e.Action != notify.Granted {
			refused = later(refused, when(e))
		}
	}
	for _, e := range events {
		if e.Channel != c || !covers(e, p) || !counts(e, refused) {
			continue
		}
		if held.Action == "" || when(e).After(when(held)) || when(e).Equal(when(held)) && e.Action != notify.Granted {
			held = e
		}
	}
	return held
}

func covers(e notify.ConsentEvent, p notify.Purpose) bool { return e.Purpose == "" || e.Purpose == p }

// counts reports whether e may still hold, given the latest refusal: grants from before it, of its instant, or from
// an import do not.
func counts(e notify.ConsentEvent, refused time.Time) bool {
	if e.Action != notify.Granted || refused.IsZero() {
		return true
	}
	return e.Method != MethodImport && when(e).After(refused)
}

// when is the time an act counts from: never later than we heard of it. A refusal is given a little clock skew, so that it
// still outlives a grant of the same minute; a grant is given none.
func when(e notify.ConsentEvent) time.Time {
	slack := clockSlack
	if e.Action == notify.Granted {
		slack = 0
	}
	if !e.ReceivedAt.IsZero() && e.OccurredAt.After(e.ReceivedAt.Add(slack)) {
		return e.ReceivedAt
	}
	return e.OccurredAt
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// StopWord reports whether a whole message is a word that means STOP on a telephone channel.
func StopWord(text string) bool { return slices.Contains(stopWords[:], fold(text)) }

// StartWord reports whether a whole message is a word that takes a STOP back.
func StartWord(text string) bool { return slices.Contains(startWords[:], fold(text)) }

// The words: Twilio's own English ones, and what people type in the languages of the shipped markets. They are compared after
// fold, which takes off case, width, accents' spelling and whatever stands around the word.
var (
	stopWords = [...]string{"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "opt-out",
		"stopp", "abmelden", "abbestellen", "arret", "arrêt", "arrete", "arrêter", "arrêtez", "desabonner", "désabonner", "désinscrire", "desinscrire",
		"parar", "pare", "parem", "sair", "cancelar", "descadastrar", "停止", "配信停止", "ストップ", "解除", "หยุด", "ยกเลิก", "berhenti",
		"退订", "退訂", "取消", "取消订阅", "取消訂閱", "td"}
	startWords = [...]string{"start", "unstop", "再開", "スタート", "เริ่ม", "mulai", "voltar", "恢复", "恢復"}
)
