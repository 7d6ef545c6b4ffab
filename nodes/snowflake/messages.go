package snowflake

import (
	"fmt"
	"time"
)

// Request asks for N ids. A copy of it gets others: ids that nobody hears of are only
// gaps.
type Request struct{ N int }

// Reply answers a Request: all ids that were asked for, or none.
type Reply struct {
	Status Status
	Runs   []Run         // Issued: in ascending order
	Behind time.Duration // of Behind: how long, by its own clock, the generator will have no ids
	Waited time.Duration // how long it was held because the clock was behind
}

// Summary describes the request in a transcript.
func (m *Request) Summary() string { return Ask{m.N}.String() }

// Summary describes the answer in a transcript.
func (m *Reply) Summary() string {
	switch m.Status {
	case Issued:
		return m.given().String()
	case Behind:
		return fmt.Sprintf("refused: the clock is %v behind", m.Behind)
	default:
		return "refused: " + m.Status.String()
	}
}

// given is what the history keeps of an answer.
func (m *Reply) given() Given {
	var g Given
	for _, r := range m.Runs {
		g.N += r.N
	}
	if g.N > 0 {
		g.First, g.Last = m.Runs[0].First, m.Runs[len(m.Runs)-1].Last()
	}
	return g
}

// Gives tells the invariants which ids the answer gives out.
func (m *Reply) Gives(hear func(first int64, n int)) {
	for _, r := range m.Runs {
		hear(int64(r.First), r.N)
	}
}

// Ask is an operation in the history: a client wants so many ids.
type Ask struct{ N int }

// String prints the operation as a call: ids(500).
func (a Ask) String() string { return fmt.Sprintf("ids(%d)", a.N) }

// Given is the answer to an Ask, without the ids between.
type Given struct {
	N           int
	First, Last ID
}

// String prints how many ids there are, and the first and the last.
func (g Given) String() string {
	if g.N == 1 {
		return g.First.String()
	}
	return fmt.Sprintf("%d ids %v … %v", g.N, g.First, g.Last)
}
