package simtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestFromAnotherModule follows the README: a module of its own takes the
// worked example, finds the bug, replays it by the command that the failure
// names, and fixes it. It needs no network: the modules are those of this one.
func TestFromAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles another module")
	}
	t.Parallel()
	app := newApp(t)
	app.write(t, "hasty")
	app.mustRun(t, "go vet ./...")
	found, ok := app.run(t, "go test ./...")
	if ok {
		t.Fatal("nothing was found")
	}
	contains(t, found, "register_test.go:", "linearizable violated at ", "stale read: ", "faults:\n", "crash: {target: ",
		"plan: testdata/sim/TestRegister/seed-")
	_, replay, _ := strings.Cut(found, "replay: ")
	replay, _, _ = strings.Cut(replay, "\n")
	again, ok := app.run(t, replay)
	if ok {
		t.Errorf("%s passes", replay)
	}
	contains(t, again, "the very run that was recorded: the trace hashes are equal")
	if a, b := hashLine(found), hashLine(again); a == "" || a != b {
		t.Errorf("found with %q, replayed with %q", a, b)
	}

	app.write(t, "careful")
	app.mustRun(t, "go test ./...")
	contains(t, app.mustRun(t, "go test -v ./..."), ".yaml holds now", "seeds 1-200 tried")
}

// TestPropertyRunFromAnotherModule does the same with the README's property run: what
// it shows is what comes out.
func TestPropertyRunFromAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles another module")
	}
	t.Parallel()
	app := newApp(t)
	app.write(t, "hasty")
	app.writeProperty(t, "hasty")
	const command = "go test -run UnderAnyPlan ./store -rapid.seed=3"
	found, ok := app.run(t, command)
	if want := shown(t, command); ok || !want.MatchString(found) {
		t.Errorf("%s: passes: %v; the README shows something else:\n%s", command, ok, found)
	}
	_, replay, _ := strings.Cut(found, "replay: ")
	replay, _, _ = strings.Cut(replay, "\n")
	again, ok := app.run(t, replay)
	if ok {
		t.Errorf("%s passes", replay)
	}
	contains(t, again, "the very run that was recorded: the trace hashes are equal")

	fuzzed, ok := app.run(t, "go test -run FuzzRegister ./store")
	if ok {
		t.Error("the corpus of FuzzRegister does not undo the hasty register")
	}
	contains(t, fuzzed, "FAIL: FuzzRegister/undone-1 ", "FAIL: FuzzRegister/undone-2 ", "FAIL: FuzzRegister/undone-3 ",
		"linearizable violated at ", "shrunk from 3 faults to 1 by ")
	_, replay, _ = strings.Cut(fuzzed, "replay: ")
	replay, _, _ = strings.Cut(replay, "\n")
	contains(t, replay, "SIM_PLAN=testdata/sim/FuzzRegister/seed-", " go test -run '^FuzzRegister$' ./store")
	again, ok = app.run(t, replay)
	if ok {
		t.Errorf("%s passes", replay)
	}
	contains(t, again, "the very run that was recorded: the trace hashes are equal")
	app.write(t, "careful")
	app.writeProperty(t, "careful")
	contains(t, app.mustRun(t, replay+" -v"), ".yaml holds now")
	if strings.Contains(fuzzed, "FAIL: FuzzRegister/unharmed") {
		t.Errorf("inputs that should do no harm do:\n%s", fuzzed)
	}

	app.write(t, "careful")
	app.writeProperty(t, "careful")
	contains(t, app.mustRun(t, "go test -v -run 'UnderAnyPlan|Fuzz' ./store"), "seed-0.yaml holds now", "[rapid] OK, passed 100 tests",
		"PASS: FuzzRegister/undone-1 ")
}

// TestCommandsFromAnotherModule does what the README says about the lint and about a
// simctl with a scenario of one's own.
func TestCommandsFromAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles other modules")
	}
	t.Parallel()
	app := newApp(t)
	app.writeSimctl(t)
	lint := shellBlock(t, "go get -tool distsim/cmd/simlint\n")
	found, ok := app.run(t, strings.ReplaceAll(lint, "\n", " && "))
	if ok {
		t.Error("the lint finds nothing in a program that imports os")
	}
	contains(t, found, "simctl/main.go:4:2: os: import of os; ")
	contains(t, app.mustRun(t, "go run ./simctl list"), "counting", "a counter that forgets", "split-brain")
	contains(t, app.mustRun(t, "go run ./simctl run counting --seed 25"), "counting, seed 25: violated, as declared", "1 after 2")
}

