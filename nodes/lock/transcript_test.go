package lock

import (
	"bytes"
	"testing"
	"time"

	"distsim/sim"
	"distsim/sim/simtest/golden"
	"distsim/sim/transcript"
)

const ms = time.Millisecond

// story is a tale of users, kept in words in testdata/lock.
type story struct {
	name    string
	cfg     Config
	crucial []string // what the story is about, in its order
	script  func(w *tale)
}

func TestLockTranscripts(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, s.tell)
	}
}

// tell runs a story. What is crucial must be in it, whatever the golden file says.
func (s story) tell(t *testing.T) {
	w := newService(t, s.cfg)
	s.script(w)
	var got bytes.Buffer
	if err := transcript.Prose(&got, w.Trace(), transcript.Options{Talk: true, Fields: []string{"role", "held", "section"}}); err != nil {
		t.Fatal(err)
	}
	golden.InOrder(t, got.String(), s.crucial...)
	golden.Compare(t, "lock/"+s.name+".txt", got.Bytes())
}

// uses is a user who wants l1 once, from a time on, and does some pieces of work.
func (w *tale) uses(at time.Duration, pieces int, work time.Duration) {
	w.pieces = pieces
	w.AddClient(Client{Config: w.cfg, Ops: 1, Think: sim.Fixed(at), Work: sim.Fixed(work), Pieces: pieces}.Node)
}

// isolates cuts a machine off, and says so.
func (w *tale) isolates(one sim.NodeID, others ...sim.NodeID) (end func()) {
	begin, heal := w.FaultBegins(one.String()+" is cut off"), w.cut(one, others...)
	return func() {
		heal()
		w.FaultEnds(begin, one.String()+" is back")
	}
}

var (
	c1, c2     = sim.Client(1), sim.Client(2)
	n1, n2, n3 = sim.Server(1), sim.Server(2), sim.Server(3)
)

var stories = []story{
	// The next in the queue is granted the lock as soon as it is given back.
	{
		name: "a-lock-changes-hands",
		cfg:  Config{Servers: 1},
		crucial: []string{
			"n1: held l1 c1/1 token 1", "c1: section l1", "c2 ← n1 lock.Reply queued",
			"c1: section l1→-", "n1: held l1 c1/1 token 1→l1 c2/1 token 2", "c2: section l1", "c2: section l1→-",
		},
		script: func(w *tale) {
			w.uses(200*ms, 1, 50*ms)
			w.uses(220*ms, 1, 30*ms)
			w.until(320)
		},
	},
	// A holder that is cut off leaves before its own view of the lease ends; then the leader
	// ends its session, and the next in the queue has the lock.
	{
		name: "a-holder-is-cut-off",
		cfg:  Config{Servers: 1, TTL: 400 * ms},
		crucial: []string{
			"c1: section l1", "c2 ← n1 lock.Reply queued", "c1 is cut off", "c1→n1 lock.KeepAlive c1/1 keep-alive: cut",
			"c1: section l1→-", "client hears c1#2 release(l1,1) -> unknown", "n1: held l1 c1/1 token 1→l1 c2/1 token 2", "c2: section l1",
		},
		script: func(w *tale) {
			w.uses(200*ms, 20, 20*ms)
			w.uses(220*ms, 20, 3*ms)
			w.until(250)
			w.isolates(c1, n1)
			w.until(700)
		},
	},
	// A leader is paused while the session is renewed elsewhere. When it wakes up, the lease is
	// over by its clock: it decides to end the session, and nobody takes that from it.
	{
		name: "a-leader-wakes-up",
		cfg:  Config{TTL: time.Second},
		crucial: []string{
			"c1: section l1", "n1 is paused", "n2 becomes leader", "n2 ← c1 lock.KeepAlive", "c1 ← n2 lock.Kept renewed", "n1 resumes",
			"✗ n1→n2,n3 raft.Append entry 4 in term 1", "n1 is back", "n1 becomes follower", "c1 ← n2 lock.Kept renewed", "c1: section l1→-", "c1 ← n2 lock.Reply released",
		},
		script: func(w *tale) {
			w.reigns[n2] = []int{150}
			w.uses(200*ms, 8, 200*ms)
			w.until(300)
			end := w.isolates(n1, n2, n3, c1)
			w.Pause(n1)
			w.until(1400)
			w.Resume(n1)
			w.until(1450)
			end()
			w.until(1850)
		},
	},
}
