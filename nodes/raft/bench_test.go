package raft_test

import (
	"testing"
	"time"

	"distsim/nodes/raft"
	"distsim/sim"
	"distsim/sim/simtest"
)

// A bench holds one real node, n1, between puppets that a test speaks through.
// Messages take no time; the disk takes diskTime.
type bench struct {
	*testing.T
	w       *sim.World
	n1      *raft.Node
	tape    *tape
	owner   *owner
	puppets []*puppet // n2, n3, …
}

const (
	patience  = 100 * time.Millisecond // the election timeout
	heartbeat = 30 * time.Millisecond
	diskTime  = 2 * time.Millisecond
)

// puppet keeps what it receives and sends what the test tells it to.
type puppet struct {
	env *sim.Env
	got []sim.Message
}

func (p *puppet) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, boot := m.(sim.Boot); boot {
		p.env = env
		return
	}
	p.got = append(p.got, m)
}

// tape is a state machine that remembers what was applied.
type tape struct {
	applied []string
	hash    uint64
}

func (t *tape) Apply(_ raft.Index, command []byte) any {
	t.applied = append(t.applied, string(command))
	for _, b := range command {
		t.hash = t.hash*1099511628211 + uint64(b) + 1
	}
	return len(t.applied)
}
func (t *tape) Snapshot() func() []byte { panic("not used") }
func (t *tape) Restore([]byte) error    { panic("not used") }
func (t *tape) Hash() uint64            { return t.hash }

// owner counts what it is told.
type owner struct {
	readable, deposed int
	applied           func() // called when a command was applied; nil: nothing
}

func (o *owner) Readable(count int) { o.readable += count }
func (o *owner) Deposed()           { o.deposed++ }
func (o *owner) Applied(*raft.Entry, any) {
	if o.applied != nil {
		o.applied()
	}
}

// newBench starts n1 in a group of n.
func newBench(t *testing.T, n int) *bench { return newBenchOf(t, n, raft.Config{}) }

// newBenchOf is newBench with some knobs turned.
func newBenchOf(t *testing.T, n int, cfg raft.Config) *bench {
	cfg.HeartbeatEvery, cfg.ElectionTimeout, cfg.MaxBatch = heartbeat, sim.Fixed(patience), 4
	b := &bench{T: t, w: sim.New(sim.Config{Disk: sim.DiskConfig{Sync: sim.Fixed(diskTime)}, Records: true})}
	b.w.AddServer(func() sim.Node {
		b.tape, b.owner = &tape{}, &owner{}
		b.n1 = raft.New(cfg, b.tape, b.owner)
		return b.n1
	})
	for range n - 1 {
		p := &puppet{}
		b.puppets = append(b.puppets, p)
		b.w.AddServer(func() sim.Node { return p })
	}
	t.Cleanup(func() {
		for _, v := range b.w.Violations() {
			t.Errorf("%v\n%s", v, v.Stack)
		}
		b.w.Close()
	})
	b.run(0)
	return b
}

func (b *bench) run(d time.Duration) { b.w.RunUntil(b.w.Now() + sim.Time(d)) }

// says lets a puppet send n1 a message; n1 handles it and its disk finishes.
func (b *bench) says(from int, m sim.Message) {
	b.puppets[from-2].env.Send(sim.Server(1), m)
	b.run(2 * diskTime)
}

// heard is what a puppet received of one type since it was last asked.
func heard[M sim.Message](b *bench, by int) (ms []M) {
	p := b.puppets[by-2]
	rest := p.got[:0]
	for _, m := range p.got {
		if wanted, is := m.(M); is {
			ms = append(ms, wanted)
		} else {
			rest = append(rest, m)
		}
	}
	p.got = rest
	return ms
}

// answer is the one message of a type that a puppet received since it was last
// asked.
func answer[M sim.Message](b *bench, by int) M {
	b.Helper()
	ms := heard[M](b, by)
	if len(ms) != 1 {
		b.Fatalf("n%d heard %d messages of type %T, want one", by, len(ms), *new(M))
	}
	return ms[0]
}

func (b *bench) forget() {
	for _, p := range b.puppets {
		p.got = nil
	}
}

// elect makes n1 leader of the next term, with the votes of the puppets.
func (b *bench) elect() {
	b.Helper()
	b.run(patience + 2*diskTime)
	for i := range b.puppets {
		b.says(i+2, &raft.VoteReply{Term: b.n1.Term(), Granted: true})
	}
	if !b.n1.Leads() {
		b.Fatalf("n1 does not lead: %v", b.view())
	}
}

func (b *bench) view() simtest.NodeView { return simtest.View(b, b.w, sim.Server(1)) }

// want compares fields of n1's view, given as name, value, name, value, …
func (b *bench) want(pairs ...any) {
	b.Helper()
	b.view().Want(pairs...)
}

// entries are commands of one term, from an index on: "x", "y".
func entries(from raft.Index, term raft.Term, commands ...string) (out []raft.Entry) {
	for i, c := range commands {
		out = append(out, raft.Entry{Index: from + raft.Index(i), Term: term, Command: []byte(c)})
	}
	return out
}
