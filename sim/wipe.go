package sim

// Wipe empties a machine's disk, everything durable included, after a crash if the
// machine is up: it has been replaced by a new one under the old name. Messages
// already on their way still travel. Clocks, rules about the disk and the counters
// of incarnations, draws and syncs go on: they belong to the name.
func (w *World) Wipe(id NodeID) {
	m, cause := w.mustMachine(id), w.cause // a nemesis may do this in the middle of its own step
	if m.up {
		w.crash(m, LoseAll, "is replaced by a new machine")
	}
	m.disk.wipe()
	w.cause = cause
	w.seal(w.rec(KindWipe, m))
	w.inspect(id)
	w.cause = cause
}

func (d *disk) wipe() {
	clear(d.names)
	clear(d.durable)
	clear(d.journal)
	d.journal = d.journal[:0]
}
