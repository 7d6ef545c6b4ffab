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
)

// docs/faults.md is made from what the types say of themselves and from their golden
// stories, so that it cannot be out of date: go test ./faults -update rewrites it.
func TestFaultsPage(t *testing.T) {
	path := filepath.Join("..", "docs", "faults.md")
	got := faultsPage(t)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is out of date; look at what changed, then go test ./faults -update", path)
	}
}

const pageHead = `# Faults

What can go wrong, kind by kind: what a fault does, what becomes of messages in flight, timers and disks, how overlapping
ones combine, and what healing does. Every kind has a story below testdata/faults, a run in which it strikes and heals.
A plan says when a fault strikes (` + "`at:`, `after:`, `moment:`" + `), for how long (` + "`for:`" + `), and whom it hits; see
` + "`faults/planfile`" + ` for the format. A fault without ` + "`for:`" + ` lasts until the end of the chaos. This page is made from the
source: ` + "`go test ./faults -update`" + `.
`

func faultsPage(t *testing.T) []byte {
	docs := typeDocs(t)
	var page bytes.Buffer
	page.WriteString(pageHead)
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
