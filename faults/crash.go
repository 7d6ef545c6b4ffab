package faults

import (
	"fmt"

	"distsim/sim"
)

// Crash stops machines at once. Memory, timers, held sends and, by the crash
// model, un-synced writes are gone; messages a victim sent still travel, those
// to it are lost while it is down. BeforeEffect, with `after:`, strikes inside
// the step that it names: effects from that one on never happen. Healing starts
// the machine again, with what its disk kept; a machine that was down already,
// or that ended itself since, is left alone. A client starts from the beginning of its
// Proc: it does its work anew, its operations are numbered on, one that was under way
// is never answered, and the run does not wait for it while it is down.
type Crash struct {
	Target       Target
	Model        sim.CrashModel
	BeforeEffect int64 // from 1; 0: between steps
}

// CrashAt is a crash of one node before an effect of a step; the Entry's After
// names the step.
func CrashAt(node sim.NodeID, effect int) Crash {
	return Crash{Target: On(node), BeforeEffect: int64(effect)}
}

func (Crash) Kind() Kind       { return "crash" }
func (f Crash) String() string { return spell(f) }

func (f Crash) Fields(v Fields) Fault {
	v.Target(&f.Target)
	model := f.Model.String()
	if f.Model == 0 {
		model = ""
	}
	v.Word("model", &model, crashModels()...)
	f.Model, _ = sim.ParseCrashModel(model)
	v.Int("before_effect", &f.BeforeEffect)
	return f
}

func crashModels() []string {
	var names []string
	for m := sim.LoseAll; m <= sim.KeepSubset; m++ {
		names = append(names, m.String())
	}
	return names
}

func (f Crash) otherwise(field string) string {
	return map[string]string{"model": sim.LoseAll.String(), "before_effect": "a strike between steps"}[field]
}

func (f Crash) Check() error {
	return firstError(f.Target.required(), checkEffect(f.BeforeEffect, f.Target))
}

func (f Crash) Blocked(s *Stage) error { return s.allDown(f.Target.Known()) }

func (f Crash) Apply(s *Stage) func() {
	return onEach(s.up(f.Target.Known()), func(id sim.NodeID) func() {
		s.World.Crash(id, f.Model)
		return f.struck(s, id)
	})
}

// struck restarts the victim on healing, unless it has been up since.
func (f Crash) struck(s *Stage, id sim.NodeID) (heal func()) {
	inc := s.World.Incarnation(id)
	return func() {
		if s.World.Incarnation(id) == inc {
			s.World.Restart(id)
		}
	}
}

func (f Crash) strike(on sim.Identity) (sim.Strike, bool) {
	return midStep(on, f.Target, f.BeforeEffect, sim.Strike{Model: f.Model})
}

func (f Crash) stops() Target { return f.Target }

func (f Crash) Within(m Model) error {
	for _, ok := range m.crashModels() {
		if f.Model == ok {
			return nil
		}
	}
	return fmt.Errorf("model is %v, allowed are %v", f.Model, m.crashModels())
}

// Weaker proposes a crash that loses nothing of the disk.
func (f Crash) Weaker() []Fault {
	var out []Fault
	if f.Model != sim.KeepAll {
		keep := f
		keep.Model = sim.KeepAll
		out = append(out, keep)
	}
	return out
}

// draw aims at machines with un-synced writes and at the leader.
func (Crash) draw(d *dice) Fault {
	models := d.model.crashModels()
	return Crash{Target: d.aim(3, 4), Model: models[d.below("model", int64(len(models)))]}
}
