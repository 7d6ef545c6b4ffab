package sim

// Pick decides, on behalf of a fault, which of n candidates it means. The
// choice leaves no record: a plan that says what was picked replays the run
// without asking again.
func (w *World) Pick(id Identity, n int) int {
	assert(n > 0, "Pick(%v, %d): there must be something to pick from", id, n)
	v := int64(below(Draw(w.seed, id), uint64(n)))
	if w.chooser != nil {
		v = w.choose(id, Outcomes{Kind: Pick, N: int64(n)}, v)
	}
	return int(v)
}
