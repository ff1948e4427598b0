package understand

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// goods are the things whose names are understood.
type goods struct {
	Goods []string            `yaml:"goods"`
	Kinds map[string][]string `yaml:"kinds"` // a general name, and what may be meant by it
	Alike [][]string          `yaml:"alike"` // things people call by each other's name
	alike map[string][]string // by each thing
}

func (g *goods) load() error {
	source, err := shipped.ReadFile("items.yaml")
	if err != nil {
		return err
	}
	if err := yaml.Load(source, g, yaml.WithKnownFields()); err != nil {
		return err
	}
	g.alike = map[string][]string{}
	for general, things := range g.Kinds {
		g.alike[general] = append(g.alike[general], things...)
		for _, t := range things {
			g.alike[t] = append(g.alike[t], general)
		}
	}
	for _, things := range g.Alike {
		for _, t := range things {
			g.alike[t] = append(g.alike[t], things...)
		}
	}
	for name := range g.alike {
		if !slices.Contains(g.Goods, name) {
			return fmt.Errorf("%s is not under goods", name)
		}
	}
	return nil
}

// complete insists that every language has names for the same goods.
func (g *goods) complete(languages []*language) error {
	for _, l := range languages {
		for _, id := range g.Goods {
			if !slices.Contains(l.items, "item:"+id) {
				return fmt.Errorf("read %s.yaml: items lacks %s", l.tag, id)
			}
		}
		if len(l.items) != len(g.Goods) {
			return fmt.Errorf("read %s.yaml: it names %d goods, items.yaml has %d", l.tag, len(l.items), len(g.Goods))
		}
	}
	return nil
}

// nearness is how well a thing that was named fits one that was bought.
type nearness int

// Another thing, one that is called by its name too, and the same.
const (
	foreign nearness = iota
	alike
	same
)

// between is how near the things named are to those bought, at best.
func (g *goods) between(named, bought []string) nearness {
	best := foreign
	for _, n := range named {
		for _, b := range bought {
			switch {
			case n == b:
				return same
			case slices.Contains(g.alike[n], b):
				best = alike
			}
		}
	}
	return best
}
