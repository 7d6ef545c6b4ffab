package checker

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"distsim/sim/history"
)

// validate rejects histories that no run can have produced. Judging one would
// turn a recorder's mistake into a verdict on the system.
func (s Spec[S, I, O]) validate(h []history.Op) error {
	seen := make(map[history.ID]bool, len(h))
	for i := range h {
		if seen[h[i].ID] {
			return fmt.Errorf("operation %v appears twice in the history", h[i].ID)
		}
		seen[h[i].ID] = true
		if err := s.validateOp(&h[i]); err != nil {
			return fmt.Errorf("operation %v: %w", h[i].ID, err)
		}
	}
	return validateProcesses(h)
}

func (s Spec[S, I, O]) validateOp(o *history.Op) error {
	in, ok := o.Input.(I)
	if !ok {
		return fmt.Errorf("input is a %T, the specification of the %s wants %T", o.Input, s.Name, in)
	}
	if out, ok := o.Output.(O); o.Outcome == history.OK && !ok {
		return fmt.Errorf("output is a %T, the specification of the %s wants %T", o.Output, s.Name, out)
	}
	if err := validateEnds(o); err != nil {
		return err
	}
	return s.Valid(in)
}

// validateEnds checks the two sequence numbers. Equal ones are allowed, for
// histories recorded elsewhere with coarse clocks, and mean "at the same time".
func validateEnds(o *history.Op) error {
	switch {
	case o.Outcome > history.Failed:
		return fmt.Errorf("outcome %d does not exist", uint8(o.Outcome))
	case o.Invoked == 0:
		return fmt.Errorf("has no invocation: Invoked is 0")
	case o.Invoked > math.MaxInt64/2 || o.Returned > math.MaxInt64/2:
		return fmt.Errorf("sequence numbers %d and %d are out of range", o.Invoked, o.Returned)
	case o.Outcome == history.Unknown && o.Returned != 0:
		return fmt.Errorf("outcome is unknown, yet it returned at %d", o.Returned)
	case o.Outcome != history.Unknown && o.Returned == 0:
		return fmt.Errorf("outcome is %v, yet it never returned: Returned is 0", o.Outcome)
	case o.Outcome != history.Unknown && o.Returned < o.Invoked:
		return fmt.Errorf("returned at %d, before it was invoked at %d", o.Returned, o.Invoked)
	}
	return nil
}

// validateProcesses checks that every process does one thing at a time; an
// operation of unknown outcome is the last of its process.
func validateProcesses(h []history.Op) error {
	last := map[int]*history.Op{}
	for _, i := range byInvocation(h) {
		o := &h[i]
		before := last[o.Process]
		last[o.Process] = o
		switch {
		case before == nil:
		case before.Outcome == history.Unknown:
			return fmt.Errorf("operation %v: process %d goes on after %v, whose outcome is unknown; it must retire",
				o.ID, o.Process, before.ID)
		case before.Returned > o.Invoked:
			return fmt.Errorf("operation %v: process %d invoked it at %d, before %v returned at %d",
				o.ID, o.Process, o.Invoked, before.ID, before.Returned)
		}
	}
	return nil
}

// byInvocation returns the indices of h in the order of invocation.
func byInvocation(h []history.Op) []int {
	order := make([]int, len(h))
	for i := range order {
		order[i] = i
	}
	later := func(a, b int) int { return cmp.Compare(h[a].Invoked, h[b].Invoked) }
	if !slices.IsSortedFunc(order, later) {
		slices.SortStableFunc(order, later)
	}
	return order
}
