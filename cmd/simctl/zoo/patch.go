package zoo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"distsim/scenarios"
)

// Dir is where a module keeps its patches, below its root.
const Dir = "testdata/zoo"

// Extension is that of a patch file.
const Extension = ".patch"

// Patch is one bug.
type Patch struct {
	Name     string // of the file, without .patch: 24-coord-amnesia
	File     string // as it was named
	Zoo      int    // its number
	Shows    string
	Source   string // where it was published
	Scenario string
	Set      []scenarios.Value
	Breaks   []string // properties, of which a hunt must find one broken

	text  string
	lines map[string]int // where each key, or set parameter, stands
}

// ReadDir reads all patches of a folder, by number.
func ReadDir(dir string, known []*scenarios.Scenario) ([]*Patch, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*"+Extension))
	switch {
	case err != nil:
		return nil, err
	case len(files) == 0:
		return nil, fmt.Errorf("there are no patches in %s (want NUMBER-NAME%s; docs/zoo.md says how to write one)", dir, Extension)
	}
	var all []*Patch
	for _, file := range files {
		p, err := Read(file, known)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b *Patch) int { return a.Zoo - b.Zoo })
	return all, nil
}

// Read reads one patch, for one of the scenarios known. Errors name the line.
func Read(file string, known []*scenarios.Scenario) (*Patch, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := &Patch{Name: strings.TrimSuffix(filepath.Base(file), Extension), File: file, text: string(text), lines: map[string]int{}}
	if err := p.readHeader(); err != nil {
		return nil, err
	}
	return p, p.checkScenario(known)
}

// Is reports whether a user means this patch: by its name, its number or the name
// behind the number.
func (p *Patch) Is(typed string) bool {
	return typed == p.Name || typed == strconv.Itoa(p.Zoo) || typed == p.Short()
}

// Short is the name without its number.
func (p *Patch) Short() string { return strings.TrimPrefix(p.Name, strconv.Itoa(p.Zoo)+"-") }

// Settings are the parameters as they are typed.
func (p *Patch) Settings() []string {
	all := make([]string, len(p.Set))
	for i, v := range p.Set {
		all[i] = v.Name + "=" + v.Text
	}
	return all
}

func (p *Patch) checkScenario(known []*scenarios.Scenario) error {
	s, ok := scenarios.Find(known, p.Scenario)
	if !ok {
		return p.wrong(p.lines["Scenario"], "there is no scenario %q%s", p.Scenario, scenarios.Suggest(p.Scenario, scenarios.Names(known)))
	}
	_, err := s.Resolve(p.Set)
	var of *scenarios.ParamError
	switch {
	case errors.As(err, &of):
		return p.wrong(p.lines["Set "+of.Name], "%w", err)
	case err != nil:
		return p.wrong(p.lines["Scenario"], "%w", err)
	}
	return nil
}

// wrong is a mistake in the file.
func (p *Patch) wrong(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: "+format, append([]any{p.File, line}, args...)...)
}
