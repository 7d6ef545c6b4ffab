package resource

import (
	"fmt"
	"slices"
	"testing"

	"distsim/nodes/lock/invariant"
	"distsim/sim"

	"pgregory.net/rapid"
)

// A resource of either kind is asked at random, and must answer as a model does that keeps
// all writes in one list. It crashes at any moment and in any way: then it may have
// forgotten what nobody has heard of, and nothing else.
func TestAgainstTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := Config{ChecksTokens: rapid.Bool().Draw(rt, "checks tokens")}
		x := &exam{bench: newBench(t, cfg, rapid.Uint64().Draw(rt, "seed")), cfg: cfg}
		defer x.w.Close()
		rt.Repeat(map[string]func(*rapid.T){
			"write":  x.write,
			"read":   x.read,
			"settle": x.settle,
			"crash":  x.crash,
		})
		x.settle(rt)
		if found := x.w.Violations(); cfg.ChecksTokens && len(found) > 0 {
			rt.Fatalf("found %v", found)
		}
	})
}

// exam is a resource, and the model.
type exam struct {
	*bench
	cfg     Config
	log     []Write  // that were accepted, oldest first
	pending []answer // that the model expects
	durable int      // how many of the log must be on the disk, as somebody has heard of them
}

// answer is one, and how many writes must be on the disk when it comes.
type answer struct {
	text  string
	needs int
}

// latest is a process's latest write, and highest the largest token of a lock.
func (x *exam) latest(process int) (n uint64) {
	for _, w := range x.log {
		if w.Process == process {
			n = w.N
		}
	}
	return n
}

func (x *exam) highest(lock string) (token uint64) {
	for _, w := range x.log {
		if w.Lock == lock {
			token = max(token, w.Token)
		}
	}
	return token
}

func drawLock(t *rapid.T) string { return rapid.SampledFrom([]string{"l1", "l2"}).Draw(t, "lock") }

func (x *exam) write(t *rapid.T) {
	w := Write{Process: rapid.IntRange(1, 2).Draw(t, "process"), Lock: drawLock(t), Token: rapid.Uint64Range(0, 4).Draw(t, "token")}
	latest := x.latest(w.Process)
	w.N = rapid.Uint64Range(max(latest, 2)-1, latest+2).Draw(t, "n")
	if i := slices.IndexFunc(x.log, func(old Write) bool { return old.Process == w.Process && old.N == w.N }); i >= 0 {
		w = x.log[i] // a request has one number
	}
	w.Value = fmt.Sprintf("%d of %d under %d", w.N, w.Process, w.Token)
	switch highest := x.highest(w.Lock); {
	case w.N < latest:
	case w.N == latest:
		x.expect("accepted")
	case x.cfg.ChecksTokens && w.Token < highest:
		x.expect(fmt.Sprintf("refused: token %d was here", highest))
	default:
		x.log = append(x.log, w)
		x.expect("accepted")
	}
	x.send(&w)
	x.run(1)
}

func (x *exam) read(t *rapid.T) {
	lock, text := drawLock(t), `"", token 0`
	for _, w := range x.log {
		if w.Lock == lock {
			text = fmt.Sprintf("%q, token %d", w.Value, w.Token)
		}
	}
	x.expect(text)
	x.send(&Read{lock})
	x.run(1)
}

func (x *exam) expect(text string) { x.pending = append(x.pending, answer{text, len(x.log)}) }

// hear takes the answers that have come.
func (x *exam) hear(t *rapid.T) {
	for _, got := range x.puppet.heard {
		if len(x.pending) == 0 || got != x.pending[0].text {
			t.Fatalf("heard %q, want one of %v", got, x.pending)
		}
		x.durable = x.pending[0].needs
		x.pending = x.pending[1:]
	}
	x.puppet.heard = nil
}

// settle waits for all answers.
func (x *exam) settle(t *rapid.T) {
	x.run(200)
	if x.hear(t); len(x.pending) > 0 {
		t.Fatalf("never heard %v", x.pending)
	}
	x.compare(t, len(x.log))
}

func (x *exam) crash(t *rapid.T) {
	x.run(rapid.IntRange(0, 9).Draw(t, "ms"))
	x.restart(sim.CrashModel(rapid.IntRange(0, 4).Draw(t, "model")))
	x.hear(t)
	x.pending = nil
	left := int(x.server().Accepted())
	if left < x.durable || left > len(x.log) {
		t.Fatalf("%d writes are left of %d, of which %d had to be", left, len(x.log), x.durable)
	}
	x.log = x.log[:left]
	x.compare(t, left)
}

// compare looks at all that the resource tells of.
func (x *exam) compare(t *rapid.T, n int) {
	if got := int(x.server().Accepted()); got != n {
		t.Fatalf("%d writes were accepted, want %d", got, n)
	}
	for i, w := range x.log {
		got := x.server().Acceptance(uint64(i + 1))
		want := invariant.Acceptance{Lock: w.Lock, Token: w.Token, By: sim.Client(1), Recovered: got.Recovered}
		if got != want {
			t.Fatalf("write %d is %+v, want %+v", i+1, got, want)
		}
	}
}
