package arch

import (
	"slices"
	"strings"
)

// row is what one package may import of ours, and the reason for the limit.
type row struct {
	may []string
	why string
}

// neighbours is the table of packages, in the order a message travels.
var neighbours = map[string]row{
	"cmd/landfall": {[]string{"internal/cli"}, "the command is arguments, a signal and an exit code"},
	"internal/cli": {[]string{"dispatcher", "internal/app", "internal/cases", "internal/config", "internal/doctor", "internal/ledger", "internal/notify", "internal/parcel", "internal/play",
		"internal/optout", "internal/preview", "internal/report", "internal/simulate", "internal/tracking", "internal/understand", "locales", "rules", "templates"},
		"commands call the parts that do the work; they reach for no ledger, queue or provider themselves"},
	"internal/app": {[]string{"channels", "channels/email", "channels/inapp", "channels/inapp/webpush", "channels/line", "channels/sms", "channels/whatsapp", "dispatcher",
		"internal/chat", "internal/config", "internal/desk", "internal/doctor", "internal/httpapi", "internal/inbound", "internal/inbox", "internal/ledger", "internal/mailbox", "internal/model", "internal/notify", "internal/pages",
		"internal/parcel", "internal/queue", "internal/subject", "internal/throttle", "internal/token", "internal/trace", "internal/understand", "locales", "rules", "templates"},
		"app builds what production runs; what only plays or pretends stays out of the binary's serving path"},
	"internal/config": {[]string{"channels/email", "channels/line", "channels/sms", "channels/whatsapp", "internal/desk", "internal/notify", "internal/tracking", "rules"},
		"config reads and checks what people write; it builds nothing"},

	"internal/doctor": {[]string{"channels", "internal/internet", "internal/ledger", "internal/queue"},
		"the doctor judges what the parts say of themselves; it opens none of them and reads no setting"},

	"internal/httpapi": {[]string{"channels", "channels/inapp", "channels/line", "channels/sms", "dispatcher", "internal/desk", "internal/inbox", "internal/ledger", "internal/notify",
		"internal/parcel", "internal/report", "internal/simulate", "internal/subject", "internal/throttle", "internal/token", "internal/tracking"},
		"HTTP verifies, decodes and hands on; what a request means is decided elsewhere"},
	"internal/tracking":   {[]string{"internal/parcel"}, "tracking translates; whom the news concerns is not its business"},
	"internal/inbound":    {[]string{"channels", "internal/notify", "internal/optout"}, "inbound writes down what providers said and sends nothing"},
	"internal/optout":     {[]string{"internal/phrase", "internal/understand"}, "what people write is read the same, whoever wrote and wherever"},
	"internal/chat":       {[]string{"internal/notify", "internal/optout", "internal/parcel", "internal/understand", "locales", "templates"}, "an answer is made of what is known; what is known is gathered before"},
	"internal/understand": {[]string{"internal/optout", "internal/phrase"}, "what people mean is read from their words alone; what is done about it is chat's"},
	"internal/phrase":     {nil, "a phrase is found, whatever it means"},
	"internal/internet":   {nil, "what the internet reaches is the same for everybody who calls it"},
	"internal/desk":       {[]string{"internal/internet", "internal/notify", "internal/parcel", "internal/report"}, "a desk is called with values; who answers there is not its business"},
	"internal/model":      {[]string{"internal/notify"}, "a model reads a masked text and knows of no orders"},
	"internal/mailbox":    {[]string{"internal/notify"}, "the mailbox takes mails and reads none"},
	"internal/trace":      {nil, "a span says what it is given; what happens is followed by who builds all"},
	"internal/throttle":   {nil, "how often somebody may come is the same, whoever they are"},
	"internal/token":      {nil, "a token proves a text, whatever it names"},

	"dispatcher": {[]string{"channels", "internal/calendar", "internal/chat", "internal/notify", "internal/optout", "internal/parcel", "internal/phone", "internal/policy", "rules", "templates"},
		"the dispatcher declares the ledger and the queue it needs; it knows neither SQL nor Redis nor any one channel"},
	"rules":             {[]string{"internal/notify", "internal/parcel"}, "rules match events; who may be written to, and when, is policy's"},
	"internal/policy":   {[]string{"internal/notify", "internal/parcel"}, "gates take values; the facts are gathered before"},
	"internal/calendar": {nil, "which days are holidays is the same for everybody; what follows from it is policy's"},
	"templates":         {[]string{"internal/notify", "internal/parcel", "locales"}, "templates choose no channel, locale or time"},
	"locales":           {nil, "languages know no parcels, people or channels"},
	"internal/notify":   {[]string{"internal/parcel"}, "the words everybody speaks depend on nobody who speaks them"},
	"internal/phone":    {nil, "what a number says by itself, it says to everybody"},
	"internal/parcel":   {nil, "what happens to goods is true without us"},

	"internal/ledger": {[]string{"channels/inapp", "internal/inbox", "internal/notify", "internal/parcel", "internal/phone", "internal/policy", "internal/report", "internal/subject"},
		"the ledger stores what others decide; decisions arrive as functions. Of an erased address it keeps a hash of its one spelling, and what policy folds of its refusals"},
	"internal/ledger/postgrestest": {[]string{"internal/queue/redistest"}, "starting a PostgreSQL needs a free port"},
	"internal/ledger/ledgertest": {[]string{"channels", "channels/inapp", "internal/inbox", "internal/ledger", "internal/ledger/postgrestest", "internal/notify", "internal/parcel", "internal/report", "internal/subject"},
		"the suite tries any ledger through its methods"},
	"internal/queue":           {[]string{"dispatcher", "internal/notify"}, "the queue is a timer: it carries a delivery's id, and headers it does not read, and knows the errors that bring it again"},
	"internal/queue/redistest": {nil, "starting a Redis needs nothing of ours"},

	"channels":                   {[]string{"internal/notify", "internal/parcel"}, "the contract knows no channel"},
	"channels/internal/outbound": {[]string{"internal/internet"}, "how requests leave this machine is the same for every provider"},
	"channels/internal/twilio":   {[]string{"channels", "channels/internal/outbound", "internal/notify"}, "what whatsapp and sms share knows neither"},
	"channels/whatsapp":          {[]string{"channels", "channels/internal/twilio", "internal/notify"}, aChannel},
	"channels/sms":               {[]string{"channels", "channels/internal/twilio", "internal/notify"}, aChannel},
	"channels/line":              {[]string{"channels", "channels/internal/outbound", "internal/notify"}, aChannel},
	"channels/email":             {[]string{"channels", "channels/internal/outbound", "internal/notify"}, aChannel},
	"channels/inapp":             {[]string{"channels", "internal/notify"}, aChannel},
	"channels/inapp/webpush":     {[]string{"channels", "channels/inapp", "channels/internal/outbound", "internal/internet", "internal/notify"}, "a push is one call; whom it concerns, and when, is the inbox's"},
	"channels/channeltest":       {[]string{"channels", "internal/notify"}, "the kit tries any channel and knows none"},

	"internal/inbox": {[]string{"channels", "channels/inapp", "internal/notify"}, "the inbox pages and streams rows; they are the ledger's"},
	"internal/pages": {[]string{"dispatcher", "internal/notify", "internal/parcel", "internal/policy", "internal/report", "internal/token", "locales", "rules", "templates"},
		"pages show, and write down what the person chose on them; what follows from it is decided elsewhere"},
	"internal/subject": {[]string{"internal/notify", "internal/parcel", "internal/policy", "internal/report"},
		"what people are shown of themselves is made of values alone; a decision is proven by making it again"},
	"internal/report": {[]string{"internal/notify", "internal/parcel"}, "the API, explain and try show the same rows, made of values alone"},

	"internal/cases": {[]string{"channels", "dispatcher", "internal/config", "internal/notify", "internal/parcel", "internal/report", "internal/simulate", "internal/tracking"},
		"a case is read, played by a simulation and held against its rows; what it ran on it does not know"},
	"internal/simulate": {[]string{"channels", "dispatcher", "internal/inbound", "internal/ledger", "internal/notify", "internal/parcel", "internal/report"},
		"a simulation runs the code of production with senders that only take notes"},
	"internal/preview": {[]string{"internal/notify", "internal/parcel", "templates"}, "a preview shows what templates write; it finds no merchant and sends nothing"},
	"internal/play": {[]string{"internal/app", "internal/config", "internal/notify", "internal/report", "internal/sandbox", "internal/token", "internal/trace", "locales", "templates"},
		"a play drives Landfall from outside, as a shop and carriers would"},
	"internal/sandbox":        {nil, "the stand-ins meet Landfall on the wire alone, so that a mistake made on both sides cannot cancel itself out"},
	"internal/trial":          {[]string{"internal/ledger/postgrestest", "internal/queue/redistest"}, "a trial meets the built binary from outside; it knows nothing of what is in it"},
	"internal/trial/textbook": {nil, "what Landfall is measured beside must owe it nothing"},
	"internal/e2e":            {nil, "scenarios are tests; nothing else of ours lives there"},
	"internal/arch":           {nil, "the tests of the shape stand outside of it"},
}

