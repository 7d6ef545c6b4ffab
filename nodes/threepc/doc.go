// Package threepc is three-phase commit with its termination protocol: transactions
// across the accounts of several participants, on which everybody who survives decides
// alike and nobody is ever left blocked – as long as machines only crash, for good, and
// every message arrives within a known bound.
//
// After Skeen, Nonblocking Commit Protocols (SIGMOD 1981), and Skeen's A Quorum-Based
// Commit Protocol (1982) on why that is not enough. Two-phase commit blocks when the
// coordinator dies while participants are prepared: it may have told somebody to commit,
// or to abort. Here it first tells everybody that it is going to commit (PreCommit), and
// commits when all have acknowledged that or are dead. So while somebody alive is only
// prepared nobody has committed, and once somebody has committed everybody alive is
// precommitted:
//
//	          yes              PreCommit              DoCommit
//	Waiting ------> Prepared -----------> PreCommitted ------> Committed
//	   | no, time-out   | DoAbort
//	   +----------------+-----> Aborted
//
// A participant that waits in vain for its coordinator does not guess. It turns to the
// lowest name among the transaction's participants that it does not know to be dead,
// itself perhaps, which as backup coordinator asks the others for their states and
// decides by rule (Terminate):
//
//	somebody has committed                         commit
//	somebody has aborted, or all are prepared      abort
//	somebody is precommitted, and nobody aborted   bring all there, then commit
//
// If the backup dies too, the next one is asked. This is why the bound matters: whoever
// is silent for longer is dead, and everything that a dead coordinator has sent has
// arrived when somebody notices. Under a partition neither is so: a side where somebody
// is precommitted commits, and a side where all are prepared aborts. No majority or epoch
// prevents it, and nothing here hides it. A pause, a slow machine, a clock that runs fast,
// a message that is late or lost does the same on a smaller scale: whoever is taken for
// dead and is not may decide otherwise. None of these is in the fault model.
//
// A coordinator is not replaced: when n1 is dead, what it had begun is decided without it,
// and nothing new begins. Machines stop when they crash. One that is booted again has forgotten what it promised
// and stays passive for ever. Links may reorder messages, but not lose them.
//
// What a participant locks and undoes is in package bank. A transaction that finds its
// locks taken votes late; the coordinator gives up after Config.LockWait, and aborts at
// once a transaction that an older one has wounded, unless all of it has voted.
//
// Contents: messages.go what is said · config.go bounds, and who keeps which account ·
// state.go states and the termination rule · coordinator.go · participant.go ·
// termination.go when the coordinator is dead · observe.go what must hold, and for how
// long anybody is in doubt · client.go one client · workload.go what it asks.
package threepc
