package snowflake

import "distsim/sim"

// identity is where a generator has its worker id and its mark from. The mark is a
// promise to whoever has the worker id next: nothing after it has been given out. It is
// kept where that one will find it: on the machine's own disk when nobody else can have
// the worker id, with whoever hands it out otherwise, and then fenced, so that who has
// lost the worker id cannot move the mark on any more. That is all that uniqueness needs: up
// to the mark a generator may go on that does not know yet that it has lost the worker id.
type identity interface {
	// boot begins to acquire a worker id; the owner hears of it.
	boot(env *sim.Env, o owner)
	// extend begins to move the mark on; the owner hears when that is durable. It is
	// called once at a time.
	extend(mark Milli)
	// step handles the messages and timers that are not the server's.
	step(from sim.NodeID, m sim.Message)
}

// owner is the server, as its identity sees it.
type owner interface {
	// acquired begins with a worker id: nothing at or before the mark, 0 for none.
	acquired(w Worker, mark Milli)
	// extended says that the mark is durable.
	extended(mark Milli)
	// lost ends it at once.
	lost()
}
