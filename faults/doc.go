// Package faults strikes a simulated world: partitions, losses, crashes, pauses
// and clock errors as values that print as a plan writes them.
//
//	installed, err := faults.Install(w, []faults.Entry{
//		{Fault: faults.Isolate{Target: faults.Aim(faults.Leader)}, At: sim.Time(time.Second), For: 800 * time.Millisecond},
//		{Fault: faults.Crash{Target: faults.On(sim.Server(3))}, At: sim.Time(2 * time.Second)},
//	})
//	w.RunUntil(sim.Time(10 * time.Second))
//	installed.HealAll()          // the chaos is over: what is down starts, what is cut joins
//	plan.Faults = installed.Resolved() // the same faults, saying whom they hit
//
// What holds: faults may overlap in any way, and each ends only what it began; a
// fault whose target does not exist is skipped and recorded as skipped; a plan
// whose symbolic targets say whom they hit replays exactly. Limits: faults act
// between steps, or before an effect of a step that `after:` names; they see
// roles and terms only through a node's View.
//
// Contents: fault.go what a fault is, and the list of all · one file per fault ·
// target.go whom it hits · scope.go which links · strike.go in mid-step ·
// stage.go, clocks.go how overlapping faults compose · install.go a plan's faults
// on a world · plan.go, entry.go what a plan says, and whether that makes sense ·
// override.go single decisions · unapplied.go what of a plan came to nothing ·
// wrong.go, place.go, roster.go what is wrong with a plan, and where · model.go
// what a scenario allows, needs.go what a kind needs of it · draw.go, nemesis.go,
// answers.go faults from a seed or by answers · clients.go faults that aim at clients ·
// moment.go worst instants · core.go the liveness phase · fields.go, text.go, distance.go
// spelling · planfile plans as YAML · shrink failing plans made small.
package faults
