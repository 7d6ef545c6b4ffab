package explain

import (
	"slices"

	"distsim/sim"
	"distsim/sim/history"
)

// begin takes the records the evidence itself consists of.
func (s *slicer) begin(start Start) {
	for _, p := range start.Places {
		s.beginAtField(s.named(p))
	}
	for _, id := range start.Nodes {
		for _, name := range s.fields[id] {
			s.beginAtField(sim.Place{Node: id, Field: name})
		}
	}
	for _, id := range start.Ops {
		s.beginAtOp(id)
	}
	for _, seq := range start.Records {
		s.beginAtRecord(min(seq, s.until))
	}
}

// beginAtField starts at a field that a violation names.
func (s *slicer) beginAtField(p sim.Place) {
	set := s.lastChange(p, s.until)
	r := s.at(set)
	if r == nil {
		return
	}
	s.uses[p] = with(s.uses[p], use{set, s.until})
	s.take(Item{Seq: set, Why: "is the evidence", Note: s.valueWords(p, r)}, reachOfStart)
	s.recovered(p, r, reachOfStart)
	s.rest(r)
}

// beginAtRecord starts at a record, and rests on the step it belongs to.
func (s *slicer) beginAtRecord(seq uint64) {
	r := s.at(seq)
	if r == nil {
		return
	}
	s.take(Item{Seq: seq, Why: "is the evidence"}, reachOfStart)
	if !isStep(r) {
		r = s.at(r.Cause)
	}
	if r != nil && isStep(r) {
		s.rest(r)
	}
}

// beginAtOp starts at both ends of an operation and its attempts.
func (s *slicer) beginAtOp(id history.ID) {
	d := s.diary(sim.Client(id.Client))
	invoke := s.ofOp(d.invokes, id.N)
	if invoke == 0 {
		return
	}
	s.take(Item{Seq: invoke, Why: "is the evidence"}, 0)
	last := s.until
	if answer := s.ofOp(d.returns, id.N); answer != 0 {
		last = answer
		s.path(answer, invoke)
	}
	for _, send := range between(d.sends, invoke, last) {
		s.attempt(send, invoke)
	}
}

// ofOp finds a client's record about its n-th operation in an ascending list.
func (s *slicer) ofOp(list []uint64, n int) uint64 {
	i := slices.IndexFunc(list, func(seq uint64) bool { return s.at(seq).K == uint64(n) && seq <= s.until })
	if i < 0 {
		return 0
	}
	return list[i]
}

// attempt takes a request and, if it arrived, the step it triggered.
func (s *slicer) attempt(send, invoke uint64) {
	s.take(Item{Seq: send, For: invoke, Why: "was an attempt at"}, 0)
	r := s.at(send)
	if step := s.arrived(send); step != nil && step.Seq <= s.until {
		s.take(Item{Seq: step.Seq, For: send, Why: "was the arrival of"}, 0)
		s.rest(step)
	} else if s.isMissed(r) {
		s.miss(s.missOf(r), Absence{Item: Item{For: invoke, Why: "was a lost attempt at"}})
	}
}

// path goes from an answer back to the invocation, step by step.
func (s *slicer) path(answer, invoke uint64) {
	s.take(Item{Seq: answer, Why: "is the evidence"}, 0)
	for last := s.at(answer); ; {
		step := s.at(last.Cause)
		if step == nil || step.Seq < invoke {
			return
		}
		s.take(Item{Seq: step.Seq, For: last.Seq, Why: "led to", Note: s.changesOf(step.Seq)}, 0)
		s.rest(step)
		switch step.Kind {
		case sim.KindTimer:
			last = s.at(uint64(s.ticks[step.Seq]))
		case sim.KindDeliver:
			last = s.at(step.Cause)
			if last.Seq < invoke {
				return
			}
			s.take(Item{Seq: last.Seq, For: step.Seq, Why: "was received as"}, 0)
		default:
			return
		}
	}
}
