package locales

import (
	"embed"
	"path"
	"strings"
	"sync"
)

//go:embed territories/*.txt
var territories embed.FS

// countries are the names of countries, by code, for each locale that has names of its own; each list is read when first asked
// for.
var countries = func() map[string]func() map[string]string {
	files, err := territories.ReadDir("territories")
	if err != nil {
		panic(err) // the folder is embedded
	}
	all := make(map[string]func() map[string]string, len(files))
	for _, file := range files {
		all[strings.TrimSuffix(file.Name(), ".txt")] = sync.OnceValue(func() map[string]string { return readCountries(file.Name()) })
	}
	return all
}()

func readCountries(file string) map[string]string {
	data, err := territories.ReadFile(path.Join("territories", file))
	if err != nil {
		panic(err) // the file is embedded
	}
	names := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if code, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok && len(code) == 2 {
			names[code] = name
		}
	}
	return names
}
