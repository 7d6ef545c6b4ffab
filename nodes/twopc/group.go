package twopc

import (
	"fmt"
	"slices"

	"distsim/nodes/raft"
	"distsim/nodes/wal/record"
)

// group is the table of decisions as a state machine of Raft.
type group struct {
	table *table
	hash  uint64 // of all that was applied, in order
}

// Apply carries out one record.
func (g *group) Apply(_ raft.Index, command []byte) any {
	d := record.Decode(command)
	r := readLine(&d)
	if r.kind == 0 || !d.End() {
		panic(fmt.Sprintf("twopc: %x is no command", command))
	}
	switch r.kind {
	case commitRecord:
		g.table.commit(r.decision)
	case endRecord:
		g.table.end(r.tx)
	}
	for _, b := range command {
		g.hash = (g.hash ^ uint64(b)) * 1099511628211
	}
	return &r
}

// Snapshot captures the table; decisions never change.
func (g *group) Snapshot() (encode func() []byte) {
	t := &table{open: slices.Clone(g.table.open), latest: map[int]*decision{}}
	for _, d := range g.table.lastOfEach() {
		t.latest[d.tx.Process] = d
	}
	hash := g.hash
	return func() []byte { return appendTable(nil, hash, 0, t) }
}

// Restore replaces the table by a snapshot's.
func (g *group) Restore(snapshot []byte) error {
	fresh := &group{table: newTable()}
	err := readLines(snapshot, func(r *line) {
		switch r.kind {
		case epochRecord:
			fresh.hash = r.epoch
		case commitRecord:
			fresh.table.commit(r.decision)
		case latestRecord:
			fresh.table.latest[r.tx.Process] = r.decision
		}
	})
	if err == nil {
		*g = *fresh
	}
	return err
}

// Hash fingerprints all that was applied.
func (g *group) Hash() uint64 { return g.hash }
