package zoo

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"distsim/scenarios"
)

// modes are what the fake simctl can do.
var modes = []string{"plain", "stuck", "dies", "missing", "busy", "1:safe", "16:sound", "17:safe", "9000:safe", "40:odd"}

// tiny is a scenario with one parameter.
func tiny() []*scenarios.Scenario {
	return []*scenarios.Scenario{{Name: "tiny", Params: []scenarios.Param{
		{Name: "mode", Kind: scenarios.Choice, Default: "plain", Words: modes}, {Name: "size", Default: "3", Min: 1, Max: 9},
	}}}
}

const diff = `diff --git a/pkg/a.go b/pkg/a.go
--- a/pkg/a.go
+++ b/pkg/a.go
@@ -1,3 +1,3 @@
 package pkg
 
-const A = 1
+const A = 2
`

const header = "Zoo: 7\nShows: a constant that is wrong\nSource: a paper\nScenario: tiny\nSet: size=4\nBreaks: safe, sound\n\n"

func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "7-wrong.patch")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

func read(t *testing.T, text string) *Patch {
	t.Helper()
	p, err := Read(written(t, text), tiny())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestHeader(t *testing.T) {
	p := read(t, header+diff)
	if p.Name != "7-wrong" || p.Short() != "wrong" || p.Zoo != 7 || p.Shows != "a constant that is wrong" || p.Source != "a paper" || p.Scenario != "tiny" {
		t.Errorf("got %+v", p)
	}
	if want := []string{"size=4"}; !slices.Equal(p.Settings(), want) {
		t.Errorf("settings: got %q, want %q", p.Settings(), want)
	}
	if want := []string{"safe", "sound"}; !slices.Equal(p.Breaks, want) {
		t.Errorf("breaks: got %q, want %q", p.Breaks, want)
	}
	for typed, want := range map[string]bool{"7": true, "wrong": true, "7-wrong": true, "8": false, "wro": false, "": false} {
		if p.Is(typed) != want {
			t.Errorf("is it %q? got %v, want %v", typed, !want, want)
		}
	}
}

// A mistake in a header is named with its file and line.
func TestHeaderMistakes(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(header, old, new, 1) + diff }
	for _, tt := range []struct{ text, want string }{
		{with("Shows:", "Show:"), `:2: there is no key "Show" (did you mean "Shows"?)`},
		{with("Shows:", "shows:"), `:2: there is no key "shows"`},
		{with("Source: a paper\n", ""), `:7: the header lacks Source`},
		{with("Source: a paper\n", "Source:\n"), `:3: Source has no value`},
		{with("Source: a paper\n", "a paper\n"), `:3: "a paper" is no header line (want KEY: VALUE`},
		{with("Breaks:", "Zoo: 8\nBreaks:"), `:6: Zoo is there twice, first on line 1`},
		{with("Zoo: 7", "Zoo: seven"), `:1: Zoo: "seven" is not a number`},
		{with("Zoo: 7", "Zoo: 0"), `:1: Zoo: "0" is not a number`},
		{with("Scenario: tiny", "Scenario: tony"), `:4: there is no scenario "tony" (did you mean "tiny"?)`},
		{with("size=4", "siz=4"), `:5: scenario tiny has no parameter "siz" (did you mean "size"?)`},
		{with("size=4", "size=10"), `:5: scenario tiny: size=10: want`},
		{with("size=4", "size"), `:5: Set: "size" (want NAME=VALUE`},
		{with("Set: size=4", "Set: size=4\nSet: size=5"), `:6: Set: size is set twice, first on line 5`},
		{with("safe, sound", "safe,"), `:6: Breaks: "" is no property`},
		{with("safe, sound", "safe sound"), `:6: Breaks: "safe sound" is no property`},
		{with("safe, sound", "safe, safe"), `:6: Breaks: safe is there twice`},
		{header + "--- a/pkg/a.go\n", `:8: "--- a/pkg/a.go" is no header line`},
		{header, `:7: the file ends without a diff`},
		{"", `:0: the file ends without a diff`},
	} {
		file := written(t, tt.text)
		_, err := Read(file, tiny())
		if err == nil || !strings.Contains(err.Error(), file+tt.want) {
			t.Errorf("got %v\nwant …%s", err, tt.want)
		}
	}
}

func TestNoPatches(t *testing.T) {
	if _, err := ReadDir(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "there are no patches in") {
		t.Errorf("got %v", err)
	}
	if _, err := Read("nowhere.patch", nil); err == nil {
		t.Error("a file that is not there was read")
	}
}
