package sim

import (
	"fmt"

	"distsim/sim/history"
)

// Operation is a client operation that has been invoked and will be ended once.
type Operation struct {
	env   *Env
	index int
	done  bool
}

// NextOp names this client's next operation; draws made from now on belong to
// it. The operation enters the history with Invoke.
func (e *Env) NextOp() history.ID { return e.Op(int(e.m.op) + 1) }

// Op is NextOp with a number of the caller's choosing, for workloads that are
// listed in a plan and may have lost some of their operations.
func (e *Env) Op(n int) history.ID {
	assert(e.m.id.IsClient(), "%v is a server: only clients have operations", e.m.id)
	if !e.dead {
		e.m.op = uint64(n)
	}
	return history.ID{Client: e.m.id.Ordinal(), N: n}
}

// Process is who the checker thinks this client is: after an operation of
// unknown outcome, a crash in the middle of one included, it goes on as someone
// else, with a new session at the servers.
func (e *Env) Process() int {
	process := int64(e.m.id.Ordinal()) | int64(e.m.gen)<<20
	// Where an int has 32 bits the 2,048th would be negative: another run than elsewhere.
	assert(process == int64(int(process)), "%v has left so many operations in doubt that its process number %d does not fit an int here",
		e.m.id, process)
	return int(process)
}

// Invoke enters the current operation into the history. Its outcome is unknown
// until the client says otherwise.
func (e *Env) Invoke(id history.ID, input any) *Operation {
	w := e.w
	if e.dead {
		return &Operation{env: e, done: true}
	}
	e.m.open++
	seq := e.operationRecord(KindInvoke, id, input)
	w.ops = append(w.ops, history.Op{ID: id, Process: e.Process(), Input: input, Invoked: seq, InvokedAt: timeDuration(int64(w.now))})
	return &Operation{env: e, index: len(w.ops) - 1}
}

// OK ends the operation with an answer.
func (o *Operation) OK(output any) { o.end(history.OK, output, "") }

// Failed ends an operation that every attempt was definitely refused.
func (o *Operation) Failed(why string) { o.end(history.Failed, nil, why) }

// Unknown gives the operation up without knowing whether it took effect.
func (o *Operation) Unknown(why string) { o.end(history.Unknown, nil, why) }

func (o *Operation) end(outcome history.Outcome, output any, note string) {
	e := o.env
	if e.dead || o.done {
		return
	}
	o.done = true
	e.m.open--
	op := &e.w.ops[o.index]
	op.Outcome, op.Output, op.Note = outcome, output, note
	op.ReturnedAt = timeDuration(int64(e.w.now))
	seq := e.operationRecord(KindReturn, op.ID, output)
	e.w.trace.mix(uint64(outcome))
	if e.w.trace.keep {
		e.w.trace.kept.text(seq, op.String())
	}
	switch outcome {
	case history.Unknown:
		e.m.gen++
		return
	case history.OK:
		e.m.answers++
	}
	op.Returned = seq
}

func (e *Env) operationRecord(kind Kind, id history.ID, payload any) uint64 {
	w := e.w
	c := w.rec(kind, e.m)
	c.K = uint64(id.N)
	seq := w.seal(c)
	w.trace.mix(deepHash(payload))
	if w.trace.keep {
		w.trace.kept.text(seq, fmt.Sprintf("%v %v", id, payload)) // OK, Failed and Unknown say more
	}
	return seq
}
