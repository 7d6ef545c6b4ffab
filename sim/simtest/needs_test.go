package simtest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"distsim/faults"
)

// needing lists what kinds of faults need of a model before they are drawn, in the
// order of the kinds, and which ones need just that.
func needing() (needs []string, kinds map[string][]string) {
	kinds = map[string][]string{}
	for _, k := range faults.Kinds() {
		need := faults.Needs(k)
		if need == "" {
			need = "nothing"
		}
		if !slices.Contains(needs, need) {
			needs = append(needs, need)
		}
		kinds[need] = append(kinds[need], string(k))
	}
	return needs, kinds
}

// The bounds that the documentation lists are those that the planners ask for.
func TestDocumentationListsTheBounds(t *testing.T) {
	needs, kinds := needing()
	var want strings.Builder
	for _, need := range needs {
		if need == "nothing" {
			continue
		}
		fmt.Fprintf(&want, "//\t%s: %s\n", strings.Join(kinds[need], ", "), need)
	}
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), want.String()) {
		t.Errorf("doc.go lists other bounds; these are right:\n%s", want.String())
	}
}
