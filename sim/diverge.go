package sim

import "fmt"

// Divergence is where two runs of what should be one plan part.
type Divergence struct {
	Same    bool
	Seq     uint64 // first record that differs, when both runs kept their records; else the last record known equal
	Before  uint64 // without records: the runs part in (Seq, Before]
	A, B    *Record
	Message string
}

// Diverge compares two traces: record by record when both kept them, else by
// the running hashes kept every 1,024 records. Runs whose records are equal but
// whose hashes are not part in something only the hash covers (disk bytes,
// operations): then the interval is named.
func Diverge(a, b *Trace) Divergence {
	if a.Hash == b.Hash && a.Len == b.Len && a.Fingerprint == b.Fingerprint {
		return Divergence{Same: true, Seq: a.Len, Message: "the runs are equal"}
	}
	if a.keep && b.keep {
		if d, found := firstRecord(a, b); found {
			return d
		}
	}
	d := Divergence{Before: min(a.Len, b.Len)}
	if a.Len != b.Len { // at the latest where one goes on and the other does not
		d.Before++
	}
	for i := 0; i < min(len(a.Checkpoints), len(b.Checkpoints)); i++ {
		if a.Checkpoints[i] != b.Checkpoints[i] {
			d.Before = uint64(i+1) * checkpointEvery
			break
		}
		d.Seq = uint64(i+1) * checkpointEvery
	}
	d.Message = fmt.Sprintf("the runs part between records %d and %d", d.Seq+1, d.Before)
	if a.Hash == b.Hash {
		d.Message = "the runs differ only in payloads or views (fingerprint)"
	}
	return d
}

func firstRecord(a, b *Trace) (Divergence, bool) {
	as, bs := a.Records(), b.Records()
	n := min(len(as), len(bs))
	for i := range n {
		x, y := &as[i], &bs[i]
		if !sameCore(a, b, x, y) {
			return Divergence{Seq: x.Seq, A: x, B: y, Message: fmt.Sprintf("record %d differs: %s | %s",
				x.Seq, a.Describe(x), b.Describe(y))}, true
		}
	}
	if len(as) != len(bs) {
		return Divergence{Seq: uint64(n) + 1, A: a.At(uint64(n) + 1), B: b.At(uint64(n) + 1),
			Message: fmt.Sprintf("one run ends after record %d", n)}, true
	}
	return Divergence{}, false
}

// sameCore compares what the hash covers; names by name, as their numbers may differ.
func sameCore(a, b *Trace, x, y *Record) bool {
	cx, cy := x.Core, y.Core
	cx.Type, cy.Type = 0, 0
	return cx == cy && a.NameOf(&x.Core) == b.NameOf(&y.Core)
}

// Describe is a record in one line.
func (t *Trace) Describe(r *Record) string {
	s := fmt.Sprintf("%v %v", r.At, r.Kind)
	if r.Node != 0 {
		s += " " + r.Node.String()
	}
	if r.Peer != 0 {
		arrow := "<"
		if r.Kind == KindSend || r.Kind == KindUnsent {
			arrow = ">"
		}
		s += arrow + r.Peer.String()
	}
	if name := t.NameOf(&r.Core); name != "" {
		s += " " + name
	}
	if r.K != 0 {
		s += fmt.Sprintf(" #%d", r.K)
	}
	if r.Fate != Delivered {
		s += " " + r.Fate.String()
	}
	if r.Text != "" {
		s += " " + r.Text
	}
	return s
}
