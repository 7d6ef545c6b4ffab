package checker_test

import (
	"testing"

	"distsim/checker"
)

func TestCombine(t *testing.T) {
	const u, h, v = checker.Unknown, checker.Holds, checker.Violated
	for _, c := range []struct {
		in   []checker.Verdict
		want checker.Verdict
	}{
		{nil, h},
		{[]checker.Verdict{h, h}, h},
		{[]checker.Verdict{h, u, h}, u},
		{[]checker.Verdict{u, v, h}, v},
		{[]checker.Verdict{v, u}, v},
	} {
		if got := checker.Combine(c.in...); got != c.want {
			t.Errorf("Combine(%v) = %v, want %v", c.in, got, c.want)
		}
	}
}

func TestMerge(t *testing.T) {
	holds := checker.Result{Property: "p", Verdict: checker.Holds, Key: "a", Checked: 2, Steps: 5, Detail: "fine"}
	unsure := checker.Result{Property: "p", Verdict: checker.Unknown, Key: "b", Checked: 3, Steps: 7, Detail: "unsure"}
	wrong := checker.Result{Property: "p", Verdict: checker.Violated, Key: "c", Checked: 4, Steps: 9, Detail: "wrong"}
	for _, c := range []struct {
		in      []checker.Result
		verdict checker.Verdict
		key     string
		detail  string
		checked int
	}{
		{nil, checker.Holds, "", "there were no operations to judge", 0},
		{[]checker.Result{holds}, checker.Holds, "a", "fine", 2},
		{[]checker.Result{holds, holds}, checker.Holds, "", "each of the 2 partitions, 4 operations in all, has a legal order", 4},
		{[]checker.Result{holds, unsure, holds}, checker.Unknown, "b", "unsure", 7},
		{[]checker.Result{unsure, wrong, holds, wrong}, checker.Violated, "c", "wrong", 13},
	} {
		got := checker.Merge(c.in)
		if got.Verdict != c.verdict || got.Key != c.key || got.Detail != c.detail || got.Checked != c.checked {
			t.Errorf("Merge(%v) = %+v, want %v on %q: %q, %d checked", c.in, got, c.verdict, c.key, c.detail, c.checked)
		}
	}
}

func TestVerdictNames(t *testing.T) {
	for v, want := range map[checker.Verdict]string{
		checker.Unknown: "unknown", checker.Holds: "holds", checker.Violated: "violated", 9: "verdict(9)",
	} {
		if got := v.String(); got != want {
			t.Errorf("verdict %d is called %q, want %q", uint8(v), got, want)
		}
	}
}
