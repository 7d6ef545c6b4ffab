package sim

import (
	"strconv"
	"testing"
	"unsafe"
)

// What large worlds pay for lies in the cache lines that the comments promise.
func TestLayout(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("the layout is for 64-bit processors")
	}
	const line, header = 64, 8 // the allocator's word comes before an object of more than 512 bytes
	var m machine
	equal(t, "bytes of an event", unsafe.Sizeof(event{}), line)
	equal(t, "bytes of a record", unsafe.Sizeof(Core{}), line)
	equal(t, "where a machine's second line begins", header+unsafe.Offsetof(m.clock), line)
	equal(t, "where a machine's third line begins", header+unsafe.Offsetof(m.draws), 2*line)
	if end := header + unsafe.Offsetof(m.index); end > 3*line {
		t.Errorf("a machine's third line ends after %d bytes, want at most %d", end, 3*line)
	}
	if size := header + unsafe.Sizeof(m); size <= 512+header || size > 768 {
		t.Errorf("a machine takes %d bytes, want 521 to 768: size classes that begin with a line", size)
	}
	if size := unsafe.Sizeof(Env{}); size <= 112 || size > 2*line {
		t.Errorf("an Env takes %d bytes, want 113 to %d: a size class of whole lines", size, 2*line)
	}
}
