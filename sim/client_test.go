package sim_test

import (
	"testing"

	"distsim/sim"
)

// An invocation says what is asked, and nothing yet about the outcome.
func TestOperationTexts(t *testing.T) {
	w := sim.New(sim.Config{Records: true})
	w.AddClient(sim.Go(func(p *sim.Proc) {
		p.Invoke(p.NextOp(), "put").OK("done")
		p.Invoke(p.NextOp(), "get").Unknown("no answer")
	}))
	w.RunUntil(1)
	var got []string
	for _, r := range w.Trace().Records() {
		if r.Kind == sim.KindInvoke || r.Kind == sim.KindReturn {
			got = append(got, r.Kind.String()+" "+r.Text)
		}
	}
	want := []string{"invoke c1#1 put", "return c1#1 put -> done", "invoke c1#2 get", "return c1#2 get -> unknown"}
	if len(got) != len(want) {
		t.Fatalf("operation records: got %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("operation record %d: got %q, want %q", i, got[i], want[i])
		}
	}
}
