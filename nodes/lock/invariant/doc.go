// Package invariant is what must hold for locks after every event, whoever keeps
// them: the service of package lock, the nodes of package redlock, or a naive
// store. It sees machines through the interfaces of node.go.
//
//	one-holder                  L1, in true time: no two processes are in a section of one lock
//	tokens-increase             L2: each grant's token is larger than all before it, and one owner's
//	no-stale-write              L2: a resource accepts no write under a smaller token than before
//	owner-removes               L3: only its owner gives a lock back, or loses it with its lease
//	failed-try-changes-nothing  L4: whoever is refused has changed nothing
//	no-stray-lock               no lock belongs to an owner whose lease has ended
//	first-come-first-served     a lock that some wait for goes to the first of them
//
// Leases that nobody can be sure of do not guarantee one-holder: a process that is paused
// in its section is still there when the next enters. Then no-stale-write is what is left
// (System.Zombies).
//
// What is exact, and what is not judged:
//
//   - A keeper is judged by its own word: what it says it did, and whose lease it holds to
//     have ended once the event is over. Of whoever waited and is not alive by then, nobody
//     says that it was passed over.
//   - Within an incarnation tokens increase at each keeper. Over all keepers and
//     incarnations, who repeat each other's grants, a token of a lock has one owner.
//     Locks without tokens, redlock's, are judged by neither.
//   - A resource is judged by the order in which it accepts within an incarnation, with
//     what it found on its disk. Across crashes, by what it has told: a write that nobody
//     was told of may be forgotten, and a smaller token be accepted then. Told are writers,
//     readers, and those who were refused, when the answer leaves, be it lost on its way.
//   - L5, that some waiter is granted eventually, is a matter of time: the scenarios' liveness.
//
// Contents: node.go what machines must show · all.go the invariants · rules.go what is
// judged of processes and keepers · writes.go no-stale-write.
package invariant
