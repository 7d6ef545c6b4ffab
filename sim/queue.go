package sim

// queue is a binary heap of 16-byte keys over a slab of events: the earliest
// time first, and among equal times the one pushed first. The invariant is
// !less(h[i], h[(i−1)/2]) for every i > 0.
type queue struct {
	heap   []queued
	slabs  []*[slabSize]event // in pieces, so that an event stays where it is
	free   []uint32           // slots whose events are over
	pushes uint64
}

// queued orders by (at, push), the push count in the high bits of key and the
// slab slot in the low ones.
type queued struct {
	at  Time
	key uint64
}

const (
	slotBits = 24
	slabBits = 8
	slabSize = 1 << slabBits
)

func (a queued) before(b queued) bool {
	return a.at < b.at || a.at == b.at && a.key < b.key
}

func (q *queue) len() int { return len(q.heap) }

// push makes room for an event at time at and returns it for filling in. The
// slot still holds the event that was there before.
func (q *queue) push(at Time) *event {
	n := len(q.free)
	if n == 0 {
		q.grow()
		n = len(q.free)
	}
	slot := q.free[n-1]
	q.free = q.free[:n-1]
	q.pushes++
	q.siftUp(queued{at, q.pushes<<slotBits | uint64(slot)})
	return q.event(slot)
}

func (q *queue) event(slot uint32) *event {
	return &q.slabs[slot>>slabBits][slot&(slabSize-1)]
}

func (q *queue) grow() {
	first := uint32(len(q.slabs)) << slabBits
	if first >= 1<<slotBits {
		panic("sim: more than 16 million events are pending; the run floods itself")
	}
	q.slabs = append(q.slabs, new([slabSize]event))
	for slot := first + slabSize; slot > first; slot-- {
		q.free = append(q.free, slot-1)
	}
}

// pop removes the earliest event. The queue must not be empty. The event is
// good until its slot is given back with done.
func (q *queue) pop() (at Time, ev *event, slot uint32) {
	top := q.heap[0]
	slot = uint32(top.key) & (1<<slotBits - 1)
	last := len(q.heap) - 1
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if last > 0 {
		q.siftDown(moved)
	}
	return top.at, q.event(slot), slot
}

// done gives an event's slot back and lets go of its message.
func (q *queue) done(ev *event, slot uint32) {
	ev.msg = nil
	q.free = append(q.free, slot)
}

// each visits the pending events in no particular order.
func (q *queue) each(visit func(at Time, ev *event)) {
	for _, x := range q.heap {
		visit(x.at, q.event(uint32(x.key)&(1<<slotBits-1)))
	}
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
