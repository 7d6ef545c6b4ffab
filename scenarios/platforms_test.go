package scenarios

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// read is a file of the module, by its path.
func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// compared lists the tests of .ci/platforms and the packages that it runs them in.
func compared(t *testing.T) (tests, packages []string) {
	script := read(t, ".ci/platforms")
	list := func(name string) []string {
		m := regexp.MustCompile(`(?ms)^` + name + `=\((.*?)\)$`).FindStringSubmatch(script)
		if m == nil {
			t.Fatalf(".ci/platforms has no list called %s", name)
		}
		return strings.Fields(regexp.MustCompile(`#.*`).ReplaceAllString(m[1], ""))
	}
	return list("tests"), list("packages")
}

// funcs maps the tests of a package to their code.
func funcs(t *testing.T, dir string) map[string]string {
	code := map[string]string{}
	files, err := filepath.Glob(filepath.Join("..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, f := range strings.Split(read(t, strings.TrimPrefix(filepath.ToSlash(file), "../")), "\nfunc ")[1:] {
			if name, _, ok := strings.Cut(f, "(t *testing.T)"); ok && strings.HasPrefix(name, "Test") {
				code[name] = f
			}
		}
	}
	return code
}

// Every test that is to be compared on other processors exists, and whatever tells a
// golden story of a fault is compared.
func TestPlatformsCompareWhatThereIs(t *testing.T) {
	tests, packages := compared(t)
	found := map[string]bool{}
	for _, dir := range packages {
		for name := range funcs(t, dir) {
			found[name] = true
		}
	}
	for _, name := range tests {
		if !found[name] {
			t.Errorf(".ci/platforms compares %s, and none of %v has it", name, packages)
		}
	}
	for name, code := range funcs(t, "faults") {
		if tells := regexp.MustCompile(`\bwant(Story|Strikes)\(`); tells.MatchString(code) && !slices.Contains(tests, name) {
			t.Errorf("%s of faults tells stories, and .ci/platforms does not compare it", name)
		}
	}
}

// The page on determinism says what .ci/platforms does now.
func TestTheDeterminismPageIsUpToDate(t *testing.T) {
	const path = "docs/determinism.md"
	page := read(t, path)
	tests, _ := compared(t)
	rows := regexp.MustCompile(`(?m)^(\w+) +\d\d +\w+-endian +(?:qemu-\w+|itself) +(\d+) +(\d+) +the same`).FindAllStringSubmatch(page, -1)
	if len(rows) != 3 {
		t.Fatalf("%s: got %d rows of platforms, want 3", path, len(rows))
	}
	for _, row := range rows {
		if got, want := row[2], strconv.Itoa(len(tests)); got != want {
			t.Errorf("%s, %s: got %s tests, want %s", path, row[1], got, want)
		}
		if got, want := row[3], strconv.Itoa(len(All())); got != want {
			t.Errorf("%s, %s: got %s scenarios, want %s", path, row[1], got, want)
		}
	}
	_, golden, _ := strings.Cut(page, "## What is compared")
	golden, _, _ = strings.Cut(golden, "Beside them")
	for _, name := range regexp.MustCompile("`(Test\\w+)(?:…)?`").FindAllStringSubmatch(golden, -1) {
		if !slices.ContainsFunc(tests, func(s string) bool { return strings.HasPrefix(s, name[1]) }) {
			t.Errorf("%s names %s, which .ci/platforms does not compare", path, name[1])
		}
	}
	for _, name := range tests {
		if strings.HasPrefix(name, "TestWhat") && !strings.Contains(golden, "`"+name+"`") {
			t.Errorf("%s does not name %s, which .ci/platforms compares", path, name)
		}
	}
}
