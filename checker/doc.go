// Package checker judges histories: given what clients asked and heard, did the
// system keep its promise?
//
// The promise checked here is linearizability (Herlihy and Wing 1990): every
// operation takes effect at one instant between its invocation and its response,
// and the answers are those of a sequential object. The object is a Spec; ready
// ones live in package spec.
//
//	results, err := checker.Linearizable(h, spec.KV(), 0)
//	verdict := checker.Merge(results)
//	// violated: stale read: c2#1 get(k1) returned "c1#1" although
//	// c1#2 put(k1,"c1#2") was acknowledged before c2#1 began and nothing
//	// wrote "c1#1" in between
//
// The search itself is Porcupine's. Around it this package adds types, an
// explanation, and three promises:
//
//   - The same history gives the same bytes. Order comes from sequence numbers,
//     never from time; partitions are judged one after another; the budget counts
//     steps of the specification, not seconds.
//   - A search that runs out of budget says unknown, never holds or violated.
//   - Every sentence about a violation is a proof of it: it is printed only after
//     its claims were verified on the history.
//
// Limits: deciding linearizability is NP-complete, and what makes it slow is
// operations of unknown outcome, each of which may take effect at any later
// point. Spec.ReadOnly and Spec.Matters remove those that make no difference.
package checker
