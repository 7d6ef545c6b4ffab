package naive

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
)

const ms = time.Millisecond

// asker asks a store what a test wants to know, one request at a time; each call takes
// 2 ms.
type asker struct {
	t *testing.T
	p *sim.Proc
	w *sim.World
	s *Store
}

// asking runs a test as a client of a store.
func asking(t *testing.T, ask func(a *asker)) {
	w := sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(ms)}, FreezeCheck: true})
	defer w.Close()
	w.AddServer(NewStore)
	ended := false
	w.AddClient(func() sim.Node {
		return sim.NewProc(func(p *sim.Proc) {
			ask(&asker{t, p, w, w.Node(store).(*Store)})
			ended = true
		})
	})
	w.RunClients(sim.Time(time.Minute))
	if !ended {
		t.Error("the test has not come to its end")
	}
}

// wants asks something and compares the answer, as a transcript spells it, and what the
// store holds then.
func (a *asker) wants(req sim.Message, answer, held string) {
	a.t.Helper()
	m, ok := sim.Call[interface{ Summary() string }](a.p, store, req, time.Second)
	if !ok {
		a.t.Fatalf("%v: no answer", req)
	}
	if got := m.Summary(); got != answer {
		a.t.Errorf("%v: got %q, want %q", req, got, answer)
	}
	if got := a.held(); got != held {
		a.t.Errorf("after %v the store holds %q, want %q", req, got, held)
	}
}

func (a *asker) held() string {
	f, _ := a.w.ViewOf(store).Get("held")
	return f.Text
}

func (a *asker) lease(ttl time.Duration) Lease {
	m, ok := sim.Call[*Opened](a.p, store, &Open{ttl}, time.Second)
	if !ok {
		a.t.Fatal("no lease")
	}
	return m.Lease
}

// A put replaces whatever is there, its lease included; one with IfAbsent does not.
func TestPut(t *testing.T) {
	asking(t, func(a *asker) {
		one, two := a.lease(time.Hour), a.lease(time.Hour)
		a.wants(&Put{Key: "l1", Value: "a", Lease: one}, "there was none before", "l1: a")
		a.wants(&Put{Key: "l1", Value: "b", Lease: two, IfAbsent: true}, "before it was a", "l1: a")
		a.wants(&Put{Key: "l1", Value: "b", Lease: two}, "before it was a", "l1: b")
		a.wants(&Put{Key: "l2", Value: "c", Lease: one, IfAbsent: true}, "there was none before", "l1: b, l2: c")
		a.wants(&Get{"l1"}, "it is b", "l1: b, l2: c")
		a.wants(&Get{"l3"}, "none", "l1: b, l2: c")
		a.wants(&Revoke{one}, "done", "l1: b")
		a.wants(&Revoke{one}, "that lease has ended", "l1: b")
		a.wants(&Put{Key: "l1", Value: "d", Lease: one}, "that lease has ended", "l1: b")
		a.wants(&Revoke{two}, "done", "")
	})
}

// A delete removes whatever is there, or only what it expects.
func TestDelete(t *testing.T) {
	asking(t, func(a *asker) {
		l := a.lease(time.Hour)
		a.wants(&Put{Key: "l1", Value: "a", Lease: l}, "there was none before", "l1: a")
		a.wants(&Delete{Key: "l1", If: "b"}, "nothing deleted", "l1: a")
		a.wants(&Delete{Key: "l1", If: "a"}, "deleted", "")
		a.wants(&Delete{Key: "l1", If: "a"}, "nothing deleted", "")
		a.wants(&Delete{Key: "l1"}, "nothing deleted", "")
		a.wants(&Put{Key: "l1", Value: "a", Lease: l}, "there was none before", "l1: a")
		a.wants(&Delete{Key: "l1"}, "deleted", "")
	})
}

