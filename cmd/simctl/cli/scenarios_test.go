package cli_test

import (
	"regexp"
	"strings"
	"testing"
)

// Every scenario that simctl comes with is listed, deterministic and as
// declared, and its recorded plan replays to the same hash.
func TestOwnScenarios(t *testing.T) {
	list := decode[listDocument](t, simctl(t, "list", "--json").stdout)
	if len(list) < 5 {
		t.Fatalf("got %d scenarios", len(list))
	}
	for _, s := range list {
		t.Run(s.Name, func(t *testing.T) {
			in := &invocation{t: t, dir: t.TempDir(), real: true}
			args := []string{"run", s.Name, "--seed", "2", "--check-determinism", "--json", "--out", "plan.yaml"}
			for _, p := range s.Params {
				if p.Name == s.Varies { // an experiment: one of its runs
					args = append(args, "--set", p.Name+"="+p.Default)
				}
			}
			if s.Explores { // a run of it is a search: see TestCases…; here, one seed of it
				args = []string{"run", s.Name, "--check-determinism", "--json", "--out", "plan.yaml", "--plan", in.onePlan(s.Name)}
			}
			r := in.run(args...)
			doc := decode[runDocument](t, r.stdout)
			if r.code != 0 || doc.AsDeclared == nil || !*doc.AsDeclared {
				t.Errorf("run: exit %d\n%s%s", r.code, r.stdout, r.stderr)
			}
			again := in.run("replay", "plan.yaml")
			if again.code != 0 || !strings.Contains(again.stdout, "the same trace hash") {
				t.Errorf("replay: exit %d\n%s", again.code, again.stderr)
			}
			one := in.run("hunt", s.Name, "--seeds", "1-4", "--json", "--keep-going", "-j", "1").stdout
			two := in.run("hunt", s.Name, "--seeds", "1-4", "--json", "--keep-going", "-j", "2").stdout
			if wall.ReplaceAllString(one, "") != wall.ReplaceAllString(two, "") {
				t.Errorf("hunt with one worker\n%s\nwith two\n%s", one, two)
			}
		})
	}
}

// onePlan writes a plan of one run.
func (in *invocation) onePlan(scenario string) string {
	in.write("one.yaml", "version: 1\nscenario: "+scenario+"\nseed: 2\nfaults: []\n")
	return "one.yaml"
}

// A parameter that is a choice lists its words, and a wrong one is bad usage.
func TestChoices(t *testing.T) {
	list := decode[listDocument](t, simctl(t, "list", "--json").stdout)
	p := list[0].Params[4]
	if p.Name != "reads" || p.Kind != "choice" || p.Default != "log" || strings.Join(p.Words, " ") != "log index local" {
		t.Errorf("got %+v", p)
	}
	if r := simctl(t, "run", "raft", "--set", "reads=lease"); r.code != 2 || !strings.Contains(r.stderr, "reads=lease: want one of log, index, local") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
	if r := simctl(t, "run", "raft", "--set", "reads=index", "--set", "prevote=true", "--set", "checkquorum=true"); r.code != 0 {
		t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// A report says how much of the workload a run had no time for.
func TestWorkloadCutShort(t *testing.T) {
	in := &invocation{t: t, dir: t.TempDir(), real: true}
	if r := in.run("run", "split-brain", "--set", "ops=1000000"); !regexp.MustCompile(`(?m)^workload cut short: the run ended when \d+ of 1000000 operations were begun$`).MatchString(r.stdout) {
		t.Errorf("exit %d:\n%s", r.code, r.stdout)
	}
	doc := decode[runDocument](t, in.run("run", "raft", "--set", "ops=1000000", "--json").stdout)
	// The probe of the core phase is no part of the workload.
	if c := doc.CutShort; c == nil || c.Asked != 1_000_000 || c.Begun != *doc.History.Ops-1 {
		t.Errorf("cut short: got %+v of %d", c, *doc.History.Ops)
	}
	if doc := decode[runDocument](t, in.run("run", "raft", "--json").stdout); doc.CutShort != nil {
		t.Errorf("cut short: got %+v of a run that was done", doc.CutShort)
	}
}

// The help of list offers the problems that a scenario is about, each of which lists
// something.
func TestProblemsAreTruthful(t *testing.T) {
	offered := regexp.MustCompile(`--problem PROBLEM .*: (.*)`).FindStringSubmatch(simctl(t, "list", "--help").stdout)
	if offered == nil || offered[1] != "split-brain, livelock, data-inconsistency, single-writer, blocking" {
		t.Fatalf("offered: %q", offered)
	}
	for _, problem := range strings.Split(offered[1], ", ") {
		if about := decode[listDocument](t, simctl(t, "list", "--problem", problem, "--json").stdout); len(about) < 2 {
			t.Errorf("%s: %d scenarios, want a broken and a fixed one", problem, len(about))
		}
	}
}
