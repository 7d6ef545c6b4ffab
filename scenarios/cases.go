package scenarios

import (
	"context"
	"strings"
	"sync"

	"distsim/checker"
	"distsim/faults"
	"distsim/sim"
	"distsim/sim/explore"
)

// Cases makes a scenario the search of all runs of a small system: those with at most so
// many crashes, each at any effect of any server, and at most so many lost messages (see
// package explore). Nothing is sampled.
type Cases struct {
	Of []Family

	// May says whether a decision may come out otherwise at this point of a run; nil: at
	// every point.
	May func(*sim.World) bool
}

// Family is the parameters of one small system, and the bounds of its search.
type Family struct {
	Params []Value
	Bounds explore.Bounds
}

// CasesReport is what a search found, as `simctl run --json` prints it.
type CasesReport struct {
	Scenario    string        `json:"scenario"`
	Seed        uint64        `json:"seed"`
	Families    []FamilyCases `json:"families"`
	Interrupted bool          `json:"interrupted,omitempty"`
}

// FamilyCases is what became of the cases of one family.
type FamilyCases struct {
	Params     Values    `json:"params"` // those that the family sets
	Crashes    int       `json:"crashes"`
	Losses     int       `json:"losses"`
	Declared   string    `json:"declared"` // of the whole: holds, violated sometimes, …
	Cases      int       `json:"cases"`
	Complete   bool      `json:"complete"`
	By         []CasesBy `json:"by"`
	Holds      int       `json:"holds"`
	Violated   int       `json:"violated"`
	Stalled    int       `json:"stalled"`
	Unknown    int       `json:"unknown"`
	Properties []CasesOf `json:"properties"` // broken ones, in the order in which they first were
	AsDeclared bool      `json:"as_declared"`

	promise Promise
}

// CasesBy counts the cases with so many deviations.
type CasesBy struct {
	Crashes int `json:"crashes"`
	Losses  int `json:"losses"`
	Cases   int `json:"cases"`
}

// CasesOf counts the cases in which a property was broken, with the first of those that
// deviate least.
type CasesOf struct {
	Property string      `json:"property"`
	Cases    int         `json:"cases"`
	First    string      `json:"first"`  // its deviations
	Detail   string      `json:"detail"` // of the first
	Plan     faults.Plan `json:"-"`      // that repeats the first

	declared   Promise
	deviations int // of the one that is shown
}

// Explore goes through all cases of the families whose parameters agree with those given.
// It returns what it has when the context ends.
func (s *Scenario) Explore(ctx context.Context, given []Value, seed uint64, workers int, progress func(done uint64)) (*CasesReport, error) {
	if _, err := s.Resolve(given); err != nil {
		return nil, err
	}
	r := &CasesReport{Scenario: s.Name, Seed: seed}
	var chosen []Family
	for _, f := range s.Cases.Of {
		params, agrees := f.with(given)
		if !agrees {
			continue
		}
		if _, err := s.Resolve(params); err != nil {
			return nil, err
		}
		chosen = append(chosen, Family{params, f.Bounds})
		r.Families = append(r.Families, FamilyCases{Params: f.Params})
	}
	t := &tally{progress: progress}
	var wg sync.WaitGroup
	next := make(chan int, len(chosen))
	for i := range chosen {
		next <- i
	}
	close(next)
	for range max(1, workers) {
		wg.Go(func() {
			for i := range next {
				r.Families[i] = s.family(ctx, chosen[i], r.Families[i].Params, seed, t)
			}
		})
	}
	wg.Wait()
	r.Interrupted = ctx.Err() != nil
	return r, nil
}

// with is the family's parameters and those given, if they do not contradict.
func (f Family) with(given []Value) (params []Value, agrees bool) {
	params = append(params, f.Params...)
	for _, g := range given {
		for _, p := range f.Params {
			if p.Name == g.Name && p.Text != g.Text {
				return nil, false
			}
		}
		params = append(params, g)
	}
	return params, true
}

// tally counts the cases of all families together.
type tally struct {
	mu       sync.Mutex
	done     uint64
	progress func(uint64)
}

func (t *tally) one() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done++
	t.progress(t.done)
}

