package raft

import (
	"encoding/binary"
	"hash/crc32"

	"distsim/sim"
)

// The file is a chain of frames. One frame is what one save writes:
//
//	0   size of the frame in bytes, header included
//	4   at: where in the file it begins
//	8   mark: the file was durable up to here when the frame was written
//	12  checksum of the frame before it, 0 for the first
//	16  checksum of this frame: of bytes 0…15 and of the payload
//	20  payload: records
//
// All numbers are 32 bits, little-endian. A record is a kind and uvarints:
//
//	state  term, vote
//	entry  term, index, length + 1, command; length + 1 is 0 for no command
//
// An entry takes the place of any at its index and after it.
const (
	atSize, atPlace, atMark, atPrev, atSum = 0, 4, 8, 12, 16

	headerSize = 20

	stateRecord = 1
	entryRecord = 2
)

// frame is one frame read back.
type frame struct {
	payload []byte
	mark    int
	sum     uint32
	end     int
}

// sealFrame fills in the header of a frame and returns its checksum.
func sealFrame(b []byte, at, mark int, prev uint32) (sum uint32) {
	binary.LittleEndian.PutUint32(b[atSize:], uint32(len(b)))
	binary.LittleEndian.PutUint32(b[atPlace:], uint32(at))
	binary.LittleEndian.PutUint32(b[atMark:], uint32(mark))
	binary.LittleEndian.PutUint32(b[atPrev:], prev)
	sum = checksum(b)
	binary.LittleEndian.PutUint32(b[atSum:], sum)
	return sum
}

func checksum(b []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(b[:atSum]), crc32.IEEETable, b[headerSize:])
}

// readFrame reads the frame at a place of the file; damage says why there is
// none. It does not look at what came before.
func readFrame(file []byte, at int) (f frame, prev uint32, damage string) {
	b := file[at:]
	if len(b) < headerSize {
		return frame{}, 0, "the file ends within a frame's header"
	}
	size := int64(binary.LittleEndian.Uint32(b[atSize:])) // a damaged one would be negative as an int of 32 bits
	if size < headerSize || int64(binary.LittleEndian.Uint32(b[atPlace:])) != int64(at) {
		return frame{}, 0, "no frame begins here"
	}
	if size > int64(len(b)) {
		return frame{}, 0, "the file ends within a frame"
	}
	b = b[:size]
	sum := binary.LittleEndian.Uint32(b[atSum:])
	if checksum(b) != sum {
		return frame{}, 0, "the checksum does not match"
	}
	mark := int(binary.LittleEndian.Uint32(b[atMark:]))
	return frame{b[headerSize:], mark, sum, at + len(b)}, binary.LittleEndian.Uint32(b[atPrev:]), ""
}

// nextFrame is readFrame for a frame that must follow the one of checksum prev.
func nextFrame(file []byte, at int, prev uint32) (frame, string) {
	f, follows, damage := readFrame(file, at)
	if damage == "" && follows != prev {
		damage = "a frame of an older tail"
	}
	return f, damage
}

// record is one record of a payload: a state, or an entry when Index is not 0.
type record struct {
	Entry
	vote sim.NodeID
}

func appendState(b []byte, term Term, vote sim.NodeID) []byte {
	b = append(b, stateRecord)
	b = binary.AppendUvarint(b, uint64(term))
	return binary.AppendUvarint(b, uint64(vote))
}

func appendEntry(b []byte, e *Entry) []byte {
	b = append(b, entryRecord)
	b = binary.AppendUvarint(b, uint64(e.Term))
	b = binary.AppendUvarint(b, uint64(e.Index))
	if e.Command == nil {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Command))+1)
	return append(b, e.Command...)
}

// readRecord takes one record off a payload; the command is part of it. ok is
// false when the bytes are no record.
func readRecord(b []byte) (r record, rest []byte, ok bool) {
	d := decoder{b: b[1:]}
	switch b[0] {
	case stateRecord:
		r.Term, r.vote = Term(d.uvarint()), sim.NodeID(d.uvarint())
	case entryRecord:
		r.Term, r.Index = Term(d.uvarint()), Index(d.uvarint())
		if size := d.uvarint(); size > 0 {
			r.Command = d.bytes(size - 1)
		}
	default:
		d.bad = true
	}
	return r, d.b, !d.bad
}

// decoder reads numbers and bytes, and remembers if there were too few.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) uvarint() uint64 {
	x, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.b, d.bad = nil, true
		return 0
	}
	d.b = d.b[n:]
	return x
}

func (d *decoder) bytes(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.b, d.bad = nil, true
		return nil
	}
	out := d.b[:n:n]
	d.b = d.b[n:]
	return out
}
