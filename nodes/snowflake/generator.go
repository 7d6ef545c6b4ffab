package snowflake

// Generator gives out the ids of one worker. It has no clock of its own, and forgets
// everything when it ends: what must not be given out again is in the mark, which its
// owner keeps. It allocates nothing.
//
//	g := NewGenerator(worker, mark) // nothing at or before the mark: others may have given that out
//	g.Extend(mark + 1000)           // once it is certain that nobody will start before that
//	id, status := g.Next(now)
type Generator struct {
	worker   ID    // its bits
	last     Milli // of the last id, or the mark before any
	limit    Milli // ids up to here may be given out
	sequence int   // of the last id
}

// Status says what became of a request for ids.
type Status uint8

const (
	Issued      Status = iota + 1 // here they are
	Full                          // this millisecond has no more: the next one will
	Behind                        // the clock is behind the last id: it went back, or another has been ahead
	Unreserved                    // the clock has passed the mark: nothing may leave until that is moved on
	BeforeEpoch                   // the clock is before the epoch
	Exhausted                     // the clock is past the 41 bits, or all of them have been given out
	Homeless                      // the generator has no worker id
	TooMany                       // the request asks for none, or for more than there may be in one
)

var statusNames = [...]string{"none", "issued", "full", "behind", "unreserved", "before the epoch", "exhausted", "without a worker id", "too many"}

// String names the status.
func (s Status) String() string { return statusNames[s] }

// NewGenerator is a generator that gives out nothing at or before the mark, 0 for none,
// and nothing after it before Extend.
func NewGenerator(w Worker, mark Milli) Generator {
	return Generator{worker: w.bits(), last: mark, limit: mark, sequence: MaxSequence}
}

// Extend lets the generator go on up to a later mark.
func (g *Generator) Extend(mark Milli) { g.limit = min(max(g.limit, mark), MaxMilli) }

// Next is the next id when the clock shows now, larger than all before it. Any status
// but Issued says why there is none; nothing has changed then.
func (g *Generator) Next(now Milli) (ID, Status) {
	switch {
	case now > g.last && now <= g.limit:
		g.last, g.sequence = now, 0
	case now == g.last && g.sequence < MaxSequence:
		g.sequence++
	default:
		return 0, g.why(now)
	}
	return ID(now)<<milliShift | g.worker | ID(g.sequence), Issued
}

// why there is no id.
func (g *Generator) why(now Milli) Status {
	switch {
	case now < 0:
		return BeforeEpoch
	case now > MaxMilli || g.Earliest() > MaxMilli:
		return Exhausted
	case now < g.last:
		return Behind
	case now == g.last:
		return Full
	default:
		return Unreserved
	}
}

// Earliest is the least reading of the clock at which there can be an id again.
func (g *Generator) Earliest() Milli {
	if g.sequence == MaxSequence {
		return g.last + 1
	}
	return g.last
}

// Last is the millisecond of the last id; before any, the mark.
func (g *Generator) Last() Milli { return g.last }
