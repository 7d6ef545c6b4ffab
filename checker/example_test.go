package checker_test

import (
	"fmt"

	"distsim/checker"
	"distsim/checker/spec"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// A client reads a value that was overwritten before it asked.
func ExampleLinearizable() {
	h := []history.Op{
		{
			ID: history.ID{Client: 1, N: 1}, Process: 1, Outcome: history.OK, Invoked: 1, Returned: 2,
			Input: ops.Op{Kind: ops.Put, Key: "k1", Value: "c1#1"}, Output: ops.Result{OK: true},
		},
		{
			ID: history.ID{Client: 1, N: 2}, Process: 1, Outcome: history.OK, Invoked: 3, Returned: 4,
			Input: ops.Op{Kind: ops.Put, Key: "k1", Value: "c1#2"}, Output: ops.Result{OK: true},
		},
		{
			ID: history.ID{Client: 2, N: 1}, Process: 2, Outcome: history.OK, Invoked: 5, Returned: 6,
			Input: ops.Op{Kind: ops.Get, Key: "k1"}, Output: ops.Result{Value: "c1#1", Found: true},
		},
	}
	results, err := checker.Linearizable(h, spec.KV(), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	verdict := checker.Merge(results)
	fmt.Println(verdict.Verdict)
	fmt.Println(verdict.Detail)
	fmt.Println("culprit:", verdict.Ops[0])
	// Output:
	// violated
	// stale read: c2#1 get(k1) returned "c1#1" although c1#2 put(k1,"c1#2") was acknowledged before c2#1 began and nothing wrote "c1#1" in between
	// culprit: c2#1 get(k1) -> "c1#1"
}

// A specification of one's own: a ticket counter, whose answers are 1, 2, 3, …
// Two clients got the same ticket.
func ExampleSpec() {
	tickets := checker.Spec[int, string, int]{
		Name: "counter",
		Init: func() int { return 0 },
		Step: func(given int, _ string, ticket int, known bool) (int, bool) {
			return given + 1, !known || ticket == given+1
		},
	}
	ticket := func(client, n int, from, to uint64, got int) history.Op {
		return history.Op{
			ID: history.ID{Client: client, N: n}, Process: client, Outcome: history.OK,
			Input: "draw", Output: got, Invoked: from, Returned: to,
		}
	}
	h := []history.Op{ticket(1, 1, 1, 3, 1), ticket(2, 1, 2, 4, 1)}
	results, err := checker.Linearizable(h, tickets, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(results[0].Detail)
	// Output:
	// unexplainable answer: no order of the 2 operations on the counter up to c2#1 explains its answer, draw -> 1, together with c1#1 draw -> 1
}
