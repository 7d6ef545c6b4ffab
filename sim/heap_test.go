package sim

// heap is a binary heap of 16-byte keys: the plain priority queue that the radix
// heap is measured and tested against. The invariant is
// !h[i].before(h[(i−1)/2]) for every i > 0.
type heap struct {
	keys   []heapKey
	pushes uint64
}

// heapKey orders by (at, push), the push count in the high bits of key and the
// slot in the low ones.
type heapKey struct {
	at  Time
	key uint64
}

const heapSlotBits = 24

func (a heapKey) before(b heapKey) bool { return a.at < b.at || a.at == b.at && a.key < b.key }

func (k heapKey) pending() pending {
	return pending{k.at, uint32(k.key & (1<<heapSlotBits - 1))}
}

func (h *heap) push(at Time, slot uint32) {
	h.pushes++
	x := heapKey{at, h.pushes<<heapSlotBits | uint64(slot)}
	h.keys = append(h.keys, x)
	i := len(h.keys) - 1
	for i > 0 {
		p := (i - 1) / 2
		if !x.before(h.keys[p]) {
			break
		}
		h.keys[i] = h.keys[p]
		i = p
	}
	h.keys[i] = x
}

func (h *heap) pop(until Time) (pending, bool) {
	if len(h.keys) == 0 || h.keys[0].at > until {
		return pending{}, false
	}
	top := h.keys[0].pending()
	last := len(h.keys) - 1
	x := h.keys[last]
	h.keys = h.keys[:last]
	if last > 0 {
		h.sift(0, x)
	}
	return top, true
}

// sift lets x sink from place i.
func (h *heap) sift(i int, x heapKey) {
	for {
		c := 2*i + 1
		if c >= len(h.keys) {
			break
		}
		if c+1 < len(h.keys) && h.keys[c+1].before(h.keys[c]) {
			c++
		}
		if !h.keys[c].before(x) {
			break
		}
		h.keys[i] = h.keys[c]
		i = c
	}
	h.keys[i] = x
}

// remove takes out the entry of a slot, by building the heap anew.
func (h *heap) remove(slot uint32) {
	kept := h.keys[:0]
	for _, k := range h.keys {
		if k.pending().slot != slot {
			kept = append(kept, k)
		}
	}
	h.keys = kept
	for i := len(kept)/2 - 1; i >= 0; i-- {
		h.sift(i, kept[i])
	}
}
