package simtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFromAnotherModule follows the README: a module of its own takes the
// worked example, finds the bug, replays it by the command that the failure
// names, and fixes it. It needs no network: the modules are those of this one.
func TestFromAnotherModule(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles another module")
	}
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

// app is a module somewhere else, with one package.
type app struct{ dir string }

func newApp(t *testing.T) app {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	distsim := moduleRoot(here)
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

// run runs a command as a person would, in the module's root.
func (a app) run(t *testing.T, command string) (output string, ok bool) {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = a.dir
	cmd.Env = append(withoutSim(os.Environ()), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
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
