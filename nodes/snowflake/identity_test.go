package snowflake

import (
	"slices"
	"testing"
	"time"

	"distsim/sim"
)

// puppet is an identity that does what the test says.
type puppet struct {
	env   *sim.Env
	owner owner
	asked []Milli // marks that it is to move to
}

func (p *puppet) boot(env *sim.Env, o owner)   { p.env, p.owner = env, o }
func (p *puppet) extend(mark Milli)            { p.asked = append(p.asked, mark) }
func (p *puppet) step(sim.NodeID, sim.Message) {}

// stage is a server with a puppet, and a client that asks it.
type stage struct {
	t *testing.T
	w *sim.World
	p *puppet
}

func newStage(t *testing.T, cfg Config) *stage {
	s := &stage{t, sim.New(sim.Config{Net: sim.NetConfig{Latency: sim.Fixed(time.Millisecond)}}), &puppet{}}
	t.Cleanup(s.w.Close)
	s.w.AddServer(func() sim.Node { return newServer(cfg, s.p) })
	s.until(100)
	return s
}

func (s *stage) until(ms int) { s.w.RunUntil(sim.Time(ms) * sim.Time(time.Millisecond)) }

// ask is a client that wants ids at once; the answer comes 2 ms later if nothing is
// waited for.
func (s *stage) ask(n int) *Reply {
	answer := &Reply{}
	s.w.AddClient(sim.Go(func(p *sim.Proc) {
		if r, ok := sim.Call[*Reply](p, sim.Server(1), &Request{n}, time.Hour); ok {
			*answer = *r
		}
	}))
	s.pass(3)
	return answer
}

func (s *stage) pass(ms int) { s.w.RunUntil(s.w.Now() + sim.Time(ms)*sim.Time(time.Millisecond)) }

func (s *stage) want(what string, r *Reply, status Status, worker Worker, milli Milli) {
	s.t.Helper()
	switch {
	case r.Status != status:
		s.t.Errorf("%s: %v, want %v", what, r.Status, status)
	case status == Issued && (r.Runs[0].First.Decode().Worker != worker || r.Runs[0].First.Decode().Milli != milli):
		s.t.Errorf("%s: %v, want worker %v in millisecond %d", what, r.Runs[0].First, worker, milli)
	}
}

// Without a worker id there are no ids; with one, not before its mark is moved on; when
// it is lost, none at once, also for those who wait; and another one begins after its own
// mark.
func TestAWorkerIDComesAndGoes(t *testing.T) {
	s := newStage(t, Config{Policy: Wait, Reserve: 50 * time.Millisecond})
	first, second := Worker{1, 2}, Worker{1, 3}
	s.want("before it has a worker id", s.ask(1), Homeless, first, 0)

	s.p.owner.acquired(first, 0)
	if !slices.Equal(s.p.asked, []Milli{s.milli() + 50}) {
		t.Errorf("at %d it wants the marks %v", s.milli(), s.p.asked)
	}
	r := s.ask(1)
	s.want("before the mark", r, 0, first, 0)
	s.p.owner.extended(s.p.asked[0])
	s.pass(2)
	s.want("after the mark", r, Issued, first, 106)

	far := s.ask(40 * PerMilli)
	s.want("while a request is being served", far, 0, first, 0)
	s.p.owner.lost()
	s.pass(2)
	s.want("when it is lost", far, Homeless, first, 0)
	s.want("afterwards", s.ask(1), Homeless, first, 0)

	s.p.owner.acquired(second, s.milli()+20) // whoever had it had a clock that was ahead
	mark := s.milli() + 20
	s.p.owner.extended(mark + 100)
	r = s.ask(1)
	s.want("before the other's mark is over", r, 0, second, 0)
	s.pass(30)
	s.want("after it", r, Issued, second, mark+1)
}

func (s *stage) milli() Milli { return milliOf(defaultEpoch, s.w.Wall(sim.Server(1))) }

// Who cannot move the mark on gives out ids up to it, and no more.
func TestNothingBeyondTheMark(t *testing.T) {
	s := newStage(t, Config{Policy: Wait, Reserve: 50 * time.Millisecond})
	s.p.owner.acquired(someone, 0)
	s.p.owner.extended(120)
	for s.milli() < 119 {
		s.want("up to the mark", s.ask(1), Issued, someone, s.milli()-2)
	}
	s.until(122)
	r := s.ask(1)
	s.want("beyond it", r, 0, someone, 0)
	if len(s.p.asked) != 2 {
		t.Errorf("it wants the marks %v, want one at a time", s.p.asked)
	}
	s.p.owner.extended(s.p.asked[1])
	s.pass(2)
	if s.want("when it is moved on", r, Issued, someone, r.Runs[0].First.Decode().Milli); r.Waited != 0 {
		t.Errorf("it was held for %v for its clock, which was not behind", r.Waited)
	}
}

// What is asked for must make sense.
func TestRequestsThatMakeNoSense(t *testing.T) {
	s := newStage(t, Config{Most: 10})
	s.p.owner.acquired(someone, 0)
	s.p.owner.extended(1000)
	for n, want := range map[int]Status{-1: TooMany, 0: TooMany, 1: Issued, 10: Issued, 11: TooMany} {
		if r := s.ask(n); r.Status != want {
			t.Errorf("%d ids: %v, want %v", n, r.Status, want)
		}
	}
}
