// Package invariant is what must hold in a Raft group after every event, over a
// small read-only interface of its nodes, so that any implementation can be
// judged by it.
//
//	R1 one-leader-per-term     at most one leader per term, ever
//	R2 leader-append-only      a leader's log only grows in its term
//	R3 log-matching            equal (index, term) in two logs: equal up to there
//	R4 leader-completeness     a leader holds all that was committed in earlier terms
//	R5 state-machine-safety    one entry and one state per applied index, on all nodes
//	R6 durable-term-and-vote   on disk, terms never fall and a vote is given once a term
//	R7 applied-commit-last     applied ≤ commit ≤ last, and neither of the first two falls
//	R8 commit-on-disk          what a node commits is on the disks of a majority
//	R9 match-is-true           a leader credits no log with more than it has
//	R10 read-is-current        a read index covers all that was committed before the read came
//
// The paper's figure 3 has R1–R5; R10 is for reads without the log. What an event did is found from a node's State
// in constant time, and only new entries and new disk records are looked at:
// logs, disks and what was ever committed are kept as running hashes, so that
// two prefixes compare in one step. Nothing allocates but the growth of those.
//
// Limits: membership is taken to be what the committing node says at that time.
//
// Contents: node.go what a node must show · group.go All, and what is shared ·
// member.go the mirror of one node · elections.go R1, R2, R4 · logs.go R3, R5,
// R7 · disks.go R6, R8, R9 · reads.go R10.
package invariant
