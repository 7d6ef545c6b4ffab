package zoo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// overlay is a patch that was applied: files that stand in for others.
type overlay struct {
	file     string   // for go build -overlay
	packages []string // those it changes, as ./nodes/raft
}

// apply writes what the patch changes of the sources under root into dir.
func (p *Patch) apply(root, dir string) (*overlay, error) {
	diffs, _, err := gitdiff.Parse(strings.NewReader(p.text))
	if err != nil {
		return nil, fmt.Errorf("%s is no patch: %w", p.File, err)
	}
	o := &overlay{file: filepath.Join(dir, "overlay.json")}
	replace := map[string]string{}
	for i, d := range diffs {
		source := filepath.Join(root, filepath.FromSlash(d.NewName))
		if err := p.checkEdits(d, replace[source]); err != nil {
			return nil, err
		}
		text, err := p.edit(source, d)
		if err != nil {
			return nil, err
		}
		replace[source] = filepath.Join(dir, fmt.Sprintf("%d-%s", i, path.Base(d.NewName)))
		if err := os.WriteFile(replace[source], text, 0o666); err != nil {
			return nil, err
		}
		o.packages = append(o.packages, "./"+path.Dir(d.NewName))
	}
	slices.Sort(o.packages)
	o.packages = slices.Compact(o.packages)
	return o, writeOverlay(o.file, replace)
}

func writeOverlay(file string, replace map[string]string) error {
	text, err := json.Marshal(struct{ Replace map[string]string }{replace})
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o666)
}

// checkEdits: a bug is an edit of Go files that are there.
func (p *Patch) checkEdits(d *gitdiff.File, before string) error {
	switch {
	case d.IsNew || d.IsDelete || d.IsCopy || d.IsRename || d.IsBinary || d.OldName != d.NewName:
		return fmt.Errorf("%s: a zoo patch edits files that are there, and this one adds, removes or renames %s", p.File, cmp.Or(d.NewName, d.OldName))
	case !filepath.IsLocal(filepath.FromSlash(d.NewName)):
		return fmt.Errorf("%s changes %q, which is not below the module's root", p.File, d.NewName)
	case path.Ext(d.NewName) != ".go":
		return fmt.Errorf("%s changes %s, which is no Go file", p.File, d.NewName)
	case before != "":
		return fmt.Errorf("%s changes %s twice; put its hunks together", p.File, d.NewName)
	case len(d.TextFragments) == 0:
		return fmt.Errorf("%s: there are no hunks for %s", p.File, d.NewName)
	}
	return nil
}

// edit is a source file with its hunks applied.
func (p *Patch) edit(source string, d *gitdiff.File) ([]byte, error) {
	text, err := os.ReadFile(source)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s no longer applies: there is no %s", p.File, d.NewName)
	}
	if err != nil {
		return nil, err
	}
	settle(string(text), d.TextFragments)
	var edited bytes.Buffer
	if err := gitdiff.Apply(&edited, bytes.NewReader(text), d); err != nil {
		return nil, fmt.Errorf("%s no longer applies: %s, %s", p.File, d.NewName, conflict(text, d, err))
	}
	return edited.Bytes(), nil
}

// settle moves each hunk to where its lines are now, if that is one place: what was added
// above it has not changed the bug. One that is nowhere, or at several places, stays where
// it was made.
func settle(text string, hunks []*gitdiff.TextFragment) {
	lines := strings.SplitAfter(text, "\n")
	for _, hunk := range hunks {
		var old []string
		for _, l := range hunk.Lines {
			if l.Old() {
				old = append(old, l.Line)
			}
		}
		if at := places(lines, old); len(at) == 1 {
			hunk.OldPosition = at[0]
		}
	}
}

// places is where some lines are, counted from 1.
func places(lines, some []string) (at []int64) {
	for i := 0; len(some) > 0 && i+len(some) <= len(lines); i++ {
		if slices.Equal(lines[i:i+len(some)], some) {
			at = append(at, int64(i)+1)
		}
	}
	return at
}

// conflict says at which hunk a patch and a file part, and what each has there.
func conflict(text []byte, d *gitdiff.File, err error) string {
	var at *gitdiff.ApplyError
	if !errors.As(err, &at) || at.Fragment < 1 || at.Fragment > len(d.TextFragments) {
		return err.Error()
	}
	hunk := d.TextFragments[at.Fragment-1]
	so := fmt.Sprintf("hunk %d (@@ -%d,%d +%d,%d @@)", at.Fragment, hunk.OldPosition, hunk.OldLines, hunk.NewPosition, hunk.NewLines)
	lines := strings.Split(string(text), "\n")
	if at.FragmentLine < 1 || at.FragmentLine > len(hunk.Lines) || at.Line < 1 || at.Line > int64(len(lines)) {
		return fmt.Sprintf("%s: %v", so, err)
	}
	return fmt.Sprintf("%s: line %d is %q, where the patch has %q; make it anew with git diff",
		so, at.Line, lines[at.Line-1], strings.TrimSuffix(hunk.Lines[at.FragmentLine-1].Line, "\n"))
}
