package scenarios

import (
	"testing"

	"distsim/checker"
)

// A run whose declared violation came, and which a checker out of budget could not judge
// otherwise, is undecided, alone and in a hunt; a plan outside the model is not.
func TestDeclaredAndUndecided(t *testing.T) {
	r := &Report{Verdict: "violated", Properties: []PropertyReport{
		{Name: inDoubt, promise: Always, verdict: checker.Violated},
		{Name: serializable, promise: Holds, verdict: checker.Unknown},
	}}
	r.AsDeclared = r.asDeclared()
	if r.AsDeclared != nil || r.Exit() != 3 {
		t.Errorf("as declared %v, exit %d, want undecided and 3", r.AsDeclared, r.Exit())
	}
	h := &HuntReport{}
	h.enter(outcome{seed: 7, report: r})
	if h.Declared != 1 || h.Undecided != 1 || h.Doubtful == nil || *h.Doubtful != 7 || h.Exit() != 3 {
		t.Errorf("hunt: %d declared, %d undecided, exit %d", h.Declared, h.Undecided, h.Exit())
	}
	r.OutsideOf = "the fault model has no crash"
	if r.Exit() != 1 {
		t.Errorf("outside the model: exit %d, want 1: it is violated", r.Exit())
	}
}
