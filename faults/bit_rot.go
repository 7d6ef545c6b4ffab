package faults

import (
	"fmt"
	"strings"

	"distsim/sim"
)

// BitRot flips Bits drawn bits of what is durable, at once: in the file, or without
// one in drawn files of each target. The process reads them flipped from then on.
// It stays: nothing heals it but writing anew. Protocols find it by checksums, if at
// all when they start again.
type BitRot struct {
	Bits int64
	Storage
}

func (BitRot) Kind() Kind       { return "bit_rot" }
func (f BitRot) String() string { return spell(f) }

func (f BitRot) Fields(v Fields) Fault {
	v.Int("bits", &f.Bits)
	f.Storage.fields(v)
	return f
}

func (f BitRot) Check() error {
	switch {
	case f.Bits == 0:
		return missing("bits", "how many flip, such as 1")
	case f.Bits < 0 || f.Bits > million:
		return outside("bits", f.Bits, "1 … %d", million)
	}
	return f.Storage.check()
}

func (f BitRot) Blocked(s *Stage) error {
	for _, id := range f.Target.Known() {
		if len(f.files(s, id)) > 0 {
			return nil
		}
	}
	return reason{text: "nothing durable is there to rot"}
}

// files lists what can rot on a machine.
func (f BitRot) files(s *Stage, id sim.NodeID) []string {
	var out []string
	for _, name := range s.World.DurableFiles(id) {
		if (f.File == "" || s.World.Means(f.File, name)) && len(s.World.Durable(id, name)) > 0 {
			out = append(out, name)
		}
	}
	return out
}

func (f BitRot) Apply(s *Stage) func() {
	name, told := s.name, &flips{}
	defer func() { s.name = name }()
	s.name += " bits" // apart from the draws of its target, which a recorded plan does not make
	for _, id := range f.Target.Known() {
		files := f.files(s, id)
		for range f.Bits {
			if len(files) == 0 {
				break
			}
			file := files[s.pick(len(files))]
			durable := s.World.Durable(id, file)
			bit := s.pick(8 * len(durable))
			told.add(flip{id, file, bit, durable[bit/8]})
			s.World.FlipBit(id, file, bit)
		}
	}
	s.did = told.String
	return nil
}

// flips are the first bits that have flipped, and how many there are.
type flips struct {
	first []flip
	all   int
}

type flip struct {
	node sim.NodeID
	file string
	bit  int
	was  byte
}

const flipsTold = 8

func (l *flips) add(x flip) {
	if l.all++; l.all <= flipsTold {
		l.first = append(l.first, x)
	}
}

func (l *flips) String() string {
	words := make([]string, len(l.first))
	for i, x := range l.first {
		at, bit := x.bit/8, x.bit%8
		words[i] = fmt.Sprintf("bit %d of byte %d of %v's %s, 0x%02x→0x%02x", bit, at, x.node, x.file, x.was, x.was^1<<bit)
	}
	if more := l.all - len(l.first); more > 0 {
		words = append(words, fmt.Sprintf("%d more", more))
	}
	return strings.Join(words, "; ")
}

func (BitRot) Within(Model) error { return nil }
func (BitRot) stays()             {}
func (BitRot) missed() string     { return "" } // it is skipped where it finds no file

func (f BitRot) Weaker() []Fault {
	if f.Bits == 1 {
		return nil
	}
	return []Fault{BitRot{1, f.Storage}}
}

func (BitRot) draw(d *dice) Fault {
	return BitRot{1 + d.below("bits", 8), Storage{Target: d.aim(2, 0)}}
}
