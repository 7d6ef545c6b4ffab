// Package quorum counts majorities. It is pure arithmetic: who the voters are
// and what they said is decided elsewhere, so that joint configurations can be
// added here without touching a protocol.
package quorum

// A Rule says how many of n voters decide, the one who counts included.
type Rule func(n int) int

// Size is the least number of n voters that any two such groups share a member.
func Size(n int) int { return n/2 + 1 }

// OfOthers is a mistake of many tutorials: "more than half of my peers", where
// the list of peers leaves oneself out and the count of votes does not. With an
// odd number of voters it is a majority; with an even one, two halves decide
// without each other.
func OfOthers(n int) int { return (n-1)/2 + 1 }

// Reached is the highest position that a majority has reached, given one
// position for each voter; 0 when there are no voters. It reorders the slice.
func Reached[P ~uint64](positions []P) P { return ReachedBy(Size(len(positions)), positions) }

// ReachedBy is the highest position that some number of voters, at least 1, has
// reached.
func ReachedBy[P ~uint64](number int, positions []P) P {
	if len(positions) == 0 {
		return 0
	}
	sortDescending(positions)
	return positions[number-1]
}

// sortDescending is insertion sort: groups have a handful of voters.
func sortDescending[P ~uint64](xs []P) {
	for i := 1; i < len(xs); i++ {
		for j := i; j > 0 && xs[j] > xs[j-1]; j-- {
			xs[j], xs[j-1] = xs[j-1], xs[j]
		}
	}
}
