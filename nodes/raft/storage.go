package raft

import (
	"fmt"
	"slices"

	"distsim/nodes/wal"
	"distsim/nodes/wal/record"
	"distsim/sim"
)

// storage is the node's write-ahead log, and what it says of term and vote.
type storage struct {
	wal  wal.Log
	term Term       // as last written
	vote sim.NodeID // likewise
}

// save writes what has changed of term, vote and log, and starts the sync. What
// this node sends from here on leaves when that is done; so does the notice.
func (n *Node) save() {
	d := &n.disk
	if n.term == d.term && n.vote == d.vote && n.log.unsaved > n.log.last() {
		return
	}
	b := d.wal.Begin()
	if n.term != d.term || n.vote != d.vote {
		d.term, d.vote = n.term, n.vote
		b = appendState(b, d.term, d.vote)
	}
	for ; n.log.unsaved <= n.log.last(); n.log.unsaved++ {
		b = appendEntry(b, n.log.at(n.log.unsaved))
	}
	d.wal.Append(b)
	d.wal.Sync()
	n.notice()
}

// notice makes this node learn when all that it has written is on disk.
func (n *Node) notice() { n.env.Send(n.self, durable{n.term, n.log.last(), n.disk.wal.End()}) }

// recover takes up the state on the disk. It reports false when the file is
// corrupt: the node does not start, because what it promised may be in the part
// that is lost.
func (n *Node) recover() bool {
	var im image
	d := &n.disk
	mended, ok := d.wal.Open(n.env, "log", im.replay)
	if !ok {
		return false
	}
	n.term, n.vote = im.term, im.vote
	d.term, d.vote = im.term, im.vote
	n.log.append(im.entries...)
	n.log.unsaved = n.log.last() + 1
	if mended {
		n.notice()
	}
	return true
}

// image is what a node's file says.
type image struct {
	term    Term
	vote    sim.NodeID
	entries []Entry
}

// replay takes over the records of one frame.
func (im *image) replay(payload []byte) error {
	for d := record.Decode(payload); d.More(); {
		r, ok := readSaved(&d)
		switch {
		case !ok:
			return fmt.Errorf("a frame with a good checksum holds no records")
		case r.Index == 0:
			im.term, im.vote = r.Term, r.vote
		case r.Index > Index(len(im.entries))+1:
			return fmt.Errorf("entry %d follows entry %d", r.Index, len(im.entries))
		default:
			r.Command = slices.Clone(r.Command)
			im.entries = append(im.entries[:r.Index-1], r.Entry)
		}
	}
	return nil
}
