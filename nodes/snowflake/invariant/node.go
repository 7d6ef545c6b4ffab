package invariant

// Generator is the read-only side of a machine that gives out ids.
type Generator interface {
	// Has reports whether it has had this worker id in its incarnation.
	Has(datacenter, worker int) bool
}

// Answer is a message that gives out ids.
type Answer interface {
	// Gives tells which: n in a row from the first on, and so for each run of them.
	Gives(hear func(first int64, n int))
}

// Disk reads, in order, what is on a machine's disk. Each machine has its own.
type Disk interface {
	// Next is the next durable mark, in milliseconds since the epoch, that this Disk
	// has not returned yet.
	Next(file []byte) (mark int64, ok bool)
}
