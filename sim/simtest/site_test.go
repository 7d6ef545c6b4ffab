package simtest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPackageOf(t *testing.T) {
	for function, want := range map[string]string{
		"example.com/app/store.TestX":        "example.com/app/store",
		"example.com/app/store_test.TestX":   "example.com/app/store",
		"example.com/app.(*Suite).TestX":     "example.com/app",
		"example.com/app.TestX.func1.2":      "example.com/app",
		"gopkg.in/yaml%2ev3.TestX":           "gopkg.in/yaml.v3",
		"main.TestX":                         "main",
		"example.com/app/store.TestX[...]":   "example.com/app/store",
		"command-line-arguments.TestX.func1": "command-line-arguments",
	} {
		if got := packageOf(function); got != want {
			t.Errorf("package of %s: got %s, want %s", function, got, want)
		}
	}
}

func TestSiteFindsItself(t *testing.T) {
	t.Run("inside", func(t *testing.T) {
		s := findSite(t.Name())
		if want := "go-test/distsim/sim/simtest.TestSiteFindsItself/inside"; s.scenario() != want {
			t.Errorf("scenario: got %s, want %s", s.scenario(), want)
		}
		if want := "./sim/simtest"; s.target() != want {
			t.Errorf("target: got %s, want %s", s.target(), want)
		}
	})
}

func TestReplayCommand(t *testing.T) {
	for _, c := range []struct {
		site site
		want string
	}{
		{
			site{test: "TestX", pkg: "app/store", dir: "/src/store", root: "/src"},
			"SIM_PLAN=testdata/sim/TestX/seed-7.yaml go test -run '^TestX$' ./store",
		},
		{
			site{test: "TestX", pkg: "app", dir: "/src", root: "/src"},
			"SIM_PLAN=testdata/sim/TestX/seed-7.yaml go test -run '^TestX$' .",
		},
		{
			site{test: "TestX/a+b", pkg: "app/store", dir: "/src/store"},
			`SIM_PLAN=testdata/sim/TestX/a_b/seed-7.yaml go test -run '^TestX$/^a\+b$' app/store`,
		},
		{
			site{test: "TestX/it's", pkg: "app", dir: "/src", root: "/src"},
			`SIM_PLAN=testdata/sim/TestX/it_s/seed-7.yaml go test -run '^TestX$/^it'\''s$' .`,
		},
	} {
		if got := c.site.replay(c.site.folder() + "/seed-7.yaml"); got != c.want {
			t.Errorf("replay of %s:\ngot  %s\nwant %s", c.site.test, got, c.want)
		}
	}
}

func TestFolderStaysInside(t *testing.T) {
	for test, want := range map[string]string{
		"TestX":           "testdata/sim/TestX",
		"TestX/../../etc": "testdata/sim/TestX/_/_/etc",
		"TestX/größe=3":   "testdata/sim/TestX/gr__e_3",
	} {
		if got := (site{test: test}).folder(); got != want {
			t.Errorf("folder of %s: got %s, want %s", test, got, want)
		}
	}
}

// A path works as seen from the package, and from any directory above it.
func TestLocate(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "a", "store")
	file := filepath.Join(dir, "testdata", "p.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := site{dir: dir, root: root}
	for _, typed := range []string{"testdata/p.yaml", "store/testdata/p.yaml", "a/store/testdata/p.yaml"} {
		if got := s.locate(typed); got != "testdata/p.yaml" {
			t.Errorf("locate(%s): got %s, want testdata/p.yaml", typed, got)
		}
	}
	if got := s.locate(file); got != file {
		t.Errorf("an absolute path: got %s, want %s as it is", got, file)
	}
	if got := s.locate("b/p.yaml"); got != "b/p.yaml" {
		t.Errorf("a path that leads nowhere: got %s, want it unchanged", got)
	}
}
