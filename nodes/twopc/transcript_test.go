package twopc_test

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/nodes/twopc"
	"distsim/sim"
	"distsim/sim/history/ops"
	"distsim/sim/simtest/golden"
)

// A tale is a short run told in words, kept in testdata/twopc.
type tale struct {
	*cluster
	t       *testing.T
	silence map[sim.NodeID]time.Duration // how long a coordinator of two waits for the other, or an hour
	reigns  map[sim.NodeID][]int         // election timeouts in ms, in the order of their draws; then an hour
	slow    map[string]time.Duration     // messages, as identities print them, that do not take 1ms
}

// story is one of them.
type story struct {
	name    string
	cfg     twopc.Config
	crucial []string // what the story is about, in its order
	script  func(w *tale)
}

func TestTranscriptsOfCommitment(t *testing.T) {
	for _, s := range slices.Concat(oneCoordinator, cooperation, severalCoordinators) {
		t.Run(s.name, s.tell)
	}
}

// tell runs a story on the coordinators that the configuration needs, and two
// participants. What is crucial must be in it, whatever the golden file says.
func (s story) tell(t *testing.T) {
	w := &tale{t: t, silence: map[sim.NodeID]time.Duration{}, reigns: map[sim.NodeID][]int{}, slow: map[string]time.Duration{}}
	world := sim.Config{
		Net:     sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond)},
		Disk:    sim.DiskConfig{Sync: sim.Fixed(500 * time.Microsecond)},
		Chooser: sim.ChooserFunc(w.choose), Records: true, FreezeCheck: true,
	}
	s.cfg.Raft.HeartbeatEvery = 50 * time.Millisecond
	w.cluster = newCluster(t, s.cfg, 1+int(s.cfg.Keeping), 2, world)
	s.script(w)
	for _, v := range w.Violations() {
		t.Errorf("%v\n%s", v, v.Stack)
	}
	var got bytes.Buffer
	tellTrace(&got, w.Trace())
	golden.InOrder(t, got.String(), s.crucial...)
	golden.Compare(t, "twopc/"+s.name+".txt", got.Bytes())
}

// choose gives timeouts and latencies as the tale wants them.
func (w *tale) choose(id sim.Identity, _ sim.Outcomes, drawn int64) int64 {
	switch {
	case id.Subject == sim.OfNode && id.Name == "take over":
		if d, ok := w.silence[id.Node]; ok {
			return int64(d)
		}
		return int64(time.Hour)
	case id.Subject == sim.OfNode && id.Name == "decisions/election timeout":
		if own := w.reigns[id.Node]; uint64(len(own)) >= id.K {
			return int64(own[id.K-1]) * int64(time.Millisecond)
		}
		return int64(time.Hour)
	case id.Subject == sim.OfMessage && id.Purpose == sim.ForLatency:
		return int64(cmp.Or(w.slow[id.String()], time.Millisecond))
	case id.Subject == sim.OfCrash && id.Purpose == sim.ForKept:
		return 0
	}
	return drawn
}

// until runs on to a time, in milliseconds.
func (w *tale) until(ms float64) { w.RunUntil(sim.Time(ms * float64(time.Millisecond))) }

// asks is a client that wants a transaction at a time.
func (w *tale) asks(ms int, legs ...ops.Leg) { w.asksFor(time.Second, ms, legs...) }

// asksFor is one that gives up.
func (w *tale) asksFor(deadline time.Duration, ms int, legs ...ops.Leg) {
	c := twopc.Client{Config: w.cfg, Timeout: 300 * time.Millisecond, Deadline: deadline}
	w.AddClient(c.Asks(time.Duration(ms)*time.Millisecond, ops.Transaction{Legs: legs}))
}

// asksOf is one that knows who coordinates, and in which epoch.
func (w *tale) asksOf(coordinator sim.NodeID, epoch uint64, in int, legs ...ops.Leg) {
	c := twopc.Client{Config: w.cfg, Timeout: 300 * time.Millisecond, Deadline: time.Second}
	w.AddClient(c.AsksOf(coordinator, epoch, time.Duration(in)*time.Millisecond, ops.Transaction{Legs: legs}))
}

// cut loses messages of a type from one server to some, until it is ended.
func (w *tale) cut(typ string, from sim.NodeID, to ...sim.NodeID) (end func()) {
	_, short, _ := strings.Cut(typ, ".")
	what := "every " + short + " from " + from.String()
	for _, id := range to {
		what += " to " + id.String()
	}
	return w.disturb(what+" is lost", sim.LinkRule{From: []sim.NodeID{from}, To: to, Type: typ, Cut: true})
}

func (w *tale) disturb(what string, r sim.LinkRule) (end func()) {
	begin, calm := w.FaultBegins(what), w.Disturb(r)
	return func() {
		calm()
		w.FaultEnds(begin, "the network is well again")
	}
}

func n(i int) sim.NodeID { return sim.Server(i) }

func leg(account string, amount int64) ops.Leg { return ops.Leg{Account: account, Amount: amount} }
