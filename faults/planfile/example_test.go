package planfile

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// A plan with something of everything, as the design shows it.
const example = `version: 1
scenario: raft
params: {nodes: 5, clients: 3, keys: 4, ops: 200}
seed: 57
faults:
  - isolate: {target: leader, was: n2}
    at: 1.204s
    for: 800ms
  - crash: {target: n3, before_effect: 2}
    after: {sync: {node: n3, file: raft/log, k: 2}}
    for: 300ms
  - partition: {groups: [[n1, n2], [n3, n4, n5]]}
    at: 2s
  - delay: {extra: 1ms..50ms, target: minority, with: leader, was: [n1, n4], way: out}
    at: 2.5s
    for: 1s
  - clock_drift: {target: n1, ppm: 20000}
    at: 0s
overrides:
  - message: {from: n1, to: n4, type: raft/raft.Append, k: 3}
    lost: true
  - message: {from: c1, to: n2, type: kv.Request, k: 1, copy: 1}
    latency: 5ms
  - draw: {node: c1, kind: think, op: 7, k: 2}
    value: 20ms
  - crash: {node: n3, k: 1}
    kept: 4
workload:
  - {op: c2#7, put: {key: k1}, at: 900ms}
  - {op: c2#8, cas: {key: k1, expect: c2#7, value: "a b"}, at: 1s}
reseed: {after: {record: 5120}, salt: 1}
expect: {verdict: violated, properties: {linearizable: violated}, hash: 3f1c9a0000000017, build: "go1.26 (abc)"}
`

func examplePlan() faults.Plan {
	second := sim.Time(time.Second)
	n := sim.Server
	return faults.Plan{
		Version: 1, Scenario: "raft", Seed: 57,
		Params: []faults.Param{{Name: "nodes", Value: "5"}, {Name: "clients", Value: "3"}, {Name: "keys", Value: "4"}, {Name: "ops", Value: "200"}},
		Faults: []faults.Entry{
			{Fault: faults.Isolate{Target: faults.Target{Who: faults.Leader, Was: []sim.NodeID{n(2)}}}, At: 1204 * second / 1000, For: 800 * time.Millisecond},
			{Fault: faults.CrashAt(n(3), 2), After: sim.Identity{Subject: sim.OfSync, Node: n(3), Name: "raft/log", K: 2}, For: 300 * time.Millisecond},
			{Fault: faults.Partition{Groups: [][]sim.NodeID{{n(1), n(2)}, {n(3), n(4), n(5)}}}, At: 2 * second},
			{Fault: faults.Delay{Extra: sim.Uniform(time.Millisecond, 50*time.Millisecond), Scope: faults.Scope{
				Target: faults.Target{Who: faults.Minority, With: faults.Leader, Was: []sim.NodeID{n(1), n(4)}}, Way: faults.Out,
			}}, At: 5 * second / 2, For: time.Second},
			{Fault: faults.ClockDrift{Target: faults.On(n(1)), PPM: 20_000}},
		},
		Overrides: []faults.Override{
			{ID: sim.Identity{Subject: sim.OfMessage, Node: n(1), Peer: n(4), Name: "raft/raft.Append", K: 3, Purpose: sim.ForLoss}, Kind: sim.Chance, Value: 1},
			{ID: sim.Identity{Subject: sim.OfMessage, Node: sim.Client(1), Peer: n(2), Name: "kv.Request", K: 1, Copy: 1, Purpose: sim.ForLatency}, Kind: sim.Value, Value: int64(5 * time.Millisecond)},
			{ID: sim.Identity{Subject: sim.OfNode, Node: sim.Client(1), Name: "think", K: 7<<20 | 2}, Kind: sim.Value, Value: int64(20 * time.Millisecond)},
			{ID: sim.Identity{Subject: sim.OfCrash, Node: n(3), K: 1, Purpose: sim.ForKept}, Kind: sim.Pick, Value: 4},
		},
		Workload: &faults.Workload{Calls: []faults.Call{
			{ID: history.ID{Client: 2, N: 7}, Op: ops.Op{Kind: ops.Put, Key: "k1"}, At: 900 * second / 1000},
			{ID: history.ID{Client: 2, N: 8}, Op: ops.Op{Kind: ops.CAS, Key: "k1", Expect: "c2#7", Value: "a b"}, At: second},
		}},
		Reseed: &faults.Reseed{After: sim.Identity{Subject: sim.OfRecord, K: 5120}, Salt: 1},
		Expect: &faults.Expect{Verdict: "violated", Properties: []faults.Property{{Name: "linearizable", Verdict: "violated"}}, Hash: "3f1c9a0000000017", Build: "go1.26 (abc)"},
	}
}

