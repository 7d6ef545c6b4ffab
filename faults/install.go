package faults

import (
	"fmt"
	"slices"
	"time"

	"distsim/sim"
)

// Installed is a list of faults at work on a world.
type Installed struct {
	stage    Stage
	entries  []Entry // with was, as it is found out
	skips    []Skip
	struck   []bool     // by entry
	met      []*bool    // by entry that has struck: whether what it names has turned up
	force    []*inForce // in the order they began
	callOffs []func()   // of faults that wait for their step or moment
	over     bool
	until    sim.Time // when that was
}

// inForce is a fault that has begun and not ended.
type inForce struct {
	begun uint64 // its record
	text  string
	heal  func()
}

// Skip says that a fault of the list struck nobody, and why.
type Skip struct {
	Index int
	Why   string
}

// Install schedules faults on a world that has all its machines. An error means
// that the list does not fit the world; nothing is scheduled then.
func Install(w *sim.World, entries []Entry) (*Installed, error) {
	if err := fits(w, entries); err != nil {
		return nil, err
	}
	in := &Installed{stage: Stage{World: w}, entries: append([]Entry{}, entries...),
		struck: make([]bool, len(entries)), met: make([]*bool, len(entries))}
	for i := range entries {
		in.arrange(i)
	}
	return in, nil
}

// fits says whether the faults make sense on this world.
func fits(w *sim.World, entries []Entry) error {
	there := rosterOf(w)
	for i, e := range entries {
		err := e.Check()
		if err == nil {
			err = e.checkNodes(there)
		}
		if f, needs := e.Fault.(fitting); needs && err == nil {
			err = f.fits(w)
		}
		if err != nil {
			return entryError(i, e, err)
		}
	}
	return nil
}

// arrange makes one fault wait for its instant, its event or its step.
func (in *Installed) arrange(i int) {
	e, w := in.entries[i], in.stage.World
	if s, ok := e.Fault.(striker); ok {
		if at, mid := s.strike(e.After); mid {
			in.callOffs = append(in.callOffs, in.arrangeMidStep(i, s, at))
			return
		}
	}
	strike := func(*sim.World) { in.strike(i, 0) }
	switch {
	case e.After.Subject != 0:
		w.When(e.After, strike)
	case e.Moment.Of != 0:
		w.At(e.At, func(*sim.World) { in.lurk(i) })
	default:
		w.At(e.At, strike)
	}
}

// arrangeMidStep makes one fault wait for an effect of a step. It takes hold there; what
// it does besides comes when the step is over.
func (in *Installed) arrangeMidStep(i int, f striker, at sim.Strike) (callOff func()) {
	var x *inForce
	at.Begins = func(*sim.World) { x = in.took(i) }
	return in.stage.World.StrikeAt(at, func(_ *sim.World, struck bool) {
		if !struck {
			in.skip(i, reason{text: fmt.Sprintf("the step of %v had passed effect %d by then, or ended before it", at.Node, at.Effect)})
			return
		}
		in.holds(x, in.entries[i].For, f.struck(&in.stage, at.Node))
	})
}

// strike resolves a fault's targets and lets it act, or skips it. waited is for
// how long it has been looking for a target that comes and goes.
func (in *Installed) strike(i int, waited time.Duration) {
	s := &in.stage
	if in.over {
		in.skip(i, reason{text: "the chaos is over"})
		return
	}
	s.name, s.impatient = in.entries[i].name(), waited >= Patience
	f, err := withTargets(in.entries[i].Fault, func(t Target) (Target, error) { return t.resolve(s) })
	if r, ok := err.(reason); ok && r.wait && !s.impatient {
		s.World.After(sim.Time(patienceStep), func(*sim.World) { in.strike(i, waited+patienceStep) })
		return
	}
	if err == nil {
		err = f.Blocked(s)
	}
	if err != nil {
		in.skip(i, err)
		return
	}
	in.begin(i, f)
}

// begin lets a fault act whose targets are resolved.
func (in *Installed) begin(i int, f Fault) {
	in.entries[i].Fault = f
	x := in.took(i)
	in.stage.over = func() { in.end(x) }
	in.stage.met = in.met[i]
	in.holds(x, in.entries[i].For, f.Apply(&in.stage))
}

// took notes that a fault takes hold.
func (in *Installed) took(i int) *inForce {
	e := in.entries[i]
	in.struck[i], in.met[i] = true, new(bool)
	return &inForce{begun: in.stage.World.FaultBegins(e.timed()), text: e.Fault.String()}
}

// holds keeps a fault in force until its time is over.
func (in *Installed) holds(f *inForce, lasts time.Duration, heal func()) {
	w := in.stage.World
	if heal == nil {
		over := w.FaultEnds(f.begun, f.text)
		if did := in.stage.did; did != nil {
			in.stage.did = nil
			w.Remark(over, did)
		}
		return
	}
	f.heal = heal
	in.force = append(in.force, f)
	if lasts > 0 {
		w.After(sim.Time(lasts), func(*sim.World) { in.end(f) })
	}
}

// end heals one fault, once.
func (in *Installed) end(f *inForce) {
	at := slices.Index(in.force, f)
	if at < 0 {
		return
	}
	in.force = slices.Delete(in.force, at, at+1)
	w := in.stage.World
	over, before := w.FaultEnds(f.begun, f.text), w.Released()
	f.heal()
	if n := w.Released() - before; n > 0 {
		w.Remark(over, func() string { return released(n) })
	}
}

// released says how many messages a fault has held up until it ended.
func released(n uint64) string {
	if n == 1 {
		return "1 message released"
	}
	return fmt.Sprintf("%d messages released", n)
}

func (in *Installed) skip(i int, why error) {
	in.skips = append(in.skips, Skip{i, why.Error()})
	in.stage.World.FaultSkipped(in.entries[i].Fault.String() + ": " + why.Error())
}

// HealAll ends the chaos: whatever is in force heals, in the order it began,
// and what has not struck yet never will. Machines that a fault stopped start
// again, on the build they were upgraded to, and paused ones go on; links, clock
// rates and processors are as configured. Wall clocks stay where they were stepped
// to, and all clocks where drifts, slews and freezes have taken them.
func (in *Installed) HealAll() {
	if !in.over {
		in.over, in.until = true, in.stage.World.Now()
	}
	for _, callOff := range in.callOffs {
		callOff()
	}
	for len(in.force) > 0 {
		in.end(in.force[0])
	}
}

// Resolved lists the faults with whom their symbolic targets meant, for a plan
// that replays this run. It is never nil: nil would mean drawn from the seed.
func (in *Installed) Resolved() []Entry { return append([]Entry{}, in.entries...) }

// Skips lists the faults that struck nobody so far, in the order of time.
func (in *Installed) Skips() []Skip { return slices.Clone(in.skips) }
