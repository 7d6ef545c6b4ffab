package sim

import "math/bits"

// radix is a monotone priority queue over whole instants: the earliest first,
// and among equal instants the one pushed first. It is a radix heap (Ahuja,
// Mehlhorn, Orlin and Tarjan 1990) in base 64, in other words a hierarchical
// timing wheel on the digits in which an instant differs from cur.
//
// An entry lies at the level of the highest base-64 digit in which its instant
// differs from cur, in the slot of its own digit there. So all of a level comes
// before all of the next, slots are in order, and nothing is ever compared
// except inside the one bucket that is taken apart. Entries of one instant share
// a bucket whenever they are pushed, and buckets keep their order: ties are first
// in, first out without a sequence number.
//
// cur is the instant of the latest pop, and no push may lie before it: virtual
// time never goes back.
type radix struct {
	cur      Time
	n        int
	head     int    // entries of the bucket of cur that have been popped
	levels   uint16 // bit l: level l has an occupied slot
	occupied [radixLevels]uint64
	buckets  [radixLevels * radixSlots][]pending
	free     [32][][]pending // memory that no bucket needs now, by log₂ of the entries it holds
}

// pending is an entry: when, and which.
type pending struct {
	at   Time
	slot uint32
}

const (
	radixDigit  = 6 // bits
	radixSlots  = 1 << radixDigit
	radixLevels = 11 // of six bits each: the 63 bits of a Time
)

// place is the bucket of an instant, as long as cur stays.
func (r *radix) place(at Time) (level, bucket uint) {
	differs := uint64(at ^ r.cur)
	level = uint(bits.Len64(differs|1)-1) * 43 >> 8                     // ÷ 6, for 0 … 63
	digit := uint64(at) >> (level * radixDigit & 63) & (radixSlots - 1) // not uint(at), which has 32 bits on some machines
	return level, level<<radixDigit | uint(digit)
}

func (r *radix) push(at Time, slot uint32) {
	if at < r.cur {
		panic("sim: an event at " + at.String() + " is queued when it is already " + r.cur.String())
	}
	r.n++
	level, bucket := r.place(at)
	r.levels |= 1 << level
	r.occupied[level] |= 1 << (bucket & (radixSlots - 1))
	b := &r.buckets[bucket%uint(len(r.buckets))]
	n := len(*b)
	if n == cap(*b) {
		r.grow(b)
	}
	*b = (*b)[:n+1]
	(*b)[n] = pending{at, slot}
}

// An emptied bucket keeps little memory; what it had beyond that goes to the next
// bucket that grows. So memory follows what is pending, not what each of 704
// buckets has held at its fullest, and in steady state nothing is allocated.
const (
	firstClass = 2   // log₂ of the entries that a bucket's first memory holds
	mostKept   = 128 // entries of the memory that an empty bucket keeps
)

// grow gives a full bucket twice the memory.
func (r *radix) grow(b *[]pending) {
	class := max(firstClass, bits.Len(uint(cap(*b))))
	old := *b
	*b = append(r.memory(class), old...)
	r.giveBack(old)
}

// memory is room for 1 << class entries.
func (r *radix) memory(class int) []pending {
	if free := r.free[class]; len(free) > 0 {
		r.free[class] = free[:len(free)-1]
		return free[len(free)-1]
	}
	if class > firstClass {
		return make([]pending, 0, 1<<class)
	}
	const size, pieces = 1 << firstClass, 32 // small ones come many at a time
	block := make([]pending, size*pieces)
	for ; len(block) > 0; block = block[size:] {
		r.free[class] = append(r.free[class], block[:0:size])
	}
	return r.memory(class)
}

// giveBack takes memory for another bucket to use.
func (r *radix) giveBack(b []pending) {
	if cap(b) > 0 {
		class := bits.Len(uint(cap(b))) - 1
		r.free[class] = append(r.free[class], b[:0])
	}
}

// pop takes the first entry if it is due at or before until. Only a pop moves
// cur.
func (r *radix) pop(until Time) (e pending, ok bool) {
	if r.levels == 0 {
		return pending{}, false
	}
	level := uint(bits.TrailingZeros16(r.levels))
	slot := uint(bits.TrailingZeros64(r.occupied[level%radixLevels]))
	b := &r.buckets[(level<<radixDigit|slot)%uint(len(r.buckets))]
	if level == 0 { // one instant
		e = (*b)[r.head]
		if e.at > until {
			return pending{}, false
		}
		r.head++
		if r.head == len(*b) {
			r.head = 0
			r.empty(b, level, slot)
		}
	} else {
		first := earliest(*b)
		e = (*b)[first]
		if e.at > until {
			return pending{}, false
		}
		r.cur = e.at
		if len(*b) > 1 {
			r.scatter(*b, first)
		}
		r.empty(b, level, slot)
	}
	r.cur = e.at
	r.n--
	return e, true
}

// earliest is the index of the first entry of the least instant.
func earliest(b []pending) int {
	first := 0
	for i := 1; i < len(b); i++ {
		if b[i].at < b[first].at {
			first = i
		}
	}
	return first
}

// scatter puts a bucket's entries, but for the one that was taken, where they
// belong now that cur has come near: at lower levels, in the same order.
func (r *radix) scatter(b []pending, taken int) {
	r.n -= len(b) - 1 // they are pushed again
	for i := range b {
		if i != taken {
			r.push(b[i].at, b[i].slot)
		}
	}
}

// empty clears a bucket and keeps a little of its memory.
func (r *radix) empty(b *[]pending, level, slot uint) {
	if cap(*b) > mostKept {
		r.giveBack(*b)
		*b = nil
	} else {
		*b = (*b)[:0]
	}
	r.occupied[level%radixLevels] &^= 1 << slot
	if r.occupied[level%radixLevels] == 0 {
		r.levels &^= 1 << level
	}
}

// remove takes out an entry that is still in the queue. It looks through one
// bucket, the latest entries first.
func (r *radix) remove(at Time, slot uint32) {
	level, bucket := r.place(at)
	b := &r.buckets[bucket]
	from := 0
	if level == 0 && at == r.cur {
		from = r.head
	}
	for i := len(*b) - 1; i >= from; i-- {
		if (*b)[i].slot != slot {
			continue
		}
		*b = append((*b)[:i], (*b)[i+1:]...)
		r.n--
		if len(*b) == from {
			if from > 0 {
				r.head = 0
			}
			r.empty(b, level, bucket&(radixSlots-1))
		}
		return
	}
	panic("sim: an event to be taken out of the queue is not in it")
}

// reset forgets all entries and keeps the memory.
func (r *radix) reset() {
	for ; r.levels != 0; r.levels &= r.levels - 1 {
		level := uint(bits.TrailingZeros16(r.levels))
		for ; r.occupied[level] != 0; r.occupied[level] &= r.occupied[level] - 1 {
			slot := uint(bits.TrailingZeros64(r.occupied[level]))
			b := &r.buckets[level<<radixDigit|slot]
			*b = (*b)[:0]
		}
	}
	r.cur, r.n, r.head = 0, 0, 0
}
