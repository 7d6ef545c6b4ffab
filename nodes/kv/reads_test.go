package kv_test

import (
	"fmt"
	"testing"
	"time"

	"distsim/nodes/kv"
	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

func TestReadsAreSpelledAsTheyAreParsed(t *testing.T) {
	for _, r := range []kv.Reads{kv.FromLog, kv.ByIndex, kv.FromMemory} {
		if got, ok := kv.ParseReads(r.String()); !ok || got != r {
			t.Errorf("%v is parsed as %v, %v", r, got, ok)
		}
	}
	if _, ok := kv.ParseReads("lease"); ok {
		t.Error("lease is parsed")
	}
}

// In a group of any size gets are answered in every mode, and but for the first
// mode none of them stands in the log.
func TestReadsInAGroupOfAnySize(t *testing.T) {
	for _, reads := range []kv.Reads{kv.FromLog, kv.ByIndex, kv.FromMemory} {
		for n := 1; n <= 5; n++ {
			t.Run(fmt.Sprintf("%v/%d", reads, n), func(t *testing.T) {
				c := newClusterOf(t, n, lan(uint64(n)), kv.Config{Reads: reads})
				for range 3 {
					c.AddClient(kv.Client{Ops: 40, Keys: 3, Mix: kv.Mix{Get: 3, Put: 1}}.Node)
				}
				c.RunClients(sim.Time(time.Minute))
				gets := 0
				for _, op := range c.History() {
					if op.Outcome != history.OK {
						t.Errorf("%v", op)
					}
					if op.Input.(ops.Op).Kind == ops.Get {
						gets++
					}
				}
				judge(t, uint64(n), c)
				last := int(c.servers[c.leader().Ordinal()-1].Raft().Next()) - 1
				if inLog := last >= 120; gets < 60 || inLog != (reads == kv.FromLog) {
					t.Errorf("%d gets of 120 operations, and the log has %d entries", gets, last)
				}
			})
		}
	}
}

// deposed is a group of three whose old leader has been cut off from the others
// for a second, and need not know. They have gone on: k is "new" there.
type deposed struct {
	*cluster
	old  sim.NodeID
	heal func()
}

func depose(t *testing.T, servers kv.Config) *deposed {
	c := newClusterOf(t, 3, lan(1), servers)
	old := c.awaitLeader()
	write := func(n int, at sim.NodeID, value string) {
		op := ops.Op{Kind: ops.Put, Key: "k", Value: value}
		c.servers[at.Ordinal()-1].Raft().Propose(kv.Command(&kv.Request{Process: 1, N: n, Op: op}))
		c.run(100 * time.Millisecond)
	}
	write(1, old, "old")
	heal := c.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{old}, others(c, old)}, Cut: true})
	c.run(time.Second)
	write(2, c.leader(), "new")
	if c.leader() == old {
		t.Fatal("nobody else leads")
	}
	return &deposed{c, old, heal}
}

func others(c *cluster, not sim.NodeID) (ids []sim.NodeID) {
	for _, id := range c.Servers() {
		if id != not {
			ids = append(ids, id)
		}
	}
	return ids
}

// get asks the old leader, in the term it believes in, for k.
func (c *deposed) get() (reply *kv.Reply) {
	term := c.servers[c.old.Ordinal()-1].Raft().Term()
	c.AddClient(sim.Go(func(p *sim.Proc) {
		op := ops.Op{Kind: ops.Get, Key: "k"}
		if r, ok := sim.Call[*kv.Reply](p, c.old, &kv.Request{Process: p.Process(), N: 1, Term: term, Op: op}, 300*time.Millisecond); ok {
			reply = r
		}
	}))
	c.RunClients(c.Now() + sim.Time(time.Second))
	return reply
}

// A deposed leader that reads from memory gives an old value.
func TestReadFromMemoryMayBeStale(t *testing.T) {
	r := depose(t, kv.Config{Reads: kv.FromMemory}).get()
	if r == nil || r.Result.Value != "old" {
		t.Errorf("got %v, want the old value", r)
	}
}

// By index it gives none, and with CheckQuorum it says so.
func TestDeposedLeaderReadsNothingByIndex(t *testing.T) {
	if r := depose(t, kv.Config{Reads: kv.ByIndex}).get(); r != nil {
		t.Errorf("got %v, want no answer", r.Summary())
	}
	r := depose(t, kv.Config{Reads: kv.ByIndex, Raft: raft.Config{CheckQuorum: true}}).get()
	if r == nil || r.Status != kv.Refused {
		t.Errorf("got %v, want a refusal", r)
	}
}

// A leader that is deposed with reads waiting refuses them: they have failed, and
// are not in doubt.
func TestReadsOfADeposedLeaderAreRefused(t *testing.T) {
	c := depose(t, kv.Config{Reads: kv.ByIndex})
	c.After(sim.Time(50*time.Millisecond), func(*sim.World) { c.heal() })
	if r := c.get(); r == nil || r.Status != kv.Refused {
		t.Errorf("got %v, want a refusal", r)
	}
}
