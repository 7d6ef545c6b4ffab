package cli

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// invokedAs is how to call this simctl again, for commands to copy: as it was
// called, or by `go run` and its import path when it was run that way.
func invokedAs() string {
	typed := os.Args[0]
	if strings.Contains(filepath.ToSlash(typed), "/go-build") {
		if info, ok := debug.ReadBuildInfo(); ok && strings.Contains(info.Path, "/") {
			return "go run " + info.Path
		}
		return "simctl"
	}
	return quoted(typed)
}

// quoted is a word as a shell must be given it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,+@%#", r)
	}
	if word != "" && word[0] != '#' && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// command is a command line of this simctl.
func (a *app) command(words ...string) string {
	line := a.name
	for _, w := range words {
		line += " " + quoted(w)
	}
	return line
}
