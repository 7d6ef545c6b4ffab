package cli

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// goTestPrefix begins the scenario of a plan that a go test wrote:
// go-test/PACKAGE.TEST.
const goTestPrefix = "go-test/"

// testName finds where the package ends and the test begins.
var testName = regexp.MustCompile(`\.(Test|Fuzz|Example|Benchmark)`)

// goTestError says how to replay a plan that only go test can run.
func goTestError(file, scenario string) error {
	full := strings.TrimPrefix(scenario, goTestPrefix)
	at := testName.FindStringIndex(full)
	if at == nil {
		return fmt.Errorf("%s: scenario: %q names no test (want %sPACKAGE.TEST)", file, scenario, goTestPrefix)
	}
	parts := strings.Split(full[at[0]+1:], "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	path := file
	if abs, err := filepath.Abs(file); err == nil && !filepath.IsLocal(file) {
		path = abs
	}
	return fmt.Errorf("%s was written by go test, and its system is in that test; in its module run\n  SIM_PLAN=%s go test -run %s %s",
		file, quoted(path), quoted(strings.Join(parts, "/")), quoted(full[:at[0]]))
}
