package httpapi

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// asked turns away requests with a query parameter that the operation does not have: a misspelt filter would otherwise
// find everything.
func (a *api) asked(ctx huma.Context, next func(huma.Context)) {
	var known []string
	for _, p := range ctx.Operation().Parameters {
		if p.In == "query" {
			known = append(known, p.Name)
		}
	}
	here := ctx.URL()
	if said := unknown(here.Query(), known); said != "" {
		if err := huma.WriteErr(a.huma, ctx, http.StatusUnprocessableEntity, said); err != nil {
			a.Log.Debug("answer problem", "error", err)
		}
		return
	}
	next(ctx)
}

// unknown says which query parameters are not among the known ones; empty when all are.
func unknown(query url.Values, known []string) string {
	var odd []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(known, name) {
			odd = append(odd, "query."+name)
		}
	}
	switch {
	case len(odd) == 0:
		return ""
	case len(known) == 0:
		return fmt.Sprintf("remove %s; this address takes no query parameters", strings.Join(odd, ", "))
	}
	return fmt.Sprintf("correct %s; this address takes %s", strings.Join(odd, ", "), strings.Join(known, ", "))
}
