package subject

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"landfall/internal/notify"
)

// Schema names the form of an export. A change that a reader could trip over changes it.
const Schema = "landfall-subject-export/1"

// manifest says what an export is and whether its consents can be trusted.
type manifest struct {
	Schema      string          `json:"schema"`
	GeneratedAt time.Time       `json:"generated_at"`
	Controller  controller      `json:"controller"`
	Subject     notify.PersonID `json:"subject"`
	Scope       string          `json:"scope"`
	Rows        map[string]int  `json:"rows"`
	Chains      []verifiedChain `json:"consent_chains"`
}

type controller struct {
	ID   notify.MerchantID `json:"id"`
	Name string            `json:"name"`
}

// verifiedChain tells of one chain of consent events whether nothing in it was changed, added or removed.
type verifiedChain struct {
	Channel  notify.Channel `json:"channel,omitempty"` // of an address's chain; empty for the person's own
	Events   int            `json:"events"`
	Intact   bool           `json:"intact"`
	BrokenAt int64          `json:"broken_at,omitempty"`
}

const scope = "Everything this merchant's Landfall holds about the person: profile, consents, messages and the decisions about them, replies, " +
	"in-app inbox and the browsers told of it, orders with their scans, conversations handed to the merchant's people, and who received data. Words of messages are kept for 30 days after they came to rest, replies, inbox and closed conversations for 90. " +
	"Times are UTC (RFC 3339), languages BCP 47, numbers E.164. Each .csv holds what the .jsonl beside it does."

// Export writes a dossier as a zip file.
func Export(w io.Writer, d Dossier, about About) error {
	z := archive{zip: zip.NewWriter(w), at: about.GeneratedAt.UTC(), rows: map[string]int{}}
	z.document("profile.json", d.Person)
	z.document("preferences.json", d.Chosen)
	z.document("recipients.json", d.recipients(about.Recipients))
	lines(&z, "consents", d.Consents)
	lines(&z, "messages", d.messages(about.Recipients))
	lines(&z, "inbound", d.replies())
	lines(&z, "inbox", d.Cards)
	lines(&z, "browsers", d.Browsers)
	lines(&z, "orders", d.Orders)
	lines(&z, "handoffs", d.Handoffs)
	z.document("manifest.json", manifest{Schema: Schema, GeneratedAt: z.at, Controller: controller{about.Merchant, about.Name}, Subject: d.Person.ID,
		Scope: scope, Rows: z.rows, Chains: verify(d.Chains)})
	return errors.Join(z.err, z.zip.Close())
}

func (d Dossier) replies() []reply {
	var out []reply
	for _, r := range d.Replies {
		out = append(out, reply{r.At, r.Channel, r.Text})
	}
	return out
}

func verify(chains [][]notify.ConsentEvent) []verifiedChain {
	out := []verifiedChain{}
	for i, c := range chains {
		v := verifiedChain{Events: len(c)}
		if i > 0 {
			v.Channel = c[0].Channel
		}
		v.Intact, v.BrokenAt = intact(c)
		out = append(out, v)
	}
	return out
}

// intact reports whether a chain holds, and where it does not.
func intact(chain []notify.ConsentEvent) (bool, int64) {
	broken, ok := errors.AsType[*notify.BrokenLink](notify.VerifyChain(chain))
	if !ok {
		return true, 0
	}
	return false, broken.Seq
}

// archive is an export being written. After an error it writes nothing more.
type archive struct {
	zip  *zip.Writer
	at   time.Time
	rows map[string]int
	err  error
}

func (z *archive) file(name string, data []byte) {
	if z.err != nil {
		return
	}
	f, err := z.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: z.at})
	if err == nil {
		_, err = f.Write(data)
	}
	if err != nil {
		z.err = fmt.Errorf("write %s: %w", name, err)
	}
}

func (z *archive) document(name string, v any) {
	data, err := json.MarshalIndent(v, "", "  ")
	z.err = errors.Join(z.err, err)
	z.file(name, append(data, '\n'))
}

// lines writes rows as JSON Lines, and as a table for people.
func lines[T any](z *archive, name string, rows []T) {
	var text, table bytes.Buffer
	columns := fields(reflect.TypeFor[T]())
	sheet := csv.NewWriter(&table)
	z.err = errors.Join(z.err, sheet.Write(columns))
	for _, r := range rows {
		b, err := json.Marshal(r)
		if err != nil {
			z.err = errors.Join(z.err, err)
			return
		}
		text.Write(append(b, '\n'))
		z.err = errors.Join(z.err, sheet.Write(cells(b, columns)))
	}
	sheet.Flush()
	z.rows[name] = len(rows)
	z.file(name+".jsonl", text.Bytes())
	z.file(name+".csv", table.Bytes())
}

// fields names what a row has, in order.
func fields(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			out = append(out, fields(f.Type)...)
			continue
		}
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			out = append(out, name)
		}
	}
	return out
}

// cells is a row of a table: texts as they are, everything else as JSON.
func cells(row []byte, columns []string) []string {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(row, &values); err != nil {
		return nil // not possible: it was marshalled from a struct a moment ago
	}
	out := make([]string, len(columns))
	for i, c := range columns {
		var text string
		if json.Unmarshal(values[c], &text) != nil {
			text = string(values[c])
		}
		out[i] = harmless(text)
	}
	return out
}

// harmless keeps a spreadsheet from taking somebody's words for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
