package faults

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"distsim/sim"
)

// Model is what a scenario declares may go wrong: planners stay inside it, and
// a plan outside it proves nothing against the scenario's promises. The zero
// Model allows nothing.
type Model struct {
	Kinds []Kind // what may strike at all

	// MaxDown is how many servers may be crashed, paused, wiped or stopped for an
	// upgrade at the same time.
	MaxDown int

	// Servers is how many there are; needed only to judge a crash or pause of a
	// symbolic majority or minority.
	Servers int

	// Least and Most are how long a drawn fault lasts; zero means 300ms … 3s.
	// Faults shorter than an election timeout find little, so Least should be
	// above it. A plan's fault may be shorter, but not longer than Most if that
	// is set; clock drifts and offsets may last for ever.
	Least, Most time.Duration

	LossPPM      int64            // bounds what overlapping losses add up to
	DuplicatePPM int64            // likewise
	Delay        time.Duration    // bounds what overlapping delays add at most
	Window       time.Duration    // bounds what overlapping reorder windows add up to
	CorruptPPM   int64            // bounds what overlapping corruptions add up to
	Undetected   bool             // whether corruption may go unnoticed
	Bandwidth    int64            // the narrowest that links may become, in bytes per second; 0: no fault narrows them
	Types        []string         // message types that a planner filters
	DriftPPM     int64            // bounds |ppm| of a clock drift
	Step         time.Duration    // bounds |by| of each clock step and of each clock slew
	SlewPPM      int64            // bounds what the rates of overlapping clock slews add up to
	Offset       time.Duration    // bounds what |by| of overlapping clock offsets adds up to
	Slow         time.Duration    // bounds how long a step takes at most, overlapping slows added up
	Builds       []string         // what an upgrade may go to, older builds included; nil: none
	CrashModels  []sim.CrashModel // nil: lose-all only

	// Moments are the instants that a planner aims at, beside faults at any time;
	// nil: none.
	Moments []Moment

	// ClientKinds are those of Kinds that may also be aimed at clients and holders;
	// nil: clients are well. A planner aims half of the faults of such a kind there, all
	// of them if no server may be down. What a crash of a client means is up to the
	// client: its Proc starts from the beginning.
	ClientKinds []Kind

	// Clients is how many clients there are. Only DrawBy needs to know, for targets by
	// name.
	Clients int

	// Holders says that clients, and no servers, hold locks, and lets planners aim two
	// in three of the faults for clients at a holder. Without it, planners aim at clients
	// by name, and a holder counts as a server that may be down.
	Holders bool

	// ClientMoments are likewise for what is aimed at clients and holders.
	ClientMoments []Moment

	// Each is how many faults of one kind a planner draws at most; zero means 3.
	Each int
}

// Allows reports whether faults of a kind may strike.
func (m Model) Allows(k Kind) bool { return slices.Contains(m.Kinds, k) }

func (m Model) crashModels() []sim.CrashModel {
	if m.CrashModels == nil {
		return []sim.CrashModel{sim.LoseAll}
	}
	return m.CrashModels
}

func (m Model) each() int { return cmp.Or(m.Each, 3) }

// Check says which fault lies outside the model and why, as an *EntryError. A
// fault that waits for an event may strike at any time, so it counts as
// overlapping all others.
func (m Model) Check(entries []Entry) error {
	for i, e := range entries {
		if err := m.within(entries[:i+1], e); err != nil {
			return entryError(i, e, err)
		}
	}
	return nil
}

// within judges the last of some entries, the others being within.
func (m Model) within(entries []Entry, e Entry) error {
	if e.Fault == nil {
		return fmt.Errorf("there is no fault")
	}
	if !m.Allows(e.Fault.Kind()) {
		return fmt.Errorf("the fault model has no %s; it has %v", e.Fault.Kind(), m.Kinds)
	}
	if err := firstError(e.Fault.Within(m), m.spares(e.Fault), m.lasts(e)); err != nil {
		return err
	}
	if err := m.sums(entries, e); err != nil {
		return err
	}
	return m.downAtOnce(entries, e)
}

