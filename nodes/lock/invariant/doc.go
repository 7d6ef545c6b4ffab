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
// in its section is still there when the next enters. Then no-stale-write is what is left.
package invariant
