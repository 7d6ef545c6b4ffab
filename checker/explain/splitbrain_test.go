package explain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/sim"
	"distsim/sim/history"
	"distsim/sim/history/ops"
)

// A replicated store that trusts reachability: the lowest server that a node
// still hears of is its primary. No terms, no quorum: under a partition there
// are two, and whoever loses the role forgets nothing and learns nothing.
type (
	beat    struct{}
	beatDue struct{}
	suspect struct{ peer sim.NodeID }
	request struct{ op ops.Op }
	reply   struct {
		result  ops.Result
		primary sim.NodeID // where to ask instead; 0: result is the answer
	}
	replicate struct {
		key, value string
		id         int
	}
	stored struct{ id int }
)

func (suspect) PushedBy() []sim.Message { return []sim.Message{beat{}} }

type trusting struct {
	sync    bool // answer a put when every reachable backup has it; else at once
	alive   map[sim.NodeID]bool
	data    map[string]string
	last    string
	writes  int
	waiting []pending
}

// pending is a put whose client waits for backups.
type pending struct {
	id    int
	need  []sim.NodeID
	reply sim.ReplyTo
}

const (
	beatEvery   = 50 * time.Millisecond
	suspectTime = 180 * time.Millisecond
)

func (n *trusting) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		n.onBoot(env)
	case beatDue:
		env.Arm(beatDue{}, beatEvery)
		n.tell(env, beat{})
	case beat:
		n.alive[from] = true
		env.Arm(suspect{from}, suspectTime)
	case suspect:
		n.onSuspect(env, m.peer)
	case request:
		n.onRequest(env, m.op)
	case replicate:
		n.set(m.key, m.value)
		env.Send(from, stored{m.id})
	case stored:
		n.onStored(env, from, m.id)
	}
}

func (n *trusting) onBoot(env *sim.Env) {
	n.alive, n.data = map[sim.NodeID]bool{}, map[string]string{}
	for _, id := range env.Servers() {
		n.alive[id] = true
		if id != env.ID() {
			env.Arm(suspect{id}, suspectTime)
		}
	}
	env.Arm(beatDue{}, env.Duration("first beat", sim.Uniform(0, beatEvery)))
}

func (n *trusting) onSuspect(env *sim.Env, peer sim.NodeID) {
	n.alive[peer] = false
	for _, p := range slices.Clone(n.waiting) {
		n.onStored(env, peer, p.id)
	}
}

func (n *trusting) onRequest(env *sim.Env, op ops.Op) {
	switch primary := n.primary(); {
	case primary != env.ID():
		env.Reply(env.ReplyTo(), reply{primary: primary})
	case op.Kind == ops.Get:
		v, found := n.data[op.Key]
		env.Reply(env.ReplyTo(), reply{result: ops.Result{Value: v, Found: found}})
	default:
		n.put(env, op)
	}
}

func (n *trusting) put(env *sim.Env, op ops.Op) {
	n.set(op.Key, op.Value)
	p := pending{id: n.writes, reply: env.ReplyTo()}
	for _, id := range env.Servers() {
		if id != env.ID() && n.alive[id] && n.sync {
			p.need = append(p.need, id)
		}
	}
	n.tell(env, replicate{op.Key, op.Value, p.id})
	n.waiting = append(n.waiting, p)
	n.onStored(env, env.ID(), p.id)
}

// onStored answers the put when nobody is left to wait for.
func (n *trusting) onStored(env *sim.Env, by sim.NodeID, id int) {
	for i := range n.waiting {
		p := &n.waiting[i]
		if p.id != id {
			continue
		}
		p.need = slices.DeleteFunc(slices.Clone(p.need), func(x sim.NodeID) bool { return x == by })
		if len(p.need) == 0 {
			env.Reply(p.reply, reply{result: ops.Result{OK: true}})
			n.waiting = slices.Delete(slices.Clone(n.waiting), i, i+1)
		}
		return
	}
}

func (n *trusting) set(key, value string) {
	n.data[key] = value
	n.last = key + "=" + value
	n.writes++
}

func (n *trusting) tell(env *sim.Env, m sim.Message) {
	for _, id := range env.Servers() {
		if id != env.ID() {
			env.Send(id, m)
		}
	}
}

func (n *trusting) primary() sim.NodeID {
	for i := 1; ; i++ {
		if n.alive[sim.Server(i)] {
			return sim.Server(i)
		}
	}
}

func (n *trusting) View(v *sim.View) {
	var alive []string
	for i := 1; i <= len(n.alive); i++ {
		if n.alive[sim.Server(i)] {
			alive = append(alive, sim.Server(i).String())
		}
	}
	v.Node("primary", n.primary())
	v.Text("alive", strings.Join(alive, " "))
	v.Text("last", n.last)
	v.Int("writes", int64(n.writes))
	v.Int("waiting", int64(len(n.waiting)))
}

// brain is one run of the split brain under load.
type brain struct {
	seed    uint64
	sync    bool
	clients int
}

