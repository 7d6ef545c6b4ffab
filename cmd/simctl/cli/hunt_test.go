package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var wall = regexp.MustCompile(`"wall_ns": \d+`)

// A hunt prints the same bytes with any number of workers, and when repeated.
func TestHuntIsIndependentOfTiming(t *testing.T) {
	for _, args := range []string{
		"hunt broken --seeds 1-60 --json", "hunt broken --seeds 1-60 --keep-going --json", "hunt broken --seeds 1-60",
		"hunt flaky --seeds 1-30 --json", "hunt flaky --seeds 1-70", "hunt doomed --seeds 1-30 --json", "hunt undecided --seeds 2-9",
	} {
		var want string
		for _, jobs := range []int{1, 2, 2, 7, 64} {
			r := on(t, append(strings.Fields(args), "-j", strconv.Itoa(jobs))...)
			got := wall.ReplaceAllString(r.stdout, "") + "exit " + strconv.Itoa(r.code)
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%s -j %d:\ngot\n%s\nwant\n%s", args, jobs, got, want)
			}
		}
	}
}

// With --keep-going all failing seeds are reported, each with its plan.
func TestKeepGoing(t *testing.T) {
	dir := t.TempDir()
	r := fixtureIn(t, dir).run("hunt", "broken", "--seeds", "1-30", "--keep-going", "--json", "--out", "found")
	doc := decode[huntDocument](t, r.stdout)
	if len(doc.Failures) != 4 || doc.Covered != "1-30" || r.code != 1 {
		t.Fatalf("got exit %d\n%s", r.code, r.stdout)
	}
	files, err := os.ReadDir(filepath.Join(dir, "found"))
	if err != nil || len(files) != 4 {
		t.Errorf("plans: got %v, %v; want 4", files, err)
	}
}

// A hunt says which seeds showed what is declared, the first few of them, and how to
// see the first; in JSON it lists ten.
func TestDeclaredRunsAreNamed(t *testing.T) {
	r := on(t, "hunt", "flaky", "--seeds", "1-62", "--set", "asks=2")
	for _, want := range []string{
		"\ndeclared   12 runs with declared violations (seeds 5, 10, 15, 20, 25 and 7 more), 0 without",
		"\nreplay     simctl replay flaky --seed 5 --set asks=2\n",
	} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("the report does not say %q:\n%s", want, r.stdout)
		}
	}
	doc := decode[huntDocument](t, on(t, "hunt", "flaky", "--seeds", "1-62", "--json").stdout)
	if *doc.Declared != 12 || *doc.FirstSeen != 5 || len(doc.Seen) != 10 || *doc.Seen[9].Seed != 50 {
		t.Errorf("got %+v", doc)
	}
	if x := doc.Seen[0]; x.Property != "answered" || x.Detail != "c1#1 got the wrong answer" || x.Artifact != "" {
		t.Errorf("the first: got %+v", x)
	}
	if r := on(t, "hunt", "calm", "--seeds", "1-2", "--json"); !strings.Contains(r.stdout, `"declared_runs": []`) || strings.Contains(r.stdout, "first_declared") {
		t.Errorf("nothing seen should be an empty list: %s", r.stdout)
	}
}

// On request the first runs with declared violations become plans, which replay.
func TestDeclaredRunsAsPlans(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	in.run("hunt", "flaky", "--seeds", "1-62", "--out", "found")
	r := in.run("hunt", "flaky", "--seeds", "1-62", "--out", "found", "--declared", "11", "--json")
	doc := decode[huntDocument](t, r.stdout)
	files, err := os.ReadDir(filepath.Join(in.dir, "found"))
	if err != nil || len(files) != 11 || len(doc.Seen) != 11 || doc.Seen[10].Artifact != "found/flaky-55.yaml" || r.code != 0 {
		t.Fatalf("plans: %v, %v; want 11\n%s%s", files, err, r.stdout, r.stderr)
	}
	if again := in.run("replay", doc.Seen[10].Artifact); again.code != 0 || !strings.Contains(again.stdout, "expected yes") {
		t.Errorf("replay: exit %d\n%s%s", again.code, again.stdout, again.stderr)
	}
	if text := in.run("hunt", "flaky", "--seeds", "1-9", "--out", "found", "--declared", "1").stdout; !strings.Contains(text, "simctl replay found/flaky-5.yaml\n") {
		t.Errorf("the report does not name the plan:\n%s", text)
	}
}

// A hunt that finds nothing leaves no folder behind.
func TestQuietHuntLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	fixtureIn(t, dir).run("hunt", "calm", "--seeds", "1-3")
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

// The command that a failing hunt prints replays its failure, as it stands.
func TestHuntPrintsAReplayThatWorks(t *testing.T) {
	dir := t.TempDir()
	in := fixtureIn(t, dir)
	r := in.run("hunt", "broken", "--seeds", "1-30", "--out", "with space", "--set", "asks=3")
	line := regexp.MustCompile(`(?m)^simctl (replay) '(.*)'$`).FindStringSubmatch(r.stdout)
	if line == nil {
		t.Fatalf("no replay command in\n%s", r.stdout)
	}
	again := in.run(line[1], line[2])
	if again.code != 0 || !strings.Contains(again.stdout, "violated") {
		t.Errorf("replay: exit %d (want 0: as the plan expects)\n%s%s", again.code, again.stdout, again.stderr)
	}
}

// A seed alone is a range of one, and the largest seed can be tried.
func TestSeedForms(t *testing.T) {
	for args, covered := range map[string]string{
		"7": "7-7", "0-2": "0-2", "18446744073709551614-18446744073709551615": "18446744073709551614-18446744073709551615",
	} {
		doc := decode[huntDocument](t, on(t, "hunt", "calm", "--json", "--seeds", args).stdout)
		if doc.Covered != covered {
			t.Errorf("--seeds %s: covered %q, want %q", args, doc.Covered, covered)
		}
	}
}

// A hunt without an end says so, and does not make one up.
func TestHuntByTime(t *testing.T) {
	r := on(t, "hunt", "calm", "--for", "200ms")
	if !strings.HasPrefix(r.stdout, "hunt calm, seeds from 1 on: as declared\n") || strings.Contains(r.stderr, " of ") || r.code != 0 {
		t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if r := on(t, "hunt", "calm", "--for", "200ms", "--json"); !strings.Contains(r.stdout, `"to": null`) {
		t.Errorf("got %s", r.stdout)
	}
	whole := on(t, "hunt", "calm", "--for", "200ms", "--seeds", "0-18446744073709551615")
	if !strings.HasPrefix(whole.stdout, "hunt calm, seeds 0-18446744073709551615: as declared\n") || strings.Contains(whole.stderr, "551615") {
		t.Errorf("one more seed than fits is not counted:\n%s%s", whole.stdout, whole.stderr)
	}
}

// One is not many.
func TestOneSeed(t *testing.T) {
	r := on(t, "hunt", "flaky", "--seeds", "5", "--set", "asks=1")
	for _, want := range []string{"hunt flaky, seed 5: as declared\n", "(1 run)\n", "1 run with declared violations (seed 5), 0 without"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in\n%s", want, r.stdout)
		}
	}
	for _, want := range []string{"1 of 1 seed after", "\n1 seed in"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("no %q in %q", want, r.stderr)
		}
	}
	if r := on(t, "run", "calm", "--set", "asks=1"); !strings.Contains(r.stdout, "history  1 operation: 1 ok") {
		t.Errorf("got\n%s", r.stdout)
	}
}
