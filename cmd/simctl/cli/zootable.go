package cli

import (
	"fmt"
	"strings"
	"time"

	"distsim/cmd/simctl/zoo"
	"distsim/scenarios"
)

// listZoo says what bugs there are.
func (a *app) listZoo(patches []*zoo.Patch, asJSON bool) error {
	if asJSON {
		all := make([]zoo.Facts, len(patches))
		for i, p := range patches {
			all[i] = p.Facts()
		}
		return a.out.json(all)
	}
	t := a.sheet("zoo", "name", "scenario", "breaks", "shows")
	for _, p := range patches {
		with := strings.Join(append([]string{p.Scenario}, p.Settings()...), " ")
		t.row(p.Zoo, p.Short(), with, strings.Join(p.Breaks, ", "), p.Shows)
	}
	t.wrap(5, 110)
	a.out.printf("%s", t)
	return nil
}

// showZoo prints what was found: a row for each bug, then what went wrong.
func (a *app) showZoo(rep *zoo.Report) {
	header := []any{"zoo", "name", "broken"}
	for _, base := range rep.Bases {
		header = append(header, fmt.Sprintf("from %d", base))
	}
	t := a.sheet(append(header, "control")...)
	good := 0
	for i := range rep.Bugs {
		b := &rep.Bugs[i]
		t.row(zooRow(b, len(rep.Bases))...)
		if b.OK {
			good++
		}
	}
	a.out.printf("%s\n", t)
	for i := range rep.Bugs {
		for _, problem := range problems(&rep.Bugs[i]) {
			a.out.printf("%s: %s\n", rep.Bugs[i].Name, oneLine(problem))
		}
	}
	so := "as wanted"
	if rep.Interrupted {
		so = "interrupted; as wanted so far"
	}
	a.out.printf("%s: %d of %s (found from each of %s within %v of processor time, and nothing without it)\n",
		so, good, scenarios.Plural(uint64(len(rep.Bugs)), "bug"), scenarios.Plural(uint64(len(rep.Bases)), "base seed"), time.Duration(rep.CPULimitNS))
	a.showKept(rep)
}

// zooRow is a bug in the table: what broke, for each base the seeds tried and their
// processor time, and the control.
func zooRow(b *zoo.Bug, bases int) []any {
	row := []any{b.Zoo, strings.TrimPrefix(b.Name, fmt.Sprint(b.Zoo)+"-"), broken(b)}
	for i := range bases {
		cell := "-"
		if i < len(b.Hunts) {
			cell = huntCell(&b.Hunts[i])
		}
		row = append(row, cell)
	}
	control := "-"
	if c := b.Control; c != nil {
		control = scenarios.Plural(c.Seeds, "seed") + " clean"
		if !c.Clean {
			control = "NOT CLEAN"
		}
	}
	return append(row, control)
}

func huntCell(h *zoo.Hunt) string {
	so := fmt.Sprintf("%s, %.2fs", scenarios.Plural(h.Seeds, "seed"), time.Duration(h.CPUNS).Seconds())
	if !h.Found {
		return "NOT in " + so
	}
	return so
}

// broken lists the properties that the hunts found broken, as they came.
func broken(b *zoo.Bug) string {
	var names []string
	seen := map[string]bool{}
	for _, h := range b.Hunts {
		if f := h.Failure; f != nil && !seen[f.Property] {
			seen[f.Property] = true
			names = append(names, f.Property)
		}
	}
	if names == nil {
		return "-"
	}
	return strings.Join(names, ", ")
}

func problems(b *zoo.Bug) []string {
	var all []string
	for _, h := range b.Hunts {
		if !h.Found {
			all = append(all, fmt.Sprintf("not found from %d: %s", h.Base, h.Problem))
		}
	}
	if c := b.Control; c != nil && !c.Clean {
		all = append(all, c.Problem)
	}
	return all
}

func (a *app) showKept(rep *zoo.Report) {
	for _, b := range rep.Bugs {
		for _, h := range b.Hunts {
			if h.Failure != nil && h.Failure.Artifact != "" {
				a.out.printf("kept %s\n", asPath(h.Failure.Artifact))
			}
		}
	}
}
