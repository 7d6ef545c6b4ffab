package simtest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A worker of go test -fuzz shrinks one find in many steps and leaves one plan of it; a
// plan that was there before stays. Plain go test, which runs a corpus of many finds,
// keeps them all.
func TestFuzzWorkersLeaveOnePlan(t *testing.T) {
	t.Chdir(t.TempDir())
	worker := flag.Lookup("test.fuzzworker").Value
	old := worker.String()
	t.Cleanup(func() { _ = worker.Set(old) })
	find := func(f *finds, file string) {
		f.replace(file)
		write(t, file, "a plan")
	}
	write(t, "old.yaml", "a plan")
	for _, c := range []struct{ worker, want string }{
		{"true", "c.yaml old.yaml"},
		{"false", "a.yaml b.yaml c.yaml old.yaml"},
	} {
		if err := worker.Set(c.worker); err != nil {
			t.Fatal(err)
		}
		var f finds
		for _, file := range []string{"a.yaml", "b.yaml", "b.yaml", "old.yaml", "c.yaml"} {
			find(&f, file)
		}
		got, _ := filepath.Glob("*.yaml")
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("as a worker: %s; left %s, want %s", c.worker, text, c.want)
		}
		for _, file := range []string{"a.yaml", "b.yaml", "c.yaml"} {
			_ = os.Remove(file)
		}
	}
}
