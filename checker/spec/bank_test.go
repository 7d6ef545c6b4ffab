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

// A bank with so much in doubt that balances say little: too much for brute force,
// but legal by construction. Neither the search nor any rule may find fault.
func TestACorrectBankIsNotFaulted(t *testing.T) {
	decided := 0
	for seed := range uint64(200) {
		shape := histories.BankShape{
			Clients: 4, Accounts: 2 + int(seed%2), Ops: 40, Initial: 30, Amount: 20, Step: 1 + int(seed%5),
			Audits: 20, Doubt: 50,
		}
		h := byInvocation(banking(shape, seed))
		results, err := checker.Linearizable(h, bankOf(shape), 20_000)
		if err != nil || results[0].Verdict == checker.Violated {
			t.Fatalf("seed %d: %v, %v: %v", seed, err, results, h)
		}
		if results[0].Verdict == checker.Holds {
			decided++
		}
		for _, o := range h {
			if o.Outcome != history.OK {
				continue
			}
			if e := bankOf(shape).Explain(o, h); e.Sentence != "" {
				t.Fatalf("seed %d: %v is called %s: %s: %v", seed, o, e.Anomaly, e.Sentence, h)
			}
		}
	}
	if decided < 100 {
		t.Errorf("decided only %d of 200", decided)
	}
}

// Corners of legality.
func TestBankAccepts(t *testing.T) {
	const initial = 10
	both := ops.Transaction{Legs: []ops.Leg{
		{Account: "a1", Amount: -11}, {Account: "a2", Amount: -12}, {Account: "a3", Amount: 23},
	}}
	for name, h := range map[string][]history.Op{
		"money in doubt that only another in doubt needs": {
			histories.Doubt(1, 1, 1, histories.Transfer("a3", "a1", 10)),
			histories.Doubt(2, 1, 2, histories.Transfer("a1", "a2", 15)),
			histories.Done(3, 1, 3, 4, histories.Audit("a2"), histories.Left(25)),
			histories.Done(3, 2, 5, 6, histories.Audit("a1", "a3"), histories.Left(5, 0)),
		},
		"in doubt, and refused at last": {
			histories.Doubt(1, 1, 1, histories.Transfer("a1", "a2", 11)),
			histories.Done(3, 1, 3, 4, histories.Audit("a1", "a2"), histories.Left(10, 10)),
		},
		"either of two short accounts may be named": {
			histories.Done(1, 1, 1, 2, both, histories.ShortOf("a2")),
			histories.Done(1, 2, 3, 4, both, histories.ShortOf("a1")),
		},
		"a failed transfer has no effect": {
			histories.Refused(1, 1, 1, 2, histories.Transfer("a1", "a2", 5)),
			histories.Done(1, 2, 3, 4, histories.Audit("a1", "a2"), histories.Left(10, 10)),
		},
		"money brought in": {
			histories.Done(1, 1, 1, 2, ops.Transaction{Legs: []ops.Leg{{Account: "a1", Amount: 7}}}, histories.Left(17)),
			histories.Done(1, 2, 3, 4, histories.Audit("a1", "a2", "a3"), histories.Left(17, 10, 10)),
		},
		"nothing asked": {histories.Done(1, 1, 1, 2, histories.Audit(), ops.Settlement{})},
	} {
		if r := judgeBank(t, h, spec.Bank(histories.Accounts(3), initial)); r.Verdict != checker.Holds {
			t.Errorf("%s: %v: %s", name, r.Verdict, r.Detail)
		}
		if !histories.Serializable(h, 3, initial) {
			t.Errorf("%s: brute force disagrees", name)
		}
	}
}
