package sim

import (
	"strings"
	"testing"
)

// A name without its part means such a type or file of every part; with it, one.
func TestNamesMeanWithAndWithoutTheirPart(t *testing.T) {
	w := testWorld(t, Config{})
	w.AddServer(serve(func(env *Env, _ NodeID, m Message) {
		if m == (Boot{}) {
			env.Part("raft")
			env.Part("g1").Part("raft")
		}
	}))
	w.RunUntil(0)
	for _, c := range []struct {
		spelled, name string
		want          bool
	}{
		{"raft.Append", "raft.Append", true},
		{"raft.Append", "raft/raft.Append", true},
		{"raft.Append", "g1/raft/raft.Append", true},
		{"raft/raft.Append", "raft/raft.Append", true},
		{"raft/raft.Append", "g1/raft/raft.Append", false},
		{"g1/raft/raft.Append", "g1/raft/raft.Append", true},
		{"g1/raft/raft.Append", "raft/raft.Append", false},
		{"Append", "raft/raft.Append", false},
		{"log", "raft/log", true},
		{"log", "raft/old/log", false},
		{"old/log", "raft/old/log", true},
		{"log", "old/log", false}, // a folder, not a part
		{"log", "raft/logs", false},
		{"raft", "raft", true},
	} {
		if got := w.Means(c.spelled, c.name); got != c.want {
			t.Errorf("%q means %q: %t, want %t", c.spelled, c.name, got, c.want)
		}
	}
}

func TestRulesAndMomentsTakeNamesWithoutParts(t *testing.T) {
	w := testWorld(t, Config{Disk: DiskConfig{Sync: Fixed(millis(2))}})
	var inbox inboxLog
	w.AddServer(serve(func(env *Env, from NodeID, m Message) {
		if m == (Boot{}) {
			oath(env.Part("a"), from, m)
			oath(env.Part("b"), from, m)
		}
	}))
	w.AddServer(serve(func(_ *Env, _ NodeID, m Message) {
		if m, ok := m.(note); ok {
			inbox.add(w, string(m))
		}
	}))
	cut, stalled, met := false, false, 0
	w.Disturb(LinkRule{Type: "a/sim.note", Cut: true, Met: &cut})
	w.DisturbDisk(Server(1), DiskRule{File: "f", Full: true, Met: &stalled})
	w.Lurk(Timeout, "sim.alarm", func(*World, NodeID) bool { met++; return false })
	w.RunUntil(ms(20))
	holds(t, w)
	equal(t, "what is cut by its full name", cut, true)
	equal(t, "what is full by its short name", stalled, true)
	equal(t, "alarms met by their short name", met, 2)
	equal(t, "what arrived", strings.Count(inbox.String(), "sworn"), 1)
}
