package faults

import "distsim/sim"

// Explored says a case of an exploration (sim/explore) in the words of a plan: the
// crashes that its Chooser has wanted, and the messages that it has lost. A run of the
// plan has the trace hash of the case. Only where the run itself restarted a server whose
// crash has no Restart there is one record more: HealAll tells that the fault is over.
func Explored(crashes []sim.CrashPoint, losses []sim.Identity) (list []Entry, fixed []Override) {
	list = []Entry{} // nil would mean drawn from the seed
	for _, p := range crashes {
		crash := Crash{Target: On(p.Node), Model: p.Model, BeforeEffect: int64(p.Effect)}
		list = append(list, Entry{Fault: crash, After: p.Step, For: p.Restart})
	}
	for _, id := range losses {
		fixed = append(fixed, Override{ID: id, Kind: sim.Chance, Value: 1})
	}
	return list, fixed
}
