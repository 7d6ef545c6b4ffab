package sim

import (
	"fmt"
	"strings"
	"testing"
)

// shows is a node with a view of the test's choosing.
type shows struct {
	step   func(env *Env, m Message)
	fields func(v *View)
}

func (n *shows) Step(env *Env, _ NodeID, m Message) {
	if n.step != nil {
		n.step(env, m)
	}
}

func (n *shows) View(v *View) { n.fields(v) }

func TestViewFields(t *testing.T) {
	inner := &shows{fields: func(v *View) { v.Int("term", 3); v.Text("role", "leader") }}
	w := testWorld(t, Config{})
	w.AddServer(func() Node {
		return &shows{fields: func(v *View) {
			v.Bool("up", true)
			v.Node("vote", Server(2))
			v.Node("nobody", 0)
			v.Part("raft", inner)
			v.Int("commit", -1)
		}}
	})
	w.RunUntil(1)
	var got []string
	for _, f := range w.ViewOf(Server(1)).Fields {
		got = append(got, f.Name+"="+f.Value())
	}
	equal(t, "view", strings.Join(got, " "), "up=true vote=n2 nobody=- raft.term=3 raft.role=leader commit=-1")
	f, ok := w.ViewOf(Server(1)).Get("term")
	equal(t, "Get by its last element", fmt.Sprint(f.Name, f.Value(), ok), "raft.term3true")
	_, ok = w.ViewOf(Server(1)).Get("erm")
	equal(t, "Get of a part of a name", ok, false)
	w.Crash(Server(1), LoseAll)
	equal(t, "fields of a node that is down", len(w.ViewOf(Server(1)).Fields), 0)
	equal(t, "node that is down", w.Node(Server(1)), nil)
}

// Changed and Fields say which fields a step has changed.
func TestChanged(t *testing.T) {
	values := map[string]int64{}
	w := testWorld(t, Config{Records: true})
	w.AddServer(func() Node {
		return &shows{
			step: func(env *Env, m Message) {
				if n, ok := m.(note); ok {
					for _, name := range strings.Fields(string(n)) {
						values[name]++
					}
				}
			},
			fields: func(v *View) {
				for _, name := range strings.Fields("a b c") {
					v.Int(name, values[name])
				}
			},
		}
	})
	w.AddServer(onBoot(func(env *Env) {
		for _, n := range []note{"a", "", "b c", "a a"} {
			env.Send(Server(1), n)
		}
	}))
	w.RunUntil(1)
	w.Crash(Server(1), LoseAll)
	w.Restart(Server(1))
	w.RunUntil(2)
	var got []string
	for _, r := range records(w, func(r *Record) bool { return r.Node == Server(1) && (r.Kind == KindDeliver || r.Kind == KindBoot) }) {
		s := fmt.Sprintf("%03b", r.Changed)
		for _, f := range r.Fields {
			s += " " + f.Name + f.Value()
		}
		got = append(got, s)
	}
	equalSlices(t, "changed", got, []string{"111 a0 b0 c0", "001 a1", "000", "110 b1 c1", "001 a3", "111 a3 b1 c1"})
}

// Field 63 and all after it share the last bit.
func TestChangedBeyond64Fields(t *testing.T) {
	var old, now View
	for i := range 70 {
		old.Int(fmt.Sprint(i), 0)
		now.Int(fmt.Sprint(i), int64(i/65))
	}
	mask, fields := now.changes(&old)
	equal(t, "mask", mask, 1<<63)
	equal(t, "fields", len(fields), 5)
	mask, _ = now.changes(&View{})
	equal(t, "mask of a new view", mask, ^uint64(0))
}
