package understand

import (
	"testing"
	"time"
)

// harmless are messages that speak of cancelling, stopping or an end of messages, and ask for none of them.
var harmless = []string{
	"STOP sending the wrong items!!",
	"why was my order cancelled?",
	"I did not cancel my order, where is it",
	"did someone cancel my order?",
	"stop the car lol",
	"the delivery was stopped at customs",
	"my flight got cancelled so I need the bag earlier",
	"I want the updates, keep them coming",
	"is it true you stopped selling coats",
	"never mind, don't cancel",
	"can you stop at my office for delivery",
	"no need to cancel, it arrived",
	"warum wurde meine bestellung storniert?",
	"auf keinen fall stornieren!",
	"ich habe nichts storniert",
	"pourquoi ma commande a été annulée ?",
	"surtout n'annulez rien",
	"por qué cancelaron mi pedido?",
	"no he cancelado nada",
	"为什么我的订单被取消了",
	"千万不要取消我的订单",
	"なぜキャンセルされたのですか",
	"絶対にキャンセルしないで",
	"왜 주문이 취소됐나요",
	"절대 취소하지 마세요",
	"почему мой заказ отменили?",
	"ни в коем случае не отменяйте",
	"siparişim neden iptal edildi",
	"sakın iptal etmeyin",
	"por que cancelaram meu pedido?",
	"perché avete annullato il mio ordine?",
	"ليش طلبي ملغي",
	"ทำไมออเดอร์ถูกยกเลิก",
	"sao đơn của tôi bị hủy vậy",
	"kenapa pesanan saya dibatalkan?",
	"please do not cancel, I changed my mind about cancelling",
	"I never asked you to cancel",
	"stornieren will ich nicht",
	"nicht stornieren bitte, nur adresse prüfen",
	"je n'ai jamais annulé",
	"no quiero que cancelen nada",
	"キャンセルするつもりはありません",
	"취소 안 할래요",
	"我没有要取消",
	"не надо отменять заказ",
	"iptal istemiyorum",
	"لا تلغي الطلب",
	"อย่ายกเลิกนะ",
	"đừng hủy đơn",
	"jangan di cancel ya",
	"não é pra cancelar",
	"non voglio assolutamente annullare",
	"don't unsubscribe me",
	"please keep sending me messages",
}

// Nothing is cancelled and nobody opted out who did not ask for it.
func TestNothingIsCancelledByMistake(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for _, text := range harmless {
		got := r.Read(Message{Text: text, Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)})
		if got.Intent == CancelOrder || got.Intent == OptOut {
			t.Errorf("%q is %s: %v", text, got.Intent, got.Trace)
		}
	}
}
