// Command readme runs the commands that a Markdown page shows and compares what
// they print with what the page says.
//
//	go run ./.ci/readme [-update] README.md
//
// It looks at fenced blocks marked console. A line "$ command" is run by bash
// in the current directory; the lines up to the next command are its expected
// output. A line "…" stands for any number of lines, and … inside a line for
// any text. A trailing "# exit N" on the command says which exit code is
// expected; the default is 0.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

func main() {
	update := flag.Bool("update", false, "rewrite the page with what the commands print (blocks with … are left alone)")
	flag.Parse()
	failed := 0
	for _, page := range flag.Args() {
		n, err := check(page, *update)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		failed += n
	}
	if failed > 0 {
		os.Exit(1)
	}
}

// step is one command of a page.
type step struct {
	line    int // of the command, from 1
	command string
	exit    int
	want    []string
}

func check(page string, update bool) (failed int, err error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return 0, err
	}
	steps := parse(string(text))
	if len(steps) == 0 {
		return 0, fmt.Errorf("%s: no console block with a command", page)
	}
	if update {
		return 0, os.WriteFile(page, []byte(rewrite(string(text), steps)), 0o644)
	}
	for _, s := range steps {
		fmt.Printf("%s:%d: $ %s\n", page, s.line, s.command)
		out, exit := s.run()
		if exit != s.exit || !matches(out, s.want) {
			failed++
			fmt.Printf("FAIL: exit %d, want %d; printed:\n%s\n--- the page says:\n%s\n", exit, s.exit,
				strings.Join(out, "\n"), strings.Join(s.want, "\n"))
		}
	}
	return failed, nil
}

func parse(text string) []step {
	var steps []step
	in := false
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			in = !in && strings.TrimSpace(line) == "```console"
		case !in:
		case strings.HasPrefix(line, "$ "):
			steps = append(steps, newStep(i+1, line[2:]))
		case len(steps) > 0:
			s := &steps[len(steps)-1]
			s.want = append(s.want, line)
		}
	}
	return steps
}

var exitNote = regexp.MustCompile(`\s+# exit (\d+)$`)

func newStep(line int, command string) step {
	s := step{line: line, command: command}
	if m := exitNote.FindStringSubmatch(command); m != nil {
		s.exit, _ = strconv.Atoi(m[1])
		s.command = strings.TrimSuffix(command, m[0])
	}
	return s
}

func (s step) run() (lines []string, exit int) {
	cmd := exec.Command("bash", "-c", s.command)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		exit = failed.ExitCode()
	} else if err != nil {
		return []string{err.Error()}, -1
	}
	text := strings.TrimRight(string(out), "\n")
	if text == "" {
		return nil, exit
	}
	return strings.Split(text, "\n"), exit
}

// matches compares output with a page's lines and their wildcards.
func matches(got, want []string) bool {
	for len(want) > 0 && want[len(want)-1] == "" {
		want = want[:len(want)-1]
	}
	pattern := "^"
	for i, line := range want {
		if i > 0 && want[i-1] != "…" {
			pattern += "\n"
		}
		if line == "…" {
			pattern += "(?:.*\n?)*?"
			continue
		}
		parts := strings.Split(line, "…")
		for j := range parts {
			parts[j] = regexp.QuoteMeta(strings.TrimRight(parts[j], " "))
		}
		pattern += strings.Join(parts, ".*")
	}
	trimmed := make([]string, len(got))
	for i, line := range got {
		trimmed[i] = strings.TrimRight(line, " ")
	}
	return regexp.MustCompile(pattern + "$").MatchString(strings.Join(trimmed, "\n"))
}

// rewrite runs the commands in order, since later ones may need what earlier
// ones left, and puts their output in place from the last to the first.
func rewrite(text string, steps []step) string {
	outputs := make([][]string, len(steps))
	for i, s := range steps {
		outputs[i], _ = s.run()
	}
	lines := strings.Split(text, "\n")
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		if strings.Contains(strings.Join(s.want, "\n"), "…") {
			continue
		}
		rest := append([]string{}, lines[s.line+len(s.want):]...)
		lines = append(append(lines[:s.line:s.line], outputs[i]...), rest...)
	}
	return strings.Join(lines, "\n")
}
