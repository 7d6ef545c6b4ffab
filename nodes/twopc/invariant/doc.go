// Package invariant is what must hold in atomic commitment after every event, and
// of every message that leaves, over a small read-only interface of its machines, so
// that any protocol can be judged by it: two-phase, three-phase, naive.
//
//	AC1 agreement         no two machines decide a transaction differently
//	AC2 no-reversal       who has decided, or promised, does not take it back
//	AC3 all-voted-yes     a commit only when every participant has promised it, on its disk
//	AC4 no-needless-abort a coordinator that has heard yes from all does not abort
//	    saved-before-said a vote, a decision and an acknowledgement are on the sender's
//	                      disk when they leave; where machines crash for good and save
//	                      nothing, it is noted-before-said
//	    no-stray-lock     whoever holds a lock has promised, and has not decided
//
// (Bernstein, Hadzilacos and Goodman 1987, section 7.3.) AC5, that all decide once
// faults heal, is a matter of time: see InDoubt for how long anybody is in doubt, and
// the liveness phase of the scenarios.
//
// An abort that a crash has made a participant forget was none: it may be presumed,
// and nobody need have heard of it. If somebody has, AC1 knows. Nor is a commit that
// a coordinator has not told anybody of: its disk may hold what it never came to
// decide.
//
// Contents: node.go what a machine must show · all.go the invariants · member.go what
// is known of one machine · disk.go saved-before-said · doubt.go how long anybody is
// in doubt.
package invariant
