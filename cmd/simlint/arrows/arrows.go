// Package arrows keeps the import graph of the repository as DESIGN §2 draws it: a
// table says what each part may import, and [Check] names every import that the
// table does not allow and the file that contains it.
//
// The table covers direct imports. Since every package of the repository falls
// under a rule, what holds for each import holds along every path; [Reach] states
// the one promise about paths that users rely on.
package arrows

import (
	"fmt"
	"slices"
	"strings"
)

// Arrow is one row of the table. Patterns are import paths; a trailing "/..."
// includes everything below, "std" is the standard library, "any" everything.
type Arrow struct {
	From string   // the packages it speaks about; the longest match decides
	To   []string // what they may import
	Why  string
}

// Sole is a package that only one part may import.
type Sole struct {
	What string
	By   string
	Why  string
}

// Reach bounds everything a package compiles in, directly or not.
type Reach struct {
	From   string
	Within []string
	Why    string
}

// Rules is what the graph must obey.
type Rules struct {
	Arrows []Arrow
	Soles  []Sole
	Reach  []Reach
}

// Import is one import declaration.
type Import struct {
	Path string
	At   string // file:line
}

// Graph lists what each package imports.
type Graph map[string][]Import

// Check returns one line for each broken rule, sorted.
func Check(rules Rules, g Graph) []string {
	var broken []string
	for from, imports := range g {
		if !isOurs(from) {
			continue
		}
		arrow, ok := rules.arrow(from)
		if !ok {
			broken = append(broken, fmt.Sprintf("%s: no arrow says what it may import; add one to the table", from))
			continue
		}
		for _, to := range imports {
			broken = append(broken, rules.check(arrow, from, to)...)
		}
	}
	for _, r := range rules.Reach {
		broken = append(broken, r.check(g)...)
	}
	slices.Sort(broken)
	return broken
}

func (r Rules) check(arrow Arrow, from string, to Import) []string {
	var broken []string
	if !matchesAny(arrow.To, to.Path) {
		broken = append(broken, fmt.Sprintf("%s: %s -> %s is no arrow: %s (may import %s)",
			to.At, from, to.Path, arrow.Why, strings.Join(arrow.To, ", ")))
	}
	for _, sole := range r.Soles {
		if matches(sole.What, to.Path) && !matches(sole.By, from) {
			broken = append(broken, fmt.Sprintf("%s: %s -> %s is no arrow: only %s may, because %s",
				to.At, from, to.Path, sole.By, sole.Why))
		}
	}
	return broken
}

// arrow finds the row for a package: the one with the longest pattern.
func (r Rules) arrow(from string) (best Arrow, ok bool) {
	for _, a := range r.Arrows {
		if matches(a.From, from) && len(a.From) > len(best.From) {
			best, ok = a, true
		}
	}
	return best, ok
}

// check follows every path from r.From and reports the imports that lead out.
func (r Reach) check(g Graph) []string {
	var broken []string
	seen := map[string]bool{r.From: true}
	for queue := []string{r.From}; len(queue) > 0; queue = queue[1:] {
		for _, to := range g[queue[0]] {
			switch {
			case !matchesAny(r.Within, to.Path):
				broken = append(broken, fmt.Sprintf("%s: %s -> %s is reached from %s: %s",
					to.At, queue[0], to.Path, r.From, r.Why))
			case !seen[to.Path]:
				seen[to.Path] = true
				queue = append(queue, to.Path)
			}
		}
	}
	return broken
}

func matchesAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, path) })
}

func matches(pattern, path string) bool {
	switch pattern {
	case "any":
		return true
	case "std":
		return isStd(path)
	}
	root, subtree := strings.CutSuffix(pattern, "/...")
	return path == root || subtree && strings.HasPrefix(path, root+"/")
}

// isStd tells the standard library by the go command's own rule: no dot in the
// first element.
func isStd(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !isOurs(path) && !strings.Contains(first, ".")
}

func isOurs(path string) bool { return path == "distsim" || strings.HasPrefix(path, "distsim/") }
