package invariant

import (
	"encoding/binary"
	"math/bits"

	"distsim/sim"
)

// member is the mirror of one node: its state before and after the event, its
// log and its disk as running hashes.
type member struct {
	id    sim.NodeID
	world *sim.World
	part  string
	file  string

	node        Node // nil: down
	incarnation uint32
	was, now    State
	log         []place // by index; log[0] is before the first
	fresh       uint64  // entries from here on are new
	reign       uint64  // the term in which credited counts
	credited    []uint64
	asked       []asking // reads that wait, oldest first

	disk   Disk
	stored []place // the log on disk
	term   uint64  // on disk
	vote   sim.NodeID
}

// update compares the node with its mirror. It reports false when the event
// changed nothing.
func (m *member) update(w *sim.World) (changed bool) {
	node := m.find(w)
	if node == nil || w.Incarnation(m.id) != m.incarnation {
		return m.reset(w, node)
	}
	m.was = m.now
	node.Observe(&m.now)
	if m.now == m.was {
		return false
	}
	m.node = node
	m.follow()
	return true
}

func (m *member) find(w *sim.World) Node {
	if h, ok := w.Node(m.id).(Host); ok {
		return h.Group(m.part)
	}
	return nil
}

// reset begins with a new incarnation, or with none.
func (m *member) reset(w *sim.World, node Node) (changed bool) {
	changed = m.node != nil || node != nil
	m.node, m.incarnation = node, w.Incarnation(m.id)
	m.was, m.now, m.log, m.fresh, m.asked = State{}, State{}, m.log[:1], 1, m.asked[:0]
	if node != nil {
		node.Observe(&m.now)
		m.follow()
	}
	return changed
}

// follow copies the entries that are new in the node's log.
func (m *member) follow() {
	m.fresh = min(m.was.Last, m.now.Last) + 1
	switch m.now.Cuts - m.was.Cuts {
	case 0:
	case 1:
		m.fresh = min(m.fresh, m.now.CutAt)
	default:
		m.fresh = 1
	}
	m.log = m.log[:m.fresh]
	for i := m.fresh; i <= m.now.Last; i++ {
		term, command := m.node.Entry(i)
		m.log = append(m.log, m.log[i-1].then(term, command))
	}
}

// has reports whether the node's log reaches to i.
func (m *member) has(i uint64) bool { return i < uint64(len(m.log)) }

// holds reports whether the node's log holds an entry and all before it.
func (m *member) holds(i uint64, p place) bool { return m.has(i) && m.log[i] == p }

// keeps reports whether its disk does.
func (m *member) keeps(i uint64, p place) bool { return i < uint64(len(m.stored)) && m.stored[i] == p }

func (m *member) becameLeader() bool {
	return m.now.Leads && (!m.was.Leads || m.was.Term != m.now.Term)
}

// then is the place of the next entry.
func (p place) then(term uint64, command []byte) place {
	h := fold(p.hash, term)
	if command == nil {
		return place{term, fold(h, 1)}
	}
	h = fold(h, uint64(len(command))<<1)
	for ; len(command) >= 8; command = command[8:] {
		h = fold(h, binary.LittleEndian.Uint64(command))
	}
	var tail uint64
	for i, b := range command {
		tail |= uint64(b) << (8 * i)
	}
	return place{term, fold(h, tail)}
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1342543de82ef95)
	return hi ^ lo
}
