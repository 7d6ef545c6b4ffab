package sim

// Outcomes declares what a decision may come to.
type Outcomes struct {
	Kind OutcomeKind
	PPM  uint32 // Chance: parts per million for yes
	N    int64  // Pick: the outcomes are 0 … N−1
	Dist Dist   // Value: a duration drawn from it, in nanoseconds
}

// OutcomeKind tells the three shapes of a decision apart.
type OutcomeKind uint8

const (
	Chance OutcomeKind = iota + 1 // yes (1) or no (0)
	Pick                          // one of n
	Value                         // a duration from a distribution
)

// Chooser is the one seam through which all decisions of a run go. It gets the
// identity, the declared outcomes and what the seed would say, and returns the
// outcome: drawn itself, a plan's override, or the next branch of a search.
// A nil Chooser means drawn, always, and costs nothing.
type Chooser interface {
	Choose(id Identity, o Outcomes, drawn int64) int64
}

// ChooserFunc lets a function be a Chooser.
type ChooserFunc func(id Identity, o Outcomes, drawn int64) int64

// Choose calls f.
func (f ChooserFunc) Choose(id Identity, o Outcomes, drawn int64) int64 { return f(id, o, drawn) }

// choose asks the chooser and checks that it stayed within what was declared.
func (w *World) choose(id Identity, o Outcomes, drawn int64) int64 {
	v := w.chooser.Choose(id, o, drawn)
	switch o.Kind {
	case Chance:
		assert(v == 0 || v == 1, "the chooser answered %d to a yes-or-no decision (%v)", v, id)
	case Pick:
		assert(v >= 0 && v < o.N, "the chooser picked %d of %d (%v)", v, o.N, id)
	default:
		assert(v >= 0, "the chooser gave the negative duration %d (%v)", v, id)
	}
	return v
}

func outcome(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
