package simtest

import (
	"fmt"
	"strings"

	"distsim/sim"
)

// NodeView is what one node shows of itself, for assertions.
type NodeView struct {
	t    T
	node sim.NodeID
	view *sim.View
}

// View looks at a node. It must be up and have a View method.
//
//	simtest.View(t, w, n1).Want("role", "leader", "term", 3, "vote", n1)
func View(t T, w *sim.World, node sim.NodeID) NodeView {
	t.Helper()
	v := NodeView{t, node, w.ViewOf(node)}
	if len(v.view.Fields) == 0 {
		t.Errorf("%v shows nothing: it is down, or has no View method", node)
	}
	return v
}

// Want fails for every field that is not as wanted: name, value, name, value and so
// on. Values are compared as they print; term also finds raft.term.
func (v NodeView) Want(pairs ...any) {
	v.t.Helper()
	if len(v.view.Fields) == 0 {
		return // View has said so
	}
	for i := 0; i < len(pairs); i += 2 {
		name := fmt.Sprint(pairs[i])
		if i+1 == len(pairs) {
			v.t.Errorf("View(%v).Want: no value for %s", v.node, name)
			return
		}
		want := fmt.Sprint(pairs[i+1])
		switch field, ok := v.view.Get(name); {
		case !ok:
			v.t.Errorf("%v shows no %s, want %s (%v)", v.node, name, want, v)
		case field.Value() != want:
			v.t.Errorf("%v: %s is %s, want %s (%v)", v.node, name, field.Value(), want, v)
		}
	}
}

// Get is a field as it prints, "" if there is none.
func (v NodeView) Get(name string) string {
	field, ok := v.view.Get(name)
	if !ok {
		return ""
	}
	return field.Value()
}

// String lists the fields: role=leader term=3.
func (v NodeView) String() string {
	fields := make([]string, len(v.view.Fields))
	for i, f := range v.view.Fields {
		fields[i] = f.Name + "=" + f.Value()
	}
	return strings.Join(fields, " ")
}