// In a workspace, commands are run by their paths.
func TestLintInAWorkspace(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles other modules")
	}
	t.Parallel()
	app := newApp(t)
	app.write(t, "careful")
	write(t, filepath.Join(app.dir, "store", "clock.go"), "package store\n\nimport \"time\"\n\nvar Started = time.Now()\n")
	app.mustRun(t, "rm go.mod go.sum && go mod init example.com/app && go work init . "+quoteShell(repository(t)))
	const command = "go run distsim/cmd/simlint ./..."
	if readme := readmeText(t); !strings.Contains(readme, "In a workspace `"+command+"`") {
		t.Errorf("the README does not say what to do in a workspace: %s", command)
	}
	found, ok := app.run(t, "GOFLAGS= GOWORK= "+command)
	if ok {
		t.Error("the lint finds nothing in a package that asks the wall clock")
	}
	contains(t, found, "store/clock.go:5:20: clock: time.Now depends on the machine's clock")
}

// writeSimctl puts the README's program into the module, with the scenario that it
// names.
func (a app) writeSimctl(t *testing.T) {
	t.Helper()
	_, program, ok := strings.Cut(readmeText(t), "\n```go\npackage main\n")
	program, _, end := strings.Cut(program, "```")
	if !ok || !end {
		t.Fatal("the README has lost its program")
	}
	example, err := os.ReadFile("../../scenarios/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	scenario, _, ok := strings.Cut(string(example), "func Example() {")
	if !ok {
		t.Fatal("scenarios/example_test.go has lost its example")
	}
	if err := os.Mkdir(filepath.Join(a.dir, "simctl"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(a.dir, "simctl", "main.go"), "package main\n"+program)
	write(t, filepath.Join(a.dir, "simctl", "counting.go"), strings.Replace(scenario, "package scenarios_test", "package main", 1))
}

// shellBlock is the README's block of shell commands that begins so.
func shellBlock(t *testing.T, begins string) string {
	t.Helper()
	_, block, ok := strings.Cut(readmeText(t), "\n```sh\n"+begins)
	block, _, end := strings.Cut(begins+block, "\n```")
	if !ok || !end {
		t.Fatalf("the README has no block that begins with %s", begins)
	}
	return block
}

func readmeText(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(readme)
}

var took = regexp.MustCompile(`\(\d+\.\d\ds\)`)

// shown is what the README says that a command prints: … stands for anything, and
// so do times of the real clock.
func shown(t *testing.T, command string) *regexp.Regexp {
	t.Helper()
	_, block, ok := strings.Cut(readmeText(t), "\n$ "+command+"\n")
	block, _, end := strings.Cut(block, "\n```")
	if !ok || !end {
		t.Fatalf("the README does not show %s", command)
	}
	pattern := regexp.QuoteMeta(took.ReplaceAllString(block, "…"))
	return regexp.MustCompile("^" + strings.ReplaceAll(pattern, "…", "(?s:.*)"))
}

// app is a module somewhere else, with one package.
type app struct{ dir string }

func newApp(t *testing.T) app {
	distsim := repository(t)
	a := app{t.TempDir()}
	if err := os.Mkdir(filepath.Join(a.dir, "store"), 0o755); err != nil {
		t.Fatal(err)
	}
	a.mustRun(t, "go mod init example.com/app")
	a.mustRun(t, "go mod edit -require=distsim@v0.0.0 -replace=distsim="+quoteShell(distsim))
	sums, err := os.ReadFile(filepath.Join(distsim, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(a.dir, "go.sum"), string(sums))
	return a
}

// repository is the root of this module.
func repository(t *testing.T) string {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return moduleRoot(here)
}

// write puts the worked example's protocol and its test into the package.
func (a app) write(t *testing.T, version string) {
	example, err := os.ReadFile("../example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	code, _, ok := strings.Cut(string(example), "// found is the first seed")
	if !ok {
		t.Fatal("sim/example_test.go has lost its function found")
	}
	write(t, filepath.Join(a.dir, "store", "register_test.go"), strings.NewReplacer(
		"package sim_test", "package store", "\t\"fmt\"\n", "", "cluster(careful)", "cluster("+version+")",
	).Replace(code))
}

// writeProperty puts its property run beside them, with the corpus of its fuzz target.
func (a app) writeProperty(t *testing.T, version string) {
	property, err := os.ReadFile("../property_test.go")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(a.dir, "store", "property_test.go"), strings.NewReplacer(
		"package sim_test", "package store", "cluster(careful)", "cluster("+version+")",
	).Replace(string(property)))
	corpus := filepath.Join(a.dir, "store", "testdata", "fuzz")
	if err := os.RemoveAll(corpus); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(corpus, os.DirFS("../testdata/fuzz")); err != nil {
		t.Fatal(err)
	}
}

// run runs a command as a person would, in the module's root.
func (a app) run(t *testing.T, command string) (output string, ok bool) {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = a.dir
	cmd.Env = append(withoutSim(os.Environ()), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), syscall.ENOEXEC.Error()) { // from go test
		t.Skipf("this kernel cannot start a program for %s by itself", runtime.GOARCH)
	}
	return string(out), err == nil
}

func (a app) mustRun(t *testing.T, command string) string {
	t.Helper()
	output, ok := a.run(t, command)
	if !ok {
		t.Fatalf("%s:\n%s", command, output)
	}
	return output
}