const aChannel = "a channel never imports another: each can be taken out or rewritten alone"

// owner is who alone may use foreign packages. A path ending in "/" stands for everything below it.
type owner struct {
	paths    []string
	packages []string
	why      string
}

var owners = []owner{
	{[]string{"github.com/hibiken/asynq", "github.com/alicebob/miniredis/"}, []string{"internal/queue", "internal/trial/textbook"},
		"the queue can be exchanged while only internal/queue knows Asynq"},
	{[]string{"github.com/redis/"}, []string{"internal/queue", "internal/app", "internal/trial"}, "Redis is the queue's; app only opens and closes it"},
	{[]string{"database/sql", "modernc.org/", "github.com/pressly/", "github.com/jackc/"}, []string{"internal/ledger", "internal/trial", "internal/trial/textbook"}, "all SQL is in internal/ledger, so that one suite proves it on every database"},
	{[]string{"github.com/twilio/twilio-go"}, nil, "its root drags in every product of Twilio's; import client and rest/api/v2010"},
	{[]string{"github.com/twilio/"}, []string{"channels/internal/twilio"}, "Twilio's SDK is known in one place"},
	{[]string{"github.com/line/"}, []string{"channels/line"}, "LINE's SDK is known in one place"},
	{[]string{"github.com/wneessen/"}, []string{"channels/email"}, "the mail library is known in one place"},
	{[]string{"github.com/SherClockHolmes/"}, []string{"channels/inapp/webpush"}, "how a push is encrypted and signed is known in one place"},
	{[]string{"github.com/emersion/go-msgauth"}, []string{"channels/email"}, "mails are signed where they are written"},
	{[]string{"github.com/emersion/go-imap/"}, []string{"internal/mailbox"}, "a mailbox is only looked into for what comes back"},
	{[]string{"github.com/emersion/go-smtp", "github.com/emersion/go-sasl"}, []string{"channels/channeltest", "internal/sandbox", "internal/mailbox"}, "a mail server is for stand-ins, and for what comes back"},
	{[]string{"github.com/danielgtaylor/"}, []string{"internal/httpapi"}, "routes and their description are internal/httpapi's"},
	{[]string{"github.com/alecthomas/"}, []string{"internal/cli"}, "the command line is internal/cli's"},
	{[]string{"github.com/prometheus/"}, []string{"internal/app"}, "parts report through functions; app counts"},
	{[]string{"go.opentelemetry.io/"}, []string{"internal/trace"}, "what a span may say is settled in one place"},
	{[]string{"github.com/expr-lang/"}, []string{"rules"}, "conditions are compiled and bounded in one place"},
	{[]string{"github.com/nyaruka/"}, []string{"internal/phone"}, "numbering plans are read in one place"},
	{[]string{"golang.org/x/time/"}, []string{"internal/throttle"}, "rates are kept in one place"},
	{[]string{"github.com/golang-jwt/"}, []string{"internal/token"}, "how a token is checked is settled in one place"},
	{[]string{"github.com/nicksnyder/"}, []string{"locales"}, "plurals and catalogs are one package's"},
	{[]string{"net/http/httptest", "testing"}, []string{"channels/channeltest", "internal/ledger/ledgertest"}, "test helpers stay out of the binary"},
	{[]string{"os/exec"}, []string{"internal/queue/redistest", "internal/ledger/postgrestest", "internal/trial"}, "Landfall runs no other program; only its tests start a Redis and a PostgreSQL"},
	{[]string{"unsafe", "plugin"}, nil, "nothing here needs them"},
}

func (o owner) owns(path string) bool {
	return slices.ContainsFunc(o.paths, func(p string) bool {
		return p == path || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p)
	})
}

// pure packages decide: they take values and an instant and return values with reasons.
var pure = []string{"rules", "locales", "templates", "internal/policy", "internal/parcel", "internal/notify", "internal/report", "internal/subject", "internal/tracking", "internal/token",
	"internal/calendar", "internal/optout", "internal/phone", "internal/phrase"}

// effects are what a decision must not have. io/fs is no effect: whoever calls gives the files.
var effects = []string{"net", "net/http", "database/sql", "os", "os/exec", "math/rand", "math/rand/v2", "github.com/hibiken/asynq", "github.com/redis/go-redis/v9"}

// clockReaders are where time comes in; everybody else is told it.
var clockReaders = []string{"cmd/landfall", "internal/app", "internal/cli", "internal/play", "internal/trial", "internal/trial/textbook"}

func within(path string, packages []string) bool { return slices.Contains(packages, path) }
