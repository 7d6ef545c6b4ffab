package spec_test

import (
	"strings"
	"testing"

	"distsim/checker"
	. "distsim/checker/internal/histories"
	"distsim/checker/spec"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// impossible histories, one for each clause of the specification and each rule
// of the explanation: what must be said about them, and the evidence.
var impossible = []struct {
	name     string
	h        []history.Op
	detail   string
	evidence string
}{
	{
		name: "stale read",
		h: []history.Op{
			Done(1, 3, 1, 2, Put("c1#3"), Ok()),
			Done(1, 5, 3, 4, Put("c1#5"), Ok()),
			Done(2, 7, 5, 6, Get(), Saw("c1#3")),
		},
		detail: `stale read: c2#7 get(k1) returned "c1#3" although c1#5 put(k1,"c1#5") was acknowledged ` +
			`before c2#7 began and nothing wrote "c1#3" in between`,
		evidence: "c2#7 c1#5 c1#3",
	},
	{
		name: "stale read, the old write never acknowledged but seen",
		h: []history.Op{
			Doubt(1, 3, 1, Put("c1#3")),
			Done(3, 1, 2, 3, Get(), Saw("c1#3")),
			Done(1, 5, 4, 5, Put("c1#5"), Ok()),
			Done(2, 7, 6, 7, Get(), Saw("c1#3")),
		},
		detail: `stale read: c2#7 get(k1) returned "c1#3" although c1#5 put(k1,"c1#5") was acknowledged ` +
			`before c2#7 began and nothing wrote "c1#3" in between (c3#1 had seen it already)`,
		evidence: "c2#7 c1#5 c1#3 c3#1",
	},
	{
		name: "stale refused compare-and-swap",
		h: []history.Op{
			Done(1, 3, 1, 2, Put("c1#3"), Ok()),
			Done(1, 5, 3, 4, Put("c1#5"), Ok()),
			Done(2, 7, 5, 6, CAS("c1#5", "c2#7"), Saw("c1#3")),
		},
		detail: `stale read: c2#7 cas(k1,"c1#5","c2#7") was refused and saw "c1#3" although c1#5 put(k1,"c1#5") ` +
			`was acknowledged before c2#7 began and nothing wrote "c1#3" in between`,
		evidence: "c2#7 c1#5 c1#3",
	},
	{
		name: "deleted key comes back",
		h: []history.Op{
			Done(1, 1, 1, 2, Put("c1#1"), Ok()),
			Done(1, 2, 3, 4, Delete(), Ok()),
			Done(2, 1, 5, 6, Get(), Saw("c1#1")),
		},
		detail: `stale read: c2#1 get(k1) returned "c1#1" although c1#2 delete(k1) was acknowledged ` +
			`before c2#1 began and nothing wrote "c1#1" in between`,
		evidence: "c2#1 c1#2 c1#1",
	},
	{
		name: "lost write",
		h: []history.Op{
			Done(1, 5, 1, 2, Put("c1#5"), Ok()),
			Done(3, 2, 3, 4, Get(), Nil()),
		},
		detail: `lost write: c3#2 get(k1) returned nil although c1#5 put(k1,"c1#5") was acknowledged ` +
			`before c3#2 began and nothing deleted it in between`,
		evidence: "c3#2 c1#5",
	},
	{
		name: "absent again, though others saw it: stale, not lost",
		h: []history.Op{
			Done(1, 5, 1, 2, Put("c1#5"), Ok()),
			Done(3, 2, 3, 4, Get(), Nil()),
			Done(3, 3, 5, 6, Get(), Saw("c1#5")),
		},
		detail: `stale read: c3#2 get(k1) returned nil although c1#5 put(k1,"c1#5") was acknowledged ` +
			`before c3#2 began and nothing deleted it in between`,
		evidence: "c3#2 c1#5",
	},
	{
		name: "phantom value",
		h: []history.Op{
			Done(1, 1, 1, 2, Put("c1#1"), Ok()),
			Done(2, 1, 3, 4, Get(), Saw("x")),
		},
		detail:   `phantom value: c2#1 get(k1) returned "x", which no other operation had tried to write by then`,
		evidence: "c2#1",
	},
	{
		name: "aborted read",
		h: []history.Op{
			Refused(1, 1, 1, 2, Put("c1#1")),
			Done(2, 1, 3, 4, Get(), Saw("c1#1")),
		},
		detail: `aborted read: c2#1 get(k1) returned "c1#1", which by then only failed or refused operations ` +
			`had tried to write: c1#1 put(k1,"c1#1")`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "refused compare-and-swap wrote",
		h: []history.Op{
			Done(1, 1, 1, 2, CAS("a", "c1#1"), Nil()),
			Done(2, 1, 3, 4, Get(), Saw("c1#1")),
		},
		detail: `aborted read: c2#1 get(k1) returned "c1#1", which by then only failed or refused operations ` +
			`had tried to write: c1#1 cas(k1,"a","c1#1")`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "read from the future",
		h: []history.Op{
			Done(2, 1, 1, 2, Get(), Saw("c1#1")),
			Done(1, 1, 3, 4, Put("c1#1"), Ok()),
		},
		detail: `read from the future: c2#1 get(k1) returned "c1#1" before c1#1 put(k1,"c1#1"), ` +
			`the first to write it, began`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "double compare-and-swap",
		h: []history.Op{
			Done(1, 1, 1, 2, Put("a"), Ok()),
			Done(2, 7, 3, 6, CAS("a", "c2#7"), Ok()),
			Done(3, 2, 4, 5, CAS("a", "c3#2"), Ok()),
		},
		detail: `double compare-and-swap: c2#7 cas(k1,"a","c2#7") and c3#2 cas(k1,"a","c3#2") both succeeded ` +
			`although "a" was there only once`,
		evidence: "c2#7 c3#2 c1#1",
	},
	{
		name: "double compare-and-swap of an absent key",
		h: []history.Op{
			Done(2, 7, 3, 6, CAS("", "c2#7"), Ok()),
			Done(3, 2, 4, 5, CAS("", "c3#2"), Ok()),
		},
		detail: `double compare-and-swap: c2#7 cas(k1,"","c2#7") and c3#2 cas(k1,"","c3#2") both succeeded ` +
			`although "" was there only once`,
		evidence: "c2#7 c3#2",
	},
	{
		name: "stale compare-and-swap",
		h: []history.Op{
			Done(1, 1, 1, 2, Put("a"), Ok()),
			Done(1, 2, 3, 4, Put("b"), Ok()),
			Done(2, 7, 5, 6, CAS("a", "c2#7"), Ok()),
		},
		detail: `stale compare-and-swap: c2#7 cas(k1,"a","c2#7") succeeded on "a" although c1#2 put(k1,"b") ` +
			`was acknowledged before c2#7 began and nothing wrote "a" in between`,
		evidence: "c2#7 c1#2 c1#1",
	},
	{
		name: "compare-and-swap creates a key that exists",
		h: []history.Op{
			Done(1, 1, 1, 2, Put("a"), Ok()),
			Done(2, 7, 5, 6, CAS("", "c2#7"), Ok()),
		},
		detail: `stale compare-and-swap: c2#7 cas(k1,"","c2#7") succeeded on "" although c1#1 put(k1,"a") ` +
			`was acknowledged before c2#7 began and nothing deleted or emptied it in between`,
		evidence: "c2#7 c1#1",
	},
	{
		name: "reads go back in time",
		h: []history.Op{
			Done(1, 1, 1, 2, Put("c1#1"), Ok()),
			Done(1, 2, 3, 20, Put("c1#2"), Ok()),
			Done(2, 1, 4, 5, Get(), Saw("c1#2")),
			Done(2, 2, 6, 7, Get(), Saw("c1#1")),
		},
		detail: `non-monotonic read: c2#2 get(k1) returned "c1#1" although c2#1 get(k1) returned "c1#2" ` +
			`before c2#2 began and nothing wrote "c1#1" in between`,
		evidence: "c2#2 c2#1 c1#1",
	},
	{
		name: "applied twice",
		h: []history.Op{
			Done(1, 1, 1, 2, Put("a"), Ok()),
			Done(1, 5, 3, 4, Append("c1#5"), Ok()),
			Done(2, 1, 5, 6, Get(), Saw("ac1#5c1#5")),
		},
		detail: `applied twice: c2#1 get(k1) returned "ac1#5c1#5", which holds "c1#5" twice although only ` +
			`c1#5 append(k1,"c1#5") can have written it`,
		evidence: "c2#1 c1#5",
	},
	{
		name: "lost append",
		h: []history.Op{
			Done(1, 1, 1, 2, Append("c1#1"), Ok()),
			Done(1, 12, 3, 4, Append("c1#12"), Ok()),
			Done(1, 13, 5, 6, Append("c1#13"), Ok()),
			Done(2, 1, 7, 8, Get(), Saw("c1#12c1#13")),
		},
		detail: `lost append: c2#1 get(k1) returned "c1#12c1#13" although c1#1 append(k1,"c1#1") was acknowledged ` +
			`before c2#1 began and nothing overwrote it in between`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "append to nothing, the value before it lost",
		h: []history.Op{
			Done(1, 1, 1, 2, Put("a"), Ok()),
			Done(1, 2, 3, 4, Append("b"), Ok()),
			Done(2, 1, 5, 6, Get(), Saw("b")),
		},
		detail: `lost write: c2#1 get(k1) returned "b" although c1#1 put(k1,"a") was acknowledged ` +
			`before c2#1 began and nothing overwrote it in between`,
		evidence: "c2#1 c1#1",
	},
	{
		name: "reordered appends",
		h: []history.Op{
			Done(1, 1, 1, 2, Append("a"), Ok()),
			Done(1, 2, 3, 4, Append("b"), Ok()),
			Done(2, 1, 5, 6, Get(), Saw("ba")),
		},
		detail:   `reordered appends: c2#1 get(k1) returned "ba" although c1#1 append(k1,"a") was acknowledged before c1#2 append(k1,"b") began`,
		evidence: "c2#1 c1#2 c1#1",
	},
	{
		name: "nothing spells it",
		h: []history.Op{
			Done(1, 1, 1, 2, Append("a"), Ok()),
			Done(2, 1, 5, 6, Get(), Saw("xa")),
		},
		detail:   `phantom value: c2#1 get(k1) returned "xa", which no combination of the writes gives`,
		evidence: "c2#1",
	},
	{
		name: "a failed append shows up in the middle",
		h: []history.Op{
			Refused(1, 1, 1, 2, Append("a")),
			Done(1, 2, 3, 4, Append("b"), Ok()),
			Done(2, 1, 5, 6, Get(), Saw("ab")),
		},
		detail:   `phantom value: c2#1 get(k1) returned "ab", which holds "a" although no operation can have written that by then`,
		evidence: "c2#1",
	},
	{
		name: "refused although it held what was expected",
		h: []history.Op{
			Done(1, 1, 1, 2, Put("a"), Ok()),
			Done(2, 1, 3, 4, CAS("a", "b"), Saw("a")),
		},
		detail:   `impossible answer: c2#1 cas(k1,"a","b") answered "a", which it cannot in any state`,
		evidence: "c2#1",
	},
	{
		name: "put answered with a value",
		h: []history.Op{
			Done(1, 1, 1, 2, Put("a"), Saw("a")),
		},
		detail:   `impossible answer: c1#1 put(k1,"a") answered "a", which it cannot in any state`,
		evidence: "c1#1",
	},
	{
		name: "two readers disagree on the order of two writes",
		h: []history.Op{
			Done(1, 1, 1, 20, Put("a"), Ok()),
			Done(2, 1, 2, 21, Put("b"), Ok()),
			Done(3, 1, 3, 6, Get(), Saw("a")),
			Done(3, 2, 7, 10, Get(), Saw("b")),
			Done(4, 1, 4, 5, Get(), Saw("b")),
			Done(4, 2, 8, 9, Get(), Saw("a")),
		},
		detail:   `unexplainable answer: no order of the 6 operations on k1 up to c3#2 explains its answer, get(k1) -> "b", together with c3#1 get(k1) -> "a", c4#1 get(k1) -> "b" and c4#2 get(k1) -> "a"`,
		evidence: "c3#2 c3#1 c4#1 c4#2",
	},
}

func TestKVRejectsAndExplains(t *testing.T) {
	for _, c := range impossible {
		t.Run(c.name, func(t *testing.T) {
			results, err := checker.Linearizable(c.h, spec.KV(), 0)
			if err != nil {
				t.Fatal(err)
			}
			got := checker.Merge(results)
			if got.Verdict != checker.Violated || got.Key != "k1" || Linearizable(c.h) {
				t.Fatalf("verdict %v on key %q, brute force says linearizable: %v", got.Verdict, got.Key, Linearizable(c.h))
			}
			if got.Detail != c.detail || names(got.Ops) != c.evidence {
				t.Errorf("got\n%s\n(%s), want\n%s\n(%s)", got.Detail, names(got.Ops), c.detail, c.evidence)
			}
			if !strings.HasPrefix(got.Detail, got.Anomaly+": ") {
				t.Errorf("anomaly is %q, the sentence says %q", got.Anomaly, got.Detail)
			}
		})
	}
}

func names(evidence []history.Op) string {
	words := make([]string, len(evidence))
	for i, o := range evidence {
		words[i] = o.ID.String()
	}
	return strings.Join(words, " ")
}

// Every explanation claims to prove the history impossible. So ask for one with
// every answer of every history as the culprit, guilty or not: for a history
// that has a legal order, none may be given.
func TestExplanationsAreProofs(t *testing.T) {
	count, innocent := map[string]int{}, 0
	for seed := range uint64(30000) {
		shape := Shape{Clients: 3, Keys: 1, Ops: 4 + int(seed%4), Doubt: 15, Failed: 10, Lies: 15}
		shape.Letters = seed%3 == 0
		shape.Kinds = [][]ops.Kind{
			nil, putsAndGets, {ops.Get, ops.Append}, {ops.Get, ops.Put, ops.Append}, {ops.Put, ops.CAS, ops.CAS}, nil, nil,
		}[seed%7]
		h := seeded(shape, seed)
		legal := Linearizable(h)
		for _, culprit := range h {
			if culprit.Outcome != history.OK {
				continue
			}
			e := spec.KV().Explain(culprit, byInvocation(h))
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
		"impossible answer", "phantom value", "aborted read", "read from the future", "double compare-and-swap",
		"stale read", "stale compare-and-swap", "lost write", "lost append", "applied twice", "reordered appends",
		"non-monotonic read",
	} {
		if count[anomaly] < 10 {
			t.Errorf("%q was given %d times, too few to prove anything", anomaly, count[anomaly])
		}
	}
	if innocent < 20000 {
		t.Errorf("only %d answers of legal histories", innocent)
	}
	t.Log(count, innocent)
}
