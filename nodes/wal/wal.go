package wal

import (
	"fmt"

	"distsim/sim"
)

// Log is a node's write-ahead log. Open comes first. It is part of the node's
// state: a node that is sim.Canonical shows it with View.CanonicalPart.
type Log struct {
	env     *sim.Env
	name    string
	file    sim.File
	isNew   bool   // its name is not durable yet
	busy    bool   // something was appended since the last Seal
	end     int    // its size
	sum     uint32 // checksum of its last frame
	durable int    // it is on disk up to here
	mark    int    // and says so up to here
	buf     []byte // scratch for one frame
}

// Begin starts a frame: append records to what it returns, then pass that to
// Append. It is the Log's scratch buffer, until the next Begin.
func (l *Log) Begin() []byte {
	var header [headerSize]byte
	l.buf = append(l.buf[:0], header[:]...)
	return l.buf
}

// Append writes one frame, which Begin started. It is not durable before a Sync,
// and comes back whole or not at all.
func (l *Log) Append(b []byte) {
	if len(b) < headerSize {
		panic("wal: Append takes what Begin returned, with records after it")
	}
	l.buf = b
	l.busy = true
	l.mark = l.durable
	l.sum = sealFrame(b, l.end, l.mark, l.sum)
	l.must("written", l.file.WriteAt(l.end, b))
	l.end += len(b)
}

// Sync starts to make durable all that was appended, and a new file's name. What
// the node sends from now on leaves when that is done; so does a message to
// itself that says how far the file then reaches, for Marked. A disk that fails to
// is not trusted any further: the process ends.
func (l *Log) Sync() {
	err := l.file.Sync()
	if err == nil && l.isNew {
		l.isNew = false
		err = l.env.SyncDir()
	}
	l.must("synced", err)
}

// End is the file's size.
func (l *Log) End() int { return l.end }

// Durable is how much of the file is known to be on disk.
func (l *Log) Durable() int { return l.durable }

// Marked takes note that the file is durable up to what End was when a Sync was
// called; the notice that the node sent itself after it has come.
func (l *Log) Marked(end int) {
	if end > l.end {
		panic(fmt.Sprintf("wal: a notice says that %d bytes of the %s are durable, and it has %d", end, l.name, l.end))
	}
	l.durable = max(l.durable, end)
}

// Seal writes an idle file's mark, which otherwise travels with the next frame,
// and starts its sync. To be called again and again, such as at each heartbeat: a
// file that was appended to since the last time, or has its mark, is left alone.
func (l *Log) Seal() {
	if !l.busy && l.durable == l.end && l.mark < l.durable {
		l.Append(l.Begin())
		l.Sync()
	}
	l.busy = false
}

// must ends a node whose disk refuses: it cannot keep what it is about to promise.
func (l *Log) must(what string, err error) {
	if err != nil {
		l.env.Fatal("the %s cannot be %s: %v", l.name, what, err)
	}
}

// Canonical shows all that the log's future depends on (sim.Canonical). Its name
// is the kernel's to show, checksum and scratch buffer decide nothing.
func (l *Log) Canonical(v *sim.View) {
	v.Bool("new", l.isNew)
	v.Bool("busy", l.busy)
	v.Offset("end", int64(l.end))
	v.Offset("durable", int64(l.durable))
	v.Offset("mark", int64(l.mark))
}
