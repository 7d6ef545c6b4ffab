// Package redlock is the Redlock algorithm: a lock with a time limit over several
// independent nodes, none of which knows of the others, that a client has when a majority
// of them has given it to him.
//
// After Distributed Locks with Redis, the page where Redis describes it; Kleppmann, How
// to do distributed locking (2016), against it; Sanfilippo, Is Redlock safe? (2016),
// for it.
//
// A node sets a key if it is free, for a TTL, and extends or deletes it if it has the
// value that the client names. A client draws a value, asks all nodes at once and waits
// a little for the answers, a fraction of the TTL. If a majority has set the key it has
// the lock, from when it asked, for
//
//	validity = TTL − time spent asking − allowance for drift (TTL/100 + 2 ms)
//
// if that is more than nothing. Else it deletes the key everywhere, at nodes that have
// not answered too, waits for a time that it draws, and tries again with a new value, so
// that a delete that is late cannot undo the next attempt. It leaves its critical section
// when the validity ends at the latest, or extends it before: that takes a majority that
// still has the key, and makes the validity count from then on.
//
// What it assumes:
//
//   - Clocks run at nearly the same rate: two of them gain less than 1 % on each other,
//     so each is right to 5,000 ppm. They need not agree on the time.
//   - No clock of a node jumps. Nodes keep expiries as times of day, on the wall clock, as
//     Redis does; a step forward ends leases that their holders believe in. The clients'
//     wall clocks do not matter: they measure on the monotonic one.
//   - A node that has crashed stays out of it until every key that it may have had has
//     ended: it keeps nothing on disk. Config.Restart is how long, by its monotonic clock,
//     which a step does not move; a node refuses until then and says so. With TTL or more
//     that is safe: a key outlives its holder's validity by the drift allowed for. Only the
//     first incarnation, which has had no keys, begins at once.
//   - A client in its section is not paused, nor delayed, between looking at its clock
//     and the work that it protects; and that work has its effect at once.
//
// Then at most one client is in the section of a lock at any instant of true time:
// the key that a holder counts on is at more than half of the nodes, for longer than its
// validity, and a rival needs more than half of the nodes without it.
//
// The last assumption is the weak one, and it is no bug of this code. A process may be
// paused after any check of its clock, by its garbage collector or its host, and a write
// that it sends in time may be late in the network, by more than any TTL. By then the lock
// is somebody else's, and nothing tells the two apart: values are random and not ordered,
// so that a resource cannot refuse the older one. There is no fencing token. Where that
// matters, use package lock, whose tokens only grow. So pauses are in the fault model of
// the scenario for nodes and not for clients, and what it judges is who is in a section,
// not what arrives where.
//
// Nor is Redlock fair: there is no queue, rivals may split the nodes so that nobody has a
// majority, and who asks at the right instant is next. A client whose delete is lost
// keeps everybody waiting until the TTL has passed.
//
// Contents: messages.go commands and answers · config.go knobs, and the arithmetic of
// validity · node.go a node · client.go a client, ask.go how it asks all nodes at once.
package redlock
