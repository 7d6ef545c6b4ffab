package shrink

// remove drops elements while the rest still fails: chunks of half the list,
// then of a quarter, and so on (after Zeller and Hildebrandt, Simplifying and
// Isolating Failure-Inducing Input, 2002), and at last single ones until none
// can go.
func remove[T any](list []T, fails func([]T) bool) []T {
	if len(list) > 1 && fails([]T{}) {
		return []T{}
	}
	for size := len(list) / 2; size > 1; size /= 2 {
		list, _ = sweep(list, size, fails)
	}
	for again := true; again; {
		list, again = sweep(list, 1, fails)
	}
	return list
}

// sweep tries to drop every chunk of a size, the last ones first: what comes
// after the failure is dropped soonest.
func sweep[T any](list []T, size int, fails func([]T) bool) (rest []T, dropped bool) {
	for to := len(list); to > 0; {
		from := max(0, to-size)
		// never nil, which concatenating nothing would be: to a plan that is "drawn"
		if without := append(append([]T{}, list[:from]...), list[to:]...); fails(without) {
			list, dropped = without, true
		}
		to = from
	}
	return list, dropped
}
