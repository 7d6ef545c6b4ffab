package wal

import (
	"encoding/binary"
	"hash/crc32"
)

// Where in a frame its header's fields are; see the package's documentation.
const (
	atSize, atPlace, atMark, atPrev, atSum = 0, 4, 8, 12, 16

	headerSize = 20
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
