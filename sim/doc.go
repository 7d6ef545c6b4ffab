// Package sim runs distributed protocols in a deterministic world: one seed
// decides every latency, loss, crash and clock error, and the same plan gives
// the same trace hash on every machine.
//
// A server is a handler:
//
//	type register struct{ value string }
//
//	func (r *register) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
//		switch m := m.(type) {
//		case sim.Boot:
//			r.value = string(env.File("value").Bytes())
//		case write:
//			r.value = m.value
//			f := env.File("value")
//			f.Truncate(0)
//			f.Append([]byte(m.value))
//			f.Sync()
//			env.SyncDir()
//			env.Reply(env.ReplyTo(), wrote{}) // leaves when the syncs are durable
//		}
//	}
//
// A client is straight-line code:
//
//	w.AddClient(sim.Go(func(p *sim.Proc) {
//		reply, ok := sim.Call[wrote](p, sim.Server(1), write{"x"}, time.Second)
//	}))
//
// What holds: a step runs in zero virtual time, unless its machine is slow, and
// its effects are numbered; a Send waits for every Sync issued before it; only
// what was synced survives a crash; messages are frozen once sent; every decision
// has an Identity that outlives edits of the plan. Limits: one process, one thread; code under test
// must not use goroutines, wall clocks or global randomness (simlint finds
// those); worlds cannot be copied, only re-run.
//
// Contents: world.go scheduler · machine.go life of a process · pause.go, slow.go
// when it stops or takes time · build.go, wipe.go other programs and disks · env.go,
// timer.go, file.go, draw.go, client.go effects · proc.go straight-line code · net.go,
// rules.go, disturbed.go network · disk.go, diskfault.go, ghosts.go disks, and what
// goes wrong with them · clock.go clocks · rand.go, choose.go decisions ·
// crashpoint.go crashes as decisions, for package explore · queue.go, radix.go,
// event.go what is to come · trace.go, kept.go, view.go, story.go, diskstory.go,
// diverge.go records · watch.go, moment.go faults aimed at events · invariant.go
// properties, of states and of what is said · canonical.go, lasso.go proofs of going
// round in circles · reset.go the next run in the memory of the last · freeze.go
// payload check.
package sim
