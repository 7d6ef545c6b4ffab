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
		"hunt flaky --seeds 1-30 --json", "hunt undecided --seeds 2-9",
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
