package faults

import (
	"fmt"

	"distsim/sim"
)

// Storage says which disks, and which file on them, a disk fault is about.
type Storage struct {
	Target Target
	File   string // with its part or without (of every part), or directory for the names; "": all
}

func (f *Storage) fields(v Fields) {
	v.Target(&f.Target)
	v.Name("file", &f.File)
}

func (f Storage) check() error {
	return firstError(f.Target.required(), checkName("file", f.File))
}

func (Storage) otherwise(field string) string { return map[string]string{"file": "all files"}[field] }

func (f Storage) missed() string {
	if f.File == "" {
		return ""
	}
	return fmt.Sprintf("it had nothing to do with a file %s while it was in force", f.File)
}

// disturb puts a rule in force on every disk. A process that ended itself because
// of its disk starts again when the rule ends: somebody has replaced the disk, or
// made room.
func (f Storage) disturb(s *Stage, rule sim.DiskRule) (end func()) {
	rule.File, rule.Met = f.File, s.met
	return onEach(f.Target.Known(), func(id sim.NodeID) func() {
		end := s.World.DisturbDisk(id, rule)
		return func() {
			end()
			if s.World.Halted(id) {
				s.World.Restart(id)
			}
		}
	})
}
