package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// aviary is a module with a simctl so small that it is built in a second: its hunt
// fails at one seed from each base, as the constants say.
const aviary = `package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// What goes wrong.
const (
	failsAt  = 0
	property = ""
	spins    = false
)

type failure struct {
	Seed                       uint64
	Property, Detail, Artifact string
}

func main() {
	var from, to uint64
	arg := func(flag string) string { return os.Args[slices.Index(os.Args, flag)+1] }
	fmt.Sscanf(arg("--seeds"), "%d-%d", &from, &to)
	for spins {
	}
	doc := map[string]any{"ran": to - from + 1}
	if bad := (from-1)/1_000_000*1_000_000 + failsAt; failsAt > 0 && from <= bad && bad <= to {
		plan := arg("--out") + "/plan.yaml"
		os.WriteFile(plan, []byte("version: 1\n"), 0o666)
		doc["ran"] = bad - from + 1
		doc["failures"] = []failure{{bad, property, "a write is gone", plan}}
	}
	json.NewEncoder(os.Stdout).Encode(doc)
}
`

// bird is a patch of the aviary: new values of the constants.
func bird(failsAt, property, spins string) string {
	return "Zoo: 9\nShows: a test\nSource: none\nScenario: calm\nBreaks: durable, answered\n\n" +
		"diff --git a/main.go b/main.go\n--- a/main.go\n+++ b/main.go\n@@ -11,5 +11,5 @@\n const (\n" +
		"-\tfailsAt  = 0\n-\tproperty = \"\"\n-\tspins    = false\n" +
		"+\tfailsAt  = " + failsAt + "\n+\tproperty = \"" + property + "\"\n+\tspins    = " + spins + "\n )\n"
}

// zooOf makes a module with the aviary and its birds.
func zooOf(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                          "module example.org/aviary\n\ngo 1.26\n",
		"main.go":                         aviary,
		"testdata/zoo/1-forgets.patch":    strings.Replace(bird("5", "durable", "false"), "Zoo: 9", "Zoo: 1", 1),
		"testdata/zoo/2-harmless.patch":   strings.Replace(bird("0", "durable", "false"), "Zoo: 9", "Zoo: 2", 1),
		"testdata/zoo/3-other.patch":      strings.Replace(bird("20", "sound", "false"), "Zoo: 9", "Zoo: 3", 1),
		"testdata/zoo/4-endless.patch":    strings.Replace(bird("0", "durable", "true"), "Zoo: 9", "Zoo: 4", 1),
		"testdata/zoo/5-uncompiled.patch": strings.Replace(bird("0", "durable", "maybe"), "Zoo: 9", "Zoo: 5", 1),
		"birds/stale.patch":               strings.Replace(bird("5", "durable", "false"), "-\tfailsAt  = 0", "-\tfailsAt  = 1", 1),
		"birds/unknown.patch":             strings.Replace(bird("5", "durable", "false"), "calm", "clam", 1),
		"birds/fine.patch":                bird("7", "answered", "false"),
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// spent is what golden files of the zoo do not pin: processor time, what was covered in
// it where nothing was found, and how wide that makes the columns.
var spent = regexp.MustCompile(`(NOT in )?(\d+ seeds?), \d+\.\d\ds|\d{4,} seeds clean`)

func settled(table string) string {
	table = spent.ReplaceAllStringFunc(table, func(cell string) string {
		seeds, _, _ := strings.Cut(cell, ",")
		if strings.HasPrefix(cell, "NOT in ") || strings.HasSuffix(cell, "clean") {
			return "…"
		}
		return seeds + ", …s"
	})
	return regexp.MustCompile(` {2,}`).ReplaceAllString(table, "  ")
}

// A visit is a table, and says what went wrong.
func TestZoo(t *testing.T) {
	dir := zooOf(t)
	for name, args := range map[string][]string{
		"zoo-found":  {"zoo", "forgets", "birds/fine.patch", "--main", ".", "--bases", "2"},
		"zoo-missed": {"zoo", "1", "harmless", "3-other", "--main", ".", "--bases", "2", "--cpu", "150ms"},
		"zoo-list":   {"zoo", "--list"},
	} {
		r := fixtureIn(t, dir).run(args...)
		if name != "zoo-list" {
			r.stdout = settled(r.stdout)
		}
		golden(t, name, args, r)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "main.go")); string(got) != aviary {
		t.Error("the source was changed")
	}
}

