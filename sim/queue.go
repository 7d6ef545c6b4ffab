package sim

import "math/bits"

// queue holds the pending events: a radix heap of their instants over a slab of
// the events themselves.
type queue struct {
	radix
	slabs []*[slabSize]event // in pieces, so that an event stays where it is
	free  []uint32           // slots whose events are over
}

const (
	slabBits = 6
	slabSize = 1 << slabBits
	maxSlots = 1 << 24
)

func (q *queue) len() int { return q.n }

// push makes room for an event at time at and returns it for filling in. The
// slot still holds the event that was there before.
func (q *queue) push(at Time) *event {
	ev, _ := q.enter(at)
	return ev
}

// enter is push that also says which slot it is.
func (q *queue) enter(at Time) (*event, uint32) {
	if len(q.free) == 0 {
		q.grow()
	}
	last := len(q.free) - 1
	slot := q.free[last]
	q.free = q.free[:last]
	q.radix.push(at, slot)
	return q.event(slot), slot
}

func (q *queue) event(slot uint32) *event {
	return &q.slabs[slot>>slabBits][slot&(slabSize-1)]
}

func (q *queue) grow() {
	first := uint32(len(q.slabs)) << slabBits
	if first >= maxSlots {
		panic("sim: more than 16 million events are pending; the run floods itself")
	}
	q.slabs = append(q.slabs, new([slabSize]event))
	for slot := first + slabSize; slot > first; slot-- {
		q.free = append(q.free, slot-1)
	}
}

// done gives the slot of an event that is over back and lets go of its message.
func (q *queue) done(ev *event, slot uint32) {
	ev.msg = nil
	q.free = append(q.free, slot)
}

// drop takes an event out of the queue that has not been popped.
func (q *queue) drop(at Time, slot uint32) {
	q.remove(at, slot)
	q.done(q.event(slot), slot)
}

// each visits the pending events in no particular order.
func (q *queue) each(visit func(at Time, ev *event)) {
	for levels := q.levels; levels != 0; levels &= levels - 1 {
		level := bits.TrailingZeros16(levels)
		for occupied := q.occupied[level]; occupied != 0; occupied &= occupied - 1 {
			slot := bits.TrailingZeros64(occupied)
			b := q.buckets[level<<radixDigit|slot]
			if level == 0 && Time(slot) == q.cur&(radixSlots-1) {
				b = b[q.head:]
			}
			for _, e := range b {
				visit(e.at, q.event(e.slot))
			}
		}
	}
}

// reset forgets all events and keeps the memory.
func (q *queue) reset() {
	q.radix.reset()
	q.free = q.free[:0]
	for slot := uint32(len(q.slabs)) << slabBits; slot > 0; slot-- {
		q.event(slot - 1).msg = nil
		q.free = append(q.free, slot-1)
	}
}
