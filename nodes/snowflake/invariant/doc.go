// Package invariant is what must hold of the ids that generators give out, over a small
// read-only interface, so that any generator can be judged by it: the real one, naive
// ones. Ids are judged when they leave their generator, whether or not anybody hears of
// them.
//
//	unique            no id leaves twice in a run, whoever gives it out
//	positive          every id is greater than 0
//	increasing        what a machine gives out as one worker grows, also when it has started again
//	fields            the worker is one that the machine has had in this incarnation; the
//	                  millisecond is not beyond the latest that its wall clock has shown, in the whole run
//	saved-before-said the mark on the sender's disk is not before the id's millisecond
//
// Ids are taken to pieces here, by the layout as it is published, and not by the code
// that puts them together. An id may be behind the clock that gave it out, by however
// much: it may have waited for a disk, and who has nothing to do with the clock before
// the last id gives out nothing at all. After a restart nothing at or before the mark is
// given out, so that ids grow across it.
//
// Contents: node.go what a generator must show · all.go the invariants · rules.go what
// they find · set.go the ids of a run.
package invariant
