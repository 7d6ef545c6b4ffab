package faults

import (
	"fmt"
	"time"

	"distsim/sim"
)

// Entry is one line of a plan: a fault, when it strikes and for how long.
type Entry struct {
	Fault  Fault
	At     sim.Time      // true virtual time since the start; when After is not set
	After  sim.Identity  // right after this event, or inside the step it names (before_effect)
	Moment Moment        // from At on, as soon as the target comes to it
	For    time.Duration // 0: until the chaos is over
}

// String prints the entry on one line, nearly as a plan spells it.
func (e Entry) String() string {
	s := e.Fault.String() + " " + e.when()
	if e.For > 0 {
		s += " for " + e.For.String()
	}
	return s
}

func (e Entry) when() string {
	if e.After.Subject != 0 {
		return "after " + e.After.String()
	}
	if e.Moment.Of != 0 {
		return "from " + e.At.String() + " when " + e.Moment.String()
	}
	return "at " + e.At.String()
}

// name is by what the draws of its targets are named: it does not depend on the
// other faults of the plan.
func (e Entry) name() string { return string(e.Fault.Kind()) + " " + e.when() }

// timed is the fault as a trace tells it: with how long it will last.
func (e Entry) timed() string {
	if e.For > 0 {
		return e.Fault.String() + " for " + e.For.String()
	}
	return e.Fault.String()
}

// Check says what is wrong with the entry by itself, or nil.
func (e Entry) Check() error {
	if e.Fault == nil {
		return fmt.Errorf("there is no fault")
	}
	_, stays := e.Fault.(staying)
	s, strikes := e.Fault.(striker)
	switch {
	case e.After.Subject != 0 && e.At != 0:
		return fmt.Errorf("at and after are both set; keep one")
	case e.At < 0 || e.At > sim.Time(MaxDuration):
		return misplaced("at", "at is %v, want 0s … %v", e.At, MaxDuration)
	case e.For < 0 || e.For > MaxDuration:
		return misplaced("for", "for is %v, want more than 0s and at most %v", e.For, MaxDuration)
	case stays && e.For != 0:
		return misplaced("for", "for has no meaning: a %s stays; a second one can undo it", e.Fault.Kind())
	}
	if err := firstError(e.Fault.Check(), within("after", checkEvent(e.After)), e.checkMoment()); err != nil {
		return err
	}
	if !strikes || e.After.Subject != 0 {
		return nil
	}
	if _, mid := s.strike(e.After); mid {
		return wrong("before_effect", "before_effect goes with after: it counts the effects of the step that after names")
	}
	return nil
}

// checkEvent says whether an identity names an event that can be waited for.
func checkEvent(id sim.Identity) error {
	switch id.Subject {
	case 0:
		return nil
	case sim.OfMessage, sim.OfTimer, sim.OfSync, sim.OfNode, sim.OfRecord:
	default:
		return fmt.Errorf("after cannot wait for %v: name a message, timer, sync, draw or record", id)
	}
	if id.Copy != 0 || id.Purpose != 0 {
		return fmt.Errorf("after waits for an event, not for one decision about it: leave out copy and purpose")
	}
	return CheckIdentity(id)
}

// opShift places a client's operation number in the counter of its draws.
const opShift = 20

// CheckIdentity says what an identity lacks to name something, or nil.
func CheckIdentity(id sim.Identity) error {
	switch {
	case id.K == 0:
		return fmt.Errorf("k is missing; it counts from 1")
	case id.Subject == sim.OfRecord:
		return nil
	case id.Node == 0:
		return fmt.Errorf("the node is missing")
	case id.Subject == sim.OfMessage && id.Peer == 0:
		return fmt.Errorf("the receiver is missing")
	case id.Name == "" && id.Subject != sim.OfCrash:
		return fmt.Errorf("the name of the type, file or kind is missing")
	case id.Subject == sim.OfNode && id.Node.IsClient() && id.K&(1<<opShift-1) == 0:
		return fmt.Errorf("k is missing; within an operation it counts from 1")
	}
	return nil
}
