package cli_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"distsim/cmd/simctl/cli"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// asFixture makes the test's own executable a simctl that has the fixtures.
const asFixture = "SIMCTL_TEST_FIXTURE"

// simctlPath is the real simctl, built once.
var simctlPath string

func TestMain(m *testing.M) {
	if os.Getenv(asFixture) != "" {
		os.Exit(cli.Main(fixtures()...))
	}
	os.Exit(testWithBinary(m))
}

func testWithBinary(m *testing.M) int {
	dir, err := os.MkdirTemp("", "simctl")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	simctlPath = filepath.Join(dir, "simctl")
	if out, err := exec.Command("go", "build", "-o", simctlPath, "distsim/cmd/simctl").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// result is what a user sees of a command.
type result struct {
	stdout, stderr string
	code           int
}

// invocation is a command about to run, in a folder of its own.
type invocation struct {
	t    *testing.T
	dir  string
	env  []string
	real bool // the real simctl, not the fixtures
}

func fixtureIn(t *testing.T, dir string) *invocation { return &invocation{t: t, dir: dir} }

// on runs the fixtures' simctl in a fresh folder.
func on(t *testing.T, args ...string) result {
	t.Helper()
	return fixtureIn(t, t.TempDir()).run(args...)
}

// simctl runs the real one in a fresh folder.
func simctl(t *testing.T, args ...string) result {
	t.Helper()
	return (&invocation{t: t, dir: t.TempDir(), real: true}).run(args...)
}

func (i *invocation) command(args ...string) *exec.Cmd {
	path := simctlPath
	env := append(os.Environ(), "NO_COLOR=", "TERM=xterm")
	if !i.real {
		self, err := os.Executable()
		if err != nil {
			i.t.Fatal(err)
		}
		path, env = self, append(env, asFixture+"=1")
	}
	cmd := exec.Command(path, args...)
	cmd.Args[0] = "simctl"
	cmd.Dir, cmd.Env = i.dir, append(env, i.env...)
	return cmd
}

func (i *invocation) run(args ...string) result {
	i.t.Helper()
	cmd := i.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	return result{code: exitCode(i.t, cmd.Run()), stdout: stdout.String(), stderr: stderr.String()}
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	default:
		t.Fatal(err)
		return -1
	}
}

// volatile is what a golden file does not pin: the hash, which changes with the
// kernel and is pinned elsewhere, and how long things took.
var volatile = regexp.MustCompile(`\b[0-9a-f]{16}\b|\d+( of \d+)? seeds? after .*|\d+ seeds? in .*|"wall_ns": \d+`)

// golden compares what a user sees with a file of testdata/simctl.
func golden(t *testing.T, name string, args []string, r result) {
	t.Helper()
	var got strings.Builder
	fmt.Fprintf(&got, "$ simctl %s\n%s", strings.Join(args, " "), r.stdout)
	if r.stderr != "" {
		fmt.Fprintf(&got, "[stderr]\n%s", r.stderr)
	}
	fmt.Fprintf(&got, "[exit %d]\n", r.code)
	text := volatile.ReplaceAllString(got.String(), "…")
	path := filepath.Join("..", "..", "..", "testdata", "simctl", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s differs (rewrite with -update):\ngot\n%s\nwant\n%s", path, text, want)
	}
}
