package faults

import (
	"testing"
	"time"

	"distsim/sim"
)

// A trace says which fault did what: the records of a crash, a pause or a clock
// change have the fault's record as their cause.
func TestWhatAFaultDoesCitesIt(t *testing.T) {
	w := sim.New(sim.Config{Records: true})
	defer w.Close()
	for range 3 {
		w.AddServer(func() sim.Node { return idle{} })
	}
	entries := []Entry{
		{Fault: Crash{Target: On(sim.Server(1))}, At: sim.Time(time.Millisecond), For: time.Second},
		{Fault: Pause{Target: On(sim.Server(2))}, At: sim.Time(time.Millisecond), For: time.Second},
		{Fault: ClockDrift{Target: On(sim.Server(3)), PPM: 100}, At: sim.Time(time.Millisecond), For: time.Second},
	}
	if _, err := Install(w, entries); err != nil {
		t.Fatal(err)
	}
	w.RunUntil(sim.Time(500 * time.Millisecond))
	cited := map[sim.Kind]bool{}
	for _, r := range w.Trace().Records() {
		if cause := w.Trace().At(r.Cause); cause != nil && cause.Kind == sim.KindFault {
			cited[r.Kind] = true
		}
	}
	for _, kind := range []sim.Kind{sim.KindCrash, sim.KindPause, sim.KindClock} {
		if !cited[kind] {
			t.Errorf("the record of the %v does not cite its fault", kind)
		}
	}
}

type idle struct{}

func (idle) Step(*sim.Env, sim.NodeID, sim.Message) {}
