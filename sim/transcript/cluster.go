package transcript

import (
	"maps"
	"slices"
	"strings"

	"distsim/sim"
)

// cluster is what the nodes show of themselves at the point the telling has
// reached.
type cluster struct {
	nodes   map[sim.NodeID]*node
	columns []*node  // servers that have a column, ascending
	term    int      // digits of the largest term there will be; 0: nobody has terms
	met     []string // of the words for roles, those that somebody's has
	others  []string // roles of servers that have none of them
}

// node is one machine.
type node struct {
	id         sim.NodeID
	viewless   bool // never shows a field
	up, paused bool
	fields     []sim.Field
}

// survey finds out which nodes a trace is about.
func survey(t *sim.Trace, only []sim.NodeID) *cluster {
	c := &cluster{nodes: map[sim.NodeID]*node{}}
	records := t.Records()
	for i := range records {
		r := &records[i]
		if r.Node == 0 {
			continue
		}
		n := c.node(r.Node)
		n.viewless = n.viewless && len(r.Fields) == 0
		for _, f := range r.Fields {
			switch {
			case called(f, "term"):
				c.term = max(c.term, len(f.Value()))
			case called(f, "role"):
				c.meet(strings.ToLower(f.Value()), r.Node.IsServer())
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.nodes)) {
		if id.IsServer() && (only == nil || slices.Contains(only, id)) {
			c.columns = append(c.columns, c.nodes[id])
		}
	}
	return c
}

// meet takes in a role that somebody has, be it one that has a column or not.
func (c *cluster) meet(role string, column bool) {
	if column && signless(role) && !slices.Contains(c.others, role) {
		c.others = append(c.others, role)
	}
	for _, words := range [][]string{leads[:], follows[:]} {
		for _, w := range words {
			if has(role, w) && !slices.Contains(c.met, w) {
				c.met = append(c.met, w)
			}
		}
	}
}

func (c *cluster) node(id sim.NodeID) *node {
	n := c.nodes[id]
	if n == nil {
		n = &node{id: id, viewless: true}
		c.nodes[id] = n
	}
	return n
}

// follow takes in what a record says about its node.
func (c *cluster) follow(r *sim.Record) {
	if r.Node == 0 {
		return
	}
	n := c.node(r.Node)
	switch r.Kind {
	case sim.KindBoot:
		n.up, n.paused, n.fields = true, false, nil
	case sim.KindCrash, sim.KindHalt:
		n.up, n.paused = false, false
	case sim.KindPause:
		n.paused = true
	case sim.KindResume:
		n.paused = false
	}
	for _, f := range r.Fields {
		n.set(f)
	}
}

func (n *node) set(f sim.Field) {
	for i := range n.fields {
		if n.fields[i].Name == f.Name {
			n.fields[i] = f
			return
		}
	}
	n.fields = append(n.fields, f)
}

// value is a field by its full name or its last element; "" if it has none.
func (n *node) value(name string) string {
	for _, f := range n.fields {
		if called(f, name) {
			return f.Value()
		}
	}
	return ""
}

// called reports whether a field has a name, perhaps within a part.
func called(f sim.Field, name string) bool {
	return f.Name == name || strings.HasSuffix(f.Name, "."+name)
}
