package sim_test

import (
	"log/slog"
	"testing"

	"distsim/sim"
)

type logging struct{}

func (logging) Step(env *sim.Env, _ sim.NodeID, _ sim.Message) {
	env.Logf("plain %d", 1)
	log := env.Logger().With("node", env.ID()).WithGroup("g")
	log.Warn("structured", "k", 2, slog.String("s", "x"))
}

func TestLogLinesAreRecords(t *testing.T) {
	run := func(records bool) (*sim.World, []string) {
		w := sim.New(sim.Config{Records: records})
		defer w.Close()
		w.AddServer(func() sim.Node { return logging{} })
		w.RunUntil(0)
		var lines []string
		for _, r := range w.Trace().Records() {
			if r.Kind == sim.KindLog {
				lines = append(lines, r.Text)
			}
		}
		return w, lines
	}
	w, lines := run(true)
	want := []string{"plain 1", "WARN structured node=n1 g.k=2 g.s=x"}
	if len(lines) != 2 || lines[0] != want[0] || lines[1] != want[1] {
		t.Errorf("got %q, want %q", lines, want)
	}
	if bare, _ := run(false); bare.Hash() != w.Hash() {
		t.Errorf("the hash is %x with records and %x without", w.Hash(), bare.Hash())
	}
}
