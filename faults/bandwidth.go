package faults

import (
	"fmt"

	"distsim/sim"
)

// Bandwidth narrows all links, or those of its Scope, to BytesPerSecond in each
// direction: a link sends one message at a time, which takes its size
// (sim.Sized, else 64 bytes) divided by the rate, before its latency begins.
// Queue messages may wait for their turn; when another comes it is dropped as it
// leaves, an overflow, and a FIFO link breaks. Messages in flight are not touched.
// Healing widens the links at once; what was waiting still arrives at the time it
// was given. Under overlapping instances a message passes all of them in turn.
type Bandwidth struct {
	BytesPerSecond int64
	Queue          int64
	Scope
}

// maxQueue bounds what may wait for a link.
const maxQueue = 1 << 20

func (Bandwidth) Kind() Kind       { return "bandwidth" }
func (f Bandwidth) String() string { return spell(f) }

func (f Bandwidth) Fields(v Fields) Fault {
	v.Int("bytes_per_second", &f.BytesPerSecond)
	v.Int("queue", &f.Queue)
	f.Scope.fields(v)
	return f
}

func (f Bandwidth) Check() error {
	switch {
	case f.BytesPerSecond == 0:
		return missing("bytes_per_second", "how much a link carries in each direction, such as 10000")
	case f.BytesPerSecond < 1 || f.BytesPerSecond > 1<<40:
		return outside("bytes_per_second", f.BytesPerSecond, "1 … %d", int64(1)<<40)
	case f.Queue < 0 || f.Queue > maxQueue:
		return outside("queue", f.Queue, "0 … %d (messages)", maxQueue)
	}
	return f.Scope.check()
}

func (Bandwidth) Blocked(*Stage) error { return nil }

func (f Bandwidth) Apply(s *Stage) func() {
	return f.disturb(s, sim.LinkRule{Rate: f.BytesPerSecond, Queue: int(f.Queue)})
}

func (f Bandwidth) Within(m Model) error {
	if m.Bandwidth == 0 || f.BytesPerSecond < m.Bandwidth {
		return fmt.Errorf("bytes_per_second is %d, at least %d is allowed", f.BytesPerSecond, m.Bandwidth)
	}
	return nil
}

// Weaker proposes wider links with more room.
func (f Bandwidth) Weaker() []Fault {
	var out []Fault
	for _, times := range []int64{8, 2} {
		if f.BytesPerSecond <= 1<<40/times {
			out = append(out, Bandwidth{f.BytesPerSecond * times, f.Queue, f.Scope})
		}
	}
	if f.Queue < 64 {
		out = append(out, Bandwidth{f.BytesPerSecond, 64, f.Scope})
	}
	return out
}

func (Bandwidth) draw(d *dice) Fault {
	if d.model.Bandwidth < 1 {
		return nil
	}
	return Bandwidth{d.model.Bandwidth * (1 + d.countdown("times", 16)), d.countdown("queue", 33), d.scope()}
}
