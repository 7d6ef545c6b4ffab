// Package explain proposes the causes of a violation: the why-slice, the few
// records of a kept trace on which the evidence rests, each with its reason, and
// the messages whose absence let it happen. The slice proposes; only running
// again without a cause decides whether it was one.
//
// The slice of a violation is the least set of records closed under these rules.
//
// Starts.
//
//   - A view field that the violation names: the last record, up to the
//     violation, that changed it. That step is decisive.
//   - An operation that a verdict on a history names: its two ends and its
//     attempts (the requests it sent and what became of each). On the path from
//     the answer back to the invocation, and where an attempt arrived, every
//     step of a server is decisive. The path ends at the invocation: nothing
//     earlier lies between the two.
//   - A decisive step rests on everything its node knew before, so for each view
//     field of the node the last record that changed it joins; from there chains
//     of causes are followed two messages back, else eight.
//
// Followed back from there.
//
//   - A delivery: the send of its message; if it waited in a paused machine, the
//     resume and the pause.
//   - A send: the step that made it, and the sync or resume it was held for. A
//     client's send ends at the invocation of its operation: clients ask because
//     they ask.
//   - A timer: the step that armed it, and, as a timer itself tells nothing, the
//     last change before of every field that its firing changed. A timer that
//     only re-arms itself and changes nothing is a clock; the whole run of its
//     ticks counts as one, and the step before the first tick comes next.
//   - A boot: nothing, if it is the machine's first. Later ones: the restart and
//     the crash; and for a field, the last change before the crash, which the
//     disk brought back or lost.
//
// Absences: messages that were lost, cut, or came to a machine that was down.
//
//   - From a step of the slice to a node of the slice, when messages of the type
//     change a field there that the slice rests on.
//   - To a node whose view the slice rests on, between the last change of a
//     field and its use, when the very message would have changed that field:
//     a copy of it, sent by the same step, did so elsewhere, or the sending step
//     changed it at the sender and messages of the type do.
//   - To a node on which a timer of the slice fired, since it was armed: of the
//     types that push this timer back (sim.Pushed), but from no sender of which
//     one arrived in that time and did not. Of a timer that names no types: of
//     those that change the fields its firing changed, from nodes of which
//     nothing of the type arrived since. Of a client's timeout: its request and
//     any answer to the client.
//
// Of many absences alike (rule, sender, receiver and type) the first and the last
// are kept and the others counted; those of the first kind are all kept. For a
// message that was cut, the faults then in force join; for one that met a
// machine that was down, its crash.
//
// Cost: one pass over the trace for an index, then work in proportion to the
// slice and to the absences in its span.
//
// Contents: explain.go the public face · index.go what happened where ·
// follow.go back through the causes · start.go where that begins · absent.go what
// did not arrive · words.go the slice as text.
package explain
