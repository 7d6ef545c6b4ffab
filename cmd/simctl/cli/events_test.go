package cli_test

import (
	"strings"
	"testing"
)

// Events are listed by the names that plans have for them, and a plan takes them.
func TestEventsAsPlansCallThem(t *testing.T) {
	in := fixtureIn(t, t.TempDir())
	r := in.run("replay", "calm", "--seed", "3", "--events", "--node", "n1", "--to", "30ms")
	want := "message: {from: c1, to: n1, type: cli_test.ask, k: 2}"
	if r.code != 0 || !strings.Contains(r.stdout, "  deliver  -       "+want) || strings.Contains(r.stdout, "k: 9}") {
		t.Fatalf("want a delivery of %s in\n%s%s", want, r.stdout, r.stderr)
	}
	in.write("after.yaml", calmPlan+"faults:\n  - pause: {target: n1}\n    after: {"+want+"}\n    for: 5ms\n")
	if r := in.run("replay", "after.yaml"); r.code != 0 || strings.Contains(r.stdout, "not applied") || !strings.Contains(r.stdout, "fault: pause: {target: n1} for 5ms") {
		t.Errorf("after that event: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}
