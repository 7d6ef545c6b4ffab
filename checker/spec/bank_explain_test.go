package spec_test

import (
	"testing"

	"distsim/checker"
	. "distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history"
)

// impossibleBank are histories of the accounts a1, a2 and a3 with 100 each, one
// or more for each rule.
var impossibleBank = []struct {
	name     string
	h        []history.Op
	detail   string
	evidence string
}{
	{
		name:     "an answer without balances",
		h:        []history.Op{Done(1, 1, 1, 2, Transfer("a1", "a2", 30), Left())},
		detail:   `impossible answer: c1#1 transfer(a1-30,a2+30) answered [], which it cannot in any state`,
		evidence: "c1#1",
	},
	{
		name:     "short of an account that only gains",
		h:        []history.Op{Done(1, 1, 1, 2, Transfer("a1", "a2", 30), ShortOf("a2"))},
		detail:   `impossible answer: c1#1 transfer(a1-30,a2+30) answered short of a2, which it cannot in any state`,
		evidence: "c1#1",
	},
	{
		name:     "overdraft",
		h:        []history.Op{Done(1, 1, 1, 2, Transfer("a1", "a2", 130), Left(-30, 230))},
		detail:   `overdraft: c1#1 transfer(a1-130,a2+130) returned [-30 230], so a1 held -30, and no account may hold less than 0`,
		evidence: "c1#1",
	},
	{
		name: "refused although funds sufficed",
		h: []history.Op{
			Doubt(2, 1, 1, Transfer("a1", "a3", 20)),
			Done(1, 1, 2, 3, Transfer("a1", "a2", 30), ShortOf("a1")),
		},
		detail:   `unfounded refusal: c1#1 transfer(a1-30,a2+30) was refused as short of a1, which held at least 80 then`,
		evidence: "c1#1",
	},
	{
		name: "money lost",
		h: []history.Op{
			Done(1, 1, 1, 2, Transfer("a1", "a2", 30), Left(70, 130)),
			Done(2, 1, 3, 4, Audit("a1", "a2", "a3"), Left(70, 130, 95)),
		},
		detail: `money not conserved: c2#1 audit(a1,a2,a3) returned [70 130 95], 295 in all, although the 3 accounts held ` +
			`300 in all at first and transactions only moved money between them`,
		evidence: "c2#1",
	},
	{
		name: "stale audit",
		h: []history.Op{
			Done(1, 1, 1, 2, Transfer("a1", "a2", 30), Left(70, 130)),
			Done(2, 1, 3, 4, Audit("a1", "a2", "a3"), Left(100, 100, 100)),
		},
		detail: `stale read: c2#1 audit(a1,a2,a3) returned [100 100 100], which is as if c1#1 transfer(a1-30,a2+30), ` +
			`acknowledged before c2#1 began, had not taken effect`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "audit of a replica two transactions behind",
		h: []history.Op{
			Done(1, 1, 1, 2, Transfer("a1", "a2", 30), Left(70, 130)),
			Done(1, 2, 3, 4, Transfer("a1", "a2", 5), Left(65, 135)),
			Done(2, 1, 5, 6, Audit("a1", "a2", "a3"), Left(100, 100, 100)),
		},
		detail: `stale read: c2#1 audit(a1,a2,a3) returned [100 100 100], which is as if c1#1 transfer(a1-30,a2+30), ` +
			`acknowledged before c2#1 began, and all transactions asked for later had not taken effect`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "transfer from a stale balance",
		h: []history.Op{
			Done(1, 1, 1, 2, Transfer("a1", "a2", 30), Left(70, 130)),
			Done(2, 1, 3, 4, Transfer("a1", "a3", 20), Left(80, 120)),
		},
		detail: `lost update: c2#1 transfer(a1-20,a3+20) returned [80 120], which is as if c1#1 transfer(a1-30,a2+30), ` +
			`acknowledged before c2#1 began, had not taken effect`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "two transfers from the same balance",
		h: []history.Op{
			Done(1, 1, 1, 3, Transfer("a1", "a2", 30), Left(70, 130)),
			Done(2, 1, 2, 4, Transfer("a1", "a3", 20), Left(80, 120)),
		},
		detail: `lost update: c2#1 transfer(a1-20,a3+20) returned [80 120] without the effect of c1#1 transfer(a1-30,a2+30) ` +
			`on a1, which returned [70 130] without that of c2#1 on a1`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "half an acknowledged transfer",
		h: []history.Op{
			Done(1, 1, 1, 2, Transfer("a1", "a2", 30), Left(70, 130)),
			Done(2, 1, 3, 4, Audit("a1", "a2"), Left(70, 100)),
		},
		detail: `fractured read: c2#1 audit(a1,a2) returned [70 100], which is as if c1#1 transfer(a1-30,a2+30), ` +
			`acknowledged before c2#1 began, had taken effect on a1 but not on a2`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "half an acknowledged transfer, in an audit of all accounts",
		h: []history.Op{
			Done(1, 1, 1, 2, Transfer("a1", "a2", 30), Left(70, 130)),
			Done(2, 1, 3, 4, Audit("a1", "a2", "a3"), Left(70, 100, 100)),
		},
		detail: `fractured read: c2#1 audit(a1,a2,a3) returned [70 100 100], which is as if c1#1 transfer(a1-30,a2+30), ` +
			`acknowledged before c2#1 began, had taken effect on a1 but not on a2: 270 in all instead of 300`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "half a transfer in doubt",
		h: []history.Op{
			Doubt(1, 1, 1, Transfer("a1", "a2", 30)),
			Done(2, 1, 3, 4, Audit("a1", "a2"), Left(100, 130)),
		},
		detail:   `fractured read: c2#1 audit(a1,a2) returned [100 130], which shows c1#1 transfer(a1-30,a2+30) on a2 but not on a1`,
		evidence: "c2#1 c1#1",
	},
	{
		name:     "a retry applied again",
		h:        []history.Op{Done(1, 1, 1, 2, Transfer("a1", "a2", 30), Left(40, 160))},
		detail:   `double application: c1#1 transfer(a1-30,a2+30) returned [40 160], which is as if it had taken effect twice`,
		evidence: "c1#1",
	},
	{
		name: "a late duplicate",
		h: []history.Op{
			Done(1, 1, 1, 2, Transfer("a1", "a2", 30), Left(70, 130)),
			Done(2, 1, 3, 4, Audit("a1", "a2", "a3"), Left(40, 160, 100)),
		},
		detail: `double application: c2#1 audit(a1,a2,a3) returned [40 160 100], which is as if c1#1 transfer(a1-30,a2+30) ` +
			`had taken effect twice`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "back in time",
		h: []history.Op{
			Doubt(1, 1, 1, Transfer("a1", "a2", 30)),
			Done(2, 1, 2, 3, Audit("a2"), Left(130)),
			Done(3, 1, 4, 5, Audit("a1"), Left(100)),
		},
		detail: `non-monotonic read: c3#1 audit(a1) returned [100] without the effect of c1#1 transfer(a1-30,a2+30) on a1, ` +
			`although c2#1 audit(a2) returned [130] before c3#1 began and showed it on a2`,
		evidence: "c3#1 c1#1 c2#1",
	},
	{
		name: "two audits disagree on the order of two transfers",
		h: []history.Op{
			Done(1, 1, 1, 20, Transfer("a1", "a2", 1), Left(99, 101)),
			Done(2, 1, 2, 21, Transfer("a3", "a2", 5), Left(95, 106)),
			Done(3, 1, 3, 5, Audit("a1", "a3"), Left(99, 100)),
			Done(4, 1, 4, 6, Audit("a1", "a3"), Left(100, 95)),
		},
		detail: `unexplainable answer: no order of the 4 operations on the bank up to c4#1 explains its answer, ` +
			`audit(a1,a3) -> [100 95], together with c3#1 audit(a1,a3) -> [99 100]`,
		evidence: "c4#1 c3#1",
	},
}