// A lease ends a TTL after it began, or was last kept alive, on the store's monotonic
// clock; a step of its wall clock changes nothing.
func TestLeasesEnd(t *testing.T) {
	asking(t, func(a *asker) {
		l := a.lease(100 * ms)
		begun := a.p.Elapsed() - ms
		a.w.StepWall(store, time.Hour)
		a.wants(&Put{Key: "l1", Value: "a", Lease: l}, "there was none before", "l1: a")
		a.p.Sleep(begun + 60*ms - a.p.Elapsed())
		a.wants(&KeepAlive{l}, "done", "l1: a")
		begun = a.p.Elapsed() - ms
		a.w.Drift(store, 1_000_000) // twice as fast
		a.p.Sleep(begun + 49*ms - a.p.Elapsed())
		if got := a.held(); got != "l1: a" {
			t.Errorf("before its lease ends the store holds %q", got)
		}
		a.p.Sleep(2 * ms)
		if got := a.held(); got != "" {
			t.Errorf("after its lease has ended the store holds %q", got)
		}
		a.wants(&KeepAlive{l}, "that lease has ended", "")
	})
}

// A store that starts again has forgotten everything, and numbers leases anew.
func TestStoreForgets(t *testing.T) {
	asking(t, func(a *asker) {
		l := a.lease(time.Hour)
		a.wants(&Put{Key: "l1", Value: "a", Lease: l}, "there was none before", "l1: a")
		a.w.Crash(store, sim.KeepAll)
		a.w.Restart(store)
		a.p.Sleep(ms)
		a.s = a.w.Node(store).(*Store)
		if another := a.lease(time.Hour); another == l || another.String() != "2.1" {
			t.Errorf("lease %v comes after the crash, %v before it; want 2.1", another, l)
		}
		a.wants(&KeepAlive{l}, "that lease has ended", "")
	})
}

// The store tells of every deed, who did it and what it changed.
func TestDeeds(t *testing.T) {
	var deeds []string
	follow := func(w *sim.World, id sim.NodeID) {
		s, ok := w.Node(id).(*Store)
		for i := uint64(len(deeds)); ok && i < s.Deeds(); i++ {
			d := s.Deed(i + 1)
			deeds = append(deeds, fmt.Sprintf("%v of %s by %v: %v, then %v", d.Kind, d.Lock, d.By, d.Before, d.After))
			if o := d.After.Owner; o != nobody && !s.Alive(o) {
				t.Errorf("%s: the owner is dead", deeds[i])
			}
		}
	}
	asking(t, func(a *asker) {
		a.w.AddInvariant(sim.Observe(follow))
		one, two := a.lease(time.Hour), a.lease(100*ms)
		for _, m := range []sim.Message{
			&Put{Key: "l1", Value: "a", Lease: one}, &Put{Key: "l1", Value: "b", Lease: two, IfAbsent: true}, &Put{Key: "l1", Value: "b", Lease: two},
			&Put{Key: "l2", Value: "c", Lease: two}, &Delete{Key: "l2", If: "d", Lease: one}, &Delete{Key: "l2", Lease: one},
			&Put{Key: "l3", Value: "e", Lease: one}, &Put{Key: "l4", Value: "f", Lease: one}, &Put{Key: "l5", Value: "g", Lease: 99}, &Revoke{one},
		} {
			sim.Call[sim.Message](a.p, store, m, time.Second)
		}
		if a.s.Alive(invariant.Owner{Client: sim.Client(2), Session: uint64(two)}) {
			t.Error("a lease is another's too")
		}
		a.p.Sleep(100 * ms)
		if a.s.Alive(invariant.Owner{Client: a.p.ID(), Session: uint64(two)}) {
			t.Error("a lease that has ended is alive")
		}
	})
	want := []string{
		"grant of l1 by c1/1: free, then c1/1",
		"refusal of l1 by c1/2: c1/1, then c1/1",
		"refusal of l1 by c1/2: c1/1, then c1/2",
		"grant of l2 by c1/2: free, then c1/2",
		"refusal of l2 by c1/1: c1/2, then c1/2",
		"release of l2 by c1/1: c1/2, then free",
		"grant of l3 by c1/1: free, then c1/1",
		"grant of l4 by c1/1: free, then c1/1",
		"refusal of l5 by c1/99: free, then free",
		"release of l3 by c1/1: c1/1, then free",
		"release of l4 by c1/1: c1/1, then free",
		"lapse of l1 by -/0: c1/2, then free",
	}
	if !slices.Equal(deeds, want) {
		t.Errorf("deeds:\n%s\nwant:\n%s", strings.Join(deeds, "\n"), strings.Join(want, "\n"))
	}
}
