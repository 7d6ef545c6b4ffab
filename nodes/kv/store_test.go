package kv

import (
	"encoding/binary"
	"testing"

	"distsim/nodes/raft"
	"distsim/sim/history/ops"

	"pgregory.net/rapid"
)

func apply(s *Store, process, n int, op ops.Op) *ops.Result {
	return s.Apply(raft.Index(n), Command(&Request{Process: process, N: n, Op: op})).(*ops.Result)
}

func TestOperations(t *testing.T) {
	s := NewStore()
	for i, c := range []struct {
		op   ops.Op
		want ops.Result
	}{
		{ops.Op{Kind: ops.Get, Key: "k"}, ops.Result{}},
		{ops.Op{Kind: ops.CAS, Key: "k", Expect: "", Value: "a"}, ops.Result{OK: true}},
		{ops.Op{Kind: ops.CAS, Key: "k", Expect: "b", Value: "c"}, ops.Result{Value: "a", Found: true}},
		{ops.Op{Kind: ops.Append, Key: "k", Value: "b"}, ops.Result{OK: true}},
		{ops.Op{Kind: ops.Get, Key: "k"}, ops.Result{Value: "ab", Found: true}},
		{ops.Op{Kind: ops.Put, Key: "k", Value: "z"}, ops.Result{OK: true}},
		{ops.Op{Kind: ops.Delete, Key: "k"}, ops.Result{OK: true}},
		{ops.Op{Kind: ops.Delete, Key: "k"}, ops.Result{OK: true}},
		{ops.Op{Kind: ops.CAS, Key: "k", Expect: "z", Value: "y"}, ops.Result{}},
		{ops.Op{Kind: ops.Append, Key: "k", Value: "n"}, ops.Result{OK: true}},
		{ops.Op{Kind: ops.Get, Key: "k"}, ops.Result{Value: "n", Found: true}},
	} {
		if got := apply(s, 1, i+1, c.op); *got != c.want {
			t.Errorf("%v -> %v, want %v", c.op, *got, c.want)
		}
	}
}

func TestSessionsApplyOnce(t *testing.T) {
	s := NewStore()
	add := ops.Op{Kind: ops.Append, Key: "k", Value: "x"}
	get := ops.Op{Kind: ops.Get, Key: "k"}
	apply(s, 1, 1, add)
	if got := apply(s, 1, 1, add); got == nil || !got.OK {
		t.Errorf("a repeated command is answered %v, want ok", got)
	}
	apply(s, 1, 2, get)
	if got := apply(s, 1, 1, add); got != nil {
		t.Errorf("a late copy is answered %v, want nothing", got)
	}
	apply(s, 2, 1, add)
	if got := apply(s, 2, 2, get); got.Value != "xx" {
		t.Errorf("value %q, want one x of each session", got.Value)
	}
}

// Two stores that took the same commands agree, one of them by way of snapshots
// in between; and the hash is a function of the state, not of the way there.
func TestSnapshotsAndHashes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := NewStore(), NewStore()
		for i := range rapid.IntRange(1, 60).Draw(t, "commands") {
			command := Command(&Request{
				Process: rapid.IntRange(1, 1<<21).Draw(t, "process")&^0xffffe | 1,
				N:       rapid.IntRange(1, 20).Draw(t, "n"),
				Op: ops.Op{
					Kind:   ops.Kind(rapid.IntRange(int(ops.Get), int(ops.CAS)).Draw(t, "kind")),
					Key:    rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "key"),
					Value:  rapid.StringN(0, 3, -1).Draw(t, "value"),
					Expect: rapid.StringN(0, 1, -1).Draw(t, "expect"),
				},
			})
			ra, rb := a.Apply(raft.Index(i), command).(*ops.Result), b.Apply(raft.Index(i), command).(*ops.Result)
			if (ra == nil) != (rb == nil) || ra != nil && *ra != *rb || a.Hash() != b.Hash() {
				t.Fatalf("after command %d: %v and %v, hashes %x and %x", i, ra, rb, a.Hash(), b.Hash())
			}
			if rapid.IntRange(0, 4).Draw(t, "snapshot") == 0 {
				encode := b.Snapshot()
				b.Apply(0, Command(&Request{Process: 9, N: 1 << 30, Op: ops.Op{Kind: ops.Put, Key: "later"}})) // not in it
				restored := NewStore()
				if err := restored.Restore(encode()); err != nil {
					t.Fatal(err)
				}
				b = restored
			}
		}
	})
}

func TestDamagedBytesAreRefused(t *testing.T) {
	s := NewStore()
	apply(s, 1, 1, ops.Op{Kind: ops.Put, Key: "key", Value: "value"})
	whole, command := s.Snapshot()(), Command(&Request{Process: 1, N: 1, Op: ops.Op{Kind: ops.Put, Key: "k", Value: "v"}})
	for size := range whole {
		if err := NewStore().Restore(whole[:size]); err == nil {
			t.Errorf("a snapshot cut to %d of %d bytes is accepted", size, len(whole))
		}
	}
	for size := range command {
		if _, err := decodeCommand(command[:size]); err == nil {
			t.Errorf("a command cut to %d of %d bytes is accepted", size, len(command))
		}
	}
}

// A number that an int cannot hold is refused, not cut to what it can.
func TestNumbersAreNotCut(t *testing.T) {
	const process = 1<<32 | 1
	command := binary.AppendUvarint(nil, process)
	command = append(command, 1, 0, 0, 0, 0)
	if c, err := decodeCommand(command); err == nil && uint64(c.process) != process {
		t.Errorf("process %d was read as %d", uint64(process), c.process)
	}
}
