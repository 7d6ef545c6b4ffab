package rules

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

// TestFixtures compares what is found in testdata/src with the want comments there.
func TestFixtures(t *testing.T) {
	dirs, err := os.ReadDir("testdata/src")
	if err != nil {
		t.Fatal(err)
	}
	var fixtures []string
	for _, dir := range dirs {
		if name := dir.Name(); name != "unseen" && name != "distsim" {
			fixtures = append(fixtures, name)
		}
	}
	analysistest.Run(t, analysistest.TestData(), Analyzer, append(fixtures, "distsim/sim")...)
}

// TestEveryRuleHasFixtures fails when a rule is added without a fixture that
// expects it.
func TestEveryRuleHasFixtures(t *testing.T) {
	for _, rule := range All() {
		dir := rule.Name
		switch dir {
		case "os", "reflect", "unsafe":
			dir += "ly" // the rule has the name of a package in std
		case "unseen":
			continue // TestUnseen
		}
		bad, err := os.ReadFile("testdata/src/" + dir + "/bad.go")
		if err != nil || !strings.Contains(string(bad), "want `"+rule.Name+":") {
			t.Errorf("rule %s: no fixture expects it (%v)", rule.Name, err)
		}
	}
}

// TestUnseen is apart, because analysistest reads no want comments in files that
// the build leaves out.
func TestUnseen(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: "testdata/src/unseen"}, ".")
	if err != nil || len(pkgs) != 1 {
		t.Fatalf("loaded %d packages: %v", len(pkgs), err)
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{Analyzer}, pkgs, nil)
	if err != nil || graph.Roots[0].Err != nil {
		t.Fatal(err, graph.Roots[0].Err)
	}
	var got []string
	for _, d := range graph.Roots[0].Diagnostics {
		name := pkgs[0].Fset.Position(d.Pos).Filename
		got = append(got, name[strings.LastIndex(name, "/")+1:]+" "+d.Message)
	}
	slices.Sort(got)
	want := []string{
		"other_plan9.go unseen: this build leaves the file out, so it was not checked; write one version for all platforms",
		"seen.go unseen: rotate.s is not Go, so it was not checked; write it in Go",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDirectives(t *testing.T) {
	tests := []struct {
		format string
		want   []directive
	}{
		{"plain", nil},
		{"%d %v", []directive{{'d', false, 0}, {'v', false, 1}}},
		{"100%% %s", []directive{{'s', false, 0}}},
		{"%+v %#v %-8.3q", []directive{{'v', false, 0}, {'v', true, 1}, {'q', false, 2}}},
		{"%*d %v", []directive{{'d', false, 1}, {'v', false, 2}}},
		{"%[2]v %v %[1]p", []directive{{'v', false, 1}, {'v', false, 2}, {'p', false, 0}}},
		{"%", nil},
		{"%08", nil},
		{"%世", []directive{{'世', false, 0}}},
	}
	for _, test := range tests {
		if got := directives(test.format); !slices.Equal(got, test.want) {
			t.Errorf("directives(%q) = %v, want %v", test.format, got, test.want)
		}
	}
}

func TestLookup(t *testing.T) {
	table := map[string]string{"net": "a", "net/...": "b", "net/url": ""}
	tests := []struct {
		path, want string
		banned     bool
	}{
		{"net", "a", true}, {"net/http", "b", true}, {"net/http/pprof", "b", true},
		{"net/url", "", false}, {"netip", "", false}, {"x/net", "", false},
	}
	for _, test := range tests {
		if got, banned := lookup(table, test.path); got != test.want || banned != test.banned {
			t.Errorf("lookup(%q) = %q, %v; want %q, %v", test.path, got, banned, test.want, test.banned)
		}
	}
}
