package kv_test

import (
	"fmt"

	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/nodes/raft/invariant"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// twoGroups is a machine that belongs to two Raft groups.
type twoGroups struct {
	groups [2]*raft.Node
	stores [2]*kv.Store
}

func (h *twoGroups) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, boot := m.(sim.Boot); !boot {
		return
	}
	for g := range h.groups {
		h.stores[g] = kv.NewStore()
		h.groups[g] = raft.New(raft.Config{}, h.stores[g], nil)
		env.Part(fmt.Sprintf("g%d", g+1)).Attach(h.groups[g])
	}
}

// propose puts one more key, in the groups that are led here.
func (h *twoGroups) propose(k int) {
	for g, n := range h.groups {
		if n.Leads() {
			op := ops.Op{Kind: ops.Put, Key: fmt.Sprintf("k%d", k), Value: fmt.Sprintf("g%d", g+1)}
			n.Propose(kv.Command(&kv.Request{Process: 1, N: k + 1, Op: op}))
		}
	}
}

func (h *twoGroups) Group(part string) invariant.Node {
	for g, n := range h.groups {
		if n != nil && part == fmt.Sprintf("g%d", g+1) {
			return n.Group(part)
		}
	}
	return nil
}

func (h *twoGroups) View(v *sim.View) {
	for g, n := range h.groups {
		v.Part(fmt.Sprintf("g%d", g+1), n)
	}
}
