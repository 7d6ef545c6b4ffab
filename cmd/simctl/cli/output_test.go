package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// What a user sees, word for word. Hashes and times are masked.
func TestGoldenOutput(t *testing.T) {
	for name, args := range map[string]string{
		"run-holds":        "run calm --seed 3",
		"run-violated":     "run broken --seed 7 --set asks=2",
		"run-undecided":    "run undecided",
		"run-determinism":  "run restless --check-determinism",
		"run-frozen":       "run meddler --check-determinism",
		"run-once-apart":   "run moody --check-determinism",
		"hunt-failing":     "hunt broken --seeds 1-20",
		"hunt-sometimes":   "hunt flaky --seeds 1-10",
		"hunt-no-always":   "hunt spared --seeds 1-3",
		"run-sterile":      "run sterile",
		"run-tally":        "run tally --set variant=twice",
		"run-tally-silent": "run tally --set variant=silent",
		"run-tally-varied": "run tally",
		"run-toll":         "run toll",
		"run-census":       "run census",
		"hunt-tally":       "hunt tally --seeds 1-5",
		"run-thorough":     "run thorough",
		"list-fixtures":    "list",
		"help":             "help",
		"help-run":         "run --help",
		"help-hunt":        "hunt --help",
		"help-replay":      "replay --help",
		"help-list":        "list --help",
		"help-zoo":         "zoo --help",
		"replay":           "replay broken --seed 7 --set asks=2",
		"unknown-scenario": "run brokn",
	} {
		t.Run(name, func(t *testing.T) {
			words := strings.Fields(args)
			golden(t, name, words, on(t, words...))
		})
	}
}

// The same command prints the same bytes.
func TestSameCommandSameBytes(t *testing.T) {
	for _, args := range []string{"list", "list --json", "run broken --seed 7 --json", "replay panicky", "run panicky"} {
		words := strings.Fields(args)
		if a, b := on(t, words...), on(t, words...); a.stdout != b.stdout {
			t.Errorf("%s:\nfirst\n%s\nthen\n%s", args, a.stdout, b.stdout)
		}
	}
}

// Into a pipe go no colours and no control characters, whatever the code under
// test puts into its texts.
func TestNoControlCharactersIntoAPipe(t *testing.T) {
	for _, args := range []string{
		"list", "run garish", "run garish --json", "replay garish", "hunt garish --seeds 1-3", "run calm", "help", "run \x1b[31m",
	} {
		r := on(t, strings.Fields(args)...)
		for _, text := range []string{r.stdout, r.stderr} {
			if i := strings.IndexFunc(text, func(c rune) bool { return unicode.IsControl(c) && c != '\n' }); i >= 0 {
				t.Errorf("%s: control character at %q", args, text[i:min(len(text), i+20)])
			}
		}
	}
}

// --out fails before the run when it cannot be written, and writes all or nothing.
func TestOutIsCheckedFirst(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	in := fixtureIn(t, dir)
	refuses(t, in.run("run", "calm", "--out", "missing/plan.yaml"), "missing")
	refuses(t, in.run("run", "calm", "--out", "."), "directory")
	refuses(t, in.run("run", "calm", "--out", "file/plan.yaml"), "file")
	refuses(t, in.run("hunt", "broken", "--out", "missing/deeper"), "missing")
	refuses(t, in.run("hunt", "broken", "--out", "file"), "not a directory")
	if os.Geteuid() != 0 {
		readOnly := filepath.Join(dir, "readonly")
		if err := os.Mkdir(readOnly, 0o555); err != nil {
			t.Fatal(err)
		}
		refuses(t, in.run("run", "calm", "--out", "readonly/plan.yaml"), "readonly")
		refuses(t, in.run("hunt", "broken", "--out", "readonly"), "readonly")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 2 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

// A full disk behind stdout is an error; a reader that has seen enough is not.
func TestStdoutGoesAway(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	cmd := fixtureIn(t, t.TempDir()).command("list")
	cmd.Stdout = full
	if code := exitCode(t, cmd.Run()); code != 2 {
		t.Errorf("stdout is full: exit code %d, want 2", code)
	}

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	cmd = fixtureIn(t, t.TempDir()).command("run", "broken", "--seed", "7")
	cmd.Stdout = w
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if code := exitCode(t, cmd.Run()); code != 1 || stderr.Len() > 0 {
		t.Errorf("nobody reads stdout: exit code %d and %q, want the verdict's 1 and silence", code, &stderr)
	}
	w.Close()
}

// A panic of the code under test is a verdict; its stack is a diagnostic.
func TestPanicIsAProperty(t *testing.T) {
	r := on(t, "run", "panicky")
	if !strings.Contains(r.stdout, "three is too many") || strings.Contains(r.stdout, "goroutine") {
		t.Errorf("stdout: got\n%s", r.stdout)
	}
	if !strings.Contains(r.stderr, "fixture_test.go") {
		t.Errorf("stderr has no stack:\n%s", r.stderr)
	}
}

// Run by `go run`, simctl tells to replay by `go run` too.
func TestReplayLineUnderGoRun(t *testing.T) {
	if testing.Short() {
		t.Skip("links a second binary")
	}
	out, err := exec.Command("go", "run", "distsim/cmd/simctl", "run", "split-brain").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "go run distsim/cmd/simctl replay split-brain --seed 1") {
		t.Errorf("got\n%s", out)
	}
}
