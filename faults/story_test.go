package faults_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"distsim/sim"
	"distsim/sim/transcript"
)

var update = flag.Bool("update", false, "rewrite testdata/faults")

// wantStory compares what a world with kept records has gone through, told in
// prose, with testdata/faults/name.txt: one story for each kind of fault.
func wantStory(t *testing.T, w *sim.World, name string) {
	t.Helper()
	w.Close()
	for _, v := range w.Violations() {
		t.Errorf("%v\n%s", v, v.Stack)
	}
	var got bytes.Buffer
	if err := transcript.Write(&got, w.Trace(), transcript.Options{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "testdata", "faults", name+".txt")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s differs from what happens now; look at it, then go test ./faults -update\n%s", path, got.Bytes())
	}
}
