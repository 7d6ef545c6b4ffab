package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// complaints is a test that notes what is wrong and goes on.
type complaints struct {
	testing.TB
	all []string
}

func (c *complaints) Helper() {}

func (c *complaints) Errorf(format string, args ...any) {
	c.all = append(c.all, fmt.Sprintf(format, args...))
}

func (c *complaints) Fatalf(format string, args ...any) {
	c.Errorf(format, args...)
	runtime.Goexit()
}

func (c *complaints) Fatal(args ...any) { c.Fatalf("%s", fmt.Sprint(args...)) }

// found is what a test would say.
func found(do func(t testing.TB)) string {
	c, done := &complaints{}, make(chan struct{})
	go func() {
		defer close(done)
		do(c)
	}()
	<-done
	return strings.Join(c.all, "\n")
}

func TestWhatDiffersIsFound(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll(filepath.Join("a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("go.mod", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join("a", "b"))
	compare := func(got string) string {
		return found(func(t testing.TB) { Compare(t, "x/y.txt", []byte(got)) })
	}
	if s := compare("one"); !strings.Contains(s, "y.txt") {
		t.Errorf("no file: %q", s)
	}
	*update = true
	first := compare("one")
	*update = false
	if s := first + compare("one"); s != "" {
		t.Errorf("as it was written: %q", s)
	}
	if s := compare("two"); !strings.Contains(s, "differs from what happens now") {
		t.Errorf("another text: %q", s)
	}
}

func TestWhatIsOutOfOrderIsFound(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{nil, ""},
		{[]string{"one", "three"}, ""},
		{[]string{"one", "one"}, `"one" does not happen`},
		{[]string{"three", "one"}, `"one" does not happen`},
		{[]string{"four"}, `"four" does not happen`},
	} {
		got := found(func(t testing.TB) { InOrder(t, "one\ntwo\nthree\n", c.lines...) })
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%q: %q, want %q", c.lines, got, c.want)
		}
	}
}
