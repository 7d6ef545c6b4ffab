// Package golden compares what tests tell with files under testdata, at the top of the
// repository. With -update the files are rewritten; then look at the difference.
//
//	golden.InOrder(t, got, "n1 leads", "n2 votes") // whatever the file says
//	golden.Compare(t, "raft/election.txt", []byte(got))
package golden

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Compare compares with testdata/name, or rewrites it.
func Compare(t testing.TB, name string, got []byte) {
	t.Helper()
	File(t, filepath.Join("testdata", filepath.FromSlash(name)), got)
}

// File compares with any file, named from the top of the repository, or rewrites it.
func File(t testing.TB, name string, got []byte) {
	t.Helper()
	path := filepath.Join(top(t), name)
	if *update {
		if err := write(path, got); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what happens now; look at it, then go test with -update\n%s", name, got)
	}
}

// InOrder makes sure that lines, or parts of them, are there in this order.
func InOrder(t testing.TB, got string, lines ...string) {
	t.Helper()
	rest := got
	for _, line := range lines {
		_, after, found := strings.Cut(rest, line)
		if !found {
			t.Fatalf("%q does not happen, or not in this place:\n%s", line, got)
		}
		rest = after
	}
}

func write(path string, got []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, got, 0o644)
}

// top is where go.mod is: above the package whose test runs.
func top(t testing.TB) string {
	t.Helper()
	for dir := "."; len(dir) < 64; dir = filepath.Join("..", dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("there is no go.mod above this test")
	return ""
}
