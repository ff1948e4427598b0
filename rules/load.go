package rules

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// LoadPack returns the markets we ship, by code.
func LoadPack() (map[string]*Market, error) { return LoadMarkets(Pack()) }

// LoadMarkets returns the markets of a folder that stands on its own, as the shipped one does: its files may extend one
// another under the name pack/NAME. Any error is Problems.
func LoadMarkets(fsys fs.FS) (map[string]*Market, error) {
	f := &folder{fsys: fsys, dir: ".", label: "pack", done: map[string]*Market{}}
	return f.load()
}

// LoadMerchant returns a merchant's markets by code: those in dir/*.yaml, and those of the pack that no file there
// names, as they are. A folder that does not exist has no files. Any error is Problems, all there are; File is below
// dir as it was given.
func LoadMerchant(fsys fs.FS, dir string, pack map[string]*Market) (map[string]*Market, error) {
	f := &folder{fsys: fsys, dir: path.Clean(dir), label: path.Clean(dir), pack: pack, done: map[string]*Market{}}
	markets, err := f.load()
	if err != nil {
		return nil, err
	}
	all := maps.Clone(pack)
	if all == nil {
		all = map[string]*Market{}
	}
	maps.Copy(all, markets)
	return all, nil
}

// folder is a folder of market files on its way to being markets.
type folder struct {
	fsys     fs.FS
	dir      string
	label    string             // what File of problems begins with
	pack     map[string]*Market // what files may extend; nil while the pack itself is loaded
	sources  map[string]*source // by name
	done     map[string]*Market // by name; nil while a market is being worked on, and when it cannot be made
	problems Problems
}

// source is one file as it was read.
type source struct {
	*reader
	name      string // the file's, without .yaml
	data      []byte // its bytes
	merchants bool   // and not the pack's
	doc       document
}

func (f *folder) load() (map[string]*Market, error) {
	f.read()
	markets := map[string]*Market{}
	for _, name := range slices.Sorted(maps.Keys(f.sources)) {
		if m := f.market(name); m != nil && !strings.HasPrefix(name, "_") {
			markets[name] = m
		}
	}
	for _, s := range f.sources {
		f.problems = append(f.problems, s.problems...)
	}
	if err := f.problems.err(); err != nil {
		return nil, err
	}
	return markets, nil
}

// read reads every market file of the folder.
func (f *folder) read() {
	f.sources = map[string]*source{}
	entries, err := fs.ReadDir(f.fsys, f.dir)
	if errors.Is(err, fs.ErrNotExist) && f.pack != nil {
		return
	}
	if err != nil {
		f.problems = append(f.problems, Problem{File: f.label, Message: "this folder cannot be read: " + plainCause(err)})
	}
	for _, e := range entries {
		ext := path.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), ext)
		file := path.Join(f.label, e.Name())
		switch {
		case e.IsDir() || strings.HasPrefix(e.Name(), "."):
		case ext == ".yml":
			f.problems = append(f.problems, Problem{File: file, Message: "this file is not read; give it the ending .yaml"})
		case ext == ".yaml":
			f.sources[name] = f.source(e.Name(), name, file)
		}
	}
}

func (f *folder) source(base, name, file string) *source {
	s := &source{name: name, merchants: f.pack != nil, reader: &reader{file: file}}
	data, err := fs.ReadFile(f.fsys, path.Join(f.dir, base))
	if err != nil {
		s.note(0, 0, "", "this file cannot be read: "+plainCause(err))
		return s
	}
	s.data = data
	if root := s.parse(data); root != nil && s.mapping(root, "a market file", &s.doc) {
		s.doc.node = root
		s.named(f.pack == nil)
	}
	return s
}

// plainCause is an error of the file system without the path, which the problem names already.
func plainCause(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return err.Error()
}

// named checks that a file names the market its own name promises.
func (s *source) named(pack bool) {
	switch value := s.doc.Market.value; {
	case s.doc.Market.node == nil:
		s.needed(s.doc.node, "market", s.doc.Market.node, "write market: "+s.name)
	case value != "" && value != s.name:
		s.at(s.doc.Market.node, "the file is called %s.yaml; name it after the market", s.name)
	case value != "" && !pack && strings.HasPrefix(value, "_"):
		s.at(s.doc.Market.node, "only the pack has files that are no market; name a country such as DE")
	}
}

// market returns the finished market of a file, or nil when it or what it extends cannot be made.
func (f *folder) market(name string) *Market {
	if m, begun := f.done[name]; begun {
		return m
	}
	f.done[name] = nil
	s := f.sources[name]
	if s.doc.node == nil {
		return nil
	}
	base, ok := f.base(s)
	if !ok {
		return nil
	}
	m := s.merge(base, f.pack[name])
	if !strings.HasPrefix(name, "_") {
		s.doc.check(s.reader, m)
		m.complete()
	}
	f.done[name] = m
	return m
}

// base returns what a file extends, nil when that is nothing; false when it cannot be had.
func (f *folder) base(s *source) (*Market, bool) {
	ref := s.doc.Extends
	if ref.node == nil {
		return nil, true
	}
	if ref.value == "" {
		return nil, false
	}
	name := strings.TrimPrefix(ref.value, "pack/")
	if base := f.find(name); base != nil {
		return base, true
	}
	switch _, exists := f.sources[name]; {
	case f.pack == nil && exists && len(f.sources[name].problems) > 0:
	case f.pack == nil && exists:
		s.at(ref.node, "this goes round in a circle; a market cannot extend itself")
	default:
		s.at(ref.node, "the pack has no such market%s", suggest(ref.value, f.known()))
	}
	return nil, false
}

// find returns a market or base of the pack by name.
func (f *folder) find(name string) *Market {
	if f.pack == nil {
		if f.sources[name] == nil {
			return nil
		}
		return f.market(name)
	}
	for _, m := range ancestry(f.pack) {
		if m.name == name {
			return m
		}
	}
	return nil
}

// known lists what may be extended.
func (f *folder) known() []string {
	var all []string
	if f.pack == nil {
		for name := range f.sources {
			all = append(all, "pack/"+name)
		}
	}
	for _, m := range ancestry(f.pack) {
		all = append(all, m.label())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ancestry returns the markets of a pack and everything they extend.
func ancestry(pack map[string]*Market) []*Market {
	var all []*Market
	for _, code := range slices.Sorted(maps.Keys(pack)) {
		for m := pack[code]; m != nil; m = m.parent {
			all = append(all, m)
		}
	}
	return all
}
