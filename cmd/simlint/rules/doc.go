// Package rules finds Go code whose behaviour could differ between two runs of
// the same plan: code that reads the wall clock, asks the scheduler, walks a map
// in the runtime's order, prints an address, rounds a float.
//
// It judges one package at a time, from its types. It does not follow calls: a
// package is deterministic if it and everything it imports is clean, so run it
// over all of them. What it cannot see, and a reader still has to:
//
//   - a comparison that calls two different elements equal leaves them in the
//     order the map gave them, however often they are sorted;
//   - an address printed through an interface or by a String method;
//   - a package-level variable changed through a method or an alias;
//   - callbacks handed to maps.DeleteFunc, which run in map order.
//
// Each rule is one file and one line of [All]. [Analyzer] runs them all and
// honours the one escape, described in allow.go.
package rules
