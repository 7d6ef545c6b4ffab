package sim

// Reset makes the world what New(cfg) would make, in the memory that it has: for
// sweeps of many short runs, most of whose cost is otherwise setting up. It ends
// the Procs that still run.
//
// Whatever a run has handed out by reference ends with it: its Trace and records,
// views, nodes and Envs. A History, which is a copy, and Violations stay.
func (w *World) Reset(cfg Config) {
	assert(!w.inRun, "World.Reset called from inside a step")
	if !w.closed {
		w.Close()
	}
	for _, m := range w.all {
		m.retire()
	}
	clear(w.types.byType)
	clear(w.types.byName)
	clear(w.types.types)
	clear(w.ops)
	w.queue.reset()
	*w = World{
		queue:   w.queue,
		trace:   w.trace.blank(),
		types:   typeTable{byType: w.types.byType, byName: w.types.byName, types: w.types.types},
		parts:   w.parts[:0],
		ops:     w.ops[:0],
		servers: w.servers[:0],
		clients: w.clients[:0],
		all:     w.all[:0],
		retired: append(w.retired, w.all...),
		scratch: View{Fields: w.scratch.Fields[:0]},
	}
	w.init(cfg)
}

// blank is a trace without records in the memory of one that is over.
func (t *Trace) blank() Trace {
	clear(t.Names)
	return Trace{Names: t.Names[:0], hashes: t.hashes[:0], Checkpoints: t.Checkpoints[:0], ring: t.ring}
}

// retire leaves of a machine only the memory that the next one can use.
func (m *machine) retire() {
	clear(m.sent.places)
	clear(m.draws)
	clear(m.inbox)
	clear(m.held)
	m.disk.retire()
	*m = machine{
		sent:  streamTable{places: m.sent.places},
		links: linkTable{to: m.links.to[:0]},
		disk:  m.disk,
		draws: m.draws[:0],
		fires: m.fires[:0],
		held:  m.held[:0],
		inbox: m.inbox[:0],
	}
}

func (d *disk) retire() {
	clear(d.names)
	clear(d.durable)
	clear(d.journal)
	*d = disk{names: d.names, durable: d.durable, journal: d.journal[:0], syncs: d.syncs[:0]}
}

// spareMachine is a machine of the run before the last Reset, or a new one.
func (w *World) spareMachine() *machine {
	n := len(w.retired)
	if n == 0 {
		return &machine{}
	}
	m := w.retired[n-1]
	w.retired[n-1] = nil
	w.retired = w.retired[:n-1]
	return m
}
