package spec_test

import (
	"math/rand/v2"
	"testing"

	"distsim/checker"
	"distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

type bankSpec = checker.Spec[spec.Ledger, ops.Transaction, ops.Settlement]

func bankOf(s histories.BankShape) bankSpec {
	return spec.Bank(histories.Accounts(s.Accounts), s.Initial)
}

func banking(s histories.BankShape, seed uint64) []history.Op {
	return histories.RandomBank(s, rand.New(rand.NewPCG(seed, 1)).IntN)
}

func judgeBank(t testing.TB, h []history.Op, s bankSpec) checker.Result {
	t.Helper()
	results, err := checker.Linearizable(h, s, 0)
	if err != nil {
		t.Fatalf("judging %v: %v", h, err)
	}
	return checker.Merge(results)
}

func bruteBank(h []history.Op, s histories.BankShape) checker.Verdict {
	if histories.Serializable(h, s.Accounts, s.Initial) {
		return checker.Holds
	}
	return checker.Violated
}

// smallBanks are poor banks, so that transfers are refused, and such small ones
// that brute force can judge them.
func smallBanks(seed uint64) histories.BankShape {
	return histories.BankShape{
		Clients: 3, Accounts: 2 + int(seed%2), Ops: 7, Initial: 5 + int64(seed%3), Amount: 8, Step: 1 + int(seed%4),
		Audits: 25, Doubt: 30, Failed: 5, Lies: 25,
	}
}

func TestBankAgreesWithBruteForce(t *testing.T) {
	count := map[checker.Verdict]int{}
	doubts, refusals := 0, 0
	for seed := range uint64(3000) {
		shape := smallBanks(seed)
		h := banking(shape, seed)
		got, want := judgeBank(t, h, bankOf(shape)).Verdict, bruteBank(h, shape)
		if got != want {
			t.Fatalf("seed %d: verdict %v, brute force says %v: %v", seed, got, want, h)
		}
		count[got]++
		doubts += min(1, history.Count(h).Unknown)
		for _, o := range h {
			if out, ok := o.Output.(ops.Settlement); ok && out.Short != "" {
				refusals++
				break
			}
		}
	}
	if count[checker.Holds] < 750 || count[checker.Violated] < 750 || doubts < 1500 || refusals < 750 {
		t.Errorf("generator is lopsided: %v, %d with operations in doubt, %d with refusals", count, doubts, refusals)
	}
}

// Narrowing down what is in doubt must change no verdict.
func TestMattersChangesNoVerdictOnABank(t *testing.T) {
	for seed := range uint64(1500) {
		shape := smallBanks(seed)
		shape.Ops, shape.Lies, shape.Initial = 14, 6, 12
		h := banking(shape, seed)
		plain := bankOf(shape)
		plain.Matters = nil
		if got, want := judgeBank(t, h, bankOf(shape)).Verdict, judgeBank(t, h, plain).Verdict; got != want {
			t.Fatalf("seed %d: %v, without Matters %v: %v", seed, got, want, h)
		}
	}
}

// No rule may find fault with a correct bank's answers.
func TestExplainIsSilentOnACorrectBank(t *testing.T) {
	for seed := range uint64(1000) {
		shape := smallBanks(seed)
		shape.Ops, shape.Lies, shape.Initial = 30, 0, 15
		h := byInvocation(banking(shape, seed))
		for _, o := range h {
			if o.Outcome != history.OK {
				continue
			}
			if e := bankOf(shape).Explain(o, h); e.Sentence != "" {
				t.Fatalf("seed %d: %v is called %s: %s: %v", seed, o, e.Anomaly, e.Sentence, h)
			}
		}
	}
}
