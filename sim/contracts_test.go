package sim

import "time"

// contractW1 is the experiment that settled the contracts: W1 written out like
// bareW1, but with everything DESIGN asks of every event: identity counters per
// link and type, numbered effects, the hold queue's check, a record in the
// flight ring and in the hash for every timer, send, draw and delivery. It
// bounds from below what a kernel that keeps the contracts must cost.
type contractW1 struct {
	queue  radix
	nodes  [5]contractNode
	world  World // for its trace
	traced tracing
	seed   uint64
	events int
	trip   Time
	free   []uint32
	msgs   []contractMessage
	cause  uint64
}

type contractNode struct {
	effect       uint16
	strikeAt     uint16
	issued, done uint64
	held         []contractMessage
	links        [5][2]messageStream
	draws        drawStream
	next         uint64
}

type contractMessage struct {
	bareMessage
	cause uint64
	k     uint64
}

func newContractW1(seed uint64) *contractW1 {
	w := &contractW1{seed: seed}
	w.world.trace.init(false)
	w.world.trace.hashes = append(w.world.trace.hashes, 1, 2, 3, 4) // tick, ping, pong, peer
	for n := range w.nodes {
		node := &w.nodes[n]
		node.draws.key = streamKey(seed, OfNode, Server(n+1), 0, 4)
		for to := range node.links {
			for typ := range node.links[to] {
				node.links[to][typ].key = streamKey(seed, OfMessage, Server(n+1), Server(to+1), uint64(typ))
			}
		}
		w.push(Time(time.Millisecond), contractMessage{bareMessage: bareMessage{to: uint8(n)}})
	}
	return w
}

func (w *contractW1) push(at Time, m contractMessage) {
	var slot uint32
	if n := len(w.free); n > 0 {
		slot = w.free[n-1]
		w.free = w.free[:n-1]
	} else {
		slot = uint32(len(w.msgs))
		w.msgs = append(w.msgs, contractMessage{})
	}
	w.msgs[slot] = m
	w.queue.push(at, slot)
}

func (w *contractW1) record(now Time, kind Kind, fate Fate, node, peer uint8, typ int32, k uint64, due Time) uint64 {
	t := &w.world.trace
	var scratch Core
	c := &scratch
	switch w.traced {
	case untraced:
		t.Len++
		return t.Len
	case hashTraced:
		t.Len++
	default:
		c = t.next()
	}
	c.At, c.Kind, c.Fate, c.Node, c.Peer, c.Inc = now, kind, fate, NodeID(node), NodeID(peer), 1
	c.Type, c.K, c.Due, c.Cause, c.Effect = typ, k, due, w.cause, w.nodes[node].effect
	seq := w.world.seal(c)
	if w.traced == fullTraced {
		t.kept.add(seq, c, int64(now))
	}
	return seq
}

// tracing is how much of a trace contractW1 keeps.
type tracing uint8

const (
	ringTraced tracing = iota // hash and flight ring, as the kernel does
	untraced
	hashTraced // the hash alone
	fullTraced // hash, ring and every record
)

// mayAct numbers an effect and reports whether it may happen.
func (n *contractNode) mayAct() bool {
	n.effect++
	return n.effect != n.strikeAt
}

func (w *contractW1) send(now Time, m bareMessage) {
	n := &w.nodes[m.from]
	if !n.mayAct() {
		return
	}
	if n.issued != n.done {
		n.held = append(n.held, contractMessage{bareMessage: m})
		return
	}
	s := &n.links[m.to][m.kind-1]
	s.k++
	if chance(drawKeyed(s.key, s.k, 0, ForLoss), 10_000) {
		w.record(now, KindSend, Lost, m.from, m.to, int32(m.kind)+1, s.k, 0)
		return
	}
	due := now + Time(between(drawKeyed(s.key, s.k, 0, ForLatency), time.Millisecond, 10*time.Millisecond))
	cause := w.record(now, KindSend, Delivered, m.from, m.to, int32(m.kind)+1, s.k, due)
	w.push(due, contractMessage{m, cause, s.k})
}

func (w *contractW1) run(until Time) {
	for {
		e, ok := w.queue.pop(until)
		if !ok {
			return
		}
		m := w.msgs[e.slot]
		w.free = append(w.free, e.slot)
		w.step(e.at, &m)
	}
}

func (w *contractW1) step(now Time, m *contractMessage) {
	w.events++
	n := &w.nodes[m.to]
	n.effect, w.cause = 0, m.cause
	switch m.kind {
	case 0:
		w.cause = w.record(now, KindTimer, 0, m.to, 0, 1, 0, now)
		if n.mayAct() {
			w.push(now+Time(time.Millisecond), contractMessage{bareMessage: bareMessage{to: m.to}, cause: w.cause})
		}
		n.draws.k++
		v := below(drawKeyed(n.draws.key, n.draws.k, 0, ForValue), 4)
		w.record(now, KindDraw, 0, m.to, 0, 4, n.draws.k, Time(v))
		n.next++
		w.send(now, bareMessage{1, m.to, (m.to + 1 + uint8(v)) % 5, n.next, now})
	case 1:
		w.cause = w.record(now, KindDeliver, 0, m.to, m.from, 2, m.k, 0)
		w.send(now, bareMessage{2, m.to, m.from, m.id, m.at})
	case 2:
		w.cause = w.record(now, KindDeliver, 0, m.to, m.from, 3, m.k, 0)
		w.trip += now - m.at
	}
}
