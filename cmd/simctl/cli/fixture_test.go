package cli_test

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"distsim/checker"
	"distsim/faults"
	"distsim/scenarios"
	"distsim/sim"
)

// The fixtures are scenarios whose outcome is known beforehand, one for every
// exit code: a client asks a server to answer, and the judge decides by the seed.

type ask struct{ N int }
type answer struct{ N int }
type nudge struct{ changed bool }

// server answers; beforehand it may do what a fixture wants done.
type server struct{ before func(*sim.Env, ask) }

func (s server) Step(env *sim.Env, _ sim.NodeID, m sim.Message) {
	if a, ok := m.(ask); ok {
		if s.before != nil {
			s.before(env, a)
		}
		env.Reply(env.ReplyTo(), answer(a))
	}
}

// asks is a client that asks n times, a pause apart.
func asks(n int, pause time.Duration) func(*sim.Proc) {
	return func(p *sim.Proc) {
		for i := 1; i <= n; i++ {
			op := p.Invoke(p.NextOp(), "ask")
			if a, ok := sim.Call[answer](p, sim.Server(1), ask{i}, time.Second); ok {
				op.OK(a.N)
			} else {
				op.Unknown("no answer")
			}
			p.Sleep(pause)
		}
	}
}

// fixture is a scenario of one property, "answered".
type fixture struct {
	name     string
	shows    string
	promise  scenarios.Promise
	problems []string
	judge    func(seed uint64) (checker.Verdict, string)
	before   func(*sim.Env, ask)
}

func (f fixture) scenario() *scenarios.Scenario {
	return &scenarios.Scenario{
		Name: f.name, Shows: f.shows, Problems: f.problems,
		Params: []scenarios.Param{
			{Name: "asks", Default: "4", Help: "how often the client asks", Min: 1, Max: 100000},
			{Name: "pause", Default: "10ms", Help: "how long it rests", Kind: scenarios.Duration, Max: int64(time.Hour)},
			{Name: "polite", Default: "true", Help: "changes nothing", Kind: scenarios.Bool},
		},
		Validate: func(v scenarios.Values) error {
			if v.Int("asks") == 13 {
				return fmt.Errorf("asks=13 brings bad luck; choose 12 or 14")
			}
			return nil
		},
		Declare: func(scenarios.Values) scenarios.Declaration {
			return scenarios.Declaration{
				Properties: []scenarios.Declared{{Property: "answered", Promise: f.promise}},
				Chaos:      time.Minute, Quiet: time.Minute,
			}
		},
		Config: func(scenarios.Values) sim.Config {
			return sim.Config{Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 3*time.Millisecond)}}
		},
		Build: func(b *scenarios.Build) {
			b.World.AddServer(func() sim.Node { return server{f.before} })
			b.World.AddClient(sim.Go(asks(b.Values.Int("asks"), b.Values.Duration("pause"))))
		},
		Script: func(scenarios.Values, uint64) []faults.Entry { return []faults.Entry{} },
		Judge: func(_ scenarios.Values, w *sim.World) ([]checker.Result, error) {
			r := checker.Result{Property: "answered", Verdict: checker.Holds}
			if f.judge != nil {
				r.Verdict, r.Detail = f.judge(w.Seed())
			}
			if r.Verdict == checker.Violated {
				r.Ops = w.History()[:1]
			}
			return []checker.Result{r}, nil
		},
	}
}

// every violates the property for each n-th seed.
func every(n uint64, detail string) func(uint64) (checker.Verdict, string) {
	return func(seed uint64) (checker.Verdict, string) {
		if seed%n == 0 {
			return checker.Violated, detail
		}
		return checker.Holds, ""
	}
}

func fixtures() []*scenarios.Scenario {
	var visits atomic.Int64 // of the whole process: what no simulated node may look at
	list := []fixture{
		{name: "calm", shows: "a client that is answered", problems: []string{"blocking"}},
		{name: "doomed", shows: "a violation in every run", promise: scenarios.Always, judge: every(1, "c1#1 got the wrong answer")},
		{name: "spared", shows: "a violation declared that never comes", promise: scenarios.Always},
		{name: "flaky", shows: "a violation in some runs", promise: scenarios.Sometimes, judge: every(5, "c1#1 got the wrong answer")},
		{name: "never", shows: "a violation declared for some runs that never comes", promise: scenarios.Sometimes},
		{name: "broken", shows: "an undeclared violation in every seventh run", judge: every(7, "c1#1 got the wrong answer")},
		{name: "undecided", shows: "a checker out of budget", judge: func(uint64) (checker.Verdict, string) {
			return checker.Unknown, "the budget of 10 steps is spent"
		}},
		{name: "endless", shows: "a judge that never comes to an end", judge: func(uint64) (checker.Verdict, string) {
			fmt.Fprintln(os.Stderr, "judging")
			time.Sleep(time.Hour)
			return checker.Unknown, ""
		}},
		{name: "garish", shows: "a detail that would paint the screen", judge: every(1, "red: \x1b[31malarm\x07\nsecond line")},
		{name: "panicky", shows: "a server that panics", before: func(_ *sim.Env, a ask) {
			if a.N == 3 {
				panic("three is too many")
			}
		}},
		{name: "restless", shows: "a server that looks at something outside its run", before: func(env *sim.Env, a ask) {
			if a.N == 2 && visits.Add(1)%2 == 0 {
				env.Send(sim.Server(1), nudge{})
			}
		}},
		{name: "meddler", shows: "a server that changes a message it has sent", before: func(env *sim.Env, a ask) {
			if a.N == 2 {
				sent := &nudge{}
				env.Send(sim.Server(1), sent)
				sent.changed = true
			}
		}},
		{name: "moody", shows: "a server that did something else once", before: func(env *sim.Env, a ask) {
			if a.N == 2 && visits.Add(1) == 2 {
				env.Send(sim.Server(1), nudge{})
			}
		}},
	}
	out := make([]*scenarios.Scenario, len(list))
	for i, f := range list {
		out[i] = f.scenario()
	}
	return append(out, sterile(), tally(), tallyOf("toll", "messages per question"), tallyOf("census", "messages"), thorough())
}
