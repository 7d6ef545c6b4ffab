// Package naive is locks as tutorials write them on a store with leases, each with one
// thing wrong. The mistake is the lesson; nothing here is to be used.
//
//	Put     whoever puts the key and finds that there was none before has the lock. Who
//	        finds one has failed, and has taken the owner's place: the key is now the
//	        loser's, and goes when the loser's lease does, under the owner in its section
//	Delete  whoever gives the lock back reads whose it is and then deletes it. In between
//	        the lease can end, and the lock be another's
//
// All else is done with care: a user keeps its own view of its lease, from when it asked
// for it, and leaves its section when that ends; each try has a lease and a value of its
// own. One call of the store puts either mistake right: a put only if there is no key, a
// delete only if the value is the one expected. There are no fencing tokens.
//
// The store is one machine, as in the tutorials. It is not replicated, keeps everything in
// memory, and has forgotten all of it after a crash, which is a mistake of its own and not
// the lesson here. It judges leases on its monotonic clock; users rely on clocks that run
// at the same rate.
//
// Contents: messages.go what the store is asked · store.go the store, leases.go its leases ·
// client.go the workload · tutorial.go how it takes locks and gives them back.
package naive
