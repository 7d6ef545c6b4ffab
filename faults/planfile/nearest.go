package planfile

import (
	"fmt"
	"strings"
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
		if d := edits(strings.ToLower(word), k); d < least {
			best, least = k, d
		}
	}
	return best
}

// edits counts the insertions, deletions and replacements between two words
// (Levenshtein 1966). Long words are not worth the time.
func edits(a, b string) int {
	const long = 64
	if len(a) > long || len(b) > long {
		return long
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
