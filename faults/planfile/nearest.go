package planfile

import (
	"fmt"
	"strings"

	"distsim/faults"
)

// suggestion is a hint to a known name that looks like the one written, else to
// all of them.
func suggestion(word string, known []string) string {
	if best := nearest(word, known); best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	if len(known) == 1 {
		return "want " + known[0]
	}
	return "want one of " + strings.Join(known, ", ")
}

// nearest is the known name that takes the fewest edits to reach, if they are
// fewer than half of the word's letters; of equals the first.
func nearest(word string, known []string) string {
	best, least := "", max(1, min(len(word), 20)/2)+1
	for _, k := range known {
		if d := faults.Distance(strings.ToLower(word), k); d < least {
			best, least = k, d
		}
	}
	return best
}
