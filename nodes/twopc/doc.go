// Package twopc is atomic commitment by two-phase commit with presumed abort
// (Gray 1978; Mohan, Lindsay and Obermarck 1986), under a bank: transactions move
// money between accounts that several participants keep, all or none of it.
//
//	cfg := twopc.Config{Keeping: twopc.OnRaft, AskPeers: true}
//	for range 3 { w.AddServer(cfg.Coordinator) }
//	for range 4 { w.AddServer(cfg.Participant) }
//	w.AddClient(twopc.Client{Config: cfg, Ops: 20, Audits: 2}.Node)
//	w.AddInvariant(cfg.Invariants()...)
//
// A client gives a transaction to the coordinator. That asks each participant to
// prepare its part: to lock the accounts, make the changes, write them to its log and
// vote. If all say yes the coordinator has the decision to commit kept, and then
// tells them, until each has acknowledged that it is on its disk. If one says no, or
// does not answer in time, it decides to abort, and writes nothing: who finds no
// decision presumes that one.
//
//	coordinator   waiting ─all yes→ deciding ─kept→ committed ─all acknowledged→ ended
//	                 └─ a no, a timeout, a wound → aborted
//	participant   (waits for locks) ─yes, saved→ prepared ─told→ committed or aborted
//	                 └─ no, saved, or aborted as told
//
// What it keeps, whatever the network loses, doubles, delays or reorders and
// whichever machines crash or pause, for however long: all participants decide
// alike; nobody takes a decision back; transactions are strictly serializable, as a
// participant keeps its locks from before the vote until it knows the decision. A
// participant that has voted yes and hears of no decision is in doubt, and blocks
// whoever needs its locks: that is the price of two-phase commit. How long depends on
// who keeps decisions (Config.Keeping) and whom it may ask (Config.AskPeers):
//
//	Alone        until the coordinator is back, unless a peer knows; all of them can be
//	             uncertain
//	WithBackup   until the backup has taken over, when one coordinator fails
//	OnRaft       until the group has another leader, while a majority of it is up
//
// What it trusts: the bytes the disk calls durable; see package wal.
//
// Every attempt belongs to an epoch, which nobody but one coordinator has: the
// coordinator's boot count, a number that participants have granted, or a term of
// Raft. Who coordinates in an epoch knows all decisions of earlier ones, and so may
// presume the abort of what it does not know, also of its own; of later ones it
// says nothing, however long it was paused. A request carries the epoch it is
// meant for, and is refused in others: a copy that the network held back runs nothing in
// a later one. In its own it may, so that one copy was refused does not prove that none ran.
//
// Locks: package bank. Deadlock is resolved by wound-wait: an older transaction asks
// for the end of younger ones in its way, whose coordinator aborts them if they are
// undecided.
//
// Limits: participants have no interactive transactions: all work comes with the
// prepare. Those that were only read vote and hold locks like the others: releasing
// them at the vote, as the read-only optimisation does, is not two-phase locking when
// another participant has still to acquire its locks. Logs and what is known of
// ended transactions grow for ever.
//
// Contents: messages.go what machines say · config.go who is who · coordinator.go,
// keeper.go the coordinator · who keeps decisions: alone.go · paired.go, claim.go,
// pairedmessages.go · replicated.go, group.go · participant.go, terminate.go,
// recovery.go the participant · desk.go save, then say; batches · records.go what is
// on disk · client.go the workload · view.go, observe.go what a machine shows · package
// bank accounts and locks · package invariant what must hold after every event ·
// package naive twins that forget one thing each.
package twopc
