package spec_test

import (
	"testing"

	"distsim/checker"
	. "distsim/checker/internal/histories"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// settle is how a broken bank decides.
type settle = func(asked, now Bank, in ops.Transaction) (Bank, ops.Settlement)

// brokenBanks are the mistakes that strict serializability forbids, and the
// anomaly by which each must be called at least now and then. A function makes a
// new bank of the kind.
var brokenBanks = []struct {
	name    string
	anomaly string
	open    func() settle
}{
	{"none", "", func() settle { return nil }},
	{"lost update", "lost update", func() settle { return writesBack }},
	{"fractured read", "fractured read", func() settle { return readsInHalves }},
	{"double application of a retried transfer", "double application", func() settle { return everyFifth(appliesTwice) }},
	{"overdraft", "overdraft", func() settle { return overdraws }},
	{"refused although funds sufficed", "unfounded refusal", func() settle { return keepsReserve }},
	{"stale audit", "stale read", staleAudits},
}

// writesBack writes what was held when it was asked, and the amount.
func writesBack(asked, now Bank, in ops.Transaction) (Bank, ops.Settlement) {
	after, out := asked.Settle(in)
	if in.ReadOnly() || out.Short != "" {
		return now.Settle(in)
	}
	next, _ := now.Settle(ops.Transaction{}) // a copy
	for _, leg := range in.Legs {
		next[leg.Account] = after[leg.Account]
	}
	return next, out
}

// readsInHalves reads the first account when asked and the others later.
func readsInHalves(asked, now Bank, in ops.Transaction) (Bank, ops.Settlement) {
	next, out := now.Settle(in)
	if in.ReadOnly() {
		out.Balances[0] = asked[in.Legs[0].Account]
	}
	return next, out
}

func appliesTwice(_, now Bank, in ops.Transaction) (Bank, ops.Settlement) {
	next, out := now.Settle(in)
	again, _ := next.Settle(in)
	return again, out
}

// everyFifth is a bank that only now and then makes the mistake.
func everyFifth(mistake settle) settle {
	n := 0
	return func(asked, now Bank, in ops.Transaction) (Bank, ops.Settlement) {
		if n++; n%5 == 0 {
			return mistake(asked, now, in)
		}
		return now.Settle(in)
	}
}

func overdraws(_, now Bank, in ops.Transaction) (Bank, ops.Settlement) {
	next, _ := now.Settle(ops.Transaction{}) // a copy
	var out ops.Settlement
	for _, leg := range in.Legs {
		next[leg.Account] += leg.Amount
		out.Balances = append(out.Balances, next[leg.Account])
	}
	return next, out
}

// keepsReserve refuses to let an account fall below 10.
func keepsReserve(_, now Bank, in ops.Transaction) (Bank, ops.Settlement) {
	for _, leg := range in.Legs {
		if leg.Amount < 0 && now[leg.Account]+leg.Amount < 10 {
			return now, ops.Settlement{Short: leg.Account}
		}
	}
	return now.Settle(in)
}

// staleAudits answers audits from a replica that is two transactions behind.
func staleAudits() settle {
	var past []Bank
	return func(_, now Bank, in ops.Transaction) (Bank, ops.Settlement) {
		if !in.ReadOnly() {
			past = append(past, now)
			return now.Settle(in)
		}
		if len(past) < 2 {
			return now.Settle(in)
		}
		_, out := past[len(past)-2].Settle(in)
		return now, out
	}
}

func TestBrokenBanksAreFound(t *testing.T) {
	for _, c := range brokenBanks {
		t.Run(c.name, func(t *testing.T) {
			verdicts, anomalies := map[checker.Verdict]int{}, map[string]int{}
			for seed := range uint64(60) {
				shape := BankShape{
					Clients: 3, Accounts: 3, Ops: 40, Initial: 40, Amount: 25, Audits: 25, Doubt: 5, Failed: 5, Broken: c.open(),
				}
				r := judgeBank(t, banking(shape, seed), bankOf(shape))
				verdicts[r.Verdict]++
				anomalies[r.Anomaly]++
			}
			if c.anomaly == "" && verdicts[checker.Holds] != 60 {
				t.Errorf("a correct bank: %v, want 60 times holds: %v", verdicts, anomalies)
			}
			if c.anomaly != "" && (verdicts[checker.Violated] < 50 || anomalies[c.anomaly] < 20) {
				t.Errorf("%v, want 50 violated at least; called %q %d times, want 20 at least: %v",
					verdicts, c.anomaly, anomalies[c.anomaly], anomalies)
			}
			t.Log(verdicts, anomalies)
		})
	}
}

// The same banks, so small that brute force can judge them: it must find the same
// histories impossible.
func TestBrokenBanksAreFoundWhereBruteForceFindsThem(t *testing.T) {
	for _, c := range brokenBanks {
		found := 0
		for seed := range uint64(300) {
			shape := smallBanks(seed)
			shape.Lies, shape.Broken = 0, c.open()
			h := banking(shape, seed)
			got, want := judgeBank(t, h, bankOf(shape)).Verdict, bruteBank(h, shape)
			if got != want {
				t.Fatalf("%s, seed %d: %v, brute force says %v: %v", c.name, seed, got, want, h)
			}
			if got == checker.Violated {
				found++
			}
		}
		if (found > 0) != (c.anomaly != "") {
			t.Errorf("%s: %d of 300 histories are impossible", c.name, found)
		}
	}
}

func TestBankRejectsUnknownAndDoubledAccounts(t *testing.T) {
	for want, in := range map[string]ops.Transaction{
		`operation c1#1: audit(a1,a9): the bank has no account "a9"`:                             Audit("a1", "a9"),
		`operation c1#1: transfer(a1-3,a1+3): account a1 has two legs; put its amounts into one`: Transfer("a1", "a1", 3),
	} {
		h := []history.Op{Doubt(1, 1, 1, in)}
		_, err := checker.Linearizable(h, bankOf(BankShape{Accounts: 3, Initial: 100}), 0)
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
