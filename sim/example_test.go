package sim_test

import (
	"fmt"
	"testing"
	"time"

	"distsim/checker/spec"
	"distsim/faults"
	"distsim/sim"
	"distsim/sim/simtest"
)

// A protocol of one's own: one register on one server. It promises that a write
// it has acknowledged is never forgotten. The messages are the operations.
type (
	ask    = spec.RegisterOp[byte]
	answer = spec.RegisterResult[byte]
)

// register keeps its value in a log of one-byte records; the last one counts.
type register struct {
	value   byte
	onWrite func(r *register, env *sim.Env, value byte)
}

func (r *register) Step(env *sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sim.Boot:
		if log := env.File("log").Bytes(); len(log) > 0 {
			r.value = log[len(log)-1]
		}
	case ask:
		if m.Access == spec.Write {
			r.onWrite(r, env, m.Value)
			return
		}
		env.Reply(env.ReplyTo(), answer{Value: r.value})
	}
}

func (r *register) save(env *sim.Env, value byte) {
	r.value = value
	log := env.File("log")
	log.Append([]byte{value})
	log.Sync()
	env.SyncDir()
}

// hasty says, then saves: the answer is out while the disk still writes.
func hasty(r *register, env *sim.Env, value byte) {
	env.Reply(env.ReplyTo(), answer{OK: true})
	r.save(env, value)
}

// careful saves, then says: a message waits for every sync issued before it.
func careful(r *register, env *sim.Env, value byte) {
	r.save(env, value)
	env.Reply(env.ReplyTo(), answer{OK: true})
}

// client writes and reads, and records what it asked and heard.
func client(p *sim.Proc) {
	for n := 1; n <= 9; n++ {
		id := p.NextOp()
		op := ask{Access: spec.Read}
		if p.Chance("write", 500_000) {
			op = ask{Access: spec.Write, Value: byte(10*p.ID().Ordinal() + n)} // c2's third: 23
		}
		called := p.Invoke(id, op)
		if a, ok := sim.Call[answer](p, sim.Server(1), op, 50*time.Millisecond); ok {
			called.OK(a)
		} else {
			called.Unknown("no answer")
		}
		p.Sleep(p.Duration("pause", sim.Uniform(0, 20*time.Millisecond)))
	}
}

// cluster is one server and two clients.
func cluster(onWrite func(*register, *sim.Env, byte)) func(w *sim.World) {
	return func(w *sim.World) {
		w.AddServer(func() sim.Node { return &register{onWrite: onWrite} })
		w.AddClient(sim.Go(client))
		w.AddClient(sim.Go(client))
	}
}

// config is where the register lives, what may go wrong and what must hold.
var config = simtest.Config{
	Seeds: 200,
	Net:   sim.NetConfig{Latency: sim.Uniform(time.Millisecond, 5*time.Millisecond)},
	Disk:  sim.DiskConfig{Sync: sim.Fixed(5 * time.Millisecond)},
	Faults: faults.Model{
		Kinds: []faults.Kind{"crash"}, MaxDown: 1,
		Least: 10 * time.Millisecond, Most: 60 * time.Millisecond,
	},
	Chaos: 200 * time.Millisecond,
	Judge: simtest.Linearizable(spec.Register[byte](0)),
}

// The usual way: every seed is a subtest, and one that fails leaves a plan. Put
// hasty in place of careful to see it.
func TestRegister(t *testing.T) {
	simtest.Run(t, config, func(t *testing.T, w *sim.World) { cluster(careful)(w) })
}

// found is the first seed that shows the hasty register forgetting.
func found() *simtest.Outcome {
	for seed := uint64(1); ; seed++ {
		if outcome := simtest.Try(config, seed, cluster(hasty)); outcome.Failed() {
			return outcome
		}
	}
}

// Found: a crash catches the disk at work, and an acknowledged write is gone.
func Example_found() {
	fmt.Println(found())
	// Output:
	// seed 8: linearizable violated at 155.58594ms: stale read: c2#7 read() returned 14 although c1#5 write(15) was acknowledged before c2#7 began and nothing wrote 14 in between
}

// Replayed: the outcome's plan is the run, to the bit.
func Example_replayed() {
	failure := found()
	again, err := simtest.Replay(config, failure.Plan, cluster(hasty))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("same run:", again.Hash() == failure.Hash())
	fmt.Println("same finding:", again.String() == failure.String())
	// Output:
	// same run: true
	// same finding: true
}

// Fixed: the faults that undid the hasty register do nothing to the careful
// one, and neither do those of 200 seeds.
func Example_fixed() {
	again, err := simtest.Replay(config, found().Plan, cluster(careful))
	fmt.Println(again, err)
	failures := 0
	for seed := uint64(1); seed <= 200; seed++ {
		if simtest.Try(config, seed, cluster(careful)).Failed() {
			failures++
		}
	}
	fmt.Println("failures:", failures)
	// Output:
	// seed 8: holds <nil>
	// failures: 0
}