func TestTheExampleMeansWhatItSays(t *testing.T) {
	p, err := Decode("example.yaml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if want := examplePlan(); !reflect.DeepEqual(p, want) {
		t.Errorf("Decode gives\n%+v, want\n%+v", p, want)
	}
	if text, err := Encode(p); err != nil || string(text) != example {
		t.Errorf("Encode gives (%v)\n%s", err, text)
	}
}

// The same plan as a person might write it: comments, block style, quotes,
// another order, other spellings of one value.
func TestHandwritingIsUnderstood(t *testing.T) {
	text := `# found on a rainy day
---
seed: 57        # as in the ticket
version: 1
"scenario": 'raft'
params:
  nodes: 5

faults:
- isolate:
    target: [n2]
  at: 1204ms
  for: 0.8s
-
  at: 0s
  clock_drift:
    ppm: 20000
    target: n1
workload: drawn
`
	p, err := Decode("p.yaml", []byte(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Encode(p)
	want := "version: 1\nscenario: raft\nparams: {nodes: 5}\nseed: 57\nfaults:\n" +
		"  - isolate: {target: n2}\n    at: 1.204s\n    for: 800ms\n" +
		"  - clock_drift: {target: n1, ppm: 20000}\n    at: 0s\nworkload: drawn\n"
	if err != nil || string(got) != want {
		t.Errorf("it is understood as (%v)\n%s, want\n%s", err, got, want)
	}
}

func TestNoFaultsIsNotDrawnFaults(t *testing.T) {
	for text, want := range map[string]bool{head: true, head + "faults: []\n": false} {
		p, err := Decode("p.yaml", []byte(text))
		if err != nil || (p.Faults == nil) != want {
			t.Errorf("%q: faults are drawn: %v (%v), want %v", text, p.Faults == nil, err, want)
		}
	}
}

func TestEncodeRefusesWhatNobodyCouldRead(t *testing.T) {
	for _, c := range []struct {
		change func(*faults.Plan)
		want   string
	}{
		{func(p *faults.Plan) { p.Version = 2 }, "version is 2"},
		{func(p *faults.Plan) { p.Scenario = "\xff" }, "not UTF-8"},
		{func(p *faults.Plan) { p.Params[0].Value = "\xff" }, "not UTF-8"},
		{func(p *faults.Plan) { p.Overrides[0].ID.Name = "\xff" }, "not UTF-8"},
		{func(p *faults.Plan) { p.Faults[1].After.Name = "\xff" }, "not UTF-8"},
		{func(p *faults.Plan) { p.Params[1].Name = "nodes" }, `parameter "nodes" is empty or listed twice`},
		{func(p *faults.Plan) { p.Faults[0].Fault = faults.Isolate{} }, "fault 1 (isolate): target is missing"},
		{func(p *faults.Plan) { p.Workload.Calls[1].ID.N = 7 }, "c2#7 is listed twice"},
		{func(p *faults.Plan) { p.Workload.Calls[0].Op.Expect = "x" }, "a put takes no expect"},
		{func(p *faults.Plan) { p.Reseed.After = sim.Identity{} }, "reseed: after is missing"},
		{func(p *faults.Plan) { p.Expect.Hash = "XYZ" }, "hash is"},
		{func(p *faults.Plan) { p.Expect.Properties[0].Verdict = "lost" }, `property "linearizable" is "lost"`},
	} {
		p := examplePlan()
		c.change(&p)
		if text, err := Encode(p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Encode says %v, want %q\n%s", err, c.want, text)
		}
	}
}

func TestWriteIsWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.yaml")
	if err := Write(path, examplePlan()); err != nil {
		t.Fatal(err)
	}
	bad := examplePlan()
	bad.Scenario = "\xff"
	if err := Write(path, bad); err == nil {
		t.Error("a plan that cannot be encoded was written")
	}
	if err := Write(filepath.Join(dir, "missing", "plan.yaml"), examplePlan()); err == nil {
		t.Error("a plan was written into a directory that does not exist")
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "sub"), examplePlan()); err == nil {
		t.Error("a plan was written over a directory")
	}
	if p, err := Read(path); err != nil || !reflect.DeepEqual(p, examplePlan()) {
		t.Errorf("Read gives %+v, %v", p, err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	hidden, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(left)+len(hidden) != 2 {
		t.Errorf("left behind: %v %v", left, hidden)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	if _, err := Read(filepath.Join(dir, "none.yaml")); !os.IsNotExist(err) {
		t.Errorf("reading what is not there: %v", err)
	}
}
