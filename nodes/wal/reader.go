package wal

// Reader reads what has become durable of a log, in order, for those who look at
// a disk from outside, such as invariants. The zero Reader is at the beginning.
type Reader struct {
	end int
	sum uint32
}

// Next is the payload of the next frame of the file's durable content that this
// Reader has not returned yet, if there is one; it is part of the file. A file that
// has become shorter or is damaged has none.
func (r *Reader) Next(file []byte) (payload []byte, ok bool) {
	for len(payload) == 0 {
		if r.end >= len(file) {
			return nil, false
		}
		f, damage := nextFrame(file, r.end, r.sum)
		if damage != "" {
			return nil, false
		}
		payload, r.end, r.sum = f.payload, f.end, f.sum
	}
	return payload, true
}
