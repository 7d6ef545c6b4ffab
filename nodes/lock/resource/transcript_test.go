package resource

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"
	"distsim/sim"
	"distsim/sim/simtest"
	"distsim/sim/simtest/golden"
)

// holder is a client that is granted l1 under a token at some time, works for a while, and
// writes what has come of it.
type holder struct {
	*sim.Proc
	section invariant.Section
	in      bool
}

func (h *holder) Section() (invariant.Section, bool) { return h.section, h.in }

func (h *holder) View(v *sim.View) { v.Text("section", h.section.Lock) }

func (t *tale) holds(token uint64, at, work time.Duration) {
	t.AddClient(func() sim.Node {
		h := &holder{}
		h.Proc = sim.NewProc(func(p *sim.Proc) {
			p.Sleep(at)
			p.Logf("is granted l1 under token %d", token)
			h.section, h.in = invariant.Section{Lock: "l1", Token: token}, true
			p.Sleep(work)
			m := &Write{Process: p.ID().Ordinal(), N: 1, Lock: "l1", Token: token, Value: p.ID().String()}
			if _, ok := sim.Call[*Written](p, server, m, time.Second); !ok {
				p.Logf("hears nothing")
			}
			h.section, h.in = invariant.Section{}, false
		})
		return h
	})
}

// tale is a run told in words, kept in testdata/lock. In all of them c1 is paused in its
// section for so long that its lease ends, and c2 has the lock before it goes on: both are
// in it. A third client reads what has become of the value.
type tale struct{ *sim.World }

func (t *tale) at(ms int, do func()) {
	t.At(sim.Time(ms)*sim.Time(time.Millisecond), func(*sim.World) { do() })
}

func TestTranscriptsOfAPausedHolder(t *testing.T) {
	for _, c := range []struct {
		name    string
		cfg     Config
		script  func(w *tale)
		crucial []string // what the story is about, in its order
		found   []string // what is violated
		written string   // what the resource shows in the end
		refused string
	}{
		{"resource-checks-tokens", Config{ChecksTokens: true}, func(*tale) {},
			[]string{"c2: accepted", "c1: refused: token 2 was here", `c3: "c2", token 2`}, []string{"lock.one-holder"},
			"l1 by c2 token 2", "l1 by c1 token 1 after token 2"},
		{"resource-ignores-tokens", Config{}, func(*tale) {},
			[]string{"c2: accepted", "c1: accepted", `c3: "c1", token 1`}, []string{"lock.one-holder", "lock.no-stale-write"},
			"l1 by c1 token 1 after token 2", ""},
		{"resource-remembers-tokens", Config{ChecksTokens: true}, func(w *tale) {
			w.at(80, func() { w.Crash(server, sim.LoseAll) })
			w.at(85, func() { w.Restart(server) })
		}, []string{"c2: accepted", "n1 crash", "c1: refused: token 2 was here", `c3: "c2", token 2`}, []string{"lock.one-holder"},
			"l1 by c2 token 2", "l1 by c1 token 1 after token 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &tale{newWorld(t, c.cfg, sim.Config{Records: true})}
			w.holds(1, 10*time.Millisecond, 20*time.Millisecond)
			w.holds(2, 60*time.Millisecond, 5*time.Millisecond)
			w.reads(120 * time.Millisecond)
			w.at(15, func() { w.Pause(sim.Client(1)) })
			w.at(62, func() { c.script(w) })
			w.at(90, func() { w.Resume(sim.Client(1)) })
			w.RunUntil(sim.Time(150 * time.Millisecond))
			w.wants(t, c.found)
			simtest.View(t, w.World, server).Want("written", c.written, "refused", c.refused)
			got := w.text()
			golden.InOrder(t, got, c.crucial...)
			golden.Compare(t, "lock/"+c.name+".txt", []byte(got))
		})
	}
}

// reads adds a client that asks for the value at a time.
func (t *tale) reads(at time.Duration) {
	t.AddClient(func() sim.Node {
		return sim.NewProc(func(p *sim.Proc) {
			p.Sleep(at)
			sim.Call[*Value](p, server, &Read{"l1"}, time.Second)
		})
	})
}

func (t *tale) wants(test *testing.T, want []string) {
	var found []string
	for _, v := range t.Violations() {
		found = append(found, v.Property)
	}
	if !slices.Equal(found, want) {
		test.Errorf("found %v, want %v", t.Violations(), want)
	}
}

// text tells who says what to whom, what they do, and what befalls them.
func (t *tale) text() string {
	var b strings.Builder
	for i := range t.Trace().Records() {
		r := &t.Trace().Records()[i]
		ms := time.Duration(r.At).Milliseconds()
		switch r.Kind {
		case sim.KindDeliver:
			if r.Node != r.Peer {
				fmt.Fprintf(&b, "%3d ms  %v to %v: %s\n", ms, r.Peer, r.Node, r.Text)
			}
		case sim.KindLog:
			fmt.Fprintf(&b, "%3d ms  %v %s\n", ms, r.Node, r.Text)
		case sim.KindPause, sim.KindResume, sim.KindCrash, sim.KindRestart:
			fmt.Fprintf(&b, "%3d ms  — %v %v —\n", ms, r.Node, r.Kind)
		case sim.KindViolated:
			fmt.Fprintf(&b, "%3d ms  ! %s\n", ms, r.Text)
		}
	}
	return b.String()
}
