package faults

import (
	"slices"

	"distsim/sim"
)

// Kind is a fault's name in a plan, such as clock_drift.
type Kind string

// Fault is a disturbance as a value. When it strikes and for how long belongs
// to its Entry. The methods below let one file hold all there is to know about
// a fault; All lists them.
type Fault interface {
	Kind() Kind

	// String prints the fault as a plan writes it:
	// isolate: {target: leader, was: n2}.
	String() string

	// Fields shows every field to v, in the order of a plan, and returns the
	// fault with what v made of them.
	Fields(v Fields) Fault

	// Check says what is wrong with the fault by itself, or nil.
	Check() error

	// Blocked says why there is nothing to strike, or nil. Targets are resolved.
	Blocked(s *Stage) error

	// Apply strikes, and returns how to heal it; nil when it is over at once. One
	// that ends by itself calls what s.over is now.
	Apply(s *Stage) (heal func())

	// Within says how the fault goes beyond a scenario's fault model, or nil.
	Within(m Model) error

	// Weaker proposes milder faults of the same kind, the mildest first.
	Weaker() []Fault

	// draw is how a planner makes one within its bounds.
	draw(d *dice) Fault
}

// All lists the kinds of faults as zero values, in the order of planning.
func All() []Fault {
	return []Fault{
		Partition{},
		PartitionOneWay{},
		Isolate{},
		Loss{},
		Delay{},
		Duplicate{},
		Reorder{},
		Corrupt{},
		Bandwidth{},
		Bridge{},
		MajoritiesRing{},
		Hold{},
		Clog{},
		SwizzleClog{},
		Flap{},
		Filter{},
		Crash{},
		Pause{},
		Slow{},
		Wipe{},
		Upgrade{},
		ClockDrift{},
		ClockStep{},
		ClockOffset{},
		ClockSlew{},
		ClockFreeze{},
		SyncFail{},
		PhantomWrite{},
		Misdirect{},
		ReadError{},
		DiskFull{},
		DiskStall{},
		BitRot{},
	}
}

// Kinds lists the names of all faults.
func Kinds() []Kind {
	var out []Kind
	for _, f := range All() {
		out = append(out, f.Kind())
	}
	return out
}

// OfKind is the zero fault of a kind, for Fields to fill in.
func OfKind(k Kind) (Fault, bool) {
	for _, f := range All() {
		if f.Kind() == k {
			return f, true
		}
	}
	return nil, false
}

// stopper is a fault that stops machines and so counts against Model.MaxDown.
type stopper interface{ stops() Target }

// summing is a fault whose overlapping instances add up: together they must
// stay within the model's bound.
type summing interface {
	load() int64
	bound(m Model) int64
}

// lasting is a fault that may last longer than a model's Most: for ever, if need be.
type lasting interface{ lasts() }

// fitting is a fault that needs more of a world than its nodes.
type fitting interface{ fits(w *sim.World) error }

// staying is a fault that is over at once and never heals.
type staying interface{ stays() }

// naming is a fault that names a message type or a file. missed says that nothing
// of that name came its way; "" when it names none.
type naming interface{ missed() string }

// million is the denominator of every chance and rate: parts per million.
const million = 1_000_000

// others lists the servers, and on demand the clients, that are not among of.
func others(w *sim.World, of []sim.NodeID, clients bool) []sim.NodeID {
	var out []sim.NodeID
	all := w.Servers()
	if clients {
		all = append(all, w.Clients()...)
	}
	for _, id := range all {
		if !slices.Contains(of, id) {
			out = append(out, id)
		}
	}
	return out
}
