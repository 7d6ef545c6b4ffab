package naive

import (
	"fmt"

	"distsim/sim"
)

// Take is how a user tries to take a lock.
type Take uint8

const (
	ByPut    Take = iota + 1 // it puts the key, and looks at what was there before
	IfAbsent                 // it puts the key if there is none
)

// GiveBack is how a user gives a lock back.
type GiveBack uint8

const (
	ByRevoking       GiveBack = iota + 1 // it ends its lease, and with it what hangs on that
	ReadThenDelete                       // it reads whose the lock is, then deletes it
	CompareAndDelete                     // it reads too, and deletes what it has read and nothing else
)

// outcome is what became of a try to take a lock, or to give it back.
type outcome uint8

const (
	taken   outcome = iota + 1 // or given back
	refused                    // nothing has become of it
	inDoubt
)

// try tries to take a lock once, under a new lease. If it fails it ends that.
func (u *user) try(p *sim.Proc, lock string) (h holding, became outcome) {
	h = holding{lock: lock, ends: p.Elapsed() + u.TTL}
	opened, ok := sim.Call[*Opened](p, store, &Open{u.TTL}, u.Timeout)
	if !ok {
		return h, refused
	}
	h.lease = opened.Lease
	h.value = fmt.Sprintf("%v/%v", p.ID(), h.lease)
	put := &Put{Key: lock, Value: h.value, Lease: h.lease, IfAbsent: u.Take == IfAbsent}
	previous, ok := sim.Call[*Previous](p, store, put, u.Timeout)
	switch {
	case ok && (previous.Existed || previous.Refused):
		sim.Call[*Alive](p, store, &Revoke{h.lease}, u.Timeout)
		return h, refused
	case !ok || p.Elapsed() >= h.ends:
		return h, inDoubt // it may have been granted, and have lapsed
	}
	return h, taken
}

// giveBack gives a lock back, if it is still the user's.
func (u *user) giveBack(p *sim.Proc, h *holding) outcome {
	if u.GiveBack == ByRevoking {
		r, ok := sim.Call[*Alive](p, store, &Revoke{h.lease}, u.Timeout)
		return became(ok, ok && r.Alive)
	}
	found, ok := sim.Call[*Found](p, store, &Get{h.lock}, u.Timeout)
	if !ok || found.Value != h.value {
		return became(ok, false)
	}
	m := &Delete{Key: h.lock, Lease: h.lease}
	if u.GiveBack == CompareAndDelete {
		m.If = h.value
	}
	r, ok := sim.Call[*Deleted](p, store, m, u.Timeout)
	return became(ok, ok && r.Existed)
}

func became(answered, done bool) outcome {
	switch {
	case !answered:
		return inDoubt
	case done:
		return taken
	default:
		return refused
	}
}
