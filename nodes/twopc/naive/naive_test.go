package naive_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"distsim/nodes/twopc"
	"distsim/nodes/twopc/naive"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
	"distsim/sim/simtest/golden"
)

var cfg = twopc.Config{Coordinators: 1, Accounts: 3}

// twin is a cluster to make.
type twin struct {
	coordinator, participant func() sim.Node
	invariants               []sim.Invariant
}

func decision() twin {
	return twin{func() sim.Node { return naive.Decision(cfg) }, cfg.Participant, cfg.Invariants()}
}

func prepare() twin {
	return twin{cfg.Coordinator, func() sim.Node { return naive.Prepare(cfg) }, naive.PrepareInvariants()}
}

func timeout() twin {
	c, p := naive.Timeout(cfg)
	return twin{c, p, naive.TimeoutInvariants()}
}

func correct() twin { return twin{cfg.Coordinator, cfg.Participant, cfg.Invariants()} }

// world is a cluster with a client that makes one transfer and audits a second later.
func (x twin) world(t *testing.T) *sim.World {
	w := sim.New(sim.Config{
		Net:  sim.NetConfig{Latency: sim.Fixed(time.Millisecond)},
		Disk: sim.DiskConfig{Sync: sim.Fixed(time.Millisecond)}, Records: true, FreezeCheck: true,
	})
	t.Cleanup(w.Close)
	w.AddServer(x.coordinator)
	for range 3 {
		w.AddServer(x.participant)
	}
	w.AddInvariant(x.invariants...)
	transfer := ops.Transaction{Legs: []ops.Leg{{Account: "a1", Amount: -20}, {Account: "a2", Amount: 10}, {Account: "a3", Amount: 10}}}
	w.AddClient(twopc.Client{Config: cfg, Think: sim.Fixed(time.Second), Listed: []ops.Transaction{transfer, twopc.Audit(3)}}.Node)
	return w
}

// broken lists the properties that were violated.
func broken(w *sim.World) (names []string) {
	for _, v := range w.Violations() {
		names = append(names, v.Property)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// lose drops messages of one type between two machines for as long as they could come.
func lose(w *sim.World, typ string, from, to sim.NodeID) {
	w.At(sim.Time(time.Second), func(*sim.World) {
		end := w.Disturb(sim.LinkRule{From: []sim.NodeID{from}, To: []sim.NodeID{to}, Type: typ, Cut: true})
		w.After(sim.Time(50*time.Millisecond), func(*sim.World) { end() })
	})
}

func crash(w *sim.World, id sim.NodeID, at time.Duration) {
	w.At(sim.Time(at), func(*sim.World) { w.Crash(id, sim.LoseAll) })
	w.At(sim.Time(at+100*time.Millisecond), func(*sim.World) { w.Restart(id) })
}

// stories are each twin's failure.
var stories = []struct {
	name     string
	twin     func() twin
	fault    func(w *sim.World)
	calm     []string // broken without a fault
	violated string   // with it
}{
	{"decision", decision, func(w *sim.World) {
		lose(w, "twopc.Commit", sim.Server(1), sim.Server(3))
		crash(w, sim.Server(1), 1020*time.Millisecond)
	}, []string{"twopc.saved-before-said"}, "twopc.agreement"},
	{"prepare", prepare, func(w *sim.World) {
		w.When(sim.Identity{Subject: sim.OfMessage, Node: sim.Server(3), Peer: sim.Server(1), Name: "twopc.Vote", K: 1},
			func(w *sim.World) { w.Crash(sim.Server(3), sim.LoseAll) })
		w.At(sim.Time(1100*time.Millisecond), func(*sim.World) { w.Restart(sim.Server(3)) })
	}, []string{"twopc.all-voted-yes", "twopc.saved-before-said"}, "twopc.agreement"},
	{"timeout", timeout, func(w *sim.World) { lose(w, "twopc.Commit", sim.Server(1), sim.Server(3)) }, nil, ""},
}

// Nothing goes wrong until something fails, but for what was said and not saved.
func TestCalm(t *testing.T) {
	for _, s := range stories {
		w := s.twin().world(t)
		w.RunClients(sim.Time(20 * time.Second))
		if n := history.Count(w.History()); n.OK != 2 || !slices.Equal(broken(w), s.calm) {
			t.Errorf("%s: %v, broken %v; want 2 ok and %v", s.name, n, broken(w), s.calm)
		}
	}
}

// The mistake shows in one story, which package twopc survives.
func TestMistakes(t *testing.T) {
	for _, s := range stories {
		w := s.twin().world(t)
		s.fault(w)
		w.RunClients(sim.Time(20 * time.Second))
		if s.violated != "" && !slices.Contains(broken(w), s.violated) {
			t.Errorf("%s: broken are %v, and not %s", s.name, broken(w), s.violated)
		}
		if audit := w.History()[1]; s.violated == "" && audit.Outcome != history.Unknown {
			t.Errorf("%s: the audit is %v, want it never to be answered", s.name, audit.Outcome)
		}
		var got bytes.Buffer
		tell(&got, w)
		golden.Compare(t, "twopc-naive/"+s.name+".txt", got.Bytes())

		w = correct().world(t)
		s.fault(w)
		w.RunClients(sim.Time(20 * time.Second))
		if n := history.Count(w.History()); n.OK != 2 || broken(w) != nil {
			t.Errorf("%s on twopc: %v, broken %v; want 2 ok and none", s.name, n, broken(w))
		}
	}
}

// Once all wait, it is proved that they do for ever.
func TestTheStallIsProved(t *testing.T) {
	w := timeout().world(t)
	lose(w, "twopc.Vote", sim.Server(3), sim.Server(1))
	w.RunUntil(sim.Time(1500 * time.Millisecond))
	if l, why := w.FindLasso(sim.Time(20 * time.Second)); l == nil || !l.Still {
		t.Errorf("no standstill: %+v, %s", l, why)
	}
}

// tell writes down what the servers say and hear, and what befalls them.
func tell(b *bytes.Buffer, w *sim.World) {
	tr := w.Trace()
	for i := range tr.Records() {
		r := &tr.Records()[i]
		switch at := sim.Time(r.At); r.Kind {
		case sim.KindDeliver:
			if r.Node != r.Peer {
				fmt.Fprintf(b, "%v  %v <- %v  %s\n", at, r.Node, r.Peer, r.Text)
			}
		case sim.KindMiss, sim.KindCrash, sim.KindBoot, sim.KindViolated:
			fmt.Fprintf(b, "%v  %v  %v %s\n", at, r.Node, r.Kind, r.Text)
		}
	}
}
