package faults

import (
	"fmt"

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

func (c Scope) check() error {
	if c.Target.None() && (c.Way != "" || len(c.Peers) > 0) {
		return fmt.Errorf("way and peers are about the links of a target, and there is none")
	}
	if c.Way != "" && c.Way != Out && c.Way != In {
		return fmt.Errorf("way is %q, want %s or %s", c.Way, Out, In)
	}
	return firstError(c.Target.Check(), distinct("peers", c.Peers))
}

// disturb puts a rule in force on every link of the scope, once each.
func (c Scope) disturb(s *Stage, rule sim.LinkRule) (end func()) {
	if c.Target.None() {
		return s.World.Disturb(rule)
	}
	of := c.Target.Known()
	var ends []func()
	if c.Way != In {
		out := rule
		out.From, out.To = of, c.Peers
		ends = append(ends, s.World.Disturb(out))
	}
	if c.Way != Out {
		in := rule
		in.From, in.To = c.Peers, of
		if c.Way == "" { // links within the target are disturbed already
			in.From = without(c.peers(s), of)
		}
		ends = append(ends, s.World.Disturb(in))
	}
	return func() {
		for _, end := range ends {
			end()
		}
	}
}

func (c Scope) peers(s *Stage) []sim.NodeID {
	if c.Peers != nil {
		return c.Peers
	}
	return append(s.World.Servers(), s.World.Clients()...)
}

func without(ids, drop []sim.NodeID) []sim.NodeID {
	out := []sim.NodeID{} // not nil: nil would mean everybody
	for _, id := range ids {
		if !contains(drop, id) {
			out = append(out, id)
		}
	}
	return out
}
