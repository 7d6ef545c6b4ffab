package sim

import "time"

// drawStream counts the draws of one kind by one machine.
type drawStream struct {
	part uint16
	kind string
	typ  int32
	k    uint64 // clients: within operation op
	op   uint64
	key  uint64
}

// opShift places a client's operation number in a draw's counter: the draws of
// one operation do not move when another is removed.
const opShift = 20

// Uint64 draws 64 random bits. kind names what is drawn: the k-th draw of a
// kind by this machine has the same value whatever else is drawn.
func (e *Env) Uint64(kind string) uint64 {
	s, raw := e.next(kind)
	hi := int64(raw >> 2)
	e.w.unforeseen++
	if e.w.chooser != nil {
		hi = e.chosen(s, Outcomes{Kind: Pick, N: 1 << 62}, hi)
	}
	e.drew(s, hi)
	return uint64(hi)<<2 | raw&3
}

// Intn draws one of 0 … n−1.
func (e *Env) Intn(kind string, n int) int {
	if n <= 0 {
		panic("sim: Intn(" + kind + "): n must be positive")
	}
	s, raw := e.next(kind)
	v := int64(below(raw, uint64(n)))
	if n > 1 {
		e.w.unforeseen++
	}
	if e.w.chooser != nil {
		v = e.chosen(s, Outcomes{Kind: Pick, N: int64(n)}, v)
	}
	e.drew(s, v)
	return int(v)
}

// Duration draws from a distribution.
func (e *Env) Duration(kind string, d Dist) time.Duration {
	s, raw := e.next(kind)
	v := int64(d.sample(raw))
	if d.varies() {
		e.w.unforeseen++
	}
	if e.w.chooser != nil {
		v = e.chosen(s, Outcomes{Kind: Value, Dist: d}, v)
	}
	e.drew(s, v)
	return time.Duration(v)
}

// Chance draws yes with ppm parts per million.
func (e *Env) Chance(kind string, ppm uint32) bool {
	s, raw := e.next(kind)
	v := outcome(chance(raw, ppm))
	if unsure(ppm) {
		e.w.unforeseen++
	}
	if e.w.chooser != nil {
		v = e.chosen(s, Outcomes{Kind: Chance, PPM: ppm}, v)
	}
	e.drew(s, v)
	return v == 1
}

// Sometimes is a chance inside the code under test, for making rare paths
// common (FoundationDB's BUGGIFY): yes with the configured weight in the chaos
// phase, no outside it.
func (e *Env) Sometimes(name string) bool {
	ppm := e.w.cfg.Sometimes
	if !e.w.chaos {
		ppm = 0
	}
	return e.Chance(name, ppm)
}

// next advances the stream of a kind and gives its raw draw. A dead Env draws
// without moving the stream.
func (e *Env) next(kind string) (*drawStream, uint64) {
	m := e.m
	s := m.stream(e, kind)
	if s.op != m.op {
		s.op, s.k = m.op, 0
	}
	if !e.dead {
		s.k++
	}
	return s, drawKeyed(s.key, s.count(), 0, ForValue)
}

// count is the draw's counter in its identity.
func (s *drawStream) count() uint64 { return s.op<<opShift | s.k }

func (e *Env) drawIdentity(s *drawStream) Identity {
	return Identity{Subject: OfNode, Node: e.m.id, Name: e.w.trace.Names[s.typ].Name, K: s.count()}
}

// chosen lets the chooser have its say.
func (e *Env) chosen(s *drawStream, o Outcomes, v int64) int64 {
	if e.dead {
		return v
	}
	return e.w.choose(e.drawIdentity(s), o, v)
}

// drew records a draw.
func (e *Env) drew(s *drawStream, v int64) {
	if e.dead {
		return
	}
	w := e.w
	w.record(e.m, actOf(KindDraw, Delivered, 0, 0), 0, s.typ, s.count(), Time(v), w.cause, w.cause2)
	if w.watches.active {
		w.watches.sees(e.m, e.drawIdentity(s), e.m.effect+1)
	}
}

func (m *machine) stream(e *Env, kind string) *drawStream {
	for i := range m.draws {
		if s := &m.draws[i]; s.part == e.part && s.kind == kind {
			return s
		}
	}
	name := e.w.inPart(e.part, kind)
	m.draws = append(m.draws, drawStream{
		part: e.part, kind: kind, typ: e.w.types.name(name),
		key: streamKey(e.w.seed, OfNode, m.id, 0, hashName(name)),
	})
	return &m.draws[len(m.draws)-1]
}
