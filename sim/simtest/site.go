package simtest

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// site is where a test lives: what its plans are called, where they are kept
// and how they are replayed.
type site struct {
	test string // TestRegister, or TestRegister/five_nodes
	pkg  string // import path: example.com/app/store
	dir  string // the package's directory: where go test runs
	root string // the module's directory, "" when there is none above dir
}

// findSite looks the running test up. It must be called on the test's own
// goroutine.
func findSite(test string) site {
	s := site{test: test, pkg: packageOfTest()}
	if dir, err := os.Getwd(); err == nil {
		s.dir = dir
		s.root = moduleRoot(dir)
	}
	return s
}

// packageOfTest is the import path of the test function: the one that the
// testing package called.
func packageOfTest() string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	last := ""
	for {
		frame, more := frames.Next()
		if frame.Function == "testing.tRunner" || frame.Function == "testing.fRunner" || !more {
			return packageOf(last)
		}
		last = frame.Function
	}
}

// packageOf cuts a function's full name down to the import path of its package,
// an external test's to that of the package it tests.
func packageOf(function string) string {
	slash := strings.LastIndex(function, "/") + 1
	if dot := strings.Index(function[slash:], "."); dot >= 0 {
		function = function[:slash+dot]
	}
	if plain, err := url.PathUnescape(function); err == nil { // the linker writes yaml.v3 as yaml%2ev3
		function = plain
	}
	return strings.TrimSuffix(function, "_test")
}

// moduleRoot is the nearest directory from dir upwards that holds a go.mod.
func moduleRoot(dir string) string {
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// scenario is how a plan says that it belongs to this test.
func (s site) scenario() string { return "go-test/" + s.pkg + "." + s.test }

var oddInPath = regexp.MustCompile(`[^A-Za-z0-9_./-]|\.\.+|^/`)

// folder is where this test's failing plans are kept, from the package's
// directory; with forward slashes.
func (s site) folder() string {
	return "testdata/sim/" + oddInPath.ReplaceAllString(s.test, "_")
}

// replay is the command that repeats a plan, for a shell in the module's root.
func (s site) replay(file string) string {
	return "SIM_PLAN=" + quoteShell(file) + " go test -run " + s.pattern() + " " + s.target()
}

// pattern selects this test and no other.
func (s site) pattern() string {
	parts := strings.Split(s.test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return "'" + strings.ReplaceAll(strings.Join(parts, "/"), "'", `'\''`) + "'"
}

// target is the package as go test takes it.
func (s site) target() string {
	if s.root == "" {
		return s.pkg
	}
	rel, err := filepath.Rel(s.root, s.dir)
	if err != nil {
		return s.pkg
	}
	if rel == "." {
		return "."
	}
	return "./" + filepath.ToSlash(rel)
}

// locate finds the file a person means by SIM_PLAN: go test runs in the
// package's directory, but people type paths from where they are, which may be
// any directory up to the module's root. The answer is for the package's.
func (s site) locate(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	for dir := s.dir; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, file)
		if here, err := filepath.Rel(s.dir, path); err == nil && exists(path) {
			return here
		}
		if dir == s.root || dir == filepath.Dir(dir) {
			return file
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

var plainInShell = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

func quoteShell(s string) string {
	if plainInShell.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
