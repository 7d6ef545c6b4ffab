package faults_test

import (
	"bytes"
	"testing"

	"distsim/faults"
	"distsim/sim"
	"distsim/sim/simtest"
	"distsim/sim/simtest/golden"
	"distsim/sim/transcript"
)

// wantStory compares what a world with kept records has gone through, told in
// prose, with testdata/faults/name.txt: one story for each kind of fault.
func wantStory(t *testing.T, w *sim.World, name string) {
	t.Helper()
	w.Close()
	for _, v := range w.Violations() {
		t.Errorf("%v\n%s", v, v.Stack)
	}
	var got bytes.Buffer
	if err := transcript.Write(&got, w.Trace(), transcript.Options{}); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "faults/"+name+".txt", got.Bytes())
}

// A message that waits for two holds is released by the later one, and so is one that
// two clogs keep from setting out: the end says how many. Three machines say hello to
// the target, or hear it, every 10 ms.
func TestTheEndSaysWhatItReleases(t *testing.T) {
	hold := faults.Hold{Scope: faults.Scope{Target: faults.On(n(2)), Way: faults.In}}
	clog := faults.Clog{Target: faults.On(n(1)), Way: faults.Out}
	for _, c := range []struct {
		first, second faults.Fault
		want          string
	}{
		{hold, hold, "60 messages released"},
		{clog, clog, "60 messages released"},
		{faults.Isolate{Target: faults.On(n(3))}, hold, "50 messages released"},
	} {
		club := newClub(3, sim.Config{Records: true})
		club.install(t, between(1000*ms, 1100*ms, c.first), between(1000*ms, 1200*ms, c.second))
		club.runTo(1300 * ms)
		want := []string{c.first.String(), c.second.String() + ": " + c.want}
		simtest.Trace(t, club.world).Of(sim.KindHeal).WantTexts(want...)
		club.world.Close()
	}
}
