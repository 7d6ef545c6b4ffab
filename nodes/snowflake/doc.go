// Package snowflake gives out ids of 63 bits that are unique without anybody being asked,
// and roughly in the order of time: Twitter's Snowflake (2010), with what its copies leave
// out.
//
//	cfg := snowflake.Config{Policy: snowflake.Wait}
//	w.AddServer(cfg.Server(snowflake.Worker{Datacenter: 0, Number: 1}))
//	w.AddServer(cfg.Server(snowflake.Worker{Datacenter: 0, Number: 2}))
//	w.AddClient(snowflake.Client{Ops: 20, Batch: 500}.Node)
//	w.AddInvariant(cfg.Invariants()...)
//
// An id is 41 bits of milliseconds since an epoch, 5 of datacenter, 5 of worker and 12 of
// sequence. What it keeps, whatever clocks do and whenever machines crash or pause: no id
// comes twice, as long as a worker id that is configured stays with one machine and its
// disk; each is positive, and larger than those that its machine gave out before as the
// same worker, also before it started again. When a millisecond is full, requests wait for
// the next one, so that a generator gives out 4,096,000 ids a second at most. When its
// clock is past the 41 bits, there are errors, and no ids: nothing wraps.
//
// Ids of different generators are ordered by time only as well as their clocks agree.
//
// The clock is the adversary. A generator never gives out an id of a millisecond before the
// last one: when its clock is behind that, it refuses, saying for how long, or holds
// requests until the clock has caught up (Config.Policy). One that would be held for longer
// than Config.Patience is refused at once, and so is everybody while the clock is before
// the epoch; a generator that is paused meanwhile, or that waits for its disk too, holds it
// for longer. A clock that was ahead and is set right costs as much time as it was ahead;
// one that was past the 41 bits costs nothing, as it has left no mark.
//
// So that this is true across restarts it keeps a mark ahead of its clock: it has said,
// durably, that nothing after the mark has been given out, and gives out nothing after it
// (save, then say). The mark is moved on when half of the reservation is used up, by a sync
// that nobody waits for, but for an answer that is ready within it: messages leave in order.
// There are two syncs in each Config.Reserve, whether or not anybody asks, and none for a
// request. After a restart a generator begins after the mark. That is what it costs: up to
// Reserve, less the time that it was down, and whatever its clock has gone back meanwhile,
// without ids. A disk that takes longer than half of Reserve for a sync makes everybody
// wait; one that takes longer than Reserve leaves no ids to give out.
//
//	          given out               reserved               never given out here
//	──────────────────────────┼───────────────────────┼──────────────────────────────▶ ms
//	                     last id, clock              mark    a restart begins here
//
// Where the worker id and the mark come from is an identity. A generator has a worker id
// for good out of its configuration, with the mark on its own disk (Config.Server): then
// nobody notices when two machines are given the same one, and a machine whose disk is lost
// must be given another. Or it leases one (Config.Leased): a worker id is a lock of package
// nodes/lock, the mark the value that is kept with it. A generator that loses its lease
// stops at once, and asks for a worker id again; whoever is granted one begins after its
// mark. That may be behind what the machine has given out as another worker. Uniqueness
// does not rest on the lease: a holder that is paused goes on when it comes back, but not
// beyond the mark, which it can no longer move. So a mark far ahead costs the next holder
// time here too, and no clock need keep any bound. All who share a service must have one
// epoch, as marks count from there.
//
// Limits: a generator that stands by asks for a worker id every 50 ms, and each time is an
// entry in the service's log. A log of marks grows for ever, by some 25 bytes for each half of
// Reserve.
//
// Contents: id.go the layout · generator.go ids from readings of a clock: a pure function ·
// messages.go what is asked and answered · server.go the machine: who waits for what ·
// identity.go where worker ids come from: static.go out of the configuration, leased.go
// from a lock service · client.go the workload · observe.go what a machine shows · package
// invariant what must hold of every id that leaves, and stored.go of the marks in a service
// · package naive the generator as it is usually copied.
package snowflake
