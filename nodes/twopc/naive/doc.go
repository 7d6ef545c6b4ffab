// Package naive is two-phase commit as the first page of a textbook tells it, three
// times with one thing forgotten. The mistake is the lesson; nothing here is to be used.
//
//	Decision  the coordinator keeps its decision in memory only: after a crash in the
//	          middle of telling, it presumes that what some have committed is aborted
//	Prepare   the participant keeps its promise in memory only: after a crash it cannot
//	          commit what it has voted for
//	Timeout   everything is saved, but nobody ever asks again: one lost message, and all
//	          wait for ever, with their locks
//
// The other half of each cluster is as it should be: Decision's participants and
// Prepare's coordinator are those of package twopc. Its clients, messages, histories and
// invariants serve all three.
//
// Contents: coordinator.go the textbook's coordinator · participant.go its participant ·
// decision.go, prepare.go, timeout.go what each twin makes of them · journal.go what is
// saved · view.go, canonical.go what they show of themselves.
package naive
