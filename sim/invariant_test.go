package sim

import (
	"errors"
	"fmt"
	"testing"
)

// counting is an invariant that says when it was asked about whom.
type counting struct {
	asked    []string
	violated func(w *World, node NodeID) *Violation
}

func (c *counting) Name() string { return "counting" }

func (c *counting) Check(w *World, node NodeID) *Violation {
	c.asked = append(c.asked, fmt.Sprintf("%v@%d", node, w.Now()))
	if c.violated == nil {
		return nil
	}
	return c.violated(w, node)
}

// Invariants run after every event on the node it touched: steps, finished
// syncs, crashes.
func TestInvariantsRunAfterEveryEvent(t *testing.T) {
	c := &counting{}
	w := testWorld(t, Config{Invariants: []Invariant{c}, Disk: DiskConfig{Sync: Fixed(5)}})
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		switch m.(type) {
		case Boot:
			env.Arm(alarm("x"), 1)
		case alarm:
			env.File("f").Sync()
			env.Send(Server(2), note("x"))
		}
	}))
	w.AddServer(idle)
	w.At(8, func(w *World) { w.Crash(Server(2), LoseAll) })
	w.RunUntil(10)
	equalSlices(t, "asked", c.asked, []string{"n1@0", "n2@0", "n1@1", "n1@6", "n2@6", "n2@8"})
	equalSlices(t, "names", w.Invariants(), []string{"counting"})
}

// A crash in mid-step and a halt count as well, and the node is gone then.
func TestInvariantsSeeTheStruckNodeGone(t *testing.T) {
	gone := 0
	w := testWorld(t, Config{Invariants: []Invariant{Assert("gone", func(w *World, node NodeID) error {
		if w.Node(node) == nil {
			gone++
		}
		return nil
	})}})
	w.AddServer(onBoot(func(env *Env) { env.Fatal("no") }))
	w.AddServer(onBoot(func(env *Env) { env.Cancel(alarm("x")) }))
	w.StrikeAt(Strike{On: Identity{Subject: OfRecord, K: 3}, Node: Server(2), Effect: 1}, nil)
	w.RunUntil(1)
	equal(t, "looks at a node that is gone", gone, 2)
}

// The first violation of a property counts; a violated invariant is not checked
// again.
func TestFirstViolationCounts(t *testing.T) {
	c := &counting{}
	c.violated = func(w *World, node NodeID) *Violation {
		if w.Now() >= 2 {
			return &Violation{Detail: fmt.Sprintf("number %d", len(c.asked)), Nodes: []NodeID{node}, Fields: []Place{{node, "x"}}}
		}
		return nil
	}
	w := testWorld(t, Config{Records: true, Invariants: []Invariant{c, Assert("other", func(w *World, _ NodeID) error {
		if w.Now() >= 3 {
			return errors.New("too late")
		}
		return nil
	})}})
	w.AddServer(serve(func(env *Env, _ NodeID, _ Message) { env.Arm(alarm("x"), 1) }))
	w.RunUntil(10)
	v := violates(t, w, "counting", "number 3")
	equal(t, "violations", len(w.Violations()), 2)
	equal(t, "checks", len(c.asked), 3)
	equal(t, "at", v.At, 2)
	equal(t, "after record", w.trace.At(v.Seq).Kind, KindTimer)
	equal(t, "record", w.trace.At(v.Seq+1).Kind, KindViolated)
	equal(t, "cause of the record", w.trace.At(v.Seq+1).Cause, v.Seq)
	equal(t, "text", w.trace.At(v.Seq+1).Text, "counting: number 3")
	equal(t, "in words", v.String(), "counting violated at 2ns: number 3")
	violates(t, w, "other", "too late")
}

func TestReport(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(idle)
	w.RunUntil(5)
	w.Report(Violation{Property: "mine", Detail: "first"})
	w.Report(Violation{Property: "mine", Detail: "second"})
	w.Report(Violation{Property: "yours", Detail: "third"})
	equal(t, "violations", len(w.Violations()), 2)
	v := violates(t, w, "mine", "first")
	equal(t, "at", v.At, 5)
	equal(t, "the run goes on", w.RunUntil(6), true)
}

func TestReachedCounts(t *testing.T) {
	w := testWorld(t, Config{Records: true})
	w.AddServer(onBoot(func(env *Env) {
		env.Reached("here")
		env.Part("p").Reached("here")
	}))
	w.AddServer(onBoot(func(env *Env) { env.Reached("here") }))
	w.RunUntil(1)
	equal(t, "reached", fmt.Sprint(w.Reached()), "map[here:2 p/here:1]")
	equal(t, "records", len(ofKind(w, KindReached)), 3)
}
