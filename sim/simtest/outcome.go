package simtest

import (
	"fmt"
	"slices"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history"
)

// Outcome is what one run showed.
type Outcome struct {
	Plan     faults.Plan // repeats the run: its faults are listed, their targets resolved
	World    *sim.World  // as the run left it; read only
	Findings []Finding   // what does not hold; empty if everything does
}

// Finding is a property that does not hold, or could not be decided.
type Finding struct {
	Property string
	Verdict  checker.Verdict // Violated, Stalled, or Unknown when the checker's budget ran out
	Detail   string          // what was impossible
	At       sim.Time        // when it came to light
	Seq      uint64          // the record that brought it to light; 0: the end of the run
	Nodes    []sim.NodeID    // where
	Ops      []history.Op    // the operations that Detail names
	Stack    string          // of a panic
}

// Failed reports whether anything does not hold.
func (o *Outcome) Failed() bool { return len(o.Findings) > 0 }

// Hash is the run's trace hash: equal hashes mean equal runs.
func (o *Outcome) Hash() uint64 { return o.World.Hash() }

// String is the outcome in one line.
func (o *Outcome) String() string {
	if !o.Failed() {
		return fmt.Sprintf("seed %d: holds", o.Plan.Seed)
	}
	return fmt.Sprintf("seed %d: %v", o.Plan.Seed, o.Findings[0])
}

// String is the finding in one line: property, verdict, instant and evidence.
func (f Finding) String() string { return f.head() + ": " + f.Detail }

func (f Finding) head() string {
	switch f.Verdict {
	case checker.Unknown:
		return f.Property + " undecided"
	case checker.Stalled:
		return fmt.Sprintf("%s stalled at %v", f.Property, f.At)
	}
	return fmt.Sprintf("%s violated at %v", f.Property, f.At)
}

// outcome sums up a trial, one that was left in the middle too.
func (tr *trial) outcome() *Outcome {
	plan := tr.plan
	plan.Faults = tr.installed.Resolved()
	o := &Outcome{Plan: plan, World: tr.world}
	for _, v := range tr.world.Violations() {
		o.Findings = append(o.Findings, ofViolation(v))
	}
	o.Findings = append(o.Findings, tr.findings...)
	return o
}

func ofViolation(v sim.Violation) Finding {
	verdict := checker.Violated
	if v.Stalled {
		verdict = checker.Stalled
	}
	return Finding{Property: v.Property, Verdict: verdict, Detail: v.Detail, At: v.At, Seq: v.Seq, Nodes: v.Nodes, Stack: v.Stack}
}

// ofResult dates a verdict over a history by the answer of its culprit.
func ofResult(r checker.Result, w *sim.World) Finding {
	f := Finding{Property: r.Property, Verdict: r.Verdict, Detail: r.Detail, Ops: r.Ops, At: w.Now()}
	if len(r.Ops) > 0 {
		f.At, f.Seq = sim.Time(r.Ops[0].ReturnedAt), r.Ops[0].Returned
	}
	for _, op := range r.Ops {
		if c := sim.Client(op.ID.Client); !slices.Contains(f.Nodes, c) {
			f.Nodes = append(f.Nodes, c)
		}
	}
	return f
}

// recorded runs a failed outcome's plan again with every record kept. A run
// that takes another course then has found a bug by itself.
func (o *Outcome) recorded(of *trial) *Outcome {
	if of.records || of.cfg.Records {
		return o
	}
	again, err := o.again(of)
	if err != nil {
		return o.unsteady(err.Error())
	}
	d := sim.Diverge(o.World.Trace(), again.Trace())
	if d.Same {
		o.World = again
		return o
	}
	if third, err := o.again(of); err == nil { // two recorded runs can name the record
		if exact := sim.Diverge(again.Trace(), third.Trace()); !exact.Same {
			d = exact
		}
	}
	return o.unsteady(d.Message)
}

// again is the world after another run of the same plan, with records.
func (o *Outcome) again(of *trial) (*sim.World, error) {
	tr := &trial{cfg: of.cfg, plan: o.Plan, build: of.build, records: true}
	err := tr.run()
	return tr.world, err
}

// unsteady says that the plan did not repeat its own run.
func (o *Outcome) unsteady(how string) *Outcome {
	f := Finding{Property: "deterministic", Verdict: checker.Violated, At: o.World.Now(), Detail: "run again, the same plan took another course: " + how +
		"; look for map order, goroutines, the wall clock, global randomness and state that worlds share"}
	o.Findings = append([]Finding{f}, o.Findings...)
	return o
}
