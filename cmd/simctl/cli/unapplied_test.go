package cli_test

import (
	"strings"
	"testing"
)

// What a plan lists and the run was not touched by is said, and it is no failure.
func TestUnappliedPartsAreShown(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	in.write("late.yaml", calmPlan+`faults:
  - crash: {target: n1}
    at: 100s
  - filter: {type: cli_test.aks}
    at: 1ms
overrides:
  - message: {from: c1, to: n1, type: ask, k: 1}
    lost: true
workload:
  - {op: c1#77, put: {key: k1}, at: 1s}
reseed: {after: {record: 900000}, salt: 1}
`)
	for _, args := range [][]string{{"run", "calm", "--plan", "late.yaml"}, {"replay", "late.yaml"}} {
		r := in.run(args...)
		for _, want := range []string{
			"not applied: fault 1 (crash: {target: n1} at 1m40s): faults were over at ",
			"not applied: fault 2 (filter: {type: cli_test.aks} at 1ms): no cli_test.aks came its way",
			"not applied: override 1 (message c1>n1 ask #1 lost: true): the run never came to this decision",
			"not applied: operation 1 (c1#77 put(",
			"not applied: reseed (after record 900000): that never came",
		} {
			if r.code != 0 || !strings.Contains(r.stdout, want) {
				t.Errorf("%v: exit %d, want %q in\n%s%s", args, r.code, want, r.stdout, r.stderr)
			}
		}
		if list := decode[runDocument](t, in.run("run", "calm", "--plan", "late.yaml", "--json").stdout).Unapplied; len(list) != 5 || list[1].Key != "faults" || list[1].Number != 2 || list[1].Why == "" {
			t.Errorf("--json: got %+v", list)
		}
	}
	if doc := decode[runDocument](t, in.run("run", "calm", "--json").stdout); doc.Unapplied != nil {
		t.Errorf("a drawn plan lists %+v", doc.Unapplied)
	}
}

// Nodes that cannot exist are mistakes, wherever the plan names them.
func TestNodesThatDoNotExist(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	for name, tt := range map[string]struct{ text, want string }{
		"fault":    {"faults:\n  - crash: {target: [n1, n9]}\n    at: 1s\n", "bad.yaml:5:21: crash: there is no node n9 among 1 server and 1 client"},
		"after":    {"faults:\n  - crash: {target: n1}\n    after: {message: {from: n9, to: n1, type: x, k: 1}}\n", "bad.yaml:6:29: crash: there is no node n9"},
		"override": {"overrides:\n  - message: {from: c1, to: n9, type: x, k: 1}\n    lost: true\n", "bad.yaml:5:29: there is no node n9"},
		"workload": {"workload:\n  - {op: c9#1, put: {key: k1}, at: 1s}\n", "bad.yaml:5:10: there is no node c9"},
		"reseed":   {"reseed: {after: {timer: {node: c9, type: x, k: 1}}, salt: 1}\n", "bad.yaml:4:32: there is no node c9"},
	} {
		in.write("bad.yaml", calmPlan+tt.text)
		t.Run(name, func(t *testing.T) { refuses(t, in.run("replay", "bad.yaml"), tt.want) })
	}
}
