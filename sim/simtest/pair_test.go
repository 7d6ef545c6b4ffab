package simtest

import (
	"time"

	"distsim/checker/spec"
	"distsim/faults"
	"distsim/sim"
)

// A register in the memories of two machines: n1 serves, n2 has a copy, and who
// starts asks the other first. To make them forget takes two faults.
type (
	copyOf struct{ version, value byte }
	copied struct{ version byte }
	recall struct{}
	twin   struct {
		copyOf
		ready   bool
		waiting map[byte]sim.ReplyTo // clients, by the version that they wrote
	}
)

func (n *twin) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	other := sim.Server(3 - env.ID().Ordinal())
	switch m := m.(type) {
	case sim.Boot:
		n.waiting = map[byte]sim.ReplyTo{}
		n.recall(env, other)
	case recall:
		if from == other {
			env.Send(other, n.copyOf)
		} else if !n.ready {
			n.recall(env, other)
		}
	case copyOf:
		n.ready = true
		if m.version > n.version {
			n.copyOf = m
		}
		env.Send(from, copied{m.version})
	case copied:
		env.Reply(n.waiting[m.version], answer{OK: true})
	case ask:
		n.serve(env, other, m)
	}
}

func (n *twin) recall(env *sim.Env, other sim.NodeID) {
	env.Send(other, recall{})
	env.Arm(recall{}, 10*time.Millisecond)
}

func (n *twin) serve(env *sim.Env, other sim.NodeID, m ask) {
	switch {
	case !n.ready:
	case m.Access == spec.Read:
		env.Reply(env.ReplyTo(), answer{Value: n.value})
	default:
		n.version, n.value = n.version+1, m.Value
		n.waiting[n.version] = env.ReplyTo()
		env.Send(other, n.copyOf)
	}
}

func pair() planted {
	cfg := storm
	cfg.Faults = faults.Model{
		Kinds: []faults.Kind{"crash", "pause", "isolate"}, MaxDown: 2, Each: 4,
		Least: 20 * time.Millisecond, Most: 150 * time.Millisecond,
	}
	return planted{"pair", cfg, func(w *sim.World) {
		w.AddServer(func() sim.Node { return &twin{} })
		w.AddServer(func() sim.Node { return &twin{} })
		addReader(w, 12)
	}, 3}
}
