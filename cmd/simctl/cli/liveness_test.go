package cli_test

import (
	"strings"
	"testing"
)

// A livelock is stalled as declared, with the lasso that proves it.
func TestLassoIsShown(t *testing.T) {
	in := &invocation{t: t, dir: t.TempDir(), real: true}
	r := in.run("run", "livelock")
	for _, want := range []string{"livelock, seed 1: stalled, as declared", "a lasso: every 150ms", "One round, 70 events:", "bound    300 elections, each of which succeeds", "n5: raft.electionDue: raft.term 306→307"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("run livelock does not say %q:\n%s", want, r.stdout)
		}
	}
	doc := decode[runDocument](t, in.run("run", "livelock", "--json").stdout)
	if l := doc.Liveness; r.code != 0 || l == nil || l.AnsweredNS != nil || l.Lasso == nil || l.Lasso.ToNS-l.Lasso.FromNS != 150_000_000 || len(l.Lasso.State) < 5 {
		t.Errorf("exit %d, liveness %+v", r.code, doc.Liveness)
	}
	if m := doc.Measures; len(m) != 1 || m[0].Name != "first leader" || m[0].ValueNS != nil {
		t.Errorf("measures: got %+v, want a first leader that never came", m)
	}
}

// Servers that wait for ever are stalled as declared, and said to stand still.
func TestStandstillIsShown(t *testing.T) {
	in := &invocation{t: t, dir: t.TempDir(), real: true}
	r := in.run("run", "twopc-naive-timeout")
	for _, want := range []string{"twopc-naive-timeout, seed 1: stalled, as declared", "\na standstill: at 24.", "no timer of theirs will ever be due"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("run twopc-naive-timeout does not say %q:\n%s", want, r.stdout)
		}
	}
	if strings.Contains(r.stdout, "One round") {
		t.Errorf("run twopc-naive-timeout shows a round:\n%s", r.stdout)
	}
	doc := decode[runDocument](t, in.run("run", "twopc-naive-timeout", "--json").stdout)
	if l := doc.Liveness; r.code != 0 || l == nil || l.Lasso == nil || !l.Lasso.Still || len(l.Lasso.State) != 4 {
		t.Errorf("exit %d, liveness %+v", r.code, doc.Liveness)
	}
}

// A hunt says how its measure is spread; never is longer than any value.
func TestHuntShowsMeasures(t *testing.T) {
	in := &invocation{t: t, dir: t.TempDir(), real: true}
	doc := decode[huntDocument](t, in.run("hunt", "livelock-randomized", "--seeds", "1-50", "--json").stdout)
	if len(doc.Measures) != 1 {
		t.Fatalf("got %+v", doc.Measures)
	}
	m := doc.Measures[0]
	if m.Runs != 50 || m.Never != 0 || m.P50 < 150_000_000 || m.P50 > m.P99 || m.P99 > m.Max || m.Max > 2_000_000_000 {
		t.Errorf("got %+v", m)
	}
	if text := in.run("hunt", "livelock", "--seeds", "1-3").stdout; !strings.Contains(text, "first leader     3      3  never  never  never") {
		t.Errorf("hunt livelock:\n%s", text)
	}
}

// An experiment is a table and a plot; as JSON each row has its hunt.
func TestExperiment(t *testing.T) {
	in := &invocation{t: t, dir: t.TempDir(), real: true}
	r := in.run("run", "livelock-spread", "--set", "nodes=2")
	lines := strings.Split(r.stdout, "\n")
	if r.code != 0 || !strings.Contains(lines[0], "first leader against spread, seeds 1-200 for each: as declared") {
		t.Errorf("exit %d:\n%s%s", r.code, r.stdout, r.stderr)
	}
	for _, want := range []string{"0s       200    200  never", "> never", "(logarithmic)"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("the experiment does not say %q:\n%s", want, r.stdout)
		}
	}
	doc := decode[experimentDocument](t, in.run("run", "livelock-spread", "--set", "nodes=2", "--seed", "5", "--json").stdout)
	if len(doc.Rows) != 7 || doc.From != 5 || doc.To != 204 || doc.Rows[0].Runs != 200 || doc.Rows[0].Never != 200 || doc.Rows[6].P50 <= 0 || *doc.Rows[6].Hunt.Ran != 200 {
		t.Errorf("got %+v", doc)
	}
	one := decode[runDocument](t, in.run("run", "livelock-spread", "--set", "spread=50ms", "--json").stdout)
	if one.Params["spread"] != "50ms" || one.Verdict != "holds" {
		t.Errorf("with the parameter set it is one run: got %+v", one)
	}
}

func TestExperimentsRefuseWhatIsAboutOneRun(t *testing.T) {
	in := &invocation{t: t, dir: t.TempDir(), real: true}
	for _, c := range [][]string{
		{"--out: livelock-spread is many runs", "--out", "x.yaml"},
		{"--check-determinism: livelock-spread is many runs", "--check-determinism"},
		{"--seed 18446744073709551600: livelock-spread runs 200 seeds from there on", "--seed", "18446744073709551600"},
		{"scenario livelock-spread: nodes=77: want a whole number from 2 to 9", "--set", "nodes=77"},
	} {
		r := in.run(append([]string{"run", "livelock-spread"}, c[1:]...)...)
		if r.code != 2 || !strings.Contains(r.stderr, c[0]) {
			t.Errorf("%v: exit %d, %s", c[1:], r.code, r.stderr)
		}
	}
}
