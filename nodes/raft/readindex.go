package raft

// A read need not go through the log (ReadIndex, dissertation §6.4). It may be
// answered from the state machine by a leader that
//
//  1. has committed an entry of its own term: only then does it know of all that
//     earlier leaders have committed;
//  2. remembers its commit index, the read index;
//  3. learns from a quorum that it was still leader after the read had come:
//     nobody else can have committed, and acknowledged, more by then;
//  4. has applied up to the read index.
//
// For 3 it numbers rounds of heartbeats. An Append carries the number of the
// latest round, its reply repeats it, and only replies of the current term do:
// an old, late or doubled one names a round that began before the read came.
// Reads that come while a round is under way share the next one.

// reads are what a leader was asked to read. They are numbered from 1 in the
// order in which they came, across reigns, and served in that order.
//
//	served ≤ joined ≤ asked
type reads struct {
	asked  uint64 // the last one
	joined uint64 // the last one that the latest round is for
	served uint64 // the last one that is over: served, or dropped at an abdication
	round  uint32 // the latest round, counted from 1 in an incarnation
	index  Index  // its read index

	told   uint64 // the last one that was served, for the invariants
	toldAt Index  // and the read index it was served at
}

// wait reports whether there are reads to serve.
func (r *reads) wait() bool { return r.asked > r.served }

// underWay is the read index of the round that is not yet over, 0: there is none.
func (r *reads) underWay() Index {
	if r.joined == r.served {
		return 0
	}
	return r.index
}

// drop ends all reads unserved.
func (r *reads) drop() { r.joined, r.served = r.asked, r.asked }

// Read asks for a moment at which the state machine holds all that anyone was
// told before now. Only a leader can, for an owner that is a Reader: Readable
// tells when the moment has come, which may be before Read returns, and Deposed
// that it will not come.
func (n *Node) Read() (ok bool) {
	if n.role != isLeader || n.reader == nil {
		return false
	}
	n.reads.asked++
	n.advanceReads()
	return true
}

// advanceReads serves the reads whose round is over and begins the next round.
func (n *Node) advanceReads() {
	r := &n.reads
	for r.wait() {
		if r.joined == r.served {
			if n.log.term(n.commit) != n.term {
				return // commitTo will be back
			}
			n.beginRound()
		}
		if n.applied < r.index || !n.stillLeads() {
			return
		}
		count := int(r.joined - r.served)
		r.served, r.told, r.toldAt = r.joined, r.joined, r.index
		n.reader.Readable(count)
	}
}

// beginRound asks everyone whether this node still leads, for all reads that
// wait. What is lost of it the next heartbeats repeat.
func (n *Node) beginRound() {
	r := &n.reads
	r.joined, r.index = r.asked, n.commit
	r.round++
	var shared *Append
	for i := range n.followers {
		shared = n.sendAppend(i, 0, shared)
	}
}

// stillLeads reports whether a quorum has answered the latest round.
func (n *Node) stillLeads() bool {
	answered := 1
	for i := range n.followers {
		if n.followers[i].round == n.reads.round {
			answered++
		}
	}
	return n.decide(answered)
}