func (b brain) run(testing.TB) *sim.World {
	w := sim.New(sim.Config{Seed: b.seed, Records: true,
		Net:        sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 8*time.Millisecond), Loss: 2_000},
		Invariants: []sim.Invariant{onePrimary{}}})
	for range 5 {
		w.AddServer(func() sim.Node { return &trusting{sync: b.sync} })
	}
	for i := range b.clients {
		home := sim.Server(1 + 3*i%5)
		w.AddClient(sim.Go(func(p *sim.Proc) { load(p, home) }))
	}
	w.AddClient(sim.Go(audit))
	ms := func(n int) sim.Time { return sim.Time(n) * sim.Time(time.Millisecond) }
	groups := [][]sim.NodeID{{sim.Server(1), sim.Server(2)}, {sim.Server(3), sim.Server(4), sim.Server(5)}}
	w.At(ms(1000), func(w *sim.World) {
		heal := w.Disturb(sim.LinkRule{Groups: groups, Cut: true})
		begun := w.FaultBegins("partition n1 n2 | n3 n4 n5")
		w.At(ms(2500), func(w *sim.World) {
			heal()
			w.FaultEnds(begun, "partition n1 n2 | n3 n4 n5")
		})
	})
	w.RunUntil(ms(4000))
	w.Close()
	return w
}

const keys = 16

// audit reads every key once, soon after the partition has healed.
func audit(p *sim.Proc) {
	p.Sleep(2600 * time.Millisecond)
	for i := range keys {
		id, op := p.NextOp(), ops.Op{Kind: ops.Get, Key: fmt.Sprintf("k%d", 1+i)}
		o := p.Invoke(id, op)
		if r, ok := ask(p, sim.Server(1), op); ok {
			o.OK(r)
		}
	}
}

// load keeps asking: half puts, half gets.
func load(p *sim.Proc, home sim.NodeID) {
	for {
		id := p.NextOp()
		op := ops.Op{Kind: ops.Get, Key: fmt.Sprintf("k%d", 1+p.Intn("key", keys))}
		if p.Chance("put", 500_000) {
			op.Kind, op.Value = ops.Put, id.String()
		}
		o := p.Invoke(id, op)
		if r, ok := ask(p, home, op); ok {
			o.OK(r)
		} else {
			o.Unknown("no answer")
		}
		p.Sleep(p.Duration("think", sim.Uniform(5*time.Millisecond, 25*time.Millisecond)))
	}
}

// ask follows redirects until someone answers, at most five times.
func ask(p *sim.Proc, to sim.NodeID, op ops.Op) (ops.Result, bool) {
	for range 5 {
		r, ok := sim.Call[reply](p, to, request{op}, 300*time.Millisecond)
		if ok && r.primary == 0 {
			return r.result, true
		}
		if ok {
			to = r.primary
		} else if op.Kind == ops.Put {
			break // it may have happened
		}
	}
	return ops.Result{}, false
}

// onePrimary is the invariant that a split brain breaks.
type onePrimary struct{}

func (onePrimary) Name() string { return "one-primary" }

func (onePrimary) Check(w *sim.World, node sim.NodeID) *sim.Violation {
	n, ok := w.Node(node).(*trusting)
	if !ok || len(n.alive) == 0 || n.primary() != node {
		return nil
	}
	for _, id := range w.Servers() {
		other, ok := w.Node(id).(*trusting)
		if ok && id != node && len(other.alive) > 0 && other.primary() == id {
			return &sim.Violation{Detail: fmt.Sprintf("%v and %v are both primary", id, node),
				Nodes:  []sim.NodeID{id, node},
				Fields: []sim.Place{{Node: id, Field: "primary"}, {Node: node, Field: "primary"}}}
		}
	}
	return nil
}

// lostWrite is an acknowledged put that a later get contradicts: it returned
// the value of a put that had returned before the lost one was asked for.
type lostWrite struct{ get, old, lost history.Op }

func (l lostWrite) ops() []history.Op { return []history.Op{l.get, l.lost, l.old} }

// findLostWrite returns the first get after a record, by its answer, that
// proves a loss.
func findLostWrite(h []history.Op, after uint64) (lostWrite, bool) {
	puts := map[string]history.Op{}
	var gets []history.Op
	for _, op := range h {
		if op.Outcome != history.OK {
			continue
		}
		if in := op.Input.(ops.Op); in.Kind == ops.Put {
			puts[in.Value] = op
		} else if op.Invoked > after {
			gets = append(gets, op)
		}
	}
	slices.SortFunc(gets, func(a, b history.Op) int { return int(a.Returned) - int(b.Returned) })
	for _, get := range gets {
		old, ok := puts[get.Output.(ops.Result).Value]
		if !ok {
			continue
		}
		for _, lost := range h {
			in := lost.Input.(ops.Op)
			if in.Kind == ops.Put && in.Key == get.Input.(ops.Op).Key && lost.Outcome == history.OK &&
				old.Returned < lost.Invoked && lost.Returned < get.Invoked {
				return lostWrite{get, old, lost}, true
			}
		}
	}
	return lostWrite{}, false
}
