package spec_test

import (
	"fmt"
	"slices"
	"testing"

	"distsim/checker"
	"distsim/checker/internal/histories"
)

// runs are what scenarios record: 200 transactions, up to 12 of them in doubt. If
// all amounts are multiples of 10, sums say less about who contributed to them.
func runs(clients, accounts, step int) histories.BankShape {
	return histories.BankShape{
		Clients: clients, Accounts: accounts, Ops: 200, Initial: 100, Amount: 30, Step: step,
		Audits: 15, Doubt: 8, Doubts: 12, Failed: 5,
	}
}

func eachRun(do func(name string, shape histories.BankShape)) {
	for _, clients := range []int{4, 8} {
		for _, accounts := range []int{4, 8} {
			for _, step := range []int{1, 10} {
				do(fmt.Sprintf("clients=%d/accounts=%d/step=%d", clients, accounts, step), runs(clients, accounts, step))
			}
		}
	}
}

func TestRunsOfABankAreDecidedCheaply(t *testing.T) {
	eachRun(func(name string, shape histories.BankShape) {
		for seed := range uint64(30) {
			r := judgeBank(t, banking(shape, seed), bankOf(shape))
			if r.Verdict != checker.Holds || r.Steps > int64(checker.DefaultBudget)/4 {
				t.Errorf("%s, seed %d: %v after %d steps, want holds within a quarter of the budget", name, seed, r.Verdict, r.Steps)
			}
		}
	})
}

// Without Matters, some of these would use up a tenth of the budget.
func TestMattersMakesDoubtAffordableOnABank(t *testing.T) {
	shape := runs(8, 8, 10)
	var with, without int64
	for seed := range uint64(20) {
		h := banking(shape, seed)
		plain := bankOf(shape)
		plain.Matters = nil
		a, _ := checker.Linearizable(h, bankOf(shape), 200_000)
		b, err := checker.Linearizable(h, plain, 200_000)
		if err != nil {
			t.Fatal(err)
		}
		with, without = with+a[0].Steps, without+b[0].Steps
	}
	if with*10 > without {
		t.Errorf("%d steps with Matters, %d without: want a tenth at most", with, without)
	}
}

// Steps over a thousand histories of each kind; run with -benchtime 1x.
func BenchmarkBank(b *testing.B) {
	eachRun(func(name string, shape histories.BankShape) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				measureSteps(b, func(seed uint64) checker.Result { return judgeBank(b, banking(shape, seed), bankOf(shape)) })
			}
		})
	})
}

// measureSteps reports how many steps the search takes for a thousand histories.
func measureSteps(b *testing.B, judge func(seed uint64) checker.Result) {
	var steps []int64
	undecided := 0
	for seed := range uint64(1000) {
		r := judge(seed)
		steps = append(steps, r.Steps)
		if r.Verdict == checker.Unknown {
			undecided++
		}
	}
	slices.Sort(steps)
	b.ReportMetric(float64(steps[500]), "steps-p50")
	b.ReportMetric(float64(steps[989]), "steps-p99")
	b.ReportMetric(float64(steps[999]), "steps-max")
	b.ReportMetric(float64(undecided), "undecided")
}
