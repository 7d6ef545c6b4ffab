package faults

import (
	"fmt"

	"distsim/sim"
)

// Filter drops the messages of one Type, by its name in the trace (raft/raft.Append)
// or without the part (raft.Append, of every part), on their way From some machines To
// some; without From or To, from or to all. Those that are
// sent are cut, and so are those in flight when they would arrive; a FIFO stream
// breaks. Healing lets new ones through.
type Filter struct {
	Type     string
	From, To []sim.NodeID
}

func (Filter) Kind() Kind       { return "filter" }
func (f Filter) String() string { return spell(f) }

func (f Filter) Fields(v Fields) Fault {
	v.Name("type", &f.Type)
	v.Nodes("from", &f.From)
	v.Nodes("to", &f.To)
	return f
}

func (f Filter) Check() error {
	if f.Type == "" {
		return missing("type", "the messages to drop, such as raft.Append")
	}
	return firstError(checkName("type", f.Type), distinct("from", f.From), distinct("to", f.To))
}

func (Filter) otherwise(field string) string {
	return map[string]string{"from": "all machines", "to": "all machines"}[field]
}

func (Filter) Blocked(*Stage) error { return nil }

func (f Filter) Apply(s *Stage) func() {
	return s.World.Disturb(sim.LinkRule{From: f.From, To: f.To, Type: f.Type, Cut: true, Met: s.met})
}

func (f Filter) missed() string {
	return fmt.Sprintf("no %s came its way while it was in force", f.Type)
}

func (Filter) Within(Model) error { return nil }
func (Filter) Weaker() []Fault    { return nil }

// draw picks one of the types that the model names, mostly on one side of one
// server.
func (Filter) draw(d *dice) Fault {
	if len(d.model.Types) == 0 || len(d.servers) == 0 {
		return nil
	}
	f := Filter{Type: d.model.Types[d.below("type", int64(len(d.model.Types)))]}
	one := []sim.NodeID{d.servers[d.below("node", int64(len(d.servers)))]}
	switch d.below("side", 3) {
	case 0:
		f.From = one
	case 1:
		f.To = one
	}
	return f
}
