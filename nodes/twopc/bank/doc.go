// Package bank is what the local transaction manager of one participant of an
// atomic commitment protocol remembers: accounts, who has locked them, and how to
// undo what has not been decided yet. It knows no messages, clocks or disks.
//
//	if b.Acquire(tx, legs) {
//		balances, short := b.Execute(tx) // in place; the before-images are kept
//		…                                // vote, and learn the decision
//		granted := b.Commit(tx)          // or b.Abort(tx)
//	}
//
// Locks are strict: shared for a leg that only reads, exclusive for one that
// changes its account, held from before the first access until the decision. So
// nobody reads or overwrites what may still be undone.
//
// A transaction takes all of its locks at this participant at once, or none and
// waits. So whoever holds a lock can be executed on the spot and vote: only
// prepared transactions hold locks, and one that waits has promised nothing and may
// be dropped at any time. Within a participant nobody waits for a lock while it
// holds another; across participants it may well, in a circle even.
//
// Wound-wait breaks such circles (Rosenkrantz, Stearns and Lewis, System Level
// Concurrency Control for Distributed Database Systems, ACM TODS 3(2), 1978, section
// 5). Age is decided by the names of transactions (Tx.Older), equally everywhere, and
// a second attempt is as old as the first. Where two want the same lock and one has it,
//
//   - the younger waits for the older;
//   - the older wounds the younger, and waits until that has ended. The victim is
//     prepared, so only its coordinator may abort it, and does unless it has decided
//     to commit. InTheWay lists the victims.
//
// And nobody waits for a younger one that only waits: an older newcomer overtakes it,
// a younger one does not pass an older waiter that wants a conflicting lock. So a
// transaction waits for older ones and for victims, of which it has no more than on
// its first day in the queue, and the oldest of all waits for victims alone.
//
// Limits: an account that a transaction asks for must exist, and be in one leg only;
// sums are not checked for overflow.
//
// Contents: tx.go names and ages · bank.go accounts, changes, undo · locks.go the
// lock table and its queue · hash.go the fingerprint.
package bank
