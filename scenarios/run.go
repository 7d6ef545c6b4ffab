package scenarios

import (
	"fmt"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
	"distsim/sim/explore"
)

// Options are what a run records beside its hash.
type Options struct {
	Records     bool // keep the trace, for transcripts and explanations
	Fingerprint bool // hash payloads and views too
	FreezeCheck bool // report messages changed after they were sent

	explored *explore.Case // decides beside the seed, if set
}

// Run is a finished run: its report, the world it left (read only) and the plan
// that repeats it.
type Run struct {
	Report *Report
	World  *sim.World
	Plan   faults.Plan // with faults listed and their targets resolved
}

// Run executes a plan. An error means that the plan does not fit the scenario;
// whatever happens inside the run is in the report.
func (s *Scenario) Run(plan faults.Plan, opt Options) (*Run, error) {
	return s.runIn(sim.New(sim.Config{}), plan, opt)
}

// runIn is Run in a world of the caller's, which it resets.
func (s *Scenario) runIn(w *sim.World, plan faults.Plan, opt Options) (*Run, error) {
	values, err := s.Resolve(paramsOf(plan))
	if err != nil {
		return nil, err
	}
	decl := s.Declare(values)
	w.Reset(s.config(plan, values, opt))
	defer w.Close()
	b := &Build{World: w, Values: values, Workload: plan.Workload}
	s.Build(b)

	entries := plan.Faults
	if entries == nil {
		entries = s.draw(decl, values, w, plan.Seed)
	}
	installed, err := faults.Install(w, entries)
	if err == nil {
		err = plan.CheckNodes(w, decl.later(w)...)
	}
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	reseeded := plan.Reseed.Install(w)

	r := &Report{Scenario: s.Name, Seed: plan.Seed, Params: values}
	if err := decl.Model.Check(entries); err != nil {
		r.OutsideOf = err.Error()
	}
	(&course{build: b, installed: installed, decl: decl, report: r, listed: needs(&plan, decl.Chaos)}).run()
	results := append(s.results(b), r.Liveness.judge(decl.Live)...)
	r.Events, r.VirtualNS, r.TraceHash = w.Events(), int64(w.Now()), hex16(w.Hash())
	r.Fingerprint = w.Trace().Fingerprint
	r.History = counts(w.History())
	r.CutShort = b.cutShort(w.History())
	r.Unapplied = append(r.faultsUnapplied(&plan, installed), restUnapplied(&plan, w, reseeded())...)
	if !r.Liveness.isStalled() {
		r.Measures = b.measured()
	}
	w.Close() // the check of payloads looks once more at all of them
	r.judge(decl, w, results)

	plan.Scenario, plan.Params, plan.Faults = s.Name, planParams(values), installed.Resolved()
	return &Run{Report: r, World: w, Plan: plan}, nil
}

// config is the empty world of a run.
func (s *Scenario) config(plan faults.Plan, values Values, opt Options) sim.Config {
	cfg := s.Config(values)
	cfg.Seed = plan.Seed
	cfg.Records, cfg.Fingerprint, cfg.FreezeCheck = opt.Records, opt.Fingerprint, opt.FreezeCheck
	if len(plan.Overrides) > 0 {
		cfg.Chooser = faults.Overrides(plan.Overrides, cfg.Chooser)
	}
	if c := opt.explored; c != nil {
		cfg.Chooser, cfg.Explore = c, c.Explore()
	}
	return cfg
}

// draw is the faults of a run whose plan leaves them to the seed.
func (s *Scenario) draw(decl Declaration, values Values, w *sim.World, seed uint64) []faults.Entry {
	if s.Script != nil {
		if entries := s.Script(values, seed); entries != nil {
			return entries
		}
	}
	return faults.Draw(decl.Model, w, decl.Chaos)
}

// results judges the history, unless a panic cut the run short.
func (s *Scenario) results(b *Build) []checker.Result {
	judge := b.judge
	if s.Judge != nil {
		judge = func() ([]checker.Result, error) { return s.Judge(b.Values, b.World) }
	}
	if judge == nil {
		return nil
	}
	results, err := judge()
	if err != nil {
		// A history that breaks its own rules is a bug of the harness.
		return []checker.Result{{Property: "history", Verdict: checker.Violated, Detail: err.Error()}}
	}
	return results
}

func paramsOf(p faults.Plan) []Value {
	out := make([]Value, len(p.Params))
	for i, x := range p.Params {
		out[i] = Value{x.Name, x.Value}
	}
	return out
}

func planParams(v Values) []faults.Param {
	out := make([]faults.Param, len(v))
	for i, x := range v {
		out[i] = faults.Param{Name: x.Name, Value: x.Text}
	}
	return out
}