// zooDocument is all that `zoo --json` prints.
type zooDocument struct {
	Bases       []uint64      `json:"bases"`
	CPULimitNS  int64         `json:"cpu_limit_ns"`
	Bugs        []bugDocument `json:"bugs"`
	Interrupted bool          `json:"interrupted"`
}

type bugDocument struct {
	bugFacts
	OK      bool             `json:"ok"`
	Hunts   []zooHunt        `json:"hunts"`
	Control *controlDocument `json:"control"`
}

type bugFacts struct {
	Zoo      int      `json:"zoo"`
	Name     string   `json:"name"`
	File     string   `json:"file"`
	Shows    string   `json:"shows"`
	Source   string   `json:"source"`
	Scenario string   `json:"scenario"`
	Set      []string `json:"set"`
	Breaks   []string `json:"breaks"`
}

type zooHunt struct {
	Base    uint64      `json:"base"`
	Seeds   uint64      `json:"seeds"`
	CPUNS   int64       `json:"cpu_ns"`
	Found   bool        `json:"found"`
	Failure *zooFailure `json:"failure"`
	Problem string      `json:"problem"`
}

type zooFailure struct {
	Seed     uint64 `json:"seed"`
	Property string `json:"property"`
	Detail   string `json:"detail"`
	Artifact string `json:"artifact"`
}

type controlDocument struct {
	Seeds   uint64      `json:"seeds"`
	CPUNS   int64       `json:"cpu_ns"`
	Clean   bool        `json:"clean"`
	Failure *zooFailure `json:"failure"`
	Problem string      `json:"problem"`
}

