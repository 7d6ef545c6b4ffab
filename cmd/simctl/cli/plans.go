package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"distsim/faults"
	"distsim/faults/planfile"
	"distsim/scenarios"
)

// maxPlan bounds a plan file: a thousand times what a hunt writes.
const maxPlan = 16 << 20

// planFile is a plan and where it came from.
type planFile struct {
	path string
	data []byte
	plan faults.Plan
}

// loadPlan reads a plan for one of the scenarios.
func (a *app) loadPlan(path string) (*planFile, error) {
	data, err := readBounded(path, maxPlan)
	if err != nil {
		return nil, err
	}
	plan, err := planfile.Decode(path, data)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(plan.Scenario, goTestPrefix) {
		return nil, goTestError(path, plan.Scenario)
	}
	file := &planFile{path, data, plan}
	if _, err := a.find(plan.Scenario); err != nil {
		return nil, file.blame(unknownScenario{err})
	}
	return file, nil
}

// unknownScenario is an error about a plan's scenario.
type unknownScenario struct{ error }

func (unknownScenario) PlanKeys() []string { return []string{"scenario"} }

// run runs the plan. An error that lies in a fault or a parameter names the line.
func (p *planFile) run(s *scenarios.Scenario, opt scenarios.Options) (*scenarios.Run, error) {
	run, err := s.Run(p.plan, opt)
	return run, p.blame(err)
}

// blame says where in the file an error of running the plan lies.
func (p *planFile) blame(err error) error {
	if err == nil {
		return nil
	}
	blamed := planfile.Blame(p.path, p.data, err)
	if errors.As(blamed, new(*planfile.Error)) {
		return blamed
	}
	return in(p.path, err)
}

// readBounded reads a file that a person named, and says what is wrong with it.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cannot("read", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, cannot("read", path, err)
	case info.IsDir():
		return nil, fmt.Errorf("%s is a directory; name a plan file in it", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, cannot("read", path, err)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("%s is larger than %d MiB; that is no plan", path, limit>>20)
	}
	return data, nil
}

// cannot says what could not be done to a path, without repeating the path.
func cannot(do, path string, err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	return fmt.Errorf("cannot %s %s: %w", do, path, err)
}

// in says in which file an error lies.
func in(file string, err error) error {
	return fmt.Errorf("%s: %w", file, err)
}

// asPath is a file as an argument that nothing takes for a flag or a scenario.
func asPath(file string) string {
	if strings.HasPrefix(file, "-") || !strings.ContainsAny(file, "/.") {
		return "./" + file
	}
	return file
}
