package simtest

import (
	"flag"
	"fmt"
	"strings"
	"testing"
)

// recorder is a T that takes notes and does not fail. It serves rapid as well.
type recorder struct {
	notes  []string
	failed bool
}

func (*recorder) Helper()                           {}
func (*recorder) Name() string                      { return "recorder" }
func (*recorder) Log(...any)                        {}
func (*recorder) Logf(string, ...any)               {}
func (*recorder) Skip(...any)                       {}
func (*recorder) Skipf(string, ...any)              {}
func (*recorder) SkipNow()                          {}
func (r *recorder) Error(args ...any)               { r.note(fmt.Sprint(args...)) }
func (r *recorder) Errorf(text string, args ...any) { r.note(fmt.Sprintf(text, args...)) }
func (r *recorder) Fatal(args ...any)               { r.note(fmt.Sprint(args...)) }
func (r *recorder) Fatalf(text string, args ...any) { r.note(fmt.Sprintf(text, args...)) }
func (r *recorder) FailNow()                        { r.failed = true }
func (r *recorder) Fail()                           { r.failed = true }
func (r *recorder) Failed() bool                    { return r.failed }

func (r *recorder) note(s string) { r.failed, r.notes = true, append(r.notes, s) }

func (r *recorder) String() string { return strings.Join(r.notes, "\n") }

// setRapid sets one of rapid's flags for a test.
func setRapid(t testing.TB, name, value string) {
	t.Helper()
	f := flag.Lookup("rapid." + name)
	old := f.Value.String()
	t.Cleanup(func() {
		if err := f.Value.Set(old); err != nil {
			t.Error(err)
		}
	})
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
}
