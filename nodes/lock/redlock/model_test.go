package redlock

import (
	"fmt"
	"testing"
	"time"

	"distsim/nodes/lock/invariant"

	"pgregory.net/rapid"
)

// simple is what a node should be: for each key, who has it and until when.
type simple map[string]struct {
	value Value
	ends  int64
}

// do says what a command should come to, and lets it.
func (s simple) do(now int64, m command) (Outcome, Value) {
	h := m.head()
	if e, ok := s[h.Key]; ok && e.ends <= now {
		delete(s, h.Key)
	}
	e, there := s[h.Key]
	mine := there && e.value == h.Value
	switch m := m.(type) {
	case *Get:
		return Done, e.value
	case *Set:
		if there {
			return Refused, 0
		}
		e.value, e.ends = h.Value, now+int64(m.TTL)
		s[h.Key] = e
		return Done, 0
	case *Extend:
		if !mine {
			return Refused, 0
		}
		e.ends = now + int64(m.TTL)
		s[h.Key] = e
		return Done, 0
	default:
		if !mine {
			return Refused, 0
		}
		delete(s, h.Key)
		return Done, 0
	}
}

// commands draws one, so that values and keys meet.
func commands() *rapid.Generator[command] {
	return rapid.Custom(func(t *rapid.T) command {
		h := Head{Key: rapid.SampledFrom([]string{"l1", "l2", "l3"}).Draw(t, "key"), Value: Value(rapid.Uint64Range(1, 3).Draw(t, "value"))}
		ttl := time.Duration(rapid.Int64Range(0, 20).Draw(t, "ttl"))
		return rapid.SampledFrom([]command{&Set{h, ttl}, &Extend{h, ttl}, &Delete{h}, &Get{h}}).Draw(t, "command")
	})
}

// A node answers as the model does, whatever it is told and however its clock jumps, and
// each deed it tells of begins where the one before has ended.
func TestNodeModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		node, model, now := NewNode(Config{}), simple{}, int64(1000)
		known := map[string]invariant.State{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += rapid.Int64Range(-15, 15).Draw(t, "clock")
			m := commands().Draw(t, "what")
			before := node.Deeds()
			node.expire(m.head().Key, now)
			outcome, value := node.obey(now, c(1), m)
			wantOutcome, wantValue := model.do(now, m)
			if outcome != wantOutcome || value != wantValue {
				t.Fatalf("at %d %v: %v %v, want %v %v", now, m, outcome, value, wantOutcome, wantValue)
			}
			for i := before + 1; i <= node.Deeds(); i++ {
				d := node.Deed(i)
				if d.Before != known[d.Lock] {
					t.Fatalf("%v of %s begins with %v, and the one before ended with %v", d.Kind, d.Lock, d.Before, known[d.Lock])
				}
				known[d.Lock] = d.After
			}
			if err := same(node, model); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// same compares what both keep; what has ended may be kept until somebody asks.
func same(n *Node, s simple) error {
	for i, e := range n.keys {
		if x, ok := s[e.name]; !ok || x.value != Value(e.state.Owner.Session) || x.ends != e.state.Ends {
			return fmt.Errorf("the node has %v, the model %v", e, x)
		}
		if i > 0 && n.keys[i-1].name >= e.name {
			return fmt.Errorf("keys out of order: %v", n.keys)
		}
	}
	if len(n.keys) != len(s) {
		return fmt.Errorf("the node has %d keys, the model %d", len(n.keys), len(s))
	}
	return nil
}
