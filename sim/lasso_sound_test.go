package sim

import (
	"testing"
	"time"
)

// What the future depends on tells canonical states apart, however well it hides.
func TestCanonicalStatesTellApart(t *testing.T) {
	for _, c := range []struct {
		what string
		a, b func(env *Env)
		same bool
	}{
		{"no slice and an empty one", sends(blob{}), sends(blob{Data: []byte{}}), false},
		{"no map and an empty one", sends(blob{}), sends(blob{Set: map[int]bool{}}), false},
		{"equal messages", sends(blob{Data: []byte{1}}), sends(blob{Data: []byte{1}}), true},
		{"a timer that is due after the end of time", nothing, func(env *Env) { env.Arm(alarm("never"), 1<<63-1) }, false},
		{"which of two such timers", func(env *Env) { env.Arm(alarm("a"), 1<<63-1) }, func(env *Env) { env.Arm(alarm("b"), 1<<63-1) }, false},
	} {
		if got := stateAfter(t, c.a) == stateAfter(t, c.b); got != c.same {
			t.Errorf("%s: equal is %t, want %t\n%s\n%s", c.what, got, c.same, stateAfter(t, c.a), stateAfter(t, c.b))
		}
	}
}

type blob struct {
	Data []byte
	Set  map[int]bool
}

func nothing(*Env) {}

func sends(m Message) func(env *Env) { return func(env *Env) { env.Send(Server(2), m) } }

// stateAfter is the canonical state while what a boot has sent is on its way.
func stateAfter(t *testing.T, boot func(env *Env)) string {
	w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(5 * time.Millisecond)}})
	w.AddServer(func() Node { return &boots{boot} })
	w.AddServer(func() Node { return &boots{nothing} })
	w.RunUntil(ms(1))
	c := w.canonical()
	if c.refused != "" {
		t.Fatal(c.refused)
	}
	return c.normal()
}

type boots struct{ do func(env *Env) }

func (b *boots) Step(env *Env, _ NodeID, m Message) {
	if _, boot := m.(Boot); boot {
		b.do(env)
	}
}

func (b *boots) Canonical(*View) {}

// A message that holds code cannot be compared.
func TestNoLassoWithCodeInMessages(t *testing.T) {
	w := testWorld(t, Config{Net: NetConfig{Latency: Fixed(5 * time.Millisecond)}})
	w.AddServer(func() Node { return &boots{sends(task{func() {}})} })
	w.AddServer(func() Node { return &boots{nothing} })
	w.RunUntil(ms(1))
	if _, why := w.FindLasso(ms(100)); why != "a sim.task holds what has no content to compare, such as a function" {
		t.Errorf("got %q", why)
	}
}

type task struct{ do func() }

// The end of a sync that a crash has forgotten is not that of one that is awaited.
func TestCanonicalStateLeavesOutWhatIsOver(t *testing.T) {
	state := func(syncs int) string {
		w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(10 * time.Millisecond)}})
		w.AddServer(func() Node {
			return &boots{func(env *Env) {
				if env.Incarnation() <= uint32(syncs) {
					env.File("f").Append([]byte("x"))
					env.File("f").Sync()
				}
			}}
		})
		w.RunUntil(ms(1))
		w.Crash(Server(1), LoseAll)
		w.Restart(Server(1))
		w.RunUntil(ms(1))
		return w.canonical().normal()
	}
	equal(t, "the first incarnation's sync is no part of the state", state(1), state(0))
	equal(t, "the second one's is", state(2) == state(0), false)
}

// A search that ends in the event in which an invariant stops the world leaves it
// stopped.
func TestSearchDoesNotUndoAStop(t *testing.T) {
	found, _ := ring(t, Config{}, nil).FindLasso(ms(1000))
	for what, c := range map[string]struct {
		at Time
		do func(w *World)
	}{
		"the search gives up":      {ms(22), func(w *World) { w.Drift(Server(2), 5) }},
		"the search finds a round": {found.To + ms(2), func(*World) {}},
	} {
		w, done := ring(t, Config{}, nil), false
		w.AddInvariant(Observe(func(w *World, _ NodeID) {
			if !done && w.Now() >= c.at {
				done = true
				c.do(w)
				w.Stop()
			}
		}))
		if l, why := w.FindLasso(ms(1000)); l != nil || why == "" {
			t.Errorf("%s: got %+v, %q", what, l, why)
		}
		equal(t, what+": the world is stopped", w.RunUntil(ms(2000)), false)
	}
}

// A part that is a Proc keeps what it holds to itself.
func TestNoLassoWithAPartThatShowsNothing(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(func() Node {
		return &boots{func(env *Env) {
			env.Part("nemesis").Attach(NewProc(func(p *Proc) {
				for round := 0; ; round++ {
					p.Sleep(millis(10))
					if round == 7 {
						p.Send(Server(1), note("now for something else"))
					}
				}
			}))
		}}
	})
	w.RunUntil(ms(1))
	if _, why := w.FindLasso(ms(100)); why != "n1's part nemesis does not say all that its future depends on (sim.Canonical)" {
		t.Errorf("got %q", why)
	}
}

// Each of these makes the fate of a message a matter of chance, or of those before it.
func TestNoLassoOverDisturbedLinks(t *testing.T) {
	for what, r := range map[string]LinkRule{
		"loss":        {Loss: 1},
		"duplication": {Duplicate: 1},
		"delay":       {Delay: Uniform(0, millis(1))},
		"reordering":  {Reorder: 1, Window: millis(1)},
		"corruption":  {Corrupt: 1},
		"bandwidth":   {Rate: 1 << 20, Queue: 10},
	} {
		w := ring(t, Config{}, nil)
		w.Disturb(r)
		if l, why := w.FindLasso(ms(1000)); l != nil || why != "links are disturbed by chance" {
			t.Errorf("%s: got %+v, %q", what, l, why)
		}
	}
	w := ring(t, Config{}, nil)
	w.Disturb(LinkRule{Delay: Fixed(millis(1))})
	if l, why := w.FindLasso(ms(1000)); l == nil {
		t.Errorf("a delay that is always the same: %q", why)
	}
}
