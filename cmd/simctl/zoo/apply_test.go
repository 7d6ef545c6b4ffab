package zoo

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// source is a module of one package.
func source(t *testing.T, text string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.org/mod\n\ngo 1.26\n", "pkg/a.go": text} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const healthy = "package pkg\n\nconst A = 1\n"

// The overlay has the patched file, and the sources are as they were.
func TestApply(t *testing.T) {
	root := source(t, healthy)
	over, err := read(t, header+diff).apply(root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Replace map[string]string }
	text, _ := os.ReadFile(over.file)
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	file := filepath.Join(root, "pkg", "a.go")
	if got, _ := os.ReadFile(doc.Replace[file]); string(got) != "package pkg\n\nconst A = 2\n" || len(doc.Replace) != 1 {
		t.Errorf("overlay of %d files: got %q", len(doc.Replace), got)
	}
	if got, _ := os.ReadFile(file); string(got) != healthy {
		t.Errorf("the source was changed: %q", got)
	}
	if len(over.packages) != 1 || over.packages[0] != "./pkg" {
		t.Errorf("packages: got %q", over.packages)
	}
}

const secondHunk = `@@ -8,3 +8,3 @@
 // e
 
-const B = 1
+const B = 2
`

// A hunk is applied where its lines are now, if that is one place.
func TestMoved(t *testing.T) {
	root := source(t, "// Package pkg has moved.\n"+healthy+"\nconst B = 1\n")
	over, err := read(t, header+diff).apply(root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(filepath.Join(filepath.Dir(over.file), "0-a.go"))
	if want := "// Package pkg has moved.\npackage pkg\n\nconst A = 2\n\nconst B = 1\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A patch that does not fit to the letter is an error that says where.
func TestConflicts(t *testing.T) {
	long := healthy + "// a\n// b\n// c\n// d\n// e\n\nconst B = 1\n"
	for _, tt := range []struct{ name, source, diff, want string }{
		{"another line", "package pkg\n\nconst A = 3\n", diff,
			`pkg/a.go, hunk 1 (@@ -1,3 +1,3 @@): line 3 is "const A = 3", where the patch has "const A = 1"`},
		{"another context", "package pkg\n// A\nconst A = 1\n", diff, `hunk 1 (@@ -1,3 +1,3 @@): line 2 is "// A"`},
		{"at two places", "// Doc.\n" + healthy + "\n" + healthy, diff, `hunk 1 (@@ -1,3 +1,3 @@): line 1 is "// Doc."`},
		{"the second hunk", strings.Replace(long, "B = 1", "B = 5", 1), diff + secondHunk, `pkg/a.go, hunk 2 (@@ -8,3 +8,3 @@): line 10 is "const B = 5"`},
		{"too short", healthy, diff + secondHunk, "pkg/a.go, hunk 2 (@@ -8,3 +8,3 @@)"},
		{"gone", healthy, strings.ReplaceAll(diff, "pkg/a.go", "pkg/z.go"), "there is no pkg/z.go"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := read(t, header+tt.diff)
			_, err := p.apply(source(t, tt.source), t.TempDir())
			if err == nil || !strings.Contains(err.Error(), p.File+" no longer applies: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant …%s", err, tt.want)
			}
		})
	}
	if _, err := read(t, header+diff+secondHunk).apply(source(t, long), t.TempDir()); err != nil {
		t.Errorf("both hunks fit: %v", err)
	}
}

// What is more than an edit of a Go file is refused.
func TestNoEdits(t *testing.T) {
	for _, tt := range []struct{ name, diff, want string }{
		{"new", "diff --git a/pkg/b.go b/pkg/b.go\nnew file mode 100644\n--- /dev/null\n+++ b/pkg/b.go\n@@ -0,0 +1 @@\n+package pkg\n", "adds, removes or renames pkg/b.go"},
		{"deleted", "diff --git a/pkg/a.go b/pkg/a.go\ndeleted file mode 100644\n--- a/pkg/a.go\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-package pkg\n-\n-const A = 1\n", "adds, removes or renames pkg/a.go"},
		{"mode", "diff --git a/pkg/a.go b/pkg/a.go\nold mode 100644\nnew mode 100755\n", "no hunks for pkg/a.go"},
		{"outside", strings.ReplaceAll(diff, "pkg/a.go", "../a.go"), `changes "../a.go", which is not below`},
		{"no Go", strings.ReplaceAll(diff, "pkg/a.go", "go.mod"), "changes go.mod, which is no Go file"},
		{"twice", diff + diff, "changes pkg/a.go twice"},
		{"damaged", strings.Replace(diff, "-1,3 +1,3", "-1,4 +1,4", 1), "is no patch: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := read(t, header+tt.diff)
			if _, err := p.apply(source(t, healthy), t.TempDir()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant …%s", err, tt.want)
			}
		})
	}
}

// Check compiles what it patches.
func TestCheck(t *testing.T) {
	root := source(t, healthy)
	if err := read(t, header+diff).Check(t.Context(), root); err != nil {
		t.Error(err)
	}
	p := read(t, header+strings.Replace(diff, "A = 2", "A = B", 1))
	if err := p.Check(t.Context(), root); err == nil || !strings.Contains(err.Error(), p.File+" does not compile: ") || !strings.Contains(err.Error(), "undefined: B") {
		t.Errorf("got %v", err)
	}
}

func TestRoot(t *testing.T) {
	root := source(t, healthy)
	for _, dir := range []string{root, filepath.Join(root, "pkg")} {
		if got, err := Root(t.Context(), dir); err != nil || got != root {
			t.Errorf("root of %s: got %q, %v, want %s", dir, got, err, root)
		}
	}
	if _, err := Root(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "belongs to no module; change into a checkout, or name one with --root") {
		t.Errorf("outside: got %v", err)
	}
	if _, err := Root(t.Context(), "nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere is no directory") {
		t.Errorf("nowhere: got %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Root(t.Context(), root); err == nil || !strings.Contains(err.Error(), "there is no go command in PATH; install Go") {
		t.Errorf("without go: got %v", err)
	}
}
