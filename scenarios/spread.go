package scenarios

// Spread is how a measure is spread over the runs of a hunt. A ratio is that of the
// sums, and anything else has ranks, by nearest rank: of the runs, or of the samples of
// all runs.
type Spread struct {
	Name  string `json:"name"`
	Unit  Unit   `json:"unit"`  // empty: nothing ran
	Runs  int    `json:"runs"`  // all of them
	Never int    `json:"never"` // those where it did not come to that

	Samples *int64 `json:"samples,omitempty"` // of all runs; null: a run is one value
	*Times
	*Numbers
	*Quotient

	pool pool
}

// Times are the ranks of spans of virtual time. A run where it did not come to that
// counts as longer than all.
type Times struct {
	P50 int64 `json:"p50_ns"` // −1: never
	P99 int64 `json:"p99_ns"`
	Max int64 `json:"max_ns"`
	Sum int64 `json:"sum_ns"` // of those that are there
}

// Numbers are the ranks of counts, likewise.
type Numbers struct {
	P50 int64 `json:"p50"`
	P99 int64 `json:"p99"`
	Max int64 `json:"max"`
	Sum int64 `json:"sum"`
}

// addMeasures enters a run's figures, which every run has in the same order, and lets go
// of its samples.
func addMeasures(all []Spread, run []Measured) []Spread {
	for i, m := range run {
		if i == len(all) {
			all = append(all, Spread{Name: m.Name, Unit: m.Unit})
		}
		if all[i].add(m); m.Sampled != nil {
			m.values = nil
		}
	}
	return all
}

// add enters the figure of one run.
func (s *Spread) add(m Measured) {
	s.Runs++
	var came bool
	switch {
	case m.Quotient != nil:
		came = s.addRatio(*m.Quotient)
	case m.Sampled != nil:
		came = s.addSamples(m.values)
	case m.Counted != nil:
		came = s.addValue(m.Counted.Value)
	default:
		came = s.addValue(m.Took.Value)
	}
	if !came {
		s.Never++
	}
}

func (s *Spread) addRatio(q Quotient) bool {
	if s.Quotient == nil {
		s.Quotient = &Quotient{}
	}
	s.Num += q.Num
	s.Den += q.Den
	return q.Den != 0
}

func (s *Spread) addSamples(values []int64) bool {
	if s.Samples == nil {
		s.Samples = new(int64)
	}
	*s.Samples += int64(len(values))
	s.pool.addAll(values)
	return len(values) > 0
}

func (s *Spread) addValue(v *int64) bool {
	if v == nil {
		return false
	}
	s.pool.add(*v)
	return true
}

// settle computes the ranks, once all runs are entered.
func (s *Spread) settle() {
	if s.Quotient != nil {
		return
	}
	of := int64(s.Runs)
	if s.Samples != nil {
		of = *s.Samples
	}
	t := s.pool.times(of)
	if s.Unit == OfCount {
		n := Numbers(t)
		s.Numbers = &n
	} else {
		s.Times = &t
	}
	s.pool = pool{}
}

// Ranks are p50, p99 and the greatest, in the measure's unit; −1 is never. False: it is
// a ratio, which has none.
func (s *Spread) Ranks() (Times, bool) {
	switch {
	case s.Times != nil:
		return *s.Times, true
	case s.Numbers != nil:
		return Times(*s.Numbers), true
	default:
		return Times{}, false
	}
}

// Mean is a ratio's value, and of anything else the mean of the values that are there;
// false: there are none.
func (s *Spread) Mean() (float64, bool) {
	if s.Quotient != nil {
		return s.Quotient.Float()
	}
	t, _ := s.Ranks()
	number := int64(s.Runs - s.Never)
	if s.Samples != nil {
		number = *s.Samples
	}
	return Quotient{t.Sum, number}.Float()
}
