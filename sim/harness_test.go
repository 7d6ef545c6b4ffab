package sim

import (
	"errors"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// handlerFunc is a node made of one function.
type handlerFunc func(env *Env, from NodeID, m Message)

func (f handlerFunc) Step(env *Env, from NodeID, m Message) { f(env, from, m) }

// serve is the build function of a node that keeps nothing between steps but
// what f closes over.
func serve(f func(env *Env, from NodeID, m Message)) func() Node {
	return func() Node { return handlerFunc(f) }
}

// idle handles everything by doing nothing.
func idle() Node { return handlerFunc(func(*Env, NodeID, Message) {}) }

// onBoot does f once per incarnation and ignores everything else.
func onBoot(f func(env *Env)) func() Node {
	return serve(func(env *Env, _ NodeID, m Message) {
		if _, boot := m.(Boot); boot {
			f(env)
		}
	})
}

type (
	note  string // a message
	alarm string // a timer key
)

func ms(n int) Time { return Time(n) * Time(time.Millisecond) }

func millis(n int) time.Duration { return time.Duration(ms(n)) }

// testWorld is a world that is closed when the test ends.
func testWorld(t testing.TB, cfg Config) *World {
	w := New(cfg)
	t.Cleanup(w.Close)
	return w
}

// inbox collects what a node gets, with the time at which it gets it.
type inboxLog struct {
	got []string
	at  []Time
}

func (l *inboxLog) add(w *World, s string) {
	l.got = append(l.got, s)
	l.at = append(l.at, w.Now())
}

func (l *inboxLog) String() string { return strings.Join(l.got, " ") }

// sink is a node that logs the notes and alarms it gets.
func sink(w *World, l *inboxLog) func() Node {
	return serve(func(_ *Env, _ NodeID, m Message) {
		switch m := m.(type) {
		case note:
			l.add(w, string(m))
		case alarm:
			l.add(w, "alarm:"+string(m))
		}
	})
}

// output runs this program again. Where an emulator runs it the kernel may not know
// how: then there is nothing to test.
func output(t testing.TB, cmd *exec.Cmd) ([]byte, error) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.ENOEXEC) {
		t.Skipf("this kernel cannot start a program for %s by itself", runtime.GOARCH)
	}
	return out, err
}

// cached is what the next process of a machine will read, whether it is durable or
// not.
func cached(w *World, id NodeID, file string) string {
	if f := w.machine(id).disk.names[file]; f != nil {
		return string(f.visible)
	}
	return ""
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func equalSlices[T comparable](t testing.TB, what string, got, want []T) {
	t.Helper()
	same := len(got) == len(want)
	for i := 0; same && i < len(got); i++ {
		same = got[i] == want[i]
	}
	if !same {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// holds fails the test when the run has violated anything.
func holds(t testing.TB, w *World) {
	t.Helper()
	for _, v := range w.Violations() {
		t.Errorf("unexpected: %v\n%s", v, v.Stack)
	}
}

// violates asks for a violation of the property whose detail contains all parts.
func violates(t testing.TB, w *World, property string, parts ...string) Violation {
	t.Helper()
	for _, v := range w.Violations() {
		if v.Property != property {
			continue
		}
		for _, p := range parts {
			if !strings.Contains(v.Detail, p) {
				t.Errorf("violation of %s says %q, want it to mention %q", property, v.Detail, p)
			}
		}
		return v
	}
	t.Errorf("property %s: not violated, want a violation mentioning %q (found: %v)", property, parts, w.Violations())
	return Violation{}
}

// records lists the records that match.
func records(w *World, match func(r *Record) bool) []*Record {
	var out []*Record
	for i := range w.trace.Records() {
		if r := &w.trace.Records()[i]; match(r) {
			out = append(out, r)
		}
	}
	return out
}

func ofKind(w *World, k Kind) []*Record {
	return records(w, func(r *Record) bool { return r.Kind == k })
}

// panics runs f and returns the text of its panic, failing if there is none.
func panics(t testing.TB, what string, f func()) (text string) {
	t.Helper()
	defer func() {
		switch r := recover().(type) {
		case nil:
			t.Errorf("%s: no panic", what)
		case string:
			text = r
		case error:
			text = r.Error()
		}
	}()
	f()
	return ""
}
