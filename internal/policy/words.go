package policy

import "slices"

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
