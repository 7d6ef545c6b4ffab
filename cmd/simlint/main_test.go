package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRepoIsDeterministic applies the bans of DESIGN §4 to the packages they are
// meant for.
func TestRepoIsDeterministic(t *testing.T) {
	notice(t, "../../sim", "../../nodes", "../../faults")
	found, err := lint("../..", nil)
	if err != nil {
		t.Fatal(err)
	}
	if found.packages == 0 {
		t.Fatal("no packages were loaded, so nothing was checked")
	}
	for _, f := range found.findings {
		t.Error(f)
	}
}

// notice lists all directories below roots. The go command forgets a cached result
// when what the test itself has looked at changes; without this, a new file would
// not count.
func notice(t *testing.T, roots ...string) {
	for _, root := range roots {
		err := filepath.WalkDir(root, func(string, fs.DirEntry, error) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestExempt(t *testing.T) {
	tests := map[string]bool{
		"distsim/sim": false, "distsim/sim/history": false, "distsim/nodes/simtest": false, "distsim/faults/planfile": false,
		"distsim/sim/simtest": true, "distsim/sim/simtest/gen": true, "distsim/sim/simtester": false,
		"distsim": true, "distsim/cmd/simctl": true, "distsim/scenarios": true, "distsim/checker": true,
		"example.com/app/cmd": false, "example.com/distsim/cmd": false, "distsimulator/cmd": false, "distsim/simple": true,
	}
	for path, want := range tests {
		if got := exempt(path); got != want {
			t.Errorf("exempt(%q) = %v, want %v", path, got, want)
		}
	}
}

// What the README says, with and without a pattern, is the same and clean; a package
// that drives simulations is checked when it is named.
func TestRunOverTheRepository(t *testing.T) {
	t.Chdir("../..")
	for args, want := range map[string]int{"": clean, "./...": clean, "./cmd/simlint": breaches, "./cmd/...": unusable} {
		var stdout, stderr strings.Builder
		if code := run(strings.Fields(args), &stdout, &stderr); code != want {
			t.Errorf("simlint %s: exit code %d, want %d\n%s%s", args, code, want, stdout.String(), stderr.String())
		}
	}
}

// A directory in no module is told what would do.
func TestRunOutsideAModule(t *testing.T) {
	t.Chdir(t.TempDir())
	var stdout, stderr strings.Builder
	if code := run(nil, &stdout, &stderr); code != unusable {
		t.Errorf("exit code: got %d, want %d", code, unusable)
	}
	expect(t, "stderr", stderr.String(), "run simlint where go vet ./... works: inside a module")
}

// TestRun runs the command over a protocol of somebody else's, as it might be.
func TestRun(t *testing.T) {
	tests := []struct {
		name, source   string
		args           []string
		code           int
		stdout, stderr string // a part of what is printed there
	}{
		{name: "clean", source: "package p\n", code: clean},
		{
			name: "finding", source: "package p\n\nimport \"time\"\n\nvar started = time.Now()\n",
			code: breaches, stdout: "p.go:5:20: clock: time.Now depends on the machine's clock; use env.Now or env.Elapsed\n",
		},
		{
			name: "excused", source: "package p\n\nimport \"time\"\n\nvar started = time.Now() //simlint:allow clock for people\n",
			code: clean,
		},
		{name: "does not type-check", source: "package p\n\nvar x int = \"text\"\n", code: unusable, stderr: "p.go:3:13: cannot use"},
		{name: "does not parse", source: "package p\n\nfunc {\n", code: unusable, stderr: "p.go:3:6: "},
		{name: "no package", source: "package p\n", args: []string{"example.com/none/..."}, code: unusable, stderr: "no packages match example.com/none/..."},
		{name: "bad flag", source: "package p\n", args: []string{"-none"}, code: unusable, stderr: "simlint -help explains"},
		{name: "help", source: "package p\n", args: []string{"-help"}, code: clean, stdout: "//simlint:allow <rule> <reason>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inModule(t, test.source)
			args := test.args
			if args == nil {
				args = []string{"./..."}
			}
			var stdout, stderr strings.Builder
			if code := run(args, &stdout, &stderr); code != test.code {
				t.Errorf("exit code: got %d, want %d", code, test.code)
			}
			expect(t, "stdout", stdout.String(), test.stdout)
			expect(t, "stderr", stderr.String(), test.stderr)
		})
	}
}

// expect wants part in got, or nothing at all if there is no part.
func expect(t *testing.T, stream, got, part string) {
	t.Helper()
	if !strings.Contains(got, part) || part == "" && got != "" {
		t.Errorf("%s: got %q, want %q in it", stream, got, part)
	}
}

// inModule makes a new module with one file the current directory.
func inModule(t *testing.T, source string) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{"go.mod": "module example.com/p\n\ngo 1.24\n", "p.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
