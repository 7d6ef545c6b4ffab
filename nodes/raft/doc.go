// Package raft is the Raft consensus algorithm (Ongaro and Ousterhout 2014,
// figure 2): a group of machines that agrees on one sequence of commands and
// feeds it to a state machine on each of them.
//
// A Raft node is a Part of a server, over a StateMachine of its own:
//
//	s.raft = raft.New(raft.Config{}, s.store, s)
//	env.Part("raft").Attach(s.raft)
//	…
//	if at, ok := s.raft.Propose(command); !ok { … s.raft.Leader() … }
//	…
//	s.raft.Read() // and s.Readable when the state machine may be read
//
// What it keeps, whatever the network loses, doubles, delays or reorders and
// whichever machines crash: one leader per term; committed entries are on the
// disks of a majority and stay; every machine applies the same commands in the
// same order. What is read without the log is at least as new as anything
// acknowledged before. It makes progress while a majority is up and can talk to
// each other; with PreVote and CheckQuorum on, also while some cannot talk to
// some. What it trusts: the bytes the disk calls durable. Damage there is
// found by checksums and the node refuses to start (package wal).
//
// Not here yet, each to become a file of its own: snapshots, membership changes,
// leadership transfer, leases. Until then the log grows for ever, and a read
// costs a round trip to a majority.
//
// Contents: messages.go what nodes say · raft.go state and Step · election.go,
// replication.go, commit.go the handlers · prevote.go, checkquorum.go elections
// that disturb nobody · readindex.go reads without the log · log.go entries in
// memory · storage.go, record.go entries on disk · view.go, observe.go what a node
// shows · package quorum majorities · package invariant what must hold after every
// event.
package raft
