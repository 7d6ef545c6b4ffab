package faults

import "distsim/sim"

// SyncFail makes syncs fail with a chance of PPM parts per million. The call
// returns an error at once; what it covered stays readable and never becomes
// durable by a later sync, also when the process starts again on the same machine:
// only writing it anew helps (PostgreSQL's fsync surprise of 2018). Syncs under way
// are not touched. Healing takes the chance away; what was lost stays lost. A
// machine may end itself, so it counts as down. Chances of overlapping instances
// add up.
type SyncFail struct {
	PPM int64
	Storage
}

func (SyncFail) Kind() Kind       { return "sync_fail" }
func (f SyncFail) String() string { return spell(f) }

func (f SyncFail) Fields(v Fields) Fault {
	v.Int("ppm", &f.PPM)
	f.Storage.fields(v)
	return f
}

func (f SyncFail) Check() error          { return firstError(checkPPM(f.PPM), f.Storage.check()) }
func (SyncFail) Blocked(*Stage) error    { return nil }
func (f SyncFail) Apply(s *Stage) func() { return f.disturb(s, sim.DiskRule{SyncFail: uint32(f.PPM)}) }
func (SyncFail) Within(Model) error      { return nil }
func (f SyncFail) stops() Target         { return f.Target }

func (f SyncFail) Weaker() []Fault {
	var out []Fault
	for _, ppm := range halves(f.PPM) {
		out = append(out, SyncFail{ppm, f.Storage})
	}
	return out
}

func (SyncFail) draw(d *dice) Fault {
	return SyncFail{1 + d.below("ppm", million), Storage{Target: d.aim(4, 2)}}
}
