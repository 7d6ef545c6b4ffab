package primary_test

import (
	"testing"
	"time"

	"distsim/nodes/kv"
	"distsim/nodes/primary"
	"distsim/sim"
	"distsim/sim/history/ops"
)

// world is n servers and a client that runs fn, on a network of 1 ms.
func world(n int, fn func(p *sim.Proc)) *sim.World {
	w := sim.New(sim.Config{Seed: 1, Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}})
	for range n {
		w.AddServer(primary.New(primary.Config{}))
	}
	w.AddClient(sim.Go(fn))
	return w
}

func ask(t *testing.T, p *sim.Proc, to sim.NodeID, op ops.Op) ops.Result {
	t.Helper()
	r, ok := sim.Call[*kv.Reply](p, to, &kv.Request{Op: op}, time.Second)
	if !ok || r.Status != kv.Done {
		t.Fatalf("%v at %v: answer %+v, in time: %v", op, to, r, ok)
	}
	return r.Result
}

func server(w *sim.World, i int) *primary.Server { return w.Node(sim.Server(i)).(*primary.Server) }

func TestOperationsMeanWhatTheirNamesSay(t *testing.T) {
	n1 := sim.Server(1)
	steps := []struct {
		op   ops.Op
		want ops.Result
	}{
		{ops.Op{Kind: ops.Get, Key: "k"}, ops.Result{}},
		{ops.Op{Kind: ops.Put, Key: "k", Value: "a"}, ops.Result{OK: true}},
		{ops.Op{Kind: ops.Append, Key: "k", Value: "b"}, ops.Result{OK: true}},
		{ops.Op{Kind: ops.Get, Key: "k"}, ops.Result{Value: "ab", Found: true}},
		{ops.Op{Kind: ops.CAS, Key: "k", Expect: "x", Value: "c"}, ops.Result{Value: "ab", Found: true}},
		{ops.Op{Kind: ops.CAS, Key: "k", Expect: "ab", Value: "c"}, ops.Result{OK: true}},
		{ops.Op{Kind: ops.Delete, Key: "k"}, ops.Result{OK: true}},
		{ops.Op{Kind: ops.Get, Key: "k"}, ops.Result{}},
	}
	w := world(3, func(p *sim.Proc) {
		for _, s := range steps {
			if got := ask(t, p, n1, s.op); got != s.want {
				t.Errorf("%v: got %+v, want %+v", s.op, got, s.want)
			}
		}
	})
	defer w.Close()
	w.RunClients(sim.Time(10 * time.Second))
	if !w.ClientsDone() {
		t.Error("the client did not finish")
	}
}

func TestTheLowestNameAliveLeadsAndTheNextTakesOverItsWrites(t *testing.T) {
	put := ops.Op{Kind: ops.Put, Key: "k", Value: "kept"}
	w := world(3, func(p *sim.Proc) {
		ask(t, p, sim.Server(1), put)
		p.Sleep(time.Second) // n1 is gone meanwhile
		if got := ask(t, p, sim.Server(2), ops.Op{Kind: ops.Get, Key: "k"}); got.Value != "kept" {
			t.Errorf("after the take-over: got %+v, want the acknowledged write", got)
		}
	})
	defer w.Close()
	w.At(sim.Time(100*time.Millisecond), func(w *sim.World) {
		if !server(w, 1).Leads() || server(w, 2).Leads() {
			t.Error("n1 should lead while it is alive")
		}
		w.Crash(sim.Server(1), sim.LoseAll)
	})
	w.RunClients(sim.Time(10 * time.Second))
	if !server(w, 2).Leads() || server(w, 3).Leads() {
		t.Error("n2 should lead after n1 has crashed")
	}
}

// The mistake itself: a partition makes two primaries, and what the higher one
// acknowledged is gone when it steps down.
func TestAPartitionMakesTwoPrimariesAndLosesWrites(t *testing.T) {
	var heal func()
	w := world(3, func(p *sim.Proc) {
		p.Sleep(500 * time.Millisecond) // within the partition
		ask(t, p, sim.Server(2), ops.Op{Kind: ops.Put, Key: "k", Value: "acknowledged"})
		p.Sleep(time.Second) // healed
		if got := ask(t, p, sim.Server(1), ops.Op{Kind: ops.Get, Key: "k"}); got.Found {
			t.Errorf("n1 knows a write of the other side: %+v", got)
		}
	})
	defer w.Close()
	w.At(sim.Time(100*time.Millisecond), func(w *sim.World) {
		heal = w.Disturb(sim.LinkRule{Cut: true, Groups: [][]sim.NodeID{{sim.Server(1)}, {sim.Server(2), sim.Server(3)}}})
	})
	w.At(sim.Time(900*time.Millisecond), func(w *sim.World) {
		if !server(w, 1).Leads() || !server(w, 2).Leads() {
			t.Error("both n1 and n2 should believe they lead")
		}
		heal()
	})
	w.RunClients(sim.Time(10 * time.Second))
	lost := server(w, 2).Lost()
	want := primary.Entry{Key: "k", Value: "acknowledged", Present: true}
	if len(lost) != 1 || lost[0] != want {
		t.Errorf("n2 threw away %+v, want %+v", lost, want)
	}
}
