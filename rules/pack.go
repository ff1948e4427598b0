package rules

import (
	"bytes"
	"embed"
	"io/fs"
)

// The pattern names the files, since a folder's name alone would leave out those that begin with an underscore.
//
//go:embed markets/*.yaml
var markets embed.FS

// Pack returns the files we ship: one for each market and _base.yaml, which they extend.
func Pack() fs.FS {
	sub, err := fs.Sub(markets, "markets")
	if err != nil {
		panic(err) // only when the constant above is no valid path
	}
	return sub
}

//go:embed markets/market.schema.json
var schema []byte

// Schema returns the JSON schema (2020-12) of a market file, for editors. It is made from the types the loader reads,
// and a test keeps it so. It knows keys and words but not conditions: LoadMerchant finds more.
func Schema() []byte { return bytes.Clone(schema) }
