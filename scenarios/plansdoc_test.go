package scenarios

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"distsim/faults/planfile"
)

// The plans of docs/plans.md are plans: they run, all that they list is applied, and
// what they expect comes true.
func TestPlansOfTheDocs(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(plansPage(t), -1)
	if len(blocks) < 8 {
		t.Fatalf("docs/plans.md has %d plans", len(blocks))
	}
	outside := 0
	for i, b := range blocks {
		plan, err := planfile.Decode("plans.md", []byte(b[1]))
		if err != nil {
			t.Errorf("plan %d: %v\n%s", i+1, err, b[1])
			continue
		}
		s, _ := Find(All(), plan.Scenario)
		run, err := s.Run(plan, Options{})
		if err != nil {
			t.Errorf("plan %d: %v\n%s", i+1, err, b[1])
			continue
		}
		for _, u := range run.Report.Unapplied {
			t.Errorf("plan %d: not applied: %v", i+1, u)
		}
		if run.Report.OutsideOf != "" {
			outside++
		}
		if e := plan.Expect; e != nil && e.Verdict != run.Report.Verdict {
			t.Errorf("plan %d expects %s, and came to %s", i+1, e.Verdict, run.Report.Verdict)
		}
	}
	if outside != 1 {
		t.Errorf("%d plans lie outside the model, want the last", outside)
	}
}

// What its tables say of events can be waited for.
func TestEventsOfTheDocs(t *testing.T) {
	events := regexp.MustCompile("`((?:message|timer|sync|draw): \\{.*?\\}|record: \\d+)`").FindAllStringSubmatch(plansPage(t), -1)
	if len(events) < 6 {
		t.Fatalf("docs/plans.md names %d events", len(events))
	}
	for _, e := range events {
		text := "version: 1\nscenario: raft\nseed: 1\nfaults:\n  - pause: {target: n1}\n    after: {" + e[1] + "}\n"
		if _, err := planfile.Decode("plans.md", []byte(text)); err != nil {
			t.Errorf("%s: %v", e[1], err)
		}
	}
}

func plansPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "plans.md"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
