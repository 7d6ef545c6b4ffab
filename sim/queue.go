package sim

// queue is a binary heap of 16-byte keys over a slab of events: the earliest
// time first, and among equal times the one pushed first. The invariant is
// !less(h[i], h[(i−1)/2]) for every i > 0.
type queue struct {
	heap   []queued
	slab   []event
	free   []uint32
	pushes uint64
}

// queued orders by (at, push), the push count in the high bits of key and the
// slab slot in the low ones.
type queued struct {
	at  Time
	key uint64
}

const slotBits = 24

func (a queued) before(b queued) bool {
	return a.at < b.at || a.at == b.at && a.key < b.key
}

func (q *queue) len() int { return len(q.heap) }

// push makes room for an event at time at and returns it for filling in; the
// pointer is good until the next push. The slot still holds its last event.
func (q *queue) push(at Time) *event {
	var slot uint32
	if n := len(q.free); n > 0 {
		slot = q.free[n-1]
		q.free = q.free[:n-1]
	} else {
		slot = uint32(len(q.slab))
		if slot >= 1<<slotBits {
			panic("sim: more than 16 million events are pending; the run floods itself")
		}
		q.slab = append(q.slab, event{})
	}
	q.pushes++
	q.siftUp(queued{at, q.pushes<<slotBits | uint64(slot)})
	return &q.slab[slot]
}

// pop removes the earliest event and copies it to ev. The queue must not be empty.
func (q *queue) pop(ev *event) Time {
	top := q.heap[0]
	slot := uint32(top.key) & (1<<slotBits - 1)
	*ev = q.slab[slot]
	q.slab[slot].msg = nil // let go of the message
	q.free = append(q.free, slot)
	last := len(q.heap) - 1
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if last > 0 {
		q.siftDown(moved)
	}
	return top.at
}

func (q *queue) siftUp(x queued) {
	q.heap = append(q.heap, x)
	h := q.heap
	i := len(h) - 1
	for i > 0 {
		p := (i - 1) / 2
		if !x.before(h[p]) {
			break
		}
		h[i] = h[p]
		i = p
	}
	h[i] = x
}

func (q *queue) siftDown(x queued) {
	h := q.heap
	i := 0
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && h[c+1].before(h[c]) {
			c++
		}
		if !h[c].before(x) {
			break
		}
		h[i] = h[c]
		i = c
	}
	h[i] = x
}