// The document has every hunt; plans are kept when that is asked for.
func TestZooDocument(t *testing.T) {
	dir := zooOf(t)
	r := fixtureIn(t, dir).run("zoo", "forgets", "--main", ".", "--bases", "3", "--out", "found", "--json")
	doc := decode[zooDocument](t, r.stdout)
	if r.code != 0 || len(doc.Bases) != 3 || doc.Bases[2] != 2_000_001 || len(doc.Bugs) != 1 {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	b := doc.Bugs[0]
	if !b.OK || b.Name != "1-forgets" || len(b.Hunts) != 3 || !b.Control.Clean || b.Control.Seeds != 501 {
		t.Errorf("got %+v with control %+v", b, b.Control)
	}
	for i, h := range b.Hunts {
		want := uint64(i)*1_000_000 + 5
		if !h.Found || h.Base != doc.Bases[i] || h.Seeds != 5 || h.Failure.Seed != want || h.Failure.Property != "durable" || h.CPUNS <= 0 {
			t.Errorf("got %+v %+v, want seed %d", h, h.Failure, want)
		}
		if text, _ := os.ReadFile(filepath.Join(dir, h.Failure.Artifact)); string(text) != "version: 1\n" {
			t.Errorf("the plan in %s: %q", h.Failure.Artifact, text)
		}
	}
}

// A control that finds something fails the visit, whatever the hunts found. It runs all
// the seeds that they ran, also beyond 500.
func TestZooControl(t *testing.T) {
	dir := zooOf(t)
	edit := func(old, new string) {
		file := filepath.Join(dir, "main.go")
		text, _ := os.ReadFile(file)
		if err := os.WriteFile(file, []byte(strings.Replace(string(text), old, new, 1)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	edit("failsAt > 0 && from", "from")
	edit("+ failsAt;", "+ max(failsAt, 600);")
	bird, _ := os.ReadFile(filepath.Join(dir, "birds", "fine.patch"))
	os.WriteFile(filepath.Join(dir, "late.patch"), []byte(strings.Replace(string(bird), "failsAt  = 7", "failsAt  = 700", 1)), 0o666)
	r := fixtureIn(t, dir).run("zoo", "late.patch", "--main", ".", "--bases", "1")
	if r.code != 1 || !strings.Contains(r.stdout, "NOT CLEAN") || !strings.Contains(r.stdout, "late: without the bug, seed 600 breaks") {
		t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// The list is an array of what the patch files say.
func TestZooList(t *testing.T) {
	dir := zooOf(t)
	all := decode[[]bugFacts](t, fixtureIn(t, dir).run("zoo", "--list", "--json", "--root", filepath.Join(dir, "birds")).stdout)
	if len(all) != 5 || all[1].Zoo != 2 || all[1].Scenario != "calm" || len(all[1].Breaks) != 2 || all[1].Set == nil {
		t.Errorf("got %+v", all)
	}
}

// What is wrong with a visit or with a patch is said before anything is hunted.
func TestZooRefuses(t *testing.T) {
	dir := zooOf(t)
	for _, tt := range []struct{ args, want string }{
		{"zoo --bases 0", "want 1 to 100 base seeds"},
		{"zoo --bases 101", "want 1 to 100 base seeds"},
		{"zoo --cpu 0s", "more than no time"},
		{"zoo --main=", "want a package"},
		{"zoo forgest", `the zoo has no "forgest" (did you mean "forgets"?)`},
		{"zoo 99", `the zoo has no "99"`},
		{"zoo nowhere.patch", "nowhere.patch"},
		{"zoo birds/unknown.patch", `birds/unknown.patch:4: there is no scenario "clam" (did you mean "calm"?)`},
		{"zoo birds/stale.patch", `birds/stale.patch no longer applies: main.go, hunk 1 (@@ -11,5 +11,5 @@): line 12 is "\tfailsAt  = 0", where the patch has "\tfailsAt  = 1"`},
		{"zoo --root birds --list birds/unknown.patch", "there is no scenario"},
		{"zoo --root nowhere", "nowhere is no directory"},
		{"zoo 1 --out go.mod", "--out: go.mod is not a directory"},
	} {
		t.Run(tt.args, func(t *testing.T) { refuses(t, fixtureIn(t, dir).run(strings.Fields(tt.args)...), tt.want) })
	}
	t.Run("outside", func(t *testing.T) { refuses(t, on(t, "zoo"), "this folder belongs to no module") })
	for args, want := range map[string]string{
		"zoo uncompiled --main .": "5-uncompiled.patch does not compile: ",
		"zoo 1 --main ./nowhere":  "directory not found",
	} {
		if r := fixtureIn(t, dir).run(strings.Fields(args)...); r.code != 2 || r.stdout != "" || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: exit %d, want 2 and %q\n%s%s", args, r.code, want, r.stdout, r.stderr)
		}
	}
}

// An interrupted visit reports what it has.
func TestInterruptedZoo(t *testing.T) {
	u := start(t, "zoo", "forgets", "endless", "--root", zooOf(t), "--main", ".", "--bases", "2", "--json")
	for !strings.Contains(u.line(), "4-endless: seeds from 1") {
	}
	u.signal(os.Interrupt)
	r := u.wait()
	doc := decode[zooDocument](t, r.stdout)
	if r.code != 130 || !doc.Interrupted || len(doc.Bugs) != 2 || !doc.Bugs[0].OK {
		t.Fatalf("exit %d\n%s", r.code, r.stdout)
	}
	if b := doc.Bugs[1]; b.OK || b.Control != nil || len(b.Hunts) > 1 || len(b.Hunts) == 1 && b.Hunts[0].Problem != "interrupted after 0 seeds" {
		t.Errorf("got %+v", b)
	}
}