// family goes through the cases of one.
func (s *Scenario) family(ctx context.Context, f Family, shown Values, seed uint64, t *tally) FamilyCases {
	values, err := s.Resolve(f.Params)
	if err != nil {
		panic(err) // it was resolved before
	}
	decl := s.Declare(values)
	out := FamilyCases{Params: shown, Crashes: f.Bounds.Crashes, Losses: f.Bounds.Losses,
		Declared: decl.strongest().String(), promise: decl.strongest(), AsDeclared: true, By: []CasesBy{}, Properties: []CasesOf{}}
	w := sim.New(sim.Config{})
	plan := faults.Plan{Version: faults.Version, Scenario: s.Name, Seed: seed, Params: planParams(values), Faults: []faults.Entry{}}
	if s.Cases.May != nil {
		f.Bounds.May = func(sim.Identity) bool { return s.Cases.May(w) }
	}
	f.Bounds.Stop = func() bool { return ctx.Err() != nil }
	res := explore.Run(f.Bounds, func(c *explore.Case) string {
		run, err := s.runIn(w, plan, Options{explored: c})
		if err != nil {
			panic(err)
		}
		t.one()
		out.enter(run.Report, c, plan)
		return run.Report.Verdict
	})
	out.settle(res)
	return out
}

// Name tells a family by its parameters: alone, participants=2.
func (f *FamilyCases) Name() string {
	parts := make([]string, len(f.Params))
	for i, p := range f.Params {
		parts[i] = p.Name + "=" + p.Text
	}
	return strings.Join(parts, " ")
}

// enter adds a case.
func (f *FamilyCases) enter(r *Report, c *explore.Case, plan faults.Plan) {
	f.AsDeclared = f.AsDeclared && r.Exit() != 1 // an undecided one is among the Unknown
	for _, p := range r.Properties {
		if p.verdict.Broken() {
			f.broken(p, c, plan)
		}
	}
}

// broken counts a case against a property.
func (f *FamilyCases) broken(p PropertyReport, c *explore.Case, plan faults.Plan) {
	for i := range f.Properties {
		if x := &f.Properties[i]; x.Property == p.Name {
			x.Cases++
			if deviations(c) < x.deviations {
				x.show(p, c, plan)
			}
			return
		}
	}
	x := CasesOf{Property: p.Name, Cases: 1, declared: p.promise}
	x.show(p, c, plan)
	f.Properties = append(f.Properties, x)
}

// show makes a case the one that is shown.
func (x *CasesOf) show(p PropertyReport, c *explore.Case, plan faults.Plan) {
	x.First, x.Detail, x.deviations = c.String(), p.Detail, deviations(c)
	plan.Faults, plan.Overrides = faults.Explored(c.Crashes(), c.Losses())
	x.Plan = plan
}

func deviations(c *explore.Case) int { return len(c.Crashes()) + len(c.Losses()) }

// settle takes over what the search counted.
func (f *FamilyCases) settle(res *explore.Result) {
	f.Cases, f.Complete = res.Cases, res.Complete
	for _, b := range res.By {
		f.By = append(f.By, CasesBy(b))
	}
	f.Holds, f.Violated = res.Of(checker.Holds.String()), res.Of(checker.Violated.String())
	f.Stalled, f.Unknown = res.Of(checker.Stalled.String()), res.Of(checker.Unknown.String())
	if f.promise == Sometimes && f.Complete && f.Violated+f.Stalled == 0 {
		f.AsDeclared = false
	}
}

// FirstBroken is the first property that was broken in any case, or nil: one that should
// hold, if there is any, or else one that needs a deviation, before what is broken anyway.
func (r *CasesReport) FirstBroken() *CasesOf {
	var first *CasesOf
	for i := range r.Families {
		for k := range r.Families[i].Properties {
			if p := &r.Families[i].Properties[k]; first == nil || p.declared.telling() > first.declared.telling() {
				first = p
			}
		}
	}
	return first
}

// telling ranks promises by how much a case that breaks them tells.
func (p Promise) telling() int {
	return [...]int{Holds: 2, Sometimes: 1, Open: 1, Always: 0}[p]
}

// Exit is the exit code a search deserves.
func (r *CasesReport) Exit() int {
	code := 0
	for _, f := range r.Families {
		switch {
		case !f.AsDeclared:
			return 1
		case f.Unknown > 0:
			code = 3
		}
	}
	if r.Interrupted {
		return 130
	}
	return code
}
