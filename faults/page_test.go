package faults_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"distsim/faults"
	"distsim/sim/simtest/golden"
)

// docs/faults.md is made from what the types say of themselves and from their golden
// stories, so that it cannot be out of date: go test ./faults -update rewrites it.
func TestFaultsPage(t *testing.T) {
	golden.File(t, "docs/faults.md", faultsPage(t))
}

// A tilde stands for a backquote.
const pageHead = `# Faults

What can go wrong, kind by kind: what a fault does, what becomes of messages in flight, timers and disks, how overlapping
ones combine, and what healing does. Every kind has a story below testdata/faults, a run in which it strikes and, unless
it stays as bit_rot and clock_step do, heals; [moment.txt](../testdata/faults/moment.txt) and
[holder.txt](../testdata/faults/holder.txt) are stories of faults that wait for a moment. A plan says when a fault
strikes (~at:~, ~after:~, ~moment:~), for how long (~for:~), and whom it hits: [plans.md](plans.md) has the format. A fault
without ~for:~ lasts until the end of the chaos.

The tables list the fields of each kind. Nodes are ~n1~ or ~[n1, c2]~; a symbol is ~leader~, ~any~, ~majority~,
~minority~, ~dirty~, ~candidate~, ~follower~ or ~holder~. By the field ~role~ of its view the leader is who calls itself
~leader~, ~primary~ or ~coordinator~, of several the one with the highest term; a follower calls itself ~follower~,
~backup~ or ~participant~. A holder is a server or a client that believes it holds a lock: its view has a field ~section~
that names the lock, or its role is ~holder~. Where there is a ~target~, a majority or minority may have ~with:~, the
symbol of one server that it contains (not ~holder~), and a plan that was recorded has ~was:~, whom the symbol meant.
Durations are ~5ms~ or ~1.5s~, distributions ~5ms~, ~1ms..10ms~, ~exp(1ms+5ms..1s)~ or
~1ms..10ms|200ms..1s@1000ppm~. What may be left out is then as the third column says.

This page is made from the source: ~go test ./faults -update~.
`

func faultsPage(t *testing.T) []byte {
	docs := typeDocs(t)
	var page bytes.Buffer
	page.WriteString(strings.ReplaceAll(pageHead, "~", "`"))
	for _, f := range faults.All() {
		name := reflect.TypeOf(f).Name()
		doc := docs[name]
		if doc == "" {
			t.Errorf("the type %s says nothing of itself", name)
		}
		fmt.Fprintf(&page, "\n## %s\n\n%s\n", f.Kind(), strings.TrimSpace(doc))
		stories := storiesOf(t, f.Kind())
		if len(stories) == 0 {
			t.Errorf("%s has no story in testdata/faults", f.Kind())
		}
		if example := plainExample(t, stories, f.Kind()); example != "" {
			fmt.Fprintf(&page, "\n%s", fieldTable(parsed(t, example)))
		}
		page.WriteString("\n")
		for _, s := range stories {
			fmt.Fprintf(&page, "- `%s` ([story](../testdata/faults/%s))\n", exampleIn(t, s, f.Kind()), s)
		}
	}
	return page.Bytes()
}

// typeDocs are the comments on the package's types.
func typeDocs(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.TYPE && len(d.Specs) == 1 {
				docs[d.Specs[0].(*ast.TypeSpec).Name.Name] = d.Doc.Text()
			}
		}
	}
	return docs
}

// storiesOf lists a kind's stories: kind.txt, or kind-variant.txt.
func storiesOf(t *testing.T, kind faults.Kind) []string {
	t.Helper()
	files, err := os.ReadDir(filepath.Join("..", "testdata", "faults"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		if name := f.Name(); name == string(kind)+".txt" || strings.HasPrefix(name, string(kind)+"-") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// plainExample is the first example that stands without an after.
func plainExample(t *testing.T, stories []string, kind faults.Kind) string {
	t.Helper()
	for _, s := range stories {
		if example := exampleIn(t, s, kind); !strings.Contains(example, "before_effect") {
			return example
		}
	}
	return ""
}

// exampleIn is how a story's plan writes the fault.
func exampleIn(t *testing.T, story string, kind faults.Kind) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", "faults", story))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)fault: (` + string(kind) + `: \{.*\}.*?) ━`).FindSubmatch(text)
	if line == nil {
		t.Errorf("no %s strikes in %s", kind, story)
		return ""
	}
	return string(line[1])
}
