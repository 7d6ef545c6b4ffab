package sim

import (
	"strings"
	"testing"
	"time"
)

// A world in which nothing is under way and no timer is armed stays as it is.
func TestLassoOfAQuietWorld(t *testing.T) {
	for _, c := range []struct {
		what  string
		armed time.Duration // by the server when it boots; 0: nothing
		quiet bool
	}{
		{"nothing armed", 0, true},
		{"a timer that fires in the search", 50 * time.Millisecond, true},
		{"a timer that fires after it", time.Second, false},
	} {
		w := testWorld(t, Config{})
		w.AddServer(func() Node { return waiter{c.armed} })
		w.RunUntil(ms(1))
		l, why := w.FindLasso(ms(100))
		if (l != nil) != c.quiet || l != nil && !l.Quiet() {
			t.Errorf("%s: lasso %+v, %q", c.what, l, why)
		}
		if !c.quiet && !strings.HasPrefix(why, "no state of the servers came twice") {
			t.Errorf("%s: %q", c.what, why)
		}
	}
}

// waiter waits for one alarm, if for anything.
type waiter struct{ armed time.Duration }

func (x waiter) Step(env *Env, _ NodeID, m Message) {
	if _, boots := m.(Boot); boots && x.armed > 0 {
		env.Arm(alarm("late"), x.armed)
	}
}

func (waiter) Canonical(*View) {}
