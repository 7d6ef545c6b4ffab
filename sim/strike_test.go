package sim_test

import (
	"slices"
	"testing"
	"time"

	"distsim/sim"
)

// saver makes three effects at boot: a write, a sync, a message.
type saver struct{}

func (saver) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if _, boot := m.(sim.Boot); boot && env.Incarnation() == 1 {
		f := env.File("log")
		f.Append([]byte("entry"))
		f.Sync()
		env.Send(sim.Server(2), "saved")
	}
}

// A sync names its step only when it is about to be issued: a strike may hit
// before the sync itself or later, not before the write.
func TestStrikeInTheStepThatSyncs(t *testing.T) {
	for _, c := range []struct {
		effect int
		pause  bool
		struck bool
		want   []sim.Kind // the effects of n1 that happened by 1 ms
	}{
		{effect: 1, struck: false, want: []sim.Kind{sim.KindWrite, sim.KindSync, sim.KindSend}},
		{effect: 2, struck: true, want: []sim.Kind{sim.KindWrite}},
		{effect: 3, struck: true, want: []sim.Kind{sim.KindWrite, sim.KindSync}},
		{effect: 4, struck: false, want: []sim.Kind{sim.KindWrite, sim.KindSync, sim.KindSend}},
		{effect: 2, pause: true, struck: true, want: []sim.Kind{sim.KindWrite}},
		{effect: 3, pause: true, struck: true, want: []sim.Kind{sim.KindWrite, sim.KindSync}},
	} {
		w := sim.New(sim.Config{Records: true})
		w.AddServer(func() sim.Node { return saver{} })
		w.AddServer(func() sim.Node { return saver{} })
		var told, struck bool
		w.StrikeAt(sim.Strike{
			On:   sim.Identity{Subject: sim.OfSync, Node: sim.Server(1), Name: "log", K: 1},
			Node: sim.Server(1), Effect: c.effect, Pause: c.pause,
		}, func(_ *sim.World, s bool) { told, struck = true, s })
		w.RunUntil(sim.Time(time.Millisecond))
		if !told || struck != c.struck {
			t.Errorf("effect %d, pause %v: told %v, struck %v, want %v", c.effect, c.pause, told, struck, c.struck)
		}
		if got := effectsOf(w, sim.Server(1)); !slices.Equal(got, c.want) {
			t.Errorf("effect %d, pause %v: n1 made %v, want %v", c.effect, c.pause, got, c.want)
		}
		w.Resume(sim.Server(1))
		w.RunUntil(sim.Time(2 * time.Millisecond))
		if all := effectsOf(w, sim.Server(1)); c.pause && len(all) != 3 {
			t.Errorf("effect %d: after the resume n1 has made %v, want all three", c.effect, all)
		}
		w.Close()
	}
}

// effectsOf lists the effects of a node in its trace.
func effectsOf(w *sim.World, id sim.NodeID) []sim.Kind {
	var out []sim.Kind
	for _, r := range w.Trace().Records() {
		if r.Node == id && r.Effect > 0 && r.Kind != sim.KindUnsent {
			out = append(out, r.Kind)
		}
	}
	return out
}
