package invariant

import (
	"fmt"
	"math/bits"

	"distsim/sim"
)

// id is an id as it is published: 41 bits of milliseconds, 5 of datacenter, 5 of worker,
// 12 of sequence.
type id int64

func (x id) milli() int64    { return int64(x) / (1 << 22) }
func (x id) datacenter() int { return int(uint64(x) / (1 << 17) % 32) }
func (x id) worker() int     { return int(uint64(x) / (1 << 12) % 32) }

// String prints the id and what it is made of.
func (x id) String() string {
	return fmt.Sprintf("%d (millisecond %d, worker %d/%d, sequence %d)", int64(x), x.milli(), x.datacenter(), x.worker(), uint64(x)%(1<<12))
}

// unique is that no id leaves twice.
type unique struct{ given []*set } // by server, from the first on

func (u *unique) sees(*sim.World, sim.NodeID) {}

func (u *unique) judges(_ *sim.World, server sim.NodeID, first id, n int) *sim.Violation {
	for server.Ordinal() > len(u.given) {
		u.given = append(u.given, &set{})
	}
	for n > 0 {
		part, size := spanAt(first, n)
		for i, by := range u.given {
			if twice := by.shared(part); twice != 0 {
				return again(server, sim.Server(i+1), first&^63+id(bits.TrailingZeros64(twice)))
			}
		}
		u.given[server.Ordinal()-1].add(part)
		first, n = first+id(size), n-size
	}
	return nil
}

func again(server, before sim.NodeID, x id) *sim.Violation {
	if server == before {
		return violation(only(server), "%v gives out %v for the second time", server, x)
	}
	return violation([]sim.NodeID{server, before}, "%v gives out %v, which %v has given out before", server, x, before)
}

// positive is that every id is greater than 0.
type positive struct{}

func (positive) sees(*sim.World, sim.NodeID) {}

func (positive) judges(_ *sim.World, server sim.NodeID, first id, _ int) *sim.Violation {
	if first > 0 {
		return nil
	}
	return violation(only(server), "%v gives out %v, which is not positive", server, first)
}

// increasing is that what a machine gives out as one worker grows.
type increasing struct{ last map[source]id }

// source is a machine and the worker that it is.
type source struct {
	server sim.NodeID
	worker int // both numbers
}

func (i *increasing) sees(*sim.World, sim.NodeID) {}

func (i *increasing) judges(_ *sim.World, server sim.NodeID, first id, n int) *sim.Violation {
	by := source{server, first.datacenter()<<5 | first.worker()}
	last, some := i.last[by]
	if some && first <= last {
		return violation(only(server), "%v gives out %v after %v", server, first, last)
	}
	i.last[by] = first + id(n-1)
	return nil
}

// fields is that an id says who made it, and nothing that its maker's clock has never
// shown.
type fields struct {
	epoch  int64
	latest []int64 // that the wall clocks have shown, by server
}

func (f *fields) sees(w *sim.World, server sim.NodeID) {
	for server.Ordinal() > len(f.latest) {
		f.latest = append(f.latest, f.epoch)
	}
	at := &f.latest[server.Ordinal()-1]
	*at = max(*at, w.Wall(server))
}

func (f *fields) judges(w *sim.World, server sim.NodeID, first id, n int) *sim.Violation {
	last := first + id(n-1)
	shown := (f.latest[server.Ordinal()-1] - f.epoch) / 1_000_000
	switch g, ok := w.Node(server).(Generator); {
	case last.milli() != first.milli() || last.worker() != first.worker() || last.datacenter() != first.datacenter():
		return violation(only(server), "%v gives out %v and more after it than a millisecond has", server, first)
	case ok && !g.Has(first.datacenter(), first.worker()):
		return violation(only(server), "%v gives out %v, and is not that worker", server, first)
	case first.milli() > shown:
		return violation(only(server), "%v gives out %v, and its clock has shown no more than millisecond %d", server, first, shown)
	}
	return nil
}

// saved is that the mark is on disk before an id leaves that lies beyond the one before.
type saved struct {
	system System
	disks  []onDisk // by server
}

// onDisk is what is known of one machine's disk.
type onDisk struct {
	reader Disk
	mark   int64
}

func (s *saved) sees(*sim.World, sim.NodeID) {}

func (s *saved) judges(w *sim.World, server sim.NodeID, first id, _ int) *sim.Violation {
	for server.Ordinal() > len(s.disks) {
		s.disks = append(s.disks, onDisk{reader: s.system.Disk(sim.Server(len(s.disks) + 1))})
	}
	d := &s.disks[server.Ordinal()-1]
	for first.milli() > d.mark {
		mark, ok := d.reader.Next(w.Durable(server, s.system.File))
		if !ok {
			return violation(only(server), "%v gives out %v, and the mark on its disk is %d", server, first, d.mark)
		}
		d.mark = max(d.mark, mark)
	}
	return nil
}

// violation is evidence that rests on the last millisecond that servers show of themselves.
func violation(servers []sim.NodeID, format string, args ...any) *sim.Violation {
	v := &sim.Violation{Detail: fmt.Sprintf(format, args...), Nodes: servers}
	for _, server := range servers {
		v.Fields = append(v.Fields, sim.Place{Node: server, Field: "last"})
	}
	return v
}

func only(server sim.NodeID) []sim.NodeID { return []sim.NodeID{server} }
