package simtest

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
)

// Try runs one seed without a test: for examples, for programs, and to assert
// that something broken is found. Run does the rest: files, messages, replays.
func Try(cfg Config, seed uint64, build func(w *sim.World)) *Outcome {
	outcome, err := Replay(cfg, faults.Plan{Version: faults.Version, Seed: seed}, build)
	if err != nil {
		panic(fmt.Sprintf("simtest: %v", err)) // the configuration is wrong, or its script
	}
	return outcome
}

// Replay runs a plan; the Outcome of a seed holds one. An error means that the
// plan does not fit this world. A run that fails is run again to record it, so
// build may be called twice.
func Replay(cfg Config, plan faults.Plan, build func(w *sim.World)) (*Outcome, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	tr := &trial{cfg: cfg.complete(), plan: plan, build: build}
	if err := tr.run(); err != nil {
		return nil, err
	}
	outcome := tr.outcome()
	if outcome.Failed() {
		outcome = outcome.recorded(tr)
	}
	return outcome, nil
}

// trial is one run of a plan.
type trial struct {
	cfg     Config
	plan    faults.Plan
	build   func(w *sim.World)
	records bool
	blame   func(error) error // gives an error its place in the plan's file; nil: there is none

	world     *sim.World
	overrides *faults.Overriding // nil: the plan has none
	installed *faults.Installed  // nil until the world is built
	findings  []Finding          // of Check and Judge
	misuse    error              // Check asks for what the Config does not give
}

// run drives the world from its building to its verdict. It may be left in the
// middle by runtime.Goexit, when a test ends itself; what was found until then
// stands.
func (tr *trial) run() (err error) {
	if err := fits(tr.plan); err != nil {
		return err
	}
	w := tr.empty()
	defer w.Close()
	tr.world = w
	w.AddInvariant(&standstill{})
	tr.build(w)
	if tr.installed, err = tr.install(); err != nil {
		return err
	}
	if r := tr.plan.Reseed; r != nil {
		r.Install(w)
	}
	tr.phases()
	tr.judge()
	if tr.misuse != nil {
		tr.installed = nil // there is no outcome
	}
	return tr.misuse
}

// empty is the world before anything is built in it.
func (tr *trial) empty() *sim.World {
	c := &tr.cfg
	cfg := sim.Config{
		Seed: tr.plan.Seed, Net: c.Net, Disk: c.Disk, Sometimes: c.Sometimes,
		FreezeCheck: c.FreezeCheck, Records: c.Records || tr.records,
	}
	if len(tr.plan.Overrides) > 0 {
		tr.overrides = faults.Overrides(tr.plan.Overrides, nil)
		cfg.Chooser = tr.overrides
	}
	return sim.New(cfg)
}

// fits refuses what a plan can say and a test cannot do.
func fits(plan faults.Plan) error {
	switch {
	case len(plan.Params) > 0:
		return errors.New("the plan has params, but a go test has none")
	case plan.Workload != nil:
		return errors.New("the plan lists a workload, but a go test's clients draw their own")
	}
	return nil
}

// install arranges the faults of the plan, or else of the script, or else drawn ones.
func (tr *trial) install() (*faults.Installed, error) {
	entries := tr.plan.Faults
	if entries == nil {
		entries = tr.cfg.Script
	}
	if entries == nil {
		if err := inFaults(tr.cfg.Faults.CheckWorld(tr.world.ServerCount())); err != nil {
			return nil, err
		}
		entries = faults.Draw(tr.cfg.Faults, tr.world, tr.cfg.Chaos)
	}
	return faults.Install(tr.world, entries)
}

// phases lets faults strike until the clients are done or their time is over,
// then heals everything and gives the clients a quiet window to finish.
func (tr *trial) phases() {
	if tr.phase("chaos", tr.cfg.Chaos) && tr.live() {
		tr.installed.HealAll()
		tr.phase("quiet", tr.cfg.Quiet)
	}
}

// live asks for progress, if that is promised, and reports whether the run goes on.
func (tr *trial) live() bool {
	live := tr.cfg.Live
	if live == nil {
		return true
	}
	tr.world.Phase("core")
	p := tr.installed.RunCore(faults.Core{Groups: faults.AnyOf(live.Servers), Bound: live.Bound,
		Probe: func(w *sim.World) sim.NodeID { return w.AddClient(sim.Go(live.Probe)) }}, nil)
	if p.Lacking != "" {
		tr.findings = append(tr.findings, Finding{Property: faults.ProgressProperty, Verdict: checker.Unknown, At: tr.world.Now(), Detail: p.Lacking})
	}
	return p.Answered
}

func (tr *trial) phase(name string, d time.Duration) (goOn bool) {
	tr.world.Phase(name)
	return tr.world.RunClients(tr.world.Now() + sim.Time(d))
}

// judge asks Check and Judge, unless a panic cut the run short: then neither
// the world nor the history is worth judging. A panic of theirs is the property
// panic, as in a step.
func (tr *trial) judge() {
	if panicked(tr.world) {
		return
	}
	if tr.cfg.Check != nil {
		tr.guarded(tr.askCheck)
	}
	if tr.cfg.Judge != nil {
		tr.guarded(tr.askJudge)
	}
}

func (tr *trial) askCheck() {
	switch err := tr.cfg.Check(tr.world); {
	case err == nil:
	case strings.Contains(err.Error(), noRecords):
		tr.misuse = fmt.Errorf("Config.Check: %w", err)
	default:
		tr.world.Report(sim.Violation{Property: "check", Detail: err.Error()})
	}
}

func (tr *trial) askJudge() {
	w := tr.world
	results, err := tr.cfg.Judge(w.History())
	if err != nil {
		tr.findings = append(tr.findings, Finding{Property: "history", Verdict: checker.Violated, At: w.Now(), Detail: err.Error()})
	}
	for _, r := range results {
		if r.Verdict != checker.Holds {
			tr.findings = append(tr.findings, ofResult(r, w))
		}
	}
}

// guarded turns a panic into the violated property "panic". A Goexit (t.FailNow)
// passes through, and so does what rapid panics with to end a test of its own.
func (tr *trial) guarded(ask func()) {
	defer func() {
		switch r := recover(); {
		case r == nil:
		case strings.HasPrefix(fmt.Sprintf("%T", r), "rapid."):
			panic(r)
		default:
			tr.world.Report(sim.Violation{Property: "panic", Detail: fmt.Sprint(r), Stack: string(debug.Stack())})
		}
	}()
	ask()
}

func panicked(w *sim.World) bool {
	for _, v := range w.Violations() {
		if v.Property == "panic" {
			return true
		}
	}
	return false
}
