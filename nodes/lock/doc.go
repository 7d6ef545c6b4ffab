// Package lock is a service for distributed locks with leases and fencing tokens, on a
// Raft group, and the client library that goes with it (as Chubby, Burrows 2006, and
// etcd's and ZooKeeper's recipes).
//
//	cfg := lock.Config{TTL: 2 * time.Second}
//	for range 3 { w.AddServer(cfg.Server) }
//	w.AddClient(lock.Client{Config: cfg, Ops: 20}.Node)
//	w.AddInvariant(lock.Invariants(invariant.System{})...)
//
// A user opens a session, which lasts for its TTL and is renewed while the user lives. In
// it, it takes locks: at once if they are free (Try), or when its turn comes (Acquire).
// Each grant has a token, larger than all before it. A session that is not renewed ends,
// and its locks go to those who wait.
//
//	session   opening ─opened→ open ─not renewed, or closed→ ended
//	lock      free ─granted→ held ─released, or its session ended→ free
//
// What it keeps, whatever the network loses, doubles, delays or reorders and whichever
// servers crash or pause, for however long:
//
//   - Sessions, locks, queues and tokens are one replicated table (Table). It knows no
//     clock: that a session has ended is a command in the log, so it has ended for
//     everybody, or for nobody.
//   - Only the session that holds a lock gives it back, under the token that it was granted
//     under, or loses it with its own end. A try that fails changes nothing. Who holds a
//     lock and asks for it again is refused.
//   - Locks go to those who wait in the order in which they asked; whose session has ended
//     meanwhile is passed over.
//   - A request takes effect once however often it is sent.
//
// What rests on clocks: that a user stops before the service gives its lock to another. The
// leader judges leases on its own monotonic clock; the user looks at its own, and stops
// when TTL·(1−ρ)/(1+ρ) have passed since it sent the renewal (Config.View). If all clocks
// keep within the rate bound ρ, at most one user at a time is in the critical section of a
// lock. No other clock matters, and no difference between clocks.
//
// What a lease can not do: stop a user who is not there to look at its clock. Whoever is
// paused in its critical section, or whose last message the network holds back, acts on
// when it comes back, though another holds the lock by then (Kleppmann 2016). So the
// service hands out tokens, and a resource that checks them refuses the one who is late:
// package resource.
//
// A user of one's own is a Proc that attaches a session (Attach), or a handler with a
// Session as a part. It shows its section, as invariant.Process: one-holder judges nobody
// who does not, and faults that aim at a holder look for a field section in its view. The
// example, example_test.go, is a whole one, with a test that pauses it.
//
// Limits: a machine has one Session, with one request under way. A lock's name, token and
// value are kept for ever. Reads and renewals cost a round trip to a quorum, changes one
// and a sync.
//
// Contents: config.go who is who, and how long a lease is believed in · messages.go what
// users and servers say · table.go the state machine, command.go, snapshot.go its
// encodings · server.go a server · leases.go the leader's clock, and reads · session.go,
// lease.go the user's side · blocking.go for straight-line code · client.go a workload ·
// lapses.go when leases ended, for judges · package resource what holders write to · package
// invariant what must hold after every event · package redlock locks without consensus ·
// package naive locks that get one thing wrong.
package lock
