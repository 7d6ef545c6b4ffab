package spec

import (
	"cmp"
	"slices"

	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// Lapse is the end of a lease as its holder saw it: from the record Seq on, the process
// took itself to hold the lock under the token no longer, because its lease had run out,
// its session was over or it had crashed. The service may free the lock at any instant
// from then on, and need not. A grant without a Lapse ends by a release only.
type Lapse struct {
	Lock    string
	Process int
	Token   uint64
	Seq     uint64
}

// LockOp is an operation on a lock and what Lock needs to know about it: LockOps makes them.
type LockOp struct {
	ops.Lock
	process  int
	returned uint64 // never: it was not answered
	ends     uint64 // if it was granted: from when on that hold may lapse, or never
	rank     int    // among the acquisitions of the lock that were never answered, from 1
}

func (in LockOp) answered() bool { return in.returned != never }

// LockOps prepares a history of operations on locks (ops.Lock, ops.LockResult) for Lock.
// Lapses of holds that no answer granted change nothing: such holds may lapse anyway.
func LockOps(h []history.Op, lapses []Lapse) []history.Op {
	prepared := slices.Clone(h)
	p := preparation{ops: prepared, grants: map[grantKey][]int{}}
	for i := range prepared {
		p.wrap(i)
	}
	p.rank()
	for _, l := range lapses {
		p.lapse(l)
	}
	for i := range prepared {
		p.release(&prepared[i])
	}
	return prepared
}

type preparation struct {
	ops    []history.Op
	grants map[grantKey][]int // indices of operations
}

type grantKey struct {
	lock    string
	process int
	token   uint64
}

func (p *preparation) wrap(i int) {
	o := &p.ops[i]
	in, isLock := o.Input.(ops.Lock)
	if !isLock {
		return // the checker will say so
	}
	w := LockOp{Lock: in, process: o.Process, returned: o.Returned, ends: never}
	if o.Outcome == history.Unknown {
		w.returned = never
	}
	if out, ok := o.Output.(ops.LockResult); ok && o.Outcome == history.OK && out.Answer == ops.Granted {
		key := grantKey{in.Name, o.Process, out.Token}
		p.grants[key] = append(p.grants[key], i)
	}
	o.Input = w
}

// rank numbers the acquisitions that were never answered, lock by lock.
func (p *preparation) rank() {
	var order []*history.Op
	for i := range p.ops {
		if in, ok := p.ops[i].Input.(LockOp); ok && !in.answered() && (in.Kind == ops.Try || in.Kind == ops.Acquire) {
			order = append(order, &p.ops[i])
		}
	}
	slices.SortStableFunc(order, func(a, b *history.Op) int { return cmp.Compare(a.Invoked, b.Invoked) })
	count := map[string]int{}
	for _, o := range order {
		in := o.Input.(LockOp)
		count[in.Name]++
		in.rank = count[in.Name]
		o.Input = in
	}
}

// lapse notes it at the last such grant that was asked for before.
func (p *preparation) lapse(l Lapse) {
	var of *history.Op
	for _, i := range p.grants[grantKey{l.Lock, l.Process, l.Token}] {
		if o := &p.ops[i]; o.Invoked <= l.Seq && (of == nil || o.Invoked > of.Invoked) {
			of = o
		}
	}
	if of != nil {
		in := of.Input.(LockOp)
		in.ends = min(in.ends, l.Seq)
		of.Input = in
	}
}

// release: one that was never answered takes effect at some instant after it was asked
// for, or does not, and its process does nothing more. To others that is a lapse.
func (p *preparation) release(o *history.Op) {
	if in, ok := o.Input.(LockOp); ok && in.Kind == ops.Release && !in.answered() {
		p.lapse(Lapse{in.Name, o.Process, in.Token, o.Invoked})
	}
}
