package raft

import "distsim/sim"

// storage is the node's file, called log: frames are appended and never
// changed. Every frame carries a sync mark, so that recovery can tell damage to
// what was durable from a tail that a crash tore.
type storage struct {
	file    sim.File
	isNew   bool       // its name is not durable yet
	end     int        // its size
	sum     uint32     // checksum of its last frame
	durable int        // it is on disk up to here
	mark    int        // and says so up to here
	busy    bool       // something was saved since the last heartbeat
	term    Term       // as last written
	vote    sim.NodeID // likewise
	buf     []byte     // scratch for one frame
}

// save writes what has changed of term, vote and log, and starts the sync. What
// this node sends from here on leaves when that is done; so does the notice.
func (n *Node) save() {
	d := &n.disk
	if n.term == d.term && n.vote == d.vote && n.log.unsaved > n.log.last() {
		return
	}
	d.begin()
	if n.term != d.term || n.vote != d.vote {
		d.term, d.vote = n.term, n.vote
		d.buf = appendState(d.buf, d.term, d.vote)
	}
	for ; n.log.unsaved <= n.log.last(); n.log.unsaved++ {
		d.buf = appendEntry(d.buf, n.log.at(n.log.unsaved))
	}
	n.append()
	d.busy = true
	n.sync()
	n.env.Send(n.self, durable{n.term, n.log.last(), d.end})
}

// seal writes an idle node's mark, which otherwise travels with its next save.
func (n *Node) seal() {
	d := &n.disk
	if d.busy || d.durable < d.end || d.mark == d.durable {
		d.busy = false
		return
	}
	d.begin()
	n.append()
	n.sync()
}

// sync starts to make the file durable. A disk that fails to is not trusted any
// further: the node ends, and starts again from what it finds there.
func (n *Node) sync() {
	err := n.disk.file.Sync()
	if err == nil && n.disk.isNew {
		n.disk.isNew = false
		err = n.env.SyncDir()
	}
	if err != nil {
		n.env.Fatal("the log cannot be synced: %v", err)
	}
}

// marked notes that the file is durable up to end.
func (d *storage) marked(end int) { d.durable = max(d.durable, end) }

// begin starts a frame in the scratch buffer.
func (d *storage) begin() {
	var header [headerSize]byte
	d.buf = append(d.buf[:0], header[:]...)
}

// append writes the frame at the end of the file.
func (n *Node) append() {
	d := &n.disk
	d.mark = d.durable
	d.sum = sealFrame(d.buf, d.end, d.mark, d.sum)
	n.must(d.file.WriteAt(d.end, d.buf))
	d.end += len(d.buf)
}

// must ends a node whose disk refuses a write: it cannot keep what it is about to
// promise.
func (n *Node) must(err error) {
	if err != nil {
		n.env.Fatal("the log cannot be written: %v", err)
	}
}