func (m Model) lasts(e Entry) error {
	if m.Most == 0 || e.For <= m.Most {
		return nil
	}
	if _, may := e.Fault.(lasting); may {
		return nil
	}
	return fmt.Errorf("it lasts %v, at most %v is allowed", e.For, m.Most)
}

// sums judges what overlapping faults of e's kind add up to at any instant.
func (m Model) sums(entries []Entry, e Entry) error {
	f, ok := e.Fault.(summing)
	if !ok {
		return nil
	}
	for _, at := range instants(entries, e) {
		var sum int64
		for _, x := range entries {
			if g, same := x.Fault.(summing); same && x.Fault.Kind() == e.Fault.Kind() && covers(x, at) {
				sum += g.load()
			}
		}
		if sum > f.bound(m) {
			return fmt.Errorf("with others in force at %v they add up to %d, at most %d is allowed", at, sum, f.bound(m))
		}
	}
	return nil
}

// downAtOnce judges how many servers faults stop at any instant. A
// node known by name counts once; symbols may all mean different ones.
func (m Model) downAtOnce(entries []Entry, e Entry) error {
	if _, ok := e.Fault.(stopper); !ok {
		return nil
	}
	for _, at := range instants(entries, e) {
		var known []sim.NodeID
		unknown := 0
		for _, x := range entries {
			s, stops := x.Fault.(stopper)
			if !stops || !covers(x, at) {
				continue
			}
			t := s.stops()
			known = append(known, t.Known()...)
			if t.Known() == nil {
				unknown += m.size(t)
			}
		}
		if n := servers(known) + unknown; n > m.MaxDown {
			return fmt.Errorf("%d servers may be down or paused at %v, at most %d are allowed", n, at, m.MaxDown)
		}
	}
	return nil
}

// servers counts the distinct servers.
func servers(ids []sim.NodeID) int {
	n := 0
	for i, id := range ids {
		if id.IsServer() && !slices.Contains(ids[:i], id) {
			n++
		}
	}
	return n
}

// size is how many servers a symbol means. Not knowing how many there are, a
// majority is more than any bound.
func (m Model) size(t Target) int {
	switch {
	case t.Who == Holder && m.Holders:
		return 0
	case t.Who != Majority && t.Who != Minority:
		return 1
	case m.Servers == 0:
		return m.MaxDown + 1
	case t.Who == Majority:
		return m.Servers/2 + 1
	default:
		return (m.Servers - 1) / 2
	}
}

// span is when a fault is or may be in force; unknown bounds are the widest.
func (e Entry) span() (from, to sim.Time) {
	if e.After.Subject != 0 {
		return 0, sim.Never
	}
	if e.For == 0 {
		return e.At, sim.Never
	}
	to = e.At + sim.Time(e.For)
	if e.Moment.Of != 0 {
		return e.At, to + sim.Time(MomentPatience)
	}
	waits := false
	e.Fault.Fields(aims(func(t *Target) { waits = waits || t.passing() != 0 }))
	if waits {
		to += sim.Time(Patience)
	}
	return e.At, to
}

func covers(e Entry, at sim.Time) bool {
	from, to := e.span()
	return from <= at && at <= to // the end included: it heals after what begins then
}

// instants are when something begins while e is in force: the only moments at
// which a sum can reach its most.
func instants(entries []Entry, e Entry) []sim.Time {
	var out []sim.Time
	for _, x := range entries {
		if from, _ := x.span(); covers(e, from) {
			out = append(out, from)
		}
	}
	return out
}

// atMost says that a magnitude exceeds its bound, or nil.
func atMost[T ~int64](what string, v, bound T) error {
	if abs(v) <= bound {
		return nil
	}
	return fmt.Errorf("%s is %v, at most %v is allowed", what, v, bound)
}

// halves lists an eighth, a quarter and a half of a magnitude, without zeros.
func halves[T ~int64](v T) []T {
	var out []T
	for _, part := range []T{8, 4, 2} {
		if x := v / part; x != 0 && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
