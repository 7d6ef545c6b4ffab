package zoo

import (
	"slices"
	"strconv"
	"strings"

	"distsim/scenarios"
)

// keys are what a header says. All but Set are needed, and only Set may come more
// than once.
var keys = [...]string{"Zoo", "Shows", "Source", "Scenario", "Set", "Breaks"}

// readHeader reads the lines before the diff: Key: value, and empty ones.
func (p *Patch) readHeader() error {
	n := 0
	for line := range strings.Lines(p.text) {
		n++
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "diff --git "):
			return p.checkComplete(n)
		case line == "":
			continue
		}
		if err := p.readLine(n, line); err != nil {
			return err
		}
	}
	return p.wrong(n, "the file ends without a diff (want one as git diff prints it, below the header)")
}

func (p *Patch) readLine(n int, line string) error {
	key, value, ok := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	switch {
	case !ok:
		return p.wrong(n, "%q is no header line (want KEY: VALUE, of %s)", line, strings.Join(keys[:], ", "))
	case !slices.Contains(keys[:], key):
		return p.wrong(n, "there is no key %q%s", key, scenarios.Suggest(key, keys[:]))
	case value == "":
		return p.wrong(n, "%s has no value", key)
	case p.lines[key] != 0 && key != "Set":
		return p.wrong(n, "%s is there twice, first on line %d", key, p.lines[key])
	}
	p.lines[key] = n
	return p.take(n, key, value)
}

func (p *Patch) take(n int, key, value string) error {
	switch key {
	case "Zoo":
		number, err := strconv.Atoi(value)
		if err != nil || number < 1 {
			return p.wrong(n, "Zoo: %q is not a number (want that of the bug, such as 24)", value)
		}
		p.Zoo = number
	case "Shows":
		p.Shows = value
	case "Source":
		p.Source = value
	case "Scenario":
		p.Scenario = value
	case "Set":
		return p.takeSetting(n, value)
	case "Breaks":
		return p.takeBreaks(n, value)
	}
	return nil
}

func (p *Patch) takeSetting(n int, value string) error {
	name, text, ok := strings.Cut(value, "=")
	switch {
	case !ok || name == "":
		return p.wrong(n, "Set: %q (want NAME=VALUE, such as decisions=alone)", value)
	case p.lines["Set "+name] != 0:
		return p.wrong(n, "Set: %s is set twice, first on line %d", name, p.lines["Set "+name])
	}
	p.lines["Set "+name] = n
	p.Set = append(p.Set, scenarios.Value{Name: name, Text: text})
	return nil
}

func (p *Patch) takeBreaks(n int, value string) error {
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "" || strings.ContainsAny(name, " \t"):
			return p.wrong(n, "Breaks: %q is no property (want PROPERTY[, PROPERTY])", name)
		case slices.Contains(p.Breaks, name):
			return p.wrong(n, "Breaks: %s is there twice", name)
		}
		p.Breaks = append(p.Breaks, name)
	}
	return nil
}

// checkComplete is called where the diff starts.
func (p *Patch) checkComplete(n int) error {
	for _, key := range keys {
		if key != "Set" && p.lines[key] == 0 {
			return p.wrong(n, "the header lacks %s", key)
		}
	}
	return nil
}
