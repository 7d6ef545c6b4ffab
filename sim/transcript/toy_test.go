package transcript_test

import (
	"fmt"
	"time"

	"distsim/sim"
)

// A toy with everything a transcript shows: elections by majority, heartbeats,
// a counter that the leader adds to and copies to its followers.
type (
	electionDue struct{}
	beatDue     struct{}
	askVote     struct{ Term int }
	vote        struct {
		Term  int
		Grant bool
	}
	beat struct{ Term, Sum int }
	got  struct{ Term, Sum int }
	add  struct{ N int }
	sum  struct {
		OK  bool
		Sum int
	}
)

func (electionDue) TypeName() string { return "toy.electionDue" }
func (beatDue) TypeName() string     { return "toy.beatDue" }
func (askVote) TypeName() string     { return "toy.askVote" }
func (vote) TypeName() string        { return "toy.vote" }
func (beat) TypeName() string        { return "toy.beat" }
func (got) TypeName() string         { return "toy.got" }
func (add) TypeName() string         { return "toy.add" }
func (sum) TypeName() string         { return "toy.sum" }

func (electionDue) PushedBy() []sim.Message { return []sim.Message{beat{}, askVote{}} }

type toy struct {
	role   string
	term   int
	leader sim.NodeID
	voted  sim.NodeID
	votes  int
	sum    int
	have   map[sim.NodeID]int
	asker  sim.ReplyTo
	asked  int
}

func (n *toy) View(v *sim.View) {
	v.Text("role", n.role)
	v.Int("term", int64(n.term))
	v.Node("vote", n.voted)
	v.Node("leader", n.leader)
	v.Int("sum", int64(n.sum))
}

func (n *toy) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		n.role = "follower"
		n.wait(env)
	case electionDue:
		n.campaign(env)
	case beatDue:
		n.beat(env)
	case askVote:
		n.onAskVote(env, from, m)
	case vote:
		n.onVote(env, m)
	case beat:
		n.onBeat(env, from, m)
	case got:
		n.onGot(env, from, m)
	case add:
		n.onAdd(env, m)
	}
}

func (n *toy) wait(env *sim.Env) {
	env.Arm(electionDue{}, env.Duration("election", sim.Uniform(150*time.Millisecond, 300*time.Millisecond)))
}

func (n *toy) others(env *sim.Env, m sim.Message) {
	for _, id := range env.Servers() {
		if id != env.ID() {
			env.Send(id, m)
		}
	}
}

func (n *toy) campaign(env *sim.Env) {
	n.role, n.term, n.voted, n.leader, n.votes = "candidate", n.term+1, env.ID(), 0, 1
	n.wait(env)
	n.others(env, askVote{n.term})
}

func (n *toy) settle(env *sim.Env, term int) {
	if term > n.term {
		n.role, n.term, n.voted, n.leader = "follower", term, 0, 0
		env.Cancel(beatDue{})
		n.wait(env)
	}
}

func (n *toy) onAskVote(env *sim.Env, from sim.NodeID, m askVote) {
	n.settle(env, m.Term)
	grant := m.Term == n.term && (n.voted == 0 || n.voted == from)
	if grant {
		n.voted = from
		n.wait(env)
	}
	env.Send(from, vote{n.term, grant})
}

func (n *toy) onVote(env *sim.Env, m vote) {
	n.settle(env, m.Term)
	if n.role != "candidate" || m.Term != n.term || !m.Grant {
		return
	}
	if n.votes++; n.votes > len(env.Servers())/2 {
		n.role, n.leader, n.have = "leader", env.ID(), map[sim.NodeID]int{}
		env.Cancel(electionDue{})
		n.beat(env)
	}
}

func (n *toy) beat(env *sim.Env) {
	env.Arm(beatDue{}, 50*time.Millisecond)
	n.others(env, beat{n.term, n.sum})
}

func (n *toy) onBeat(env *sim.Env, from sim.NodeID, m beat) {
	n.settle(env, m.Term)
	if m.Term == n.term {
		n.leader, n.sum = from, m.Sum
		n.wait(env)
		env.Send(from, got{n.term, n.sum})
	}
}

func (n *toy) onGot(env *sim.Env, from sim.NodeID, m got) {
	n.settle(env, m.Term)
	if n.role != "leader" {
		return
	}
	n.have[from] = m.Sum
	count := 1
	for _, id := range env.Servers() {
		if n.have[id] >= n.asked {
			count++
		}
	}
	if count > len(env.Servers())/2 && n.asker != (sim.ReplyTo{}) {
		env.Reply(n.asker, sum{true, n.sum})
		n.asker = sim.ReplyTo{}
	}
}

func (n *toy) onAdd(env *sim.Env, m add) {
	if n.role != "leader" {
		env.Reply(env.ReplyTo(), sum{})
		return
	}
	n.sum += m.N
	n.asker, n.asked = env.ReplyTo(), n.sum
	n.beat(env)
}

// adder asks one server after another until one says that it has added.
func adder(every time.Duration, times int) func(p *sim.Proc) {
	return func(p *sim.Proc) {
		for i := range times {
			p.Sleep(every)
			o := p.Invoke(p.NextOp(), fmt.Sprintf("add(%d)", i+1))
			if s, ok := ask(p, i+1); ok {
				o.OK(fmt.Sprintf("sum %d", s))
			} else {
				o.Unknown("no leader found")
			}
		}
	}
}

func ask(p *sim.Proc, n int) (int, bool) {
	for range 2 {
		for _, id := range p.Servers() {
			if s, ok := sim.Call[sum](p, id, add{n}, 100*time.Millisecond); ok && s.OK {
				return s.Sum, true
			}
		}
	}
	return 0, false
}

func ms(n int) sim.Time { return sim.Time(n) * sim.Time(time.Millisecond) }

// story is the run that the golden transcripts tell: an election, a partition
// that isolates n1 and n2, a crash, a pause, a drifting clock.
func story(servers int) *sim.World {
	w := sim.New(sim.Config{Seed: 7, Records: true, Net: sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond), Loss: 5_000}})
	for range servers {
		w.AddServer(func() sim.Node { return &toy{} })
	}
	w.AddClient(sim.Go(adder(330*time.Millisecond, 4)))
	w.AddClient(sim.Go(adder(700*time.Millisecond, 2)))
	s := sim.Server
	fault := func(from, to int, text string, begin func(), end func()) {
		w.At(ms(from), func(w *sim.World) {
			id := w.FaultBegins(text)
			begin()
			w.At(ms(to), func(w *sim.World) { end(); w.FaultEnds(id, text) })
		})
	}
	heal := func() {}
	fault(600, 1100, "partition {n1, n2} {n3}", func() {
		heal = w.Disturb(sim.LinkRule{Groups: [][]sim.NodeID{{s(1), s(2)}, {s(3)}}, Cut: true})
	}, func() { heal() })
	fault(1300, 1500, "crash n2 for 200ms", func() { w.Crash(s(2), sim.LoseAll) }, func() { w.Restart(s(2)) })
	fault(1600, 1640, "pause n1 for 40ms", func() { w.Pause(s(1)) }, func() { w.Resume(s(1)) })
	w.At(ms(1700), func(w *sim.World) { w.Drift(s(3), 20_000); w.Phase("quiet") })
	w.At(ms(1800), func(w *sim.World) {
		w.Report(sim.Violation{Property: "toy", Detail: "the story must show a violation", Nodes: []sim.NodeID{s(1)}})
	})
	w.RunUntil(ms(2000))
	w.Close()
	return w
}
