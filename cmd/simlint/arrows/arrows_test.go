package arrows

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// design is a small repository in which every arrow is used and none is broken.
func design() Graph {
	return graph(map[string]string{
		"distsim/sim/history":               "fmt",
		"distsim/sim/history/ops":           "strings distsim/sim/history",
		"distsim/sim":                       "iter distsim/sim/history",
		"distsim/sim/simtest":               "testing distsim/sim distsim/faults/shrink distsim/faults/planfile distsim/checker pgregory.net/rapid",
		"distsim/faults":                    "distsim/sim distsim/sim/history",
		"distsim/faults/shrink":             "distsim/faults",
		"distsim/faults/planfile":           "distsim/faults github.com/goccy/go-yaml github.com/goccy/go-yaml/ast",
		"distsim/nodes/kv":                  "distsim/sim/history/ops",
		"distsim/nodes/raft":                "distsim/sim distsim/nodes/kv distsim/nodes/wal distsim/nodes/wal/record",
		"distsim/nodes/raft/invariant":      "distsim/sim",
		"distsim/nodes/wal":                 "distsim/sim",
		"distsim/nodes/wal/record":          "encoding/binary",
		"distsim/nodes/lock":                "distsim/sim distsim/nodes/raft",
		"distsim/nodes/twopc/bank":          "fmt distsim/sim/history/ops",
		"distsim/checker":                   "distsim/sim/history github.com/anishathalye/porcupine",
		"distsim/checker/spec":              "distsim/sim/history/ops",
		"distsim/sim/simtest/golden":        "os testing",
		"distsim/scenarios":                 "distsim/sim distsim/faults distsim/faults/planfile distsim/nodes/raft distsim/checker",
		"distsim/cmd/simctl":                "os distsim/sim distsim/scenarios github.com/spf13/cobra",
		"distsim/cmd/simctl/zoo":            "os distsim/scenarios github.com/bluekeyes/go-gitdiff/gitdiff",
		"github.com/goccy/go-yaml":          "reflect",
		"github.com/anishathalye/porcupine": "sync",
		"fmt":                               "os",
	})
}

func graph(imports map[string]string) Graph {
	g := make(Graph)
	for from, to := range imports {
		for _, path := range strings.Fields(to) {
			g[from] = append(g[from], Import{path, from + "/file.go:3"})
		}
	}
	return g
}

func TestDesignIsAccepted(t *testing.T) {
	for _, broken := range Check(Design(), design()) {
		t.Error(broken)
	}
}

// TestBrokenArrowsAreReported adds one forbidden import at a time.
func TestBrokenArrowsAreReported(t *testing.T) {
	const yaml = "github.com/goccy/go-yaml"
	mutants := []struct{ from, to string }{
		{"distsim/sim/history", "distsim/sim"},
		{"distsim/sim/history/ops", "pgregory.net/rapid"},
		{"distsim/sim", "distsim/sim/history/ops"},
		{"distsim/sim", "distsim/faults"},
		{"distsim/sim", "distsim/sim/simtest"},
		{"distsim/sim", "golang.org/x/exp/maps"},
		{"distsim/sim/simtest", "distsim/nodes/raft"},
		{"distsim/sim/simtest", "distsim/scenarios"},
		{"distsim/sim/simtest", yaml},
		{"distsim/faults", "distsim/nodes/raft"},
		{"distsim/faults", "distsim/checker"},
		{"distsim/faults", "distsim/faults/planfile"},
		{"distsim/faults/shrink", "distsim/faults/planfile"},
		{"distsim/faults/shrink", yaml},
		{"distsim/faults/planfile", "distsim/scenarios"},
		{"distsim/nodes/raft", "distsim/faults"},
		{"distsim/nodes/raft", "distsim/checker"},
		{"distsim/nodes/raft", "distsim/sim/simtest"},
		{"distsim/nodes/raft", "github.com/hashicorp/raft"},
		{"distsim/nodes/twopc/bank", "distsim/sim"},
		{"distsim/nodes/wal", "distsim/nodes/raft"},
		{"distsim/nodes/wal", "distsim/sim/history"},
		{"distsim/nodes/wal/record", "distsim/sim"},
		{"distsim/nodes/wal/record", "distsim/nodes/wal"},
		{"distsim/checker", "distsim/nodes/kv"},
		{"distsim/checker", "distsim/faults"},
		{"distsim/checker/spec", "distsim/nodes/kv"},
		{"distsim/scenarios", "distsim/cmd/simctl"},
		{"distsim/scenarios", "distsim/sim/simtest"},
		{"distsim/scenarios", yaml},
		{"distsim/cmd/simctl", yaml + "/parser"},
		{"distsim/cmd/simctl", "github.com/bluekeyes/go-gitdiff/gitdiff"},
		{"distsim/sim/extra", "fmt"},
		{"distsim/extra", "fmt"},
	}
	for _, m := range mutants {
		g := design()
		g[m.from] = append(g[m.from], Import{m.to, m.from + "/bad.go:7"})
		broken := strings.Join(Check(Design(), g), "\n")
		if m.to == "fmt" {
			if !strings.Contains(broken, m.from+": no arrow") {
				t.Errorf("package %s has no rule; got %q", m.from, broken)
			}
			continue
		}
		if want := m.from + "/bad.go:7: " + m.from + " -> " + m.to; !strings.Contains(broken, want) {
			t.Errorf("got %q, want it to contain %q", broken, want)
		}
	}
}

// TestReach breaks the promise about sim at a distance, where sim's own arrow does
// not see it.
func TestReach(t *testing.T) {
	g := design()
	g["distsim/sim/history"] = append(g["distsim/sim/history"], Import{"example.com/clock", "history.go:4"})
	broken := strings.Join(Check(Design(), g), "\n")
	want := "history.go:4: distsim/sim/history -> example.com/clock is reached from distsim/sim"
	if !strings.Contains(broken, want) {
		t.Errorf("got %q, want it to contain %q", broken, want)
	}
}

// TestAdapter shows that a row for one package widens what it may import, and
// nothing else.
func TestAdapter(t *testing.T) {
	rules := Design()
	rules.Arrows = append(rules.Arrows, Arrow{
		From: "distsim/nodes/etcd",
		To:   []string{"std", "distsim/sim", "go.etcd.io/raft/..."},
	})
	g := design()
	g["distsim/nodes/etcd"] = []Import{{"go.etcd.io/raft/v3", "etcd.go:9"}}
	if broken := Check(rules, g); len(broken) > 0 {
		t.Errorf("adapter: got %q, want none", broken)
	}
	g["distsim/nodes/raft"] = append(g["distsim/nodes/raft"], Import{"go.etcd.io/raft/v3", "raft.go:9"})
	if broken := Check(rules, g); len(broken) != 1 {
		t.Errorf("beside the adapter: got %q, want one broken arrow", broken)
	}
}

func TestRepository(t *testing.T) {
	// Looking at each directory makes the go command forget a cached result when a
	// file is added.
	err := filepath.WalkDir("../../..", func(_ string, d fs.DirEntry, _ error) error {
		if d != nil && d.Name() == ".git" {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	g, err := Load("../../..", "distsim/...")
	if err != nil {
		t.Fatal(err)
	}
	if len(g["distsim/sim"]) == 0 {
		t.Fatal("distsim/sim was not loaded, so nothing was checked")
	}
	for _, broken := range Check(Design(), g) {
		t.Error(broken)
	}
}
