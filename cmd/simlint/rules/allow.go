package rules

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// allowPrefix starts the one escape from a rule:
//
//	//simlint:allow <rule> <reason>
//
// at the end of the offending line, or on a line of its own above it (several may
// stand one above the other). It must name a rule, give a reason and suppress
// something: an escape nobody needs any more hides the next mistake.
const allowPrefix = "//simlint:allow"

// allow is one escape, as written.
type allow struct {
	pos    token.Pos
	on     place // the line it stands on
	over   place // the line it excuses
	rule   string
	reason string
	used   bool
}

type place struct {
	file string
	line int
}

type allows []*allow

// excuse says whether an escape covers f, and marks it as used.
func (as allows) excuse(fset *token.FileSet, f finding) bool {
	where := placeOf(fset, f.pos)
	excused := false
	for _, a := range as {
		if a.rule == f.rule && a.over == where && a.reason != "" {
			a.used = true
			excused = true
		}
	}
	return excused
}

// problems lists the escapes that are wrong themselves; no escape covers those.
func (as allows) problems() []finding {
	var found []finding
	for _, a := range as {
		if problem := a.problem(); problem != "" {
			found = append(found, finding{"allow", a.pos, problem})
		}
	}
	return found
}

func (a *allow) problem() string {
	known := slices.ContainsFunc(All(), func(r Rule) bool { return r.Name == a.rule })
	switch {
	case a.rule == "":
		return "no rule is named; write //simlint:allow <rule> <reason>"
	case !known:
		return fmt.Sprintf("there is no rule %q; simlint -help lists the rules", a.rule)
	case a.reason == "":
		return "a reason is missing; write //simlint:allow " + a.rule + " <reason>"
	case !a.used:
		return "nothing here breaks rule " + a.rule + "; delete the comment"
	}
	return ""
}

// parseAllows collects the escapes in files.
func parseAllows(p *analysis.Pass, files []*ast.File) (allows, error) {
	var all allows
	for _, file := range files {
		src, err := p.ReadFile(p.Fset.File(file.FileStart).Name())
		if err != nil {
			return nil, err
		}
		all = append(all, allowsIn(p.Fset, file, src)...)
	}
	return all, nil
}

func allowsIn(fset *token.FileSet, file *ast.File, src []byte) allows {
	var found allows
	for _, group := range file.Comments {
		for _, c := range group.List {
			if rest, ok := strings.CutPrefix(c.Text, allowPrefix); ok && endsWord(rest) {
				found = append(found, newAllow(fset, src, c.Pos(), rest))
			}
		}
	}
	found.descend()
	return found
}

// endsWord tells //simlint:allow from //simlint:allowance, which is not ours.
func endsWord(rest string) bool {
	return rest == "" || rest[0] == ' ' || rest[0] == '\t'
}

// newAllow reads the text behind the prefix; a nested // ends the reason.
func newAllow(fset *token.FileSet, src []byte, pos token.Pos, text string) *allow {
	text, _, _ = strings.Cut(text, "//")
	words := strings.Fields(text)
	a := &allow{pos: pos, on: placeOf(fset, pos)}
	a.over = a.on
	if standsAlone(src, fset.PositionFor(pos, false).Offset) {
		a.over.line++
	}
	if len(words) > 0 {
		a.rule, a.reason = words[0], strings.Join(words[1:], " ")
	}
	return a
}

// standsAlone says whether only blanks precede offset on its line.
func standsAlone(src []byte, offset int) bool {
	start := bytes.LastIndexByte(src[:offset], '\n') + 1
	return len(bytes.TrimSpace(src[start:offset])) == 0
}

// descend lets escapes that stand one above the other all excuse the line below
// the last. Only an escape on a line of its own covers a line it is not on.
func (as allows) descend() {
	for i := len(as) - 2; i >= 0; i-- {
		above, below := as[i], as[i+1]
		if above.over == below.on && above.over != above.on && below.over != below.on {
			above.over = below.over
		}
	}
}

func placeOf(fset *token.FileSet, pos token.Pos) place {
	where := fset.Position(pos)
	return place{where.Filename, where.Line}
}
