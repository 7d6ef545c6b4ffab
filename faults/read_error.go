package faults

import "distsim/sim"

// ReadError makes reads fail while it is in force: File.Read returns an error, and
// File.Bytes ends the process, as a fault in a memory map does. Writes and syncs go
// on. Healing makes reads right again and starts what ended itself. A machine may
// end itself, so it counts as down.
type ReadError struct{ Storage }

func (ReadError) Kind() Kind       { return "read_error" }
func (f ReadError) String() string { return spell(f) }

func (f ReadError) Fields(v Fields) Fault {
	f.Storage.fields(v)
	return f
}

func (f ReadError) Check() error          { return f.Storage.check() }
func (ReadError) Blocked(*Stage) error    { return nil }
func (f ReadError) Apply(s *Stage) func() { return f.disturb(s, sim.DiskRule{ReadError: true}) }
func (ReadError) Within(Model) error      { return nil }
func (ReadError) Weaker() []Fault         { return nil }
func (f ReadError) stops() Target         { return f.Target }
func (ReadError) draw(d *dice) Fault      { return ReadError{Storage{Target: d.aim(4, 2)}} }
