package faults

import (
	"fmt"

	"distsim/sim"
)

// Override fixes one decision, named by its identity, whatever the seed says.
type Override struct {
	ID    sim.Identity
	Kind  sim.OutcomeKind // Chance for lost and duplicated, Value for latencies and drawn durations, Pick for counts
	Value int64           // Chance: 0 or 1; Value: nanoseconds; Pick: the outcome, from 0
}

// String prints what is decided: message n1>n4 raft.Append #3 lost: true.
func (o Override) String() string { return fmt.Sprintf("%v %s: %s", o.ID, o.Outcome(), o.ValueText()) }

// Outcome is the name under which a plan gives the value.
func (o Override) Outcome() string {
	switch o.ID.Purpose {
	case sim.ForLoss:
		return "lost"
	case sim.ForDuplicate:
		return "duplicated"
	case sim.ForLatency:
		return "latency"
	case sim.ForReorder:
		return "reordered"
	case sim.ForCorrupt:
		return "corrupted"
	case sim.ForFailure:
		return "failed"
	case sim.ForPhantom:
		return "phantom"
	case sim.ForMisdirect:
		return "misdirected"
	case sim.ForStep:
		return "took"
	case sim.ForKept:
		return "kept"
	case sim.ForTorn:
		return "torn"
	default:
		return "value"
	}
}

// ValueText prints the value as a plan spells it: true, 5ms or 3.
func (o Override) ValueText() string {
	switch o.Kind {
	case sim.Chance:
		return fmt.Sprint(o.Value == 1)
	case sim.Value:
		return sim.Time(o.Value).String()
	default:
		return fmt.Sprint(o.Value)
	}
}

// Check says what is wrong with the override by itself.
func (o Override) Check() error {
	if err := firstError(o.checkPurpose(), CheckIdentity(o.ID)); err != nil {
		return err
	}
	switch {
	case o.Value < 0:
		return fmt.Errorf("%s is %s, and cannot be negative", o.Outcome(), o.ValueText())
	case o.Kind == sim.Chance && o.Value > 1:
		return fmt.Errorf("%s is %d, want 0 or 1", o.Outcome(), o.Value)
	case o.Kind == sim.Value && o.ID.Purpose != sim.ForValue && o.Value > int64(MaxDuration):
		return fmt.Errorf("%s is %s, want at most %v", o.Outcome(), o.ValueText(), MaxDuration)
	}
	return nil
}

// checkPurpose says whether the kernel makes such a decision at all.
func (o Override) checkPurpose() error {
	type shape struct {
		subject sim.Subject
		purpose sim.Purpose
	}
	want := map[shape]sim.OutcomeKind{
		{sim.OfMessage, sim.ForLoss}:      sim.Chance,
		{sim.OfMessage, sim.ForDuplicate}: sim.Chance,
		{sim.OfMessage, sim.ForLatency}:   sim.Value,
		{sim.OfMessage, sim.ForReorder}:   sim.Value,
		{sim.OfMessage, sim.ForCorrupt}:   sim.Chance,
		{sim.OfMessage, sim.ForStep}:      sim.Value,
		{sim.OfTimer, sim.ForStep}:        sim.Value,
		{sim.OfNode, sim.ForStep}:         sim.Value, // boots
		{sim.OfSync, sim.ForLatency}:      sim.Value,
		{sim.OfSync, sim.ForFailure}:      sim.Chance,
		{sim.OfSync, sim.ForPhantom}:      sim.Chance,
		{sim.OfSync, sim.ForMisdirect}:    sim.Chance,
		{sim.OfCrash, sim.ForKept}:        sim.Pick,
		{sim.OfCrash, sim.ForTorn}:        sim.Pick,
	}
	at := shape{o.ID.Subject, o.ID.Purpose}
	draw := at == shape{sim.OfNode, sim.ForValue} && o.Kind >= sim.Chance && o.Kind <= sim.Value
	if !draw && (want[at] == 0 || want[at] != o.Kind) {
		return fmt.Errorf("nothing called %s is decided about %v", o.Outcome(), o.ID)
	}
	copies := at == shape{sim.OfMessage, sim.ForLatency} || at == shape{sim.OfMessage, sim.ForStep}
	if o.ID.Copy > 1 || o.ID.Copy == 1 && !copies {
		return fmt.Errorf("copy is %d; only the latency of a message's one copy and its step are decided apart", o.ID.Copy)
	}
	return nil
}

func checkOverrides(list []Override) error {
	seen := map[sim.Identity]bool{}
	for i, o := range list {
		if err := o.Check(); err != nil {
			return fmt.Errorf("override %d: %w", i+1, err)
		}
		if seen[o.ID] {
			return fmt.Errorf("override %d: %v is decided twice (%s)", i+1, o.ID, o.Outcome())
		}
		seen[o.ID] = true
	}
	return nil
}

// Overriding is a Chooser with some decisions fixed.
type Overriding struct {
	list   []Override
	by     map[sim.Identity]int // index in list
	used   []bool
	misfit []string // why it had no effect where it was asked for
	next   sim.Chooser
}

// Overrides is a Chooser that decides as the list says and leaves the rest to
// next, or to the seed when next is nil. An override that does not fit what is
// declared for its decision (a pick beyond the last, a duration for a chance)
// has no effect; of what a crash keeps, the most there is.
func Overrides(list []Override, next sim.Chooser) *Overriding {
	o := &Overriding{list: list, by: map[sim.Identity]int{}, used: make([]bool, len(list)),
		misfit: make([]string, len(list)), next: next}
	for i, x := range list {
		o.by[x.ID] = i
	}
	return o
}

// Choose is called by the kernel for every decision.
func (o *Overriding) Choose(id sim.Identity, out sim.Outcomes, drawn int64) int64 {
	if i, ok := o.by[id]; ok {
		if v, fits := o.list[i].fit(out); fits {
			o.used[i] = true
			return v
		}
		o.misfit[i] = o.list[i].misfit(out)
	}
	if o.next != nil {
		return o.next.Choose(id, out, drawn)
	}
	return drawn
}

// fit is the override's value among the declared outcomes.
func (o Override) fit(out sim.Outcomes) (int64, bool) {
	switch {
	case o.Kind != out.Kind:
		return 0, false
	case o.ID.Subject == sim.OfCrash:
		return min(o.Value, out.N-1), true
	case out.Kind == sim.Pick && o.Value >= out.N:
		return 0, false
	default:
		return o.Value, true
	}
}

// misfit says why the override does not fit the declared outcomes.
func (o Override) misfit(out sim.Outcomes) string {
	if o.Kind == out.Kind {
		return fmt.Sprintf("value is %d, but it is one of 0 … %d that is decided", o.Value, out.N-1)
	}
	kinds := map[sim.OutcomeKind]string{sim.Chance: "true or false", sim.Pick: "a whole number", sim.Value: "a duration"}
	return fmt.Sprintf("what is decided there is %s, not %s", kinds[out.Kind], kinds[o.Kind])
}

// Unused lists the overrides that decided nothing so far: the run never came to
// their decisions, or they do not fit.
func (o *Overriding) Unused() []Override {
	var out []Override
	for i, x := range o.list {
		if !o.used[i] {
			out = append(out, x)
		}
	}
	return out
}
