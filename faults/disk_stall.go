package faults

import "distsim/sim"

// DiskStall lets no sync finish while it is in force, those under way included;
// what waits for them is held. Writes and reads go on. Healing finishes them all at
// once, in order. A crash forgets the syncs that stall. Where it is about one file, the
// syncs behind a stalled one wait too: the disk is serial.
type DiskStall struct{ Storage }

func (DiskStall) Kind() Kind       { return "disk_stall" }
func (f DiskStall) String() string { return spell(f) }

func (f DiskStall) Fields(v Fields) Fault {
	f.Storage.fields(v)
	return f
}

func (f DiskStall) Check() error          { return f.Storage.check() }
func (DiskStall) Blocked(*Stage) error    { return nil }
func (f DiskStall) Apply(s *Stage) func() { return f.disturb(s, sim.DiskRule{Stall: true}) }
func (DiskStall) Within(Model) error      { return nil }
func (DiskStall) Weaker() []Fault         { return nil }
func (DiskStall) draw(d *dice) Fault      { return DiskStall{Storage{Target: d.aim(4, 2)}} }
