package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/faults"
	"distsim/sim"

	"pgregory.net/rapid"
)

// Whoever answers, each fault is sound and what fits together is inside the model.
func TestFaultsByOtherAnswersAreSoundAndInsideTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := models().Draw(t, "model")
		m.Servers, m.Clients = rapid.IntRange(0, 7).Draw(t, "servers"), rapid.IntRange(0, 2).Draw(t, "clients")
		answer := func(what string, n int64) int64 { return rapid.Int64Range(0, n-1).Draw(t, what) }
		var entries []faults.Entry
		for range rapid.IntRange(0, 9).Draw(t, "faults") {
			e := faults.DrawBy(answer, m, m.Servers, time.Second)
			if e.Fault == nil {
				continue
			}
			if err := e.Check(); err != nil {
				t.Errorf("%v: %v", e, err)
			}
			if named, _ := atClient(e); named && !slices.Contains([]string{"c1", "c2"}[:m.Clients], aimOf(e)) {
				t.Errorf("%v: there are %d clients", e, m.Clients)
			}
			entries = append(entries, e)
		}
		plan := m.Fit(entries)
		if err := m.Check(plan); err != nil {
			t.Errorf("outside the model: %v", err)
		}
		if len(entries) > 0 && len(m.Fit(entries[:1])) == 0 && m.Check(entries[:1]) == nil {
			t.Errorf("%v fits and is left out", entries[0])
		}
	})
}

// Zero is always the answer that makes a fault early, short and plain.
func TestTheSmallestAnswersMakeTheMildestFault(t *testing.T) {
	for _, kind := range faults.Kinds() {
		m := everything()
		m.Kinds, m.Least, m.Most = []faults.Kind{kind}, 10*time.Millisecond, time.Second
		m.Moments = []faults.Moment{{Of: sim.Timeout}}
		e := faults.DrawBy(func(string, int64) int64 { return 0 }, m, 5, time.Second)
		if e.Fault == nil {
			t.Errorf("%s: the model leaves no room for it", kind)
			continue
		}
		if e.At != 0 || e.For != 0 && e.For != m.Least || e.Moment.Of != 0 {
			t.Errorf("got %v, want it at the start, for 10ms at most and without a moment", e)
		}
		for who := faults.Leader; who <= faults.Holder; who++ {
			aimed := faults.Forget(e.Fault).String()
			if who != faults.Majority && who != faults.Minority && strings.Contains(aimed, ": "+who.String()) {
				t.Errorf("got %v, want a target by name", e)
			}
		}
	}
}

func TestAPlanInALogIsOneLine(t *testing.T) {
	plan := faults.Plan{Seed: 7}
	for _, c := range []struct {
		faults []faults.Entry
		want   string
	}{
		{nil, "seed 7: faults drawn from the seed"},
		{[]faults.Entry{}, "seed 7: no faults"},
		{
			[]faults.Entry{between(1000*ms, 1005*ms, faults.Pause{Target: faults.On(n(1))}), from1s(faults.Crash{Target: faults.Aim(faults.Any)})},
			"seed 7: pause: {target: n1} at 1s for 5ms; crash: {target: any} at 1s for 1s",
		},
	} {
		plan.Faults = c.faults
		if got := fmt.Sprintf("%#v", plan); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
