package checker

import (
	"fmt"
	"slices"

	"distsim/sim/history"
)

// Verdict is what a check concluded.
type Verdict uint8

const (
	// Unknown: the budget ran out first. It is the zero value, so that a result
	// nobody filled in claims nothing.
	Unknown Verdict = iota
	// Holds: the property was shown to hold on this history.
	Holds
	// Violated: the property was shown not to.
	Violated
	// Stalled: progress did not come within its bound. Like Violated it is no
	// answer that a promise to hold can take.
	Stalled
)

// Broken reports whether the verdict breaks a promise that a property holds.
func (v Verdict) Broken() bool { return v == Violated || v == Stalled }

// String names the verdict as plans and reports spell it.
func (v Verdict) String() string {
	if v > Stalled {
		return fmt.Sprintf("verdict(%d)", uint8(v))
	}
	return [...]string{"unknown", "holds", "violated", "stalled"}[v]
}

// Combine is the verdict over several: violated if any is, else stalled if any is,
// else unknown if any is, else holds.
func Combine(verdicts ...Verdict) Verdict {
	for _, worst := range []Verdict{Violated, Stalled} {
		if slices.Contains(verdicts, worst) {
			return worst
		}
	}
	for _, v := range verdicts {
		if v != Holds {
			return Unknown
		}
	}
	return Holds
}

// Result is one verdict and its grounds.
type Result struct {
	Property string // the promise: "linearizable"
	Verdict  Verdict
	Key      string       // the partition judged: a key, or "" when there is only one
	Anomaly  string       // what kind of violation, in the field's terms: "stale read"; "" unless Violated
	Detail   string       // one sentence: what was impossible, or why it is unknown and what to do
	Ops      []history.Op // the operations Detail names, the culprit first; empty unless Violated
	Checked  int          // operations judged: neither failed nor reads that were never answered
	Steps    int64        // steps of the specification spent on the verdict; a measure of difficulty
}

// Merge condenses the results of one property, one per partition, into a single
// one: the combined verdict, told by the first result that has it.
func Merge(results []Result) Result {
	if len(results) == 0 {
		return Result{Verdict: Holds, Detail: "there were no operations to judge"}
	}
	merged := results[0]
	for _, r := range results[1:] {
		checked, steps := merged.Checked+r.Checked, merged.Steps+r.Steps
		if total := Combine(merged.Verdict, r.Verdict); total != merged.Verdict {
			merged = r
		}
		merged.Checked, merged.Steps = checked, steps
	}
	if merged.Verdict == Holds && len(results) > 1 {
		merged.Key = ""
		merged.Detail = fmt.Sprintf("each of the %d partitions, %d operations in all, has a legal order",
			len(results), merged.Checked)
	}
	return merged
}
