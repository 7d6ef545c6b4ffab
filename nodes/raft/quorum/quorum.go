// Package quorum counts majorities. It is pure arithmetic: who the voters are
// and what they said is decided elsewhere, so that joint configurations can be
// added here without touching a protocol.
package quorum

// Size is the least number of n voters that any two such groups share a member.
func Size(n int) int { return n/2 + 1 }

// Reached is the highest position that a majority has reached, given one
// position for each voter; 0 when there are no voters. It reorders the slice.
func Reached[P ~uint64](positions []P) P {
	if len(positions) == 0 {
		return 0
	}
	sortDescending(positions)
	return positions[Size(len(positions))-1]
}

// sortDescending is insertion sort: groups have a handful of voters.
func sortDescending[P ~uint64](xs []P) {
	for i := 1; i < len(xs); i++ {
		for j := i; j > 0 && xs[j] > xs[j-1]; j-- {
			xs[j], xs[j-1] = xs[j-1], xs[j]
		}
	}
}
