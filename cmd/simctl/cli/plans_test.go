package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write puts a file into the folder of an invocation.
func (i *invocation) write(name, text string) {
	i.t.Helper()
	if err := os.WriteFile(filepath.Join(i.dir, name), []byte(text), 0o644); err != nil {
		i.t.Fatal(err)
	}
}

func (i *invocation) read(name string) string {
	i.t.Helper()
	text, err := os.ReadFile(filepath.Join(i.dir, name))
	if err != nil {
		i.t.Fatal(err)
	}
	return string(text)
}

const calmPlan = "version: 1\nscenario: calm\nseed: 3\n"

// A plan that cannot be used is refused with what, where and what to do, by
// every command that takes one.
func TestBadPlans(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	if err := os.Mkdir(filepath.Join(in.dir, "folder.yaml"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"empty.yaml":    {"", "empty.yaml:1:1: the file is empty"},
		"binary.yaml":   {"\x00\x01\x02\xff", "binary.yaml:1:"},
		"torn.yaml":     {"version: 1\nscenario: ca", "torn.yaml:"},
		"version.yaml":  {"version: 7\nscenario: calm\nseed: 1\n", "version.yaml:1:10:"},
		"key.yaml":      {calmPlan + "sede: 4\n", "key.yaml:4:1:"},
		"type.yaml":     {"version: 1\nscenario: calm\nseed: many\n", "type.yaml:3:7:"},
		"unknown.yaml":  {"version: 1\nscenario: clam\nseed: 1\n", `did you mean "calm"`},
		"param.yaml":    {calmPlan + "params: {aks: 4}\n", `did you mean "asks"`},
		"value.yaml":    {calmPlan + "params: {asks: 0}\n", "value.yaml:4:10: scenario calm: asks=0: want"},
		"node.yaml":     {calmPlan + "faults:\n  - crash: {target: n9}\n    at: 1s\n", "node.yaml:5:"},
		"fault.yaml":    {calmPlan + "faults:\n  - crush: {target: n1}\n    at: 1s\n", "fault.yaml:5:"},
		"bomb.yaml":     {strings.Repeat("[", 100000), "bomb.yaml:"},
		"escape.yaml":   {"version: 1\nscenario: \"\\x1b[31mred\"\nseed: 1\n", "escape.yaml"},
		"huge.yaml":     {strings.Repeat("# nothing\n", 2<<20), "larger than 16 MiB"},
		"missing.yaml":  {"", "cannot read missing.yaml: no such file"},
		"folder.yaml":   {"", "folder.yaml is a directory"},
		"gotest.yaml":   {"version: 1\nscenario: go-test/example.com/app/store.TestX/a+b\nseed: 1\n", `SIM_PLAN=gotest.yaml go test -run '^TestX$/^a\+b$' example.com/app/store`},
		"gotestno.yaml": {"version: 1\nscenario: go-test/nothing\nseed: 1\n", "names no test"},
	} {
		if name != "missing.yaml" && name != "folder.yaml" {
			in.write(name, tt.text)
		}
		t.Run(name, func(t *testing.T) {
			refuses(t, in.run("replay", name), tt.want)
			refuses(t, in.run("run", "calm", "--plan", name), tt.want)
		})
	}
	in.write("calm.yaml", calmPlan)
	refuses(t, in.run("run", "doomed", "--plan", "calm.yaml"), "is a plan for calm, not for doomed")
	refuses(t, in.run("replay", "calm.yaml", "--seed", "4"), "edit it")
	refuses(t, in.run("replay", "calm.yaml", "--set", "asks=4"), "edit it")
	if os.Geteuid() != 0 {
		in.write("secret.yaml", calmPlan)
		if err := os.Chmod(filepath.Join(in.dir, "secret.yaml"), 0); err != nil {
			t.Fatal(err)
		}
		refuses(t, in.run("replay", "secret.yaml"), "cannot read secret.yaml: permission denied")
	}
}

// A recorded run replays to the same hash, also from a plan recorded again.
func TestRecordAndReplay(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	first := decode[runDocument](t, in.run("run", "broken", "--seed", "7", "--set", "asks=6", "--json", "--out", "plan.yaml").stdout)
	if first.Replay != "simctl replay plan.yaml" {
		t.Errorf("replay: got %q", first.Replay)
	}
	again := decode[runDocument](t, in.run("run", "broken", "--plan", "plan.yaml", "--json", "--out", "again.yaml").stdout)
	if again.TraceHash != first.TraceHash || *again.Seed != 7 || again.Params["asks"] != "6" {
		t.Errorf("from the plan: got %+v, want the hash %s", again, first.TraceHash)
	}
	if a, b := in.read("plan.yaml"), in.read("again.yaml"); a != b {
		t.Errorf("recorded\n%s\nrecorded again\n%s", a, b)
	}
	if r := in.run("replay", "plan.yaml"); r.code != 0 || !strings.Contains(r.stdout, "the same trace hash") {
		t.Errorf("replay: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// Replay compares with what the plan expects, and says first what differs.
func TestReplayExpectations(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	in.run("run", "broken", "--seed", "7", "--out", "plan.yaml")
	recorded := in.read("plan.yaml")
	hash := decode[runDocument](t, in.run("run", "broken", "--seed", "7", "--json").stdout).TraceHash
	for name, tt := range map[string]struct {
		old, new string
		code     int
		want     string
	}{
		"nothing changed":       {"", "", 0, "expected yes: the same verdicts and the same trace hash"},
		"another verdict":       {"verdict: violated", "verdict: holds", 1, "verdict: the plan expects holds, this run has violated"},
		"another property":      {"{answered: violated}", "{answered: unknown}", 1, "property answered: the plan expects unknown, this run has violated"},
		"a property not judged": {"{answered: violated}", "{aswered: violated}", 1, "property aswered: the plan expects violated, this run has not judged"},
		"another hash":          {hash, "0123456789abcdef", 1, "trace hash: the plan expects 0123456789abcdef, this run has " + hash},
		"a hash of other code":  {"build: sha256-", "build: git-", 0, "another build recorded the plan"},
		"a verdict of others":   {"{answered: violated}, hash: " + hash + ", build: sha256-", "{answered: unknown}, hash: " + hash + ", build: git-", 1, "expected no (this build has not recorded the plan)\n"},
		"another seed":          {"seed: 7", "seed: 8", 1, "verdict: the plan expects violated, this run has holds"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(recorded, tt.old, tt.new, 1)
			if text == recorded && tt.old != "" {
				t.Fatalf("no %q in\n%s", tt.old, recorded)
			}
			in.write("changed.yaml", text)
			r := in.run("replay", "changed.yaml")
			if r.code != tt.code || !strings.Contains(r.stdout, tt.want) {
				t.Errorf("exit %d, want %d and %q in\n%s%s", r.code, tt.code, tt.want, r.stdout, r.stderr)
			}
			doc := decode[replayDocument](t, in.run("replay", "changed.yaml", "--json").stdout)
			if *doc.AsExpected != (tt.code == 0) || (len(doc.Differences) == 0) != (tt.code == 0) {
				t.Errorf("--json: got %+v", doc)
			}
		})
	}
	in.write("bare.yaml", strings.Split(recorded, "expect:")[0])
	if r := in.run("replay", "bare.yaml"); r.code != 1 || strings.Contains(r.stdout, "expected") {
		t.Errorf("without expectations the declaration counts: exit %d\n%s", r.code, r.stdout)
	}
}

// Run judges by the declaration, and says that a plan's expectation is for replay.
func TestRunLeavesExpectationsToReplay(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	in.write("bare.yaml", calmPlan)
	in.write("other.yaml", calmPlan+"expect: {verdict: violated}\n")
	if r := in.run("run", "calm", "--plan", "bare.yaml"); r.code != 0 || r.stderr != "" {
		t.Errorf("nothing is expected: exit %d, %q", r.code, r.stderr)
	}
	r := in.run("run", "calm", "--plan", "other.yaml")
	if r.code != 0 || !strings.HasSuffix(r.stderr, "to compare with what the plan expects: simctl replay other.yaml\n") {
		t.Errorf("exit %d, %q", r.code, r.stderr)
	}
	if r := in.run("replay", "other.yaml"); r.code != 1 {
		t.Errorf("replay: exit %d", r.code)
	}
}

// What to replay is a file if it looks like one or only that exists; a scenario
// keeps its name beside a folder of the same name.
func TestReplayFileOrScenario(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	in.write("odd", calmPlan)
	if err := os.Mkdir(filepath.Join(in.dir, "calm"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"replay odd", "replay ./odd", "replay calm --seed 3", "replay calm"} {
		if r := in.run(strings.Fields(args)...); r.code != 0 {
			t.Errorf("%s: exit %d\n%s", args, r.code, r.stderr)
		}
	}
	refuses(t, in.run("replay", "./calm"), "./calm is a directory")
	refuses(t, in.run("replay", "calm.yml"), "cannot read calm.yml")
}

// A plan whose target cannot be replaced leaves the old file whole.
func TestOutReplacesWhole(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	in.run("run", "calm", "--out", "plan.yaml")
	want := in.read("plan.yaml")
	if r := in.run("run", "calm", "--set", "asks=0", "--out", "plan.yaml"); r.code != 2 {
		t.Errorf("exit %d", r.code)
	}
	if got := in.read("plan.yaml"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	files, err := os.ReadDir(in.dir)
	if err != nil || len(files) != 1 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

// The flags of a transcript do what they say.
func TestTranscriptFlags(t *testing.T) {
	whole := on(t, "replay", "calm").stdout
	for name, tt := range map[string]struct {
		args     string
		has, not string
	}{
		"from":  {"--from 20ms", "c1#3", "c1#1 ask"},
		"to":    {"--to 20ms", "c1#1 ask", "c1#4"},
		"node":  {"--node c1", "c1#1 ask", "n1 boot"},
		"ascii": {"--ascii", "c1#1", "━"},
		"prose": {"--prose", "c1#1", "━"},
	} {
		t.Run(name, func(t *testing.T) {
			r := on(t, append([]string{"replay", "calm"}, strings.Fields(tt.args)...)...)
			if r.stdout == whole || !strings.Contains(r.stdout, tt.has) || strings.Contains(r.stdout, tt.not) || r.code != 0 {
				t.Errorf("replay calm %s: want %q and not %q in\n%s%s", tt.args, tt.has, tt.not, r.stdout, r.stderr)
			}
		})
	}
	if r := on(t, "replay", "calm", "--ascii"); bytes.ContainsFunc([]byte(strings.Split(r.stdout, "calm, seed")[0]), func(c rune) bool { return c > 127 }) {
		t.Errorf("--ascii: got\n%s", r.stdout)
	}
	for args, want := range map[string]string{
		"--width 59": "want 60 to 1000", "--width 5000": "want 60 to 1000", "--from -1s": "begins at 0s", "--to 0s": "after 0s",
		"--from 2s --to 1s": "comes before", "--node n7": "1 server and 1 client", "--node x": `"x"`, "--node=": "want nodes", "--from 3": "invalid argument",
	} {
		refuses(t, on(t, append([]string{"replay", "calm"}, strings.Fields(args)...)...), want)
	}
}
