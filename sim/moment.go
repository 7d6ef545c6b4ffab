package sim

import "slices"

// Moment is a kind of instant in a machine's life at which a fault does most
// harm, because what the machine has decided, what its disk holds and what others
// have heard differ.
type Moment uint8

const (
	// Syncing: a sync has just been issued and the step that did it is over. What
	// was written is not durable, and the sends behind it are held. A step that
	// takes time (see Slow) counts from its begin.
	Syncing Moment = iota + 1

	// Synced: a sync is durable, and the sends that waited for it are about to
	// leave. The machine is bound by what nobody has heard of.
	Synced

	// Timeout: a timer is due, and its step is about to begin. One that waits for a
	// step that takes time comes to it when that is over.
	Timeout
)

var momentNames = [...]string{"", "syncing", "synced", "timeout"}

// String names the moment as plans spell it.
func (m Moment) String() string { return momentNames[m] }

// Moments lists all kinds.
func Moments() []Moment { return []Moment{Syncing, Synced, Timeout} }

// lurker waits for machines to come to a moment.
type lurker struct {
	at   Moment
	name string
	fn   func(w *World, node NodeID) bool
}

// Lurk calls fn each time that a machine which is up and not paused comes to a
// moment, until fn returns true. A name narrows that down (see Means): to a message type that
// is among the held sends for Syncing and Synced, to a timer key's type for
// Timeout. fn runs inside the event, between steps, and may do to the machine
// what a control event may: a crash at Synced drops the sends, a pause at Timeout
// lets the timer fire late.
func (w *World) Lurk(at Moment, name string, fn func(w *World, node NodeID) (done bool)) (callOff func()) {
	x := &lurker{at, name, fn}
	w.lurkers = append(w.lurkers, x)
	w.watches.active = true
	return func() { w.lurkers = slices.DeleteFunc(w.lurkers, func(y *lurker) bool { return y == x }) }
}

// comes tells who lurks that m has come to a moment; named is whether a name, a
// type's index, has to do with it.
func (w *World) comes(m *machine, at Moment, named func(typ int32) bool) {
	if !m.up || m.paused {
		return
	}
	for _, x := range slices.Clone(w.lurkers) {
		if x.at != at || !slices.Contains(w.lurkers, x) || x.name != "" && !w.named(x.name, named) {
			continue
		}
		if x.fn(w, m.id) {
			w.lurkers = slices.DeleteFunc(w.lurkers, func(y *lurker) bool { return y == x })
		}
		if !m.up || m.paused {
			return
		}
	}
}

// named asks about every type that a name means: two parts may have one each.
func (w *World) named(name string, about func(typ int32) bool) bool {
	for i := range w.trace.Names {
		if w.Means(name, w.trace.Names[i].Name) && about(int32(i)) {
			return true
		}
	}
	return false
}

// comesToSyncing is for after the event: the step that issued the sync is over.
func (w *World) comesToSyncing() {
	for len(w.syncers) > 0 {
		m := w.syncers[0]
		w.syncers = w.syncers[1:]
		w.cause, w.cause2 = 0, 0
		w.comes(m, Syncing, func(typ int32) bool {
			return slices.ContainsFunc(m.held, func(h heldSend) bool { return h.typ == typ && h.need > m.disk.done })
		})
	}
	w.syncers = nil
}

func (w *World) comesToSynced(m *machine) {
	w.comes(m, Synced, func(typ int32) bool {
		return slices.ContainsFunc(m.held, func(h heldSend) bool { return h.typ == typ && h.need == m.disk.done })
	})
}

// comesToTimeout reports whether the timer's step may begin after all.
func (w *World) comesToTimeout(m *machine, t *timer) bool {
	live := t.live
	t.live = noEntry // it has been popped: nobody may take it out of the queue
	inc := m.inc
	w.comes(m, Timeout, func(typ int32) bool { return typ == t.typ })
	if !m.up || m.inc != inc {
		return false
	}
	t.live = live
	return true
}
