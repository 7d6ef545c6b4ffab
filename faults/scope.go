package faults

import (
	"slices"

	"distsim/sim"
)

// Scope says which links a network fault disturbs. The zero Scope is all links.
type Scope struct {
	Target Target
	Way    string       // "" both ways, or Out or In as seen from the target
	Peers  []sim.NodeID // only the links to or from these; nil: all machines
}

// The two ways of a link as seen from a target.
const (
	Out = "out"
	In  = "in"
)

func (c *Scope) fields(v Fields) {
	v.Target(&c.Target)
	v.Word("way", &c.Way, Out, In)
	v.Nodes("peers", &c.Peers)
}

// otherwise is which links those are that a plan does not narrow down.
func (Scope) otherwise(field string) string {
	return map[string]string{"target": "all links", "way": "both ways", "peers": "all machines"}[field]
}

func (c Scope) check() error {
	if c.Target.None() && (c.Way != "" || len(c.Peers) > 0) {
		return wrong(either(c.Way != "", "way", "peers"), "way and peers are about the links of a target, and there is none")
	}
	if c.Way != "" && c.Way != Out && c.Way != In {
		return outside("way", c.Way, "%s or %s", Out, In)
	}
	return firstError(c.Target.Check(), distinct("peers", c.Peers))
}

func either(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// disturb puts a rule in force on every link of the scope, once each.
func (c Scope) disturb(s *Stage, rule sim.LinkRule) (end func()) {
	rule.Name = s.name
	if c.Target.None() {
		return s.World.Disturb(rule)
	}
	of, peers := c.Target.Known(), c.Peers
	if peers == nil {
		peers = append(s.World.Servers(), s.World.Clients()...)
	}
	var ends []func()
	put := func(from, to []sim.NodeID) {
		if len(from) == 0 || len(to) == 0 { // to the kernel, none means all
			return
		}
		rule.From, rule.To = from, to
		ends = append(ends, s.World.Disturb(rule))
	}
	if c.Way != In {
		put(of, peers)
	}
	if c.Way == In {
		put(peers, of)
	}
	if c.Way == "" { // the way back, without the links that the way there covers
		put(without(peers, of), of)
		put(both(peers, of), without(of, peers))
	}
	return func() {
		for _, end := range ends {
			end()
		}
	}
}

func without(ids, drop []sim.NodeID) []sim.NodeID {
	return slices.DeleteFunc(slices.Clone(ids), func(id sim.NodeID) bool { return slices.Contains(drop, id) })
}

func both(a, b []sim.NodeID) []sim.NodeID {
	return slices.DeleteFunc(slices.Clone(a), func(id sim.NodeID) bool { return !slices.Contains(b, id) })
}