func TestBankRejectsAndExplains(t *testing.T) {
	for _, c := range impossibleBank {
		t.Run(c.name, func(t *testing.T) {
			got := judgeBank(t, c.h, spec.Bank(Accounts(3), 100))
			if got.Verdict != checker.Violated || Serializable(c.h, 3, 100) {
				t.Fatalf("verdict %v, brute force says serializable: %v", got.Verdict, Serializable(c.h, 3, 100))
			}
			if got.Detail != c.detail || names(got.Ops) != c.evidence {
				t.Errorf("got\n%s\n(%s), want\n%s\n(%s)", got.Detail, names(got.Ops), c.detail, c.evidence)
			}
		})
	}
}

// As TestExplanationsAreProofs: with any answer as the culprit, no explanation
// may be given for a history that has a legal order.
func TestExplanationsOfABankAreProofs(t *testing.T) {
	count, innocent := map[string]int{}, 0
	for seed := range uint64(12000) {
		shape := smallBanks(seed)
		shape.Ops, shape.Lies = 4+int(seed%4), 15
		h := banking(shape, seed)
		legal := Serializable(h, shape.Accounts, shape.Initial)
		for _, culprit := range h {
			if culprit.Outcome != history.OK {
				continue
			}
			e := bankOf(shape).Explain(culprit, byInvocation(h))
			switch {
			case legal && e.Sentence != "":
				t.Fatalf("seed %d: a legal history is called impossible: %s: %s\n%v", seed, e.Anomaly, e.Sentence, h)
			case legal:
				innocent++
			default:
				count[e.Anomaly]++
			}
		}
	}
	for _, anomaly := range []string{
		"impossible answer", "overdraft", "unfounded refusal", "money not conserved", "stale read", "lost update",
		"fractured read", "double application", "non-monotonic read",
	} {
		if count[anomaly] < 10 {
			t.Errorf("%q was given %d times, too few to prove anything", anomaly, count[anomaly])
		}
	}
	if innocent < 10000 {
		t.Errorf("only %d answers of legal histories", innocent)
	}
	t.Log(count, innocent)
}
