package faults

import "distsim/sim"

// DiskFull makes what needs space fail while it is in force: creating a file and
// extending one. Writes within a file, syncs, renames and removals go on. Healing
// makes room and starts what ended itself. A machine may end itself, so it counts
// as down.
type DiskFull struct{ Storage }

func (DiskFull) Kind() Kind       { return "disk_full" }
func (f DiskFull) String() string { return spell(f) }

func (f DiskFull) Fields(v Fields) Fault {
	f.Storage.fields(v)
	return f
}

func (f DiskFull) Check() error          { return f.Storage.check() }
func (DiskFull) Blocked(*Stage) error    { return nil }
func (f DiskFull) Apply(s *Stage) func() { return f.disturb(s, sim.DiskRule{Full: true}) }
func (DiskFull) Within(Model) error      { return nil }
func (DiskFull) Weaker() []Fault         { return nil }
func (f DiskFull) stops() Target         { return f.Target }
func (DiskFull) draw(d *dice) Fault      { return DiskFull{Storage{Target: d.aim(4, 2)}} }
