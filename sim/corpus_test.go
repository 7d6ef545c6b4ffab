package sim_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"distsim/faults"
	"distsim/sim/simtest"

	"pgregory.net/rapid"
)

const corpus = "testdata/fuzz/FuzzRegister"

// The seed corpus of FuzzRegister: plans of none to three faults, some of which
// undo the hasty register. When rapid or the planner reads bytes otherwise than
// when it was made, go test ./sim -run TestCorpus -update makes it anew.
func TestCorpus(t *testing.T) {
	if flag.Lookup("update").Value.String() == "true" {
		makeCorpus(t)
	}
	files, err := filepath.Glob(corpus + "/*")
	if err != nil || len(files) < 5 {
		t.Fatalf("the corpus is %v (%v), want five files or more", files, err)
	}
	for _, file := range files {
		plan, ok := planOf(t, readInput(t, file))
		if !ok {
			t.Errorf("%s is no longer a plan", file)
			continue
		}
		undone := strings.HasPrefix(filepath.Base(file), "undone")
		if got := undoes(t, plan); got != undone {
			t.Errorf("%s: %#v undoes the hasty register: %v, want %v", file, plan, got, undone)
		}
	}
}

// planOf is the plan that rapid draws from an input, if there are bytes enough.
func planOf(t *testing.T, input []byte) (plan faults.Plan, ok bool) {
	t.Run("plan", func(t *testing.T) {
		rapid.MakeFuzz(func(t *rapid.T) {
			plan = simtest.Plans(config, 1).Draw(t, "plan")
			ok = true
		})(t, input)
	})
	return plan, ok
}

func undoes(t *testing.T, plan faults.Plan) bool {
	outcome, err := simtest.Replay(config, plan, cluster(hasty))
	if err != nil {
		t.Fatal(err)
	}
	return outcome.Failed()
}

// readInput reads a file as go test -fuzz writes it.
func readInput(t *testing.T, file string) []byte {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, quoted, _ := strings.Cut(strings.TrimSpace(string(data)), "[]byte(")
	input, err := strconv.Unquote(strings.TrimSuffix(quoted, ")"))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return []byte(input)
}

// makeCorpus looks among random inputs for one of each sort that is wanted.
func makeCorpus(t *testing.T) {
	wanted := map[string]bool{"undone-1": true, "undone-2": true, "undone-3": true, "unharmed-0": true, "unharmed-2": true, "unharmed-3": true}
	for n := uint64(1); len(wanted) > 0; n++ {
		input := randomInput(n)
		plan, ok := planOf(t, input)
		if !ok {
			continue
		}
		name := fmt.Sprintf("unharmed-%d", len(plan.Faults))
		if undoes(t, plan) {
			name = fmt.Sprintf("undone-%d", len(plan.Faults))
		}
		if !wanted[name] {
			continue
		}
		delete(wanted, name)
		for ok { // no more bytes than it takes
			if _, ok = planOf(t, input[:len(input)-8]); ok {
				input = input[:len(input)-8]
			}
		}
		text := fmt.Sprintf("go test fuzz v1\n[]byte(%+q)\n", input)
		if err := os.WriteFile(filepath.Join(corpus, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func randomInput(n uint64) []byte {
	random := rand.New(rand.NewPCG(n, 0))
	var out []byte
	for range 150 {
		out = binary.LittleEndian.AppendUint64(out, random.Uint64())
	}
	return out
}
