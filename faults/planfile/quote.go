package planfile

import (
	"regexp"
	"slices"
	"strconv"
)

// plain matches the texts that mean themselves without quotes, also inside
// braces.
var plain = regexp.MustCompile(`^-?[A-Za-z0-9][A-Za-z0-9_./+#-]*$`)

// nulls are the words that would read as nothing.
func nulls() []string { return []string{"null", "Null", "NULL"} }

// quote prints a text as a YAML scalar; Go's escapes are YAML's.
func quote(s string) string {
	if len(s) < 200 && plain.MatchString(s) && !slices.Contains(nulls(), s) {
		return s
	}
	return strconv.Quote(s)
}
