package planfile

import (
	"slices"
	"time"

	"distsim/faults"
	"distsim/sim"
)

// filler is the visitor that fills a fault's fields in from a mapping.
type filler struct {
	*fields
	of faults.Fault
}

func (f filler) Target(t *faults.Target) {
	if n := f.take("target"); n != nil {
		t.Who, t.Nodes = f.target(n)
	}
	if n := f.take("with"); n != nil {
		t.With, _ = faults.ParseWho(f.d.word(n, "with", faults.WhoNames()))
	}
	if n := f.take("was"); n != nil {
		t.Was = f.d.nodes(n, "was")
	}
}

// target reads a symbol, a node or a list of nodes.
func (f filler) target(n *node) (faults.Who, []sim.NodeID) {
	if n.shape == list {
		if len(n.items) == 0 {
			f.d.fail(n, "target is an empty list; name a node")
		}
		return 0, f.d.nodes(n, "target")
	}
	s, ok := f.d.text(n, "target")
	if !ok {
		return 0, nil
	}
	if who, ok := faults.ParseWho(s); ok {
		return who, nil
	}
	if id, err := sim.ParseNodeID(s); err == nil && id != 0 {
		return 0, []sim.NodeID{id}
	}
	f.d.fail(n, "target is %s; want a node such as n3 or c1, or a symbol: %s", show(s), suggestion(s, faults.WhoNames()))
	return 0, nil
}

func (f filler) Nodes(name string, ids *[]sim.NodeID) {
	if n := f.take(name); n != nil {
		*ids = f.d.nodes(n, name)
		if len(n.items) == 0 && n.shape == list {
			f.d.fail(n, "%s is an empty list; name a node or leave it out", name)
		}
	}
}

func (f filler) Groups(name string, groups *[][]sim.NodeID) {
	n := f.take(name)
	if n == nil {
		return
	}
	for _, g := range f.d.items(n, name) {
		if g.shape != list {
			f.d.fail(g, "%s holds %v; want lists of nodes: [[n1, n2], [n3]]", name, g.shape)
			continue
		}
		*groups = append(*groups, f.d.nodes(g, name))
	}
	if *groups == nil {
		f.d.fail(n, "%s is empty; want lists of nodes: [[n1, n2], [n3]]", name)
	}
}

func (f filler) Int(name string, v *int64) {
	if n := f.take(name); n != nil {
		before := len(f.d.errs)
		*v = f.d.integer(n, name)
		if is := faults.Otherwise(f.of, name); *v == 0 && is != "" && len(f.d.errs) == before {
			f.d.fail(n, "%s is 0; leave it out for %s", name, is)
		}
	}
}

func (f filler) Duration(name string, v *time.Duration) {
	if n := f.take(name); n != nil {
		*v = f.d.duration(n, name, true)
	}
}

func (f filler) Dist(name string, v *sim.Dist) {
	n := f.take(name)
	if n == nil {
		return
	}
	s, ok := f.d.text(n, name)
	if !ok {
		return
	}
	dist, err := faults.ParseDist(s)
	if err != nil {
		f.d.fail(n, "%s: %v", name, err)
	}
	*v = dist
}

func (f filler) Word(name string, v *string, choices ...string) {
	if n := f.take(name); n != nil {
		*v = f.d.word(n, name, slices.Clone(choices))
	}
}

func (f filler) Name(name string, v *string) {
	if n := f.take(name); n != nil {
		*v, _ = f.d.text(n, name)
	}
}

func (f filler) Flag(name string, v *bool) {
	if n := f.take(name); n != nil {
		*v = f.d.flag(n, name)
	}
}
