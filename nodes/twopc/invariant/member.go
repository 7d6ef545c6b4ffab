package invariant

import (
	"slices"

	"distsim/nodes/twopc/bank"
	"distsim/sim"
)

// member is the mirror of one machine.
type member struct {
	id          sim.NodeID
	world       *sim.World
	incarnation uint32
	seen        int               // of its changes
	state       map[bank.Tx]State // what it last said of each
	touched     []bank.Tx         // those of which it said something in this incarnation, once for each time
	votes       map[bank.Tx][]sim.NodeID

	file   string
	reader Disk              // nil: it need not save anything itself
	disk   map[bank.Tx]saved // what is durable
}

// saved is what is on a disk about one transaction.
type saved struct {
	last State
	ever uint16 // each state has its bit
}

// update finds what is new.
func (m *member) update(w *sim.World, k *knowledge) []Change {
	node, up := w.Node(m.id).(Node)
	if inc := w.Incarnation(m.id); inc != m.incarnation || !up {
		m.crash(k)
		m.incarnation = inc
	}
	if !up {
		return nil
	}
	all := node.Changes()
	fresh := all[m.seen:]
	m.seen = len(all)
	return fresh
}

// crash leaves of what the machine had in memory what its disk has. What it has
// decided and forgotten does not count as decided: it may be told otherwise now.
func (m *member) crash(k *knowledge) {
	if k.system.CrashStop {
		m.touched, m.seen = m.touched[:0], 0
		return
	}
	m.read()
	for _, tx := range m.touched {
		f := k.fate(tx)
		bound := m.bound(tx, f)
		if bound == 0 {
			delete(m.state, tx)
		} else {
			m.state[tx] = bound
		}
		if bound != Committed {
			f.committed = without(f.committed, m.id)
		}
		if bound != Aborted {
			f.aborted = without(f.aborted, m.id)
		}
	}
	m.touched, m.seen, m.votes = m.touched[:0], 0, nil
}

// bound is what a crash leaves the machine bound to. A commit that it has told others of
// it is, whoever keeps that for it. One that is on its disk, but that it neither promised
// nor told, may be what a coordinator wanted to decide, and had yet to agree on.
func (m *member) bound(tx bank.Tx, f *fate) State {
	s := m.disk[tx]
	switch {
	case slices.Contains(f.told, m.id):
		return Committed
	case s.last == Committed && s.ever&(1<<Prepared) == 0:
		return 0
	default:
		return s.last
	}
}

// read takes in what has become durable.
func (m *member) read() {
	if m.reader == nil {
		return
	}
	file := m.world.Durable(m.id, m.file)
	for c, ok := m.reader.Next(file); ok; c, ok = m.reader.Next(file) {
		m.disk[c.Tx] = saved{c.State, m.disk[c.Tx].ever | 1<<c.State}
	}
}

// saved reports whether a state has got onto the disk. It may have gone on since: a
// pause can hold a message back.
func (m *member) saved(tx bank.Tx, s State) bool {
	if m.reader == nil || m.disk[tx].ever&(1<<s) != 0 {
		return true
	}
	m.read()
	return m.disk[tx].ever&(1<<s) != 0
}

// set notes what the machine says of a transaction.
func (m *member) set(c *Change) {
	m.touched = append(m.touched, c.Tx)
	m.state[c.Tx] = c.State
}

func without(list []sim.NodeID, id sim.NodeID) []sim.NodeID {
	return slices.DeleteFunc(list, func(x sim.NodeID) bool { return x == id })
}

func with(list []sim.NodeID, id sim.NodeID) []sim.NodeID {
	if slices.Contains(list, id) {
		return list
	}
	return append(list, id)
}
